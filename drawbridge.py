"""The command `drawbridge`.

It stands outside the four packages that it runs: where another package has taken the name of one,
nothing in that one can say so.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path


def main() -> None:
    """Run the command line and leave the process with its exit code.

    If one of the four packages is not Drawbridge's, one line names the file that stands in its
    place, and the exit code is 2.
    """
    ours = Path(__file__).parent / "sim" / "__init__.py"
    found = find_spec("sim")
    if found is not None and Path(found.origin or "") != ours:
        print(f"drawbridge: {found.origin} would be imported in place of {ours}", file=sys.stderr)
        sys.exit(2)

    from sim.base.errors import ForeignModuleError
    from sim.base.foreign_modules import check

    try:
        check("sim", "agents", "configs", "experiments")
    except ForeignModuleError as error:
        print(f"drawbridge: {error}", file=sys.stderr)
        sys.exit(error.exit_code)

    from experiments.cli import main as command_line

    command_line.main()
