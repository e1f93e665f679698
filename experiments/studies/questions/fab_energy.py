"""How dear must power become before fabs stop?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.studies.pictures import series
from experiments.studies.study import (
    Case,
    CaseRuns,
    ExpectedRange,
    Study,
    StudyPart,
    StudyRuns,
    Turn,
    relative_change,
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.figures import Figure

SHOCK = "2026-03/2026-05"
GAS_RISE = 30.0
"""By which gas rises in the scenario; power rises by the part of it that is passed through."""


def dearer(multiple: float) -> Case:
    """Power in East Asia so many times dearer for three months."""
    rise = {
        "regions.east_asia.gas_pass_through": (multiple - 1.0) / GAS_RISE,
        "regions.east_asia.lng_exposure": 1.0,
    }
    return Case("fab_energy_shock", rise, months=24)


def made(outcome: CaseRuns) -> Floats:
    """Chips made in East Asia in H100e, (runs, months)."""
    found: Floats = outcome.agents("fabs", "produced", "merchant", "in_house").sum(axis=2)
    return found


def loss(runs: StudyRuns, case: str) -> Floats:
    """Change of chips made during the shock against calm prices, (runs,)."""
    months = runs[case].window(SHOCK)
    return relative_change(made(runs[case])[:, months].sum(1), made(runs["1x"])[:, months].sum(1))


def figure(runs: StudyRuns) -> Figure:
    """Output, month by month."""
    return series("Chips made in East Asia while power is dear", "H100e/month", runs, made)


UNTOUCHED = ExpectedRange("no stop: within a hundredth of what is made at calm prices", low=-0.01)

STUDY = Study(
    number=6,
    question="How many times dearer must power become before chip makers stop?",
    cases={f"{multiple}x": dearer(multiple) for multiple in (1, 5, 10, 15, 20)},
    parts=(
        StudyPart(
            "tenfold",
            f"change of chips made in East Asia at ten times the power price, sum of {SHOCK}",
            "fraction",
            lambda runs: loss(runs, "10x"),
            UNTOUCHED,
            ("fab-stop-multiple", "fab-power-price-shutdown"),
        ),
        StudyPart(
            "fifteenfold",
            f"the same at fifteen times, sum of {SHOCK}",
            "fraction",
            lambda runs: loss(runs, "15x"),
            UNTOUCHED,
            ("fab-stop-multiple",),
        ),
        StudyPart(
            "twentyfold",
            f"the same at twenty times, sum of {SHOCK}",
            "fraction",
            lambda runs: loss(runs, "20x"),
            ExpectedRange("a stop above 17.7 times: at least half is not made", high=-0.5),
            ("fab-stop-multiple",),
        ),
    ),
    turn=Turn("fabs.foundry_energy_share", 0.06),
    keep=(("fabs", "produced"),),
    figure=figure,
    why="""\
A line runs while energy leaves a margin, by the energy share and the margin that the sources' own \
figure is derived from: where it stops is theirs, and the ladder shows that nothing else in the \
model (inputs, order books, rationing) stops it sooner. Power is dearer for the fabs' region as a \
whole, and nobody is rationed.""",
)
