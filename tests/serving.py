"""A server of the page in a process of its own, and visitors that are no browser."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@dataclass(frozen=True)
class Served:
    """address: "http://127.0.0.1:12345/". errors: the file that it complains to."""

    address: str
    process: subprocess.Popen[str]
    errors: Path

    @property
    def host(self) -> str:
        return urlsplit(self.address).netloc

    @property
    def complaints(self) -> str:
        return self.errors.read_text()

    def told(self, words: str) -> str:
        """Say a line to its standard input, and hear the line that it answers."""
        assert self.process.stdin is not None and self.process.stdout is not None
        print(words, file=self.process.stdin, flush=True)
        return self.process.stdout.readline()


@contextmanager
def serving(
    words: Sequence[str],
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Iterator[Served]:
    """Python with these words until it says its address; stopped as Ctrl-C would."""
    around = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as errors:
        process = subprocess.Popen(
            [sys.executable, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=folder or ROOT,
            env=around | {"PYTHONPATH": str(ROOT)} | dict(environment or {}),
        )
        assert process.stdin is not None and process.stdout is not None
        with process.stdin, process.stdout:
            try:
                found = re.search(r"http://\S+/", process.stdout.readline())
                assert found, Path(errors.name).read_text()
                yield Served(found[0], process, Path(errors.name))
            finally:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    raise


@dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    text: str


def ask(
    served: Served,
    path: str = "/",
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
    body: bytes | Iterator[bytes] | None = None,
) -> Reply:
    """Send a request as it stands, and hear the answer."""
    connection = http.client.HTTPConnection(served.host, timeout=20)
    try:
        connection.request(method, path, body=body, headers=dict(headers or {}))
        answer = connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read().decode("utf-8", "replace"))
    finally:
        connection.close()


@contextmanager
def socket_of(
    served: Served,
    kernel: str = "one",
    headers: Mapping[str, str] | None = None,
    path: str = "/jupyter/api/kernels/{}/channels?session_id=page",
) -> Iterator[Reply]:
    """A page's connection: the answer to its handshake, open until the block ends."""
    connection = http.client.HTTPConnection(served.host, timeout=20)
    origin = {"Origin": served.address.rstrip("/")}
    given = HANDSHAKE | origin | dict(headers or {})
    try:
        kept = {name: value for name, value in given.items() if value or name == "Host"}
        connection.request("GET", path.format(kernel), headers=kept)
        answer = connection.getresponse()
        text = "" if answer.status == 101 else answer.read().decode()
        yield Reply(answer.status, answer.headers, text)
    finally:
        connection.close()
