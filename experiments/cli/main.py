"""The command line. What a command needs is imported when it runs, so that help stays quick."""

from __future__ import annotations

import os
import sys

import typer

from experiments.cli import catalogue, questions, results, run, sweeps, watch
from experiments.cli.app import app
from sim.base.errors import DrawbridgeError, Interrupted, MachineError, RequestError, one_line

COMMANDS = (run, sweeps, questions, results, catalogue, watch)
"""The modules whose commands the application has, in the order of its help."""
DEFECT = 1


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(execute(sys.argv[1:]))


def execute(arguments: list[str]) -> int:
    """Run a command and return its exit code; what went wrong is one line on stderr."""
    debug = "--debug" in arguments
    words = [word for word in arguments if word != "--debug"]
    try:
        # Without its standalone mode typer raises what it would otherwise print in several lines.
        code = app(words or ["--help"], prog_name="drawbridge", standalone_mode=False)
        sys.stdout.flush()
    except BaseException as error:
        if debug:
            import traceback

            traceback.print_exception(error)
        return _report(error)
    # Of Ctrl-C, typer leaves the code alone or an Abort, by its version.
    return _report(KeyboardInterrupt()) if code == Interrupted.exit_code else code or 0


def _report(error: BaseException) -> int:
    """Say in one line what went wrong; returns the exit code."""
    if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):
        # Whoever read the output has gone; a second failure at exit would print a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    code = DEFECT
    match error:
        case KeyboardInterrupt() | typer.Abort():
            code, text = Interrupted.exit_code, "interrupted; nothing is kept"
        case DrawbridgeError():
            code, text = error.exit_code, str(error)
        case MemoryError():
            code, text = MachineError.exit_code, "out of memory; fewer runs or tables need less"
        case OSError():
            code, text = MachineError.exit_code, str(error)
        case _ if hasattr(error, "format_message"):  # a usage error of typer's
            code, text = RequestError.exit_code, str(error.format_message())
        case _:
            text = f"defect: {type(error).__name__}: {error} (--debug shows where)"
    print(f"drawbridge: {one_line(text, 2000)}", file=sys.stderr)
    return code
