"""Examples in the documents: code that runs, and output that a command made.

A block marked `console` is a session: lines that begin with `$ ` are commands, and below each
stands what it prints; `written` runs them and puts their output there. Blocks marked `python` run
one after the other, in one namespace a page. A comment before a block says more:

- `<!-- file: NAME -->`: the block is a file that later blocks of the page use;
- `<!-- slow: REASON -->`: too slow for every test, run when pages are written and in the campaign;
- `<!-- not run: REASON -->`: only shown.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

FOLDERS = ("contributing", "guide", "model", "results", "tutorials")
PAGES = (
    *("README.md", "CONTRIBUTING.md", "docs/*.md"),
    *(f"docs/{folder}/*.md" for folder in FOLDERS),
)
"""Where examples stand, below the folder of the project."""
_BLOCK = re.compile(
    r"(?:<!-- (?P<key>file|slow|not run): (?P<value>[^\n]*?) -->\n+)?"
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_VARIES = re.compile(
    r"\b\d[\d.,]*(?: min \d+)? s\b"  # how long it took
    r"|\b[\d.]+ runs a second"
    r"|\b[0-9a-f]{8,64}\b"  # digests, which hold the version
    r"|\b[\d.]+e-1\d\b"  # what rounding leaves
)
"""What differs from one machine or version to the next."""
PROMPT = "$ "


@dataclass(frozen=True)
class FencedBlock:
    """A fenced block of a page; key and value: of the comment before it; start and end: of its text
    in the page."""

    language: str
    text: str
    key: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Command:
    """A command of a session, and the output that the page shows, "" for none."""

    line: str
    output: str


def pages(root: Path) -> list[Path]:
    """All pages that hold examples."""
    return [file for pattern in PAGES for file in sorted(root.glob(pattern))]


def blocks(page: str) -> list[FencedBlock]:
    """The fenced blocks of a page, in order."""
    return [
        FencedBlock(
            found["language"],
            found["text"],
            found["key"] or "",
            found["value"] or "",
            *found.span("text"),
        )
        for found in _BLOCK.finditer(page)
    ]


def listed(page: str) -> list[str]:
    """The commands of `drawbridge` that a page lists in blocks marked `sh`, if they may be run."""
    lines = (
        line.partition("#")[0].strip()
        for block in blocks(page)
        if block.language == "sh" and block.key != "not run"
        for line in block.text.splitlines()
    )
    return [line for line in lines if line]


def session(text: str) -> list[Command]:
    """The commands of a session with what is shown below each."""
    commands: list[Command] = []
    for line in text.splitlines():
        if line.startswith(PROMPT):
            commands.append(Command(line.removeprefix(PROMPT), ""))
        else:
            last = commands.pop()
            commands.append(Command(last.line, f"{last.output}{line}\n"))
    return commands


def settled(output: str) -> str:
    """Output without what differs from run to run, and without blanks at the ends of lines."""
    lines = (line.rstrip() for line in output.strip().splitlines())
    return "\n".join(_VARIES.sub("…", line) for line in lines)


class Workshop:
    """A folder in which the examples of a page run; slow: those that say so too."""

    def __init__(self, folder: Path, slow: bool = False) -> None:
        self.folder = folder
        self.slow = slow
        self._names: dict[str, object] = {"__name__": "example"}

    def skips(self, block: FencedBlock) -> bool:
        """Whether a block is only shown here."""
        return block.key == "not run" or (block.key == "slow" and not self.slow)

    def place(self, block: FencedBlock) -> None:
        """Write a block that is a file; do nothing with another."""
        if block.key == "file":
            (self.folder / block.value).write_text(block.text, "utf-8")

    def play(self, page: str) -> Iterator[tuple[FencedBlock, list[str]]]:
        """Run the examples of a page in order; gives each session with what its commands print."""
        for block in blocks(page):
            self.place(block)
            if self.skips(block):
                continue
            if block.language == "python":
                with chdir(self.folder), redirect_stdout(StringIO()):
                    exec(block.text, self._names)
            elif block.language == "console":
                yield block, [self.run(command.line) for command in session(block.text)]

    def run(self, line: str) -> str:
        """What a command prints. Raises AssertionError for one that fails or is not known."""
        program, *arguments = shlex.split(line, comments=True)
        out, err = StringIO(), StringIO()
        with chdir(self.folder), redirect_stdout(out), redirect_stderr(err):
            code = _run(program, arguments)
        if code:
            raise AssertionError(f"{line} ended with {code}: {err.getvalue()}")
        return out.getvalue()


def written(page: str, workshop: Workshop) -> str:
    """A page whose sessions show what their commands print; those that show nothing stay so."""
    parts, reached = [], 0
    for block, outputs in workshop.play(page):
        commands = session(block.text)
        shown = [_shown(c, output) for c, output in zip(commands, outputs, strict=True)]
        parts += [page[reached : block.start], *shown]
        reached = block.end
    return "".join([*parts, page[reached:]])


def _shown(command: Command, output: str) -> str:
    """A command of a page with its output; what says the same as before stays as it is."""
    if settled(command.output) in ("", settled(output)):
        output = command.output
    return f"{PROMPT}{command.line}\n{output.rstrip()}".rstrip() + "\n"


def _run(program: str, arguments: list[str]) -> int:
    from experiments.cli.main import execute

    name = Path(program).name
    if name == "drawbridge":
        return execute(arguments)
    if name == "python":
        sys.argv, before = arguments, sys.argv
        try:
            source = Path(arguments[0]).read_text("utf-8")
            exec(compile(source, arguments[0], "exec"), {"__name__": "__main__"})
        finally:
            sys.argv = before
        return 0
    raise AssertionError(f"examples do not run {program}")
