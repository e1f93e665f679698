"""What if China had power for AI without limit?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.studies.lags import months_behind
from experiments.studies.pictures import series
from experiments.studies.study import (
    Case,
    CaseRuns,
    Study,
    StudyPart,
    StudyRuns,
    Turn,
    above,
    below,
    relative_change,
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats

WINDOW = "2030-01/2030-12"
LABS = ("deepseek", "alibaba_qwen", "moonshot", "zhipu", "minimax")
SOURCE = ("china-power-not-decisive",)


def stock(outcome: CaseRuns, region: str) -> Floats:
    """Chips installed in a region, (runs, months)."""
    sites = [name for name in outcome.names["fleets"] if name.endswith(f"_{region}")]
    chips: Floats = outcome.agents("fleets", "installed", *sites).sum(axis=2)
    return chips


def gap_by_month(outcome: CaseRuns) -> Floats:
    """Frontier capability less that of the best Chinese flagship in OOM, (runs, months)."""
    best = outcome.agents("labs", "offer_capability", *LABS).max(axis=2)
    gap: Floats = outcome.metrics["frontier_capability"] - best
    return gap


def gap(runs: StudyRuns, case: str) -> Floats:
    """Its mean over the window, (runs,)."""
    found: Floats = gap_by_month(runs[case])[:, runs[case].window(WINDOW)].mean(axis=1)
    return found


def lag(runs: StudyRuns, case: str) -> Floats:
    """Months since the frontier had what the best Chinese flagship has, mean of the window."""
    left = runs[case]
    frontier = left.metrics["frontier_capability"]
    return months_behind(frontier - gap_by_month(left), frontier, left.window(WINDOW))


def more_chips(runs: StudyRuns, case: str) -> Floats:
    """Change of chips installed in China against the reference, mean of the window, (runs,)."""
    there, usual = (
        stock(runs[name], "china")[:, runs[name].window(WINDOW)].mean(axis=1)
        for name in (case, "reference")
    )
    return relative_change(there, usual)


STUDY = Study(
    number=13,
    question="Does power without limit bring China level in AI by 2030?",
    cases={
        "reference": Case(),
        "free power": Case("china_power_unlimited"),
        "free chips": Case("chip_controls_off"),
    },
    parts=(
        StudyPart(
            "gap",
            "frontier capability less that of the best Chinese flagship, power unlimited, "
            f"{WINDOW}",
            "OOM",
            lambda runs: gap(runs, "free power"),
            above("still behind", 0.0),
            SOURCE,
        ),
        StudyPart(
            "lag",
            "months since the frontier had what that flagship has",
            "month",
            lambda runs: lag(runs, "free power"),
            above("still behind", 0.0),
            (*SOURCE, "us-china-gap-horizon"),
        ),
        StudyPart(
            "compute",
            "chips installed in China over those in the US, power unlimited, end of 2030",
            "1",
            lambda runs: (
                stock(runs["free power"], "china")[:, -1] / stock(runs["free power"], "us")[:, -1]
            ),
            below("fewer than in the US", 1.0),
            SOURCE,
        ),
        StudyPart(
            "chips_bind",
            "change of chips installed in China without controls, less that with power unlimited",
            "fraction",
            lambda runs: more_chips(runs, "free chips") - more_chips(runs, "free power"),
            above("chips bind first: more of them come without controls", 0.0),
            (*SOURCE, "export-control-effect"),
        ),
        StudyPart(
            "chips_close",
            "gap with power unlimited less that without controls on chips",
            "OOM",
            lambda runs: gap(runs, "free power") - gap(runs, "free chips"),
            above("chips would close more of the gap than power", 0.0),
            SOURCE,
        ),
    ),
    turn=Turn("labs.spillover_rate", 0.05),
    figure=lambda runs: series(
        "Chips installed in China", "H100e", runs, lambda left: stock(left, "china")
    ),
    keep=(("fleets", "installed"), ("labs", "offer_capability")),
    why="""\
The case gives China all the new power that the world has in a year, at half the price. Its labs \
copy what others find and learn from open models, so how far they are behind also turns on how \
fast ideas spread; chips are told apart from it. Chips come by licences, by leaks and from lines \
at home. A chip counts by its compute alone: that worse ones are harder to link is not in the \
model.""",
)
