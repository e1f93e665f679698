"""What if the US may not connect more power for AI than so much?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.studies.lags import months_behind
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

END = "2030-12/2030-12"
LIMIT = "regions.us.power_limit_gw"
PRICE = "regions.us.power_price_start"
TRIPLED = 0.225
"""Three times the registry's 0.075 USD a kWh."""
MONTHS_NOT_YEARS = ExpectedRange("months, not years: twelve at most", 0.0, 12.0)
SOURCES = ("power-delay", "power-not-binding", "ai-power-2030")


def us_stock(outcome: CaseRuns) -> Floats:
    """Chips installed in the US, (runs, months)."""
    sites = [name for name in outcome.names["fleets"] if name.endswith("_us")]
    stock: Floats = outcome.agents("fleets", "installed", *sites).sum(axis=2)
    return stock


def delay(runs: StudyRuns, case: str) -> Floats:
    """Months by which US compute of a case is behind that without a ceiling, (runs,)."""
    free = runs["no ceiling"]
    return months_behind(us_stock(runs[case]), us_stock(free), free.window(END))


def world_delay(runs: StudyRuns, case: str) -> Floats:
    """The same for the compute of the world."""
    free, metric = runs["no ceiling"], "compute_stock_h100e"
    return months_behind(runs[case].metrics[metric], free.metrics[metric], free.window(END))


STUDY = Study(
    number=12,
    question="By how many months do limits of US power delay compute by the end of 2030?",
    cases={"no ceiling": Case()}
    | {f"{limit} GW": Case(set={LIMIT: float(limit)}) for limit in (30, 60, 100)}
    | {"price tripled": Case(set={PRICE: TRIPLED})},
    parts=(
        StudyPart(
            "delay_60",
            "months by which chips installed in the US are behind those without a ceiling at the "
            "end of 2030, at 60 GW",
            "month",
            lambda runs: delay(runs, "60 GW"),
            MONTHS_NOT_YEARS,
            SOURCES,
        ),
        StudyPart(
            "delay_30",
            "the same at 30 GW",
            "month",
            lambda runs: delay(runs, "30 GW"),
            MONTHS_NOT_YEARS,
            SOURCES,
        ),
        StudyPart(
            "delay_100",
            "the same at 100 GW",
            "month",
            lambda runs: delay(runs, "100 GW"),
            MONTHS_NOT_YEARS,
            (*SOURCES, "ai-power-2030-aggressive"),
        ),
        StudyPart(
            "world_delay_60",
            "months by which the world's chips are behind at 60 GW",
            "month",
            lambda runs: world_delay(runs, "60 GW"),
            MONTHS_NOT_YEARS,
            ("power-delay", "dc-location-fungible"),
        ),
        StudyPart(
            "price_tripled",
            "change of chips installed in the US at the end of 2030 with power at three times its "
            "price",
            "fraction",
            lambda runs: relative_change(
                us_stock(runs["price tripled"])[:, -1], us_stock(runs["no ceiling"])[:, -1]
            ),
            ExpectedRange("tolerated: no larger a fall than costs rise", low=-0.18),
            ("dc-cost-rise-tripled-power", "chip-to-power-cost"),
        ),
    ),
    turn=Turn(LIMIT, 45.0),
    figure=lambda runs: series("Chips installed in the US", "H100e", runs, us_stock),
    keep=(("fleets", "installed"),),
    why="""\
A ceiling holds from the start for what is connected and under construction; it is decreed, where \
the sources argue about how much power will be had. A fixed ceiling lets the distance grow for as \
long as compute would: the same gigawatts mean months or years by how much the US would connect \
without one. Plans can move to regions with power, so the world should lose less than the US. A \
fleet's power price is that of its region, for old sites and new.""",
)
