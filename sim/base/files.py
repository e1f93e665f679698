"""Files of a folder that appear whole or not at all, and what to say when a disk refuses."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from sim.base.errors import DrawbridgeError, MachineError, RequestError

_REFUSALS = {
    errno.EACCES: "may not be written",
    errno.EPERM: "may not be written",
    errno.EROFS: "may not be written: read-only",
    errno.ENOTDIR: "is not a folder, or lies below a file",
    errno.EEXIST: "is not a folder",
    errno.EISDIR: "is a folder",
    errno.ENOENT: "does not exist",
    errno.ENAMETOOLONG: "is too long a name",
    errno.ELOOP: "is a circle of links",
}
"""Failures that the request caused; any other failure is the machine's."""


class Staging:
    """Files written to a folder under temporary names, which take their own names together.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "new"
    >>> with Staging(folder) as staging, staging.file("a.txt") as a:
    ...     _ = a.write(b"1")
    >>> [f.name for f in folder.iterdir()]
    ['a.txt']

    The folder is made if need be. When the body fails, no file of it is left, nor a folder that was
    made for it. Raises RequestError for a folder that cannot be written, MachineError for a disk
    that fails.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._made: list[Path] = []
        self._staged: dict[Path, Path] = {}
        self._dropped: list[Path] = []

    def __enter__(self) -> Self:
        with disk(self.directory):
            missing = [p for p in (self.directory, *self.directory.parents) if not p.exists()]
            self.directory.mkdir(parents=True, exist_ok=True)
            self._made = missing
        return self

    @contextmanager
    def file(self, name: str) -> Iterator[BinaryIO]:
        """A new file, open for writing; complete on disk when the block ends."""
        path = self.directory / name
        temporary = self.directory / f".{name}.{os.getpid()}.part"
        self._staged[temporary] = path
        with disk(path), temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())

    def drop(self, names: Iterable[str]) -> None:
        """Files that are to be gone, where they are there, once the new ones have their names."""
        self._dropped += [self.directory / name for name in names]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._publish()
        finally:
            self._clear()

    def _publish(self) -> None:
        with disk(self.directory):
            for temporary, path in self._staged.items():
                os.replace(temporary, path)
            for path in self._dropped:
                path.unlink(missing_ok=True)
            _sync(self.directory)
            self._made = []

    def _clear(self) -> None:
        for temporary in self._staged:
            temporary.unlink(missing_ok=True)
        for folder in self._made:
            try:
                folder.rmdir()
            except OSError:  # someone else has put something there
                return


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Turn an OSError inside into one line: RequestError about the path, or MachineError."""
    try:
        yield
    except DrawbridgeError:
        raise
    except OSError as error:
        raise refusal(path, error) from error


def refusal(path: Path, error: OSError) -> DrawbridgeError:
    """The error to raise for a path of the user that met this failure."""
    if error.errno in _REFUSALS:
        return RequestError(f"path {_REFUSALS[error.errno]}", file=path)
    return MachineError(f"{path}: {error.strerror or error}")


def check_writable(directory: Path) -> None:
    """Refuse a folder that could not be made or written, without touching it."""
    with disk(directory):
        standing = next(p for p in (directory, *directory.absolute().parents) if p.exists())
        if not standing.is_dir():
            raise RequestError(f"path {_REFUSALS[errno.ENOTDIR]}", file=standing)
        if not os.access(standing, os.W_OK | os.X_OK):
            raise RequestError(f"path {_REFUSALS[errno.EACCES]}", file=standing)


def _sync(directory: Path) -> None:
    """Put the names of a folder on disk, where the system can."""
    try:
        handle = os.open(directory, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
