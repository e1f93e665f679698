"""The model's first question as a plane: what tokens are worth against what they cost."""

from __future__ import annotations

from sim.figures.figure import DASHES, Figure
from sim.figures.log_plane import Axis, Path, plane
from sim.page.charts.lab_series import NAMED, by_size, left_out, styles, worth_and_cost
from sim.page.charts.view import ShownRuns

AXES = (
    Axis("cost of tokens", "USD/Mtok", "← cheaper: efficiency"),
    Axis("worth of tokens", "USD/Mtok", "↑ worth more: effectiveness"),
)
MARKET = 3.0
"""Width of the market's path."""
INK = ("#7a5bd0", "#b8a200", "#6b7280")
"""Colours of the market's path, apart from those of labs: the live run's, then the others'."""


def token(shown: ShownRuns) -> Figure:
    """The path of the whole market and of its largest labs; of compared runs the market's."""
    paths = [
        Path(
            "all labs" if shown.alone else f"all labs: {name}",
            shown.metric("token_cost_usd_per_mtok", model),
            shown.metric("token_value_usd_per_mtok", model),
            INK[number % len(INK)],
            DASHES[number % len(DASHES)],
            MARKET,
        )
        for number, (model, name) in enumerate(zip(shown.models, shown.names, strict=True))
    ]
    for lab in styles(shown.live, by_size(shown.live)[:NAMED]):
        worth, cost = worth_and_cost(shown.live, lab.row)
        paths.append(Path(lab.title, cost, worth, lab.colour, lab.dash))
    said = ["dotted lines: worth over cost", left_out(shown, tabled=False)]
    if not shown.alone:
        said.append(f"labs: {shown.names[0]} only")
    note = "; ".join(filter(None, said))
    sample = shown.sample(compared=True)
    return plane("token", "Token value against token cost", sample, shown.months, AXES, paths, note)
