"""`python -m experiments.maintenance.documents`: what of the documents is made by commands.

examples [PAGE...]   run the examples and put what they print into the pages (`make examples`)
validate [PART...]   run the commands whose results the pages show, all or some, and keep what is
                     shown (`make validation`); --quick and other options go to them
collect PART=DIR...  keep what the pages show of results that stand in folders already; --quick and
                     other options are those that they were made with
facts --out DIR      measure what the pages say of runs
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sim.base.errors import DrawbridgeError, RequestError, one_of

ROOT = Path(__file__).parents[3]
KEPT = ROOT / "docs" / "results" / "kept"
RESULTS = ROOT / "results" / "validation"


def main(arguments: Sequence[str]) -> int:
    """Do what is asked for; the exit code."""
    command, *rest = arguments or ("",)
    commands = {"examples": examples, "validate": validate, "collect": collect, "facts": facts}
    try:
        if command not in commands:
            raise RequestError("unknown command", value=command, allowed=one_of(commands))
        commands[command](rest)
    except DrawbridgeError as error:
        print(f"documents: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def examples(named: Sequence[str]) -> None:
    """Write what examples print into these pages, or into all."""
    from experiments.maintenance.documents.examples import Workshop, pages, written

    for page in map(Path, named) if named else pages(ROOT):
        text = page.read_text("utf-8")
        with TemporaryDirectory() as folder:
            made = written(text, Workshop(Path(folder), slow=True))
        if made != text:
            page.write_text(made, "utf-8")
            print(f"written: {page}")


def validate(words: Sequence[str]) -> None:
    """Run the commands of these parts, or of all, and collect what each leaves. Stops at the first
    that fails."""
    from experiments.cli.main import execute
    from experiments.maintenance.documents.validation import COMPARED, PARTS
    from experiments.maintenance.documents.validation import collect as keep

    named, options = _split(words)
    for name in named or PARTS:
        if name not in PARTS:
            raise RequestError("unknown part", value=name, allowed=one_of(PARTS))
        folder = RESULTS / name
        program, *command = PARTS[name].command.split()
        out = folder / COMPARED if name == "scenarios" else folder
        if program == "drawbridge":
            judged = RESULTS / "studies"
            held = ("--verdicts", str(judged)) if name == "drivers" and judged.is_dir() else ()
            if execute([*command, *options, *held, "--out", str(out)]):
                raise RequestError("the command has failed", value=PARTS[name].command)
        elif name == "speed":
            from experiments.maintenance.benchmark.__main__ import main as benchmark

            benchmark(("--out", str(out)))  # ends with 1 for a target that is missed, and is told
        else:
            facts(("--out", str(out)))
        keep({name: folder}, KEPT, " ".join(options))


def facts(options: Sequence[str]) -> None:
    """Measure what the pages say of runs, into a folder."""
    from experiments.maintenance.documents.facts import measure, write

    option, folder = options if len(options) == 2 else ("", "")
    if option != "--out":
        raise RequestError("where to?", value=" ".join(options), allowed="--out DIR")
    write(measure(), Path(folder))


def collect(words: Sequence[str]) -> None:
    """Keep the results of parts that stand in folders: `studies=DIR`."""
    from experiments.maintenance.documents.validation import PARTS
    from experiments.maintenance.documents.validation import collect as keep

    named, options = _split(words)
    folders = {}
    for text in named:
        part, equals, folder = text.partition("=")
        if part not in PARTS or not equals:
            allowed = f"{one_of(PARTS)}=DIR"
            raise RequestError("not a part and its folder", value=text, allowed=allowed)
        folders[part] = Path(folder)
    keep(folders, KEPT, " ".join(options))


def _split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Words, and options apart."""
    return [w for w in words if not w.startswith("-")], [w for w in words if w.startswith("-")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
