"""Effects of parameters on an outcome: a tornado, and the points behind one of its bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.figures.figure import BLUE, HEAD, ORANGE, Figure, frame_of, scale_of, short, shorts

if TYPE_CHECKING:
    import pandas as pd

    from agents.framework.columns import Floats

FIFTHS = "outcome less its mean, where the parameter is in the lowest and in the highest fifth"
POINTS = 1000
"""Points that a scatter draws at most; of more every second, third ... is drawn."""


def tornado(
    name: str,
    title: str,
    unit: str,
    effects: pd.DataFrame,
    sample: str,
    ends: tuple[str, str] = ("lowest fifth", "highest fifth"),
    note: str = FIFTHS,
) -> Figure:
    """Two bars a parameter: how far the outcome lies from its usual value at either end of the
    range.

    effects: columns parameter, at_low, at_high (differences, in `unit`), and any others for the
    table; drawn in the order of the larger bar, the longest on top. ends, note: which ends those
    are, and what they are held against.
    """
    reach = np.abs(effects[["at_low", "at_high"]].to_numpy(dtype=np.float64)).max(axis=1)
    table = effects.iloc[np.argsort(-reach, kind="stable")].reset_index(drop=True)
    factor, label = scale_of(reach.tolist(), unit)
    series = [
        {
            "type": "bar",
            "name": words,
            "data": shorts(table[column], factor),
            "barGap": "-100%",
            "color": colour,
        }
        for words, column, colour in (
            (ends[0], "at_low", ORANGE),
            (ends[1], "at_high", BLUE),
        )
    ]
    x = {"type": "value", "name": f"change, {label}" if label else "change"}
    y = {"type": "category", "name": "", "data": table["parameter"].tolist(), "inverse": True}
    legend = {"data": [*ends], "top": HEAD}
    option = frame_of(title, sample, note, x, y, series, legend=legend)
    return Figure(name, "tornado", title, sample, option, table.assign(unit=unit), note)


def scatter(
    name: str, title: str, x: tuple[str, str, Floats], y: tuple[str, str, Floats], sample: str
) -> Figure:
    """An outcome over a parameter, a dot a design point; x, y: name, unit and values (points,)."""
    import pandas as pd

    step = -(-len(x[2]) // POINTS)
    table = pd.DataFrame({x[0]: x[2][::step], y[0]: y[2][::step]})
    scales = [scale_of(values.tolist(), unit) for _, unit, values in (x, y)]
    pairs = zip(x[2][::step] / scales[0][0], y[2][::step] / scales[1][0], strict=True)
    axes = [
        {"type": "value", "name": f"{axis[0]}, {label}" if label else axis[0], "scale": True}
        for axis, (_, label) in zip((x, y), scales, strict=True)
    ]
    data = [[short(float(a)), short(float(b))] for a, b in pairs]
    series = [{"type": "scatter", "name": title, "data": data, "symbolSize": 5, "color": BLUE}]
    note = "" if step == 1 else f"{len(data):,} of {len(x[2]):,} points are drawn"
    option = frame_of(title, sample, note, axes[0], axes[1], series)
    return Figure(name, "scatter", title, sample, option, table, note)
