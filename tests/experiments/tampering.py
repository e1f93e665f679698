"""Changes of a results folder that somebody might make."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sim.results.files import manifest, ro_crate


def say(folder: Path, key: str, value: object) -> None:
    """Change what the manifest says, "a.b" being key b of a; nothing tells that it was changed."""
    known = json.loads((folder / manifest.FILE).read_text())
    *outer, last = key.split(".", 1) if key.startswith("registry") else key.split(".")
    place = known
    for step in outer:
        place = place[step]
    place[last] = value
    (folder / manifest.FILE).write_bytes(manifest.encoded(known))
    (folder / ro_crate.FILE).unlink(missing_ok=True)


def shift(file: Path, column: str, row: int, factor: float) -> None:
    """Change one value of a table."""
    table = pq.read_table(file)
    values = table.column(column).to_numpy().copy()
    values[row] *= factor
    place = table.column_names.index(column)
    pq.write_table(table.set_column(place, table.field(place), pa.array(values)), file)
