"""Storage of populations and relations: named columns that are written in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.framework.columns import Column, Floats, Quantity


class ColumnTable:
    """Columns by name. `table.price` reads one and `table.price = values` writes it in place, so
    arrays and views taken earlier stay valid; a name that is not declared is refused."""

    name: str
    declared: dict[str, Column]
    columns: dict[str, Floats]

    def hold(self, **attributes: Any) -> None:
        """Set attributes that are no columns, once, while the table is made."""
        for name, value in attributes.items():
            object.__setattr__(self, name, value)

    def hold_columns(self, declared: dict[str, Column], shape: tuple[int, int]) -> None:
        """Make the declared columns, zeros of the shape, with a third axis for pipelines."""
        columns = {
            name: np.zeros((*shape, c.depth) if c.depth else shape) for name, c in declared.items()
        }
        # As attributes too, so that reading one costs no search.
        self.hold(declared=declared, columns=columns, **columns)

    def __getattr__(self, column: str) -> Floats:
        name = self.__dict__.get("name", type(self).__name__)
        raise AttributeError(f"{name} has no column {column!r}")

    def __setattr__(self, column: str, values: Quantity) -> None:
        held = self.columns.get(column)
        if held is None:
            raise AttributeError(f"{self.name} has no column {column!r}")
        held[...] = values
