"""The one table as CSV: a row of names, then a row an entry."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """The table as text; what a row lacks is empty, and what is no column is refused.

    >>> print(csv_text(("a", "b"), [{"b": 1.5}]), end="")
    a,b
    ,1.5
    """
    text = StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_csv(file: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the table to a file, whole or not at all."""
    from sim.base.files import Staging

    with Staging(file.parent) as staging, staging.file(file.name) as content:
        content.write(csv_text(columns, rows).encode())
