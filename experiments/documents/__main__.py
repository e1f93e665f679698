"""`python -m experiments.documents`: what of the documents is made by commands.

examples [PAGE...]   run the examples and put what they print into the pages (`make examples`)
validate [OPTION...] run studies, backtest and drivers, and keep what the pages show of them
                     (`make validation`); options such as --quick go to all three
collect PART=DIR...  keep what the pages show of results that stand in folders already
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sim.errors import DrawbridgeError, RequestError, one_of

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "docs" / "validation"
RESULTS = ROOT / "results" / "validation"


def main(arguments: Sequence[str]) -> int:
    """Do what is asked for; the exit code."""
    command, *rest = arguments or ("",)
    commands = {"examples": examples, "validate": validate, "collect": collect}
    try:
        if command not in commands:
            raise RequestError("what to make?", value=command, allowed=one_of(commands))
        commands[command](rest)
    except DrawbridgeError as error:
        print(f"documents: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def examples(named: Sequence[str]) -> None:
    """Write what examples print into these pages, or into all."""
    from experiments.documents.examples import Workshop, pages, written

    for page in map(Path, named) if named else pages(ROOT):
        text = page.read_text("utf-8")
        with TemporaryDirectory() as folder:
            made = written(text, Workshop(Path(folder), slow=True))
        if made != text:
            page.write_text(made, "utf-8")
            print(f"written: {page}")


def validate(options: Sequence[str]) -> None:
    """Run the three commands and collect what they leave. Stops at the first that fails."""
    from experiments.cli import execute
    from experiments.documents.validation import PARTS
    from experiments.documents.validation import collect as keep

    for part, (command, _) in PARTS.items():
        folder = RESULTS / part
        _, *words = command.split()
        if execute([*words, *options, "--out", str(folder)]):
            raise RequestError(f"{command} has failed", value=" ".join(options))
        keep({part: folder}, KEPT, " ".join(options))


def collect(named: Sequence[str]) -> None:
    """Keep the results of parts that stand in folders: `studies=DIR`."""
    from experiments.documents.validation import PARTS
    from experiments.documents.validation import collect as keep

    folders = {}
    for text in named:
        part, equals, folder = text.partition("=")
        if part not in PARTS or not equals:
            raise RequestError(
                "not a part and its folder", value=text, allowed=f"{one_of(PARTS)}=DIR"
            )
        folders[part] = Path(folder)
    keep(folders, KEPT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
