"""What does a closure of Hormuz, short or long, do to the build-out of compute?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.pictures import series
from experiments.studies.study import (
    Case,
    CaseRuns,
    ExpectedRange,
    Study,
    StudyPart,
    StudyRuns,
    Turn,
    below,
    relative_change,
)

if TYPE_CHECKING:
    from agents.framework.columns import Floats
    from sim.figures import Figure

WINDOW = "2026-03/2028-12"
"""From the first month of the closure until what was begun during it has opened or failed."""
MONTHS = 48
YEAR = "2026-03/2027-02"
"""The longest closure."""
GAS = "regions.gas_price_flexibility"
FOURFOLD = 15.0
"""A fifth of LNG lost makes gas four times as dear [dc-cost-rise-worst]."""
SHORT, LONG, DEAR = "3 months", "12 months", "12 months, gas x4"


def change(runs: StudyRuns, metric: str, case: str, window: str = WINDOW) -> Floats:
    """Change of the sum of a metric against no closure, (runs,)."""
    return relative_change(runs[case].sum(metric, window), runs["open"].sum(metric, window))


def opened(outcome: CaseRuns, *regions: str) -> Floats:
    """Power of the sites in regions that opened in every month in GW, (runs, months)."""
    sites = outcome.agents("fleets", "opened_gw")
    ends = tuple(f"_{region}" for region in regions)
    here = [name.endswith(ends) for name in outcome.names["fleets"]]
    found: Floats = sites[:, :, here].sum(axis=2)
    return found


def change_of_sites(runs: StudyRuns, case: str, *regions: str) -> Floats:
    """Change of the power that opened in regions in the window against no closure, (runs,)."""
    with_it, without = (
        opened(runs[name], *regions)[:, runs[name].window(WINDOW)].sum(axis=1)
        for name in (case, "open")
    )
    return relative_change(with_it, without)


def change_of_pledges(runs: StudyRuns, case: str) -> Floats:
    """Change of what Gulf funds pledged in the year of the longest closure, (runs,)."""
    with_it, without = (
        runs[name].agents("gulf", "pledged_now")[:, runs[name].window(YEAR)].sum(axis=(1, 2))
        for name in (case, "open")
    )
    return relative_change(with_it, without)


def gulf_beyond_others(runs: StudyRuns) -> Floats:
    """Change of Gulf pledges less the worst of what else could be hit, (runs,)."""
    others = [
        change(runs, metric, LONG, YEAR)
        for metric in ("chips_shipped_h100e", "capex_usd", "lab_funding_usd")
    ]
    found: Floats = change_of_pledges(runs, LONG) - np.min(others, axis=0)
    return found


def figure(runs: StudyRuns) -> Figure:
    """Sites that opened since the closure began in Europe and East Asia."""

    def since(outcome: CaseRuns) -> Floats:
        power = opened(outcome, "europe", "east_asia")
        power[:, : outcome.window(WINDOW).start] = 0.0
        return np.cumsum(power, axis=1)

    return series("Sites opened in Europe and East Asia since March 2026", "GW", runs, since)


STUDY = Study(
    number=4,
    question="How far does a closure of Hormuz for three to twelve months set back compute?",
    cases={
        "open": Case(months=MONTHS),
        SHORT: Case("hormuz_closure_3", months=MONTHS),
        "6 months": Case("hormuz_closure", months=MONTHS),
        LONG: Case("hormuz_closure_12", months=MONTHS),
        DEAR: Case("hormuz_closure_12", {GAS: FOURFOLD}, months=MONTHS),
    },
    parts=(
        StudyPart(
            "compute",
            f"change of compute_stock_h100e, {LONG}, mean of {WINDOW}",
            "fraction",
            lambda runs: change(runs, "compute_stock_h100e", LONG),
            ExpectedRange(
                "nearly on the baseline: within the Gulf's share of capital", -0.03, 0.03
            ),
            ("iran-buildout-verdict", "gulf-share-of-capex"),
        ),
        StudyPart(
            "chips",
            f"change of chips_shipped_h100e, {LONG}, sum of {YEAR}",
            "fraction",
            lambda runs: change(runs, "chips_shipped_h100e", LONG, YEAR),
            ExpectedRange("unchanged: within a hundredth", -0.01, 0.01),
            ("iran-buildout-verdict", "helium-outbid-rule"),
        ),
        StudyPart(
            "us_sites",
            f"change of power that opened in the US, {LONG}, sum of {WINDOW}",
            "fraction",
            lambda runs: change_of_sites(runs, LONG, "us"),
            ExpectedRange("unaffected: within a hundredth", -0.01, 0.01),
            ("iran-buildout-verdict", "us-gas-price-shock"),
        ),
        StudyPart(
            "sites_short",
            f"change of power that opened in Europe and East Asia, {SHORT}, sum of {WINDOW}",
            "fraction",
            lambda runs: change_of_sites(runs, SHORT, "europe", "east_asia"),
            ExpectedRange("no delay while short: within a hundredth", -0.01, 0.01),
            ("dc-cost-rise-observed", "dc-cost-rise-cancels"),
        ),
        StudyPart(
            "sites_long",
            f"change of power that opened in Europe and East Asia, {LONG}, sum of {WINDOW}",
            "fraction",
            lambda runs: change_of_sites(runs, LONG, "europe", "east_asia"),
            below("some delayed if it lasts: over a hundredth less", -0.01),
            ("dc-cost-rise-worst", "dc-cost-rise-cancels"),
        ),
        StudyPart(
            "sites_dear_gas",
            f"the same, {DEAR}",
            "fraction",
            lambda runs: change_of_sites(runs, DEAR, "europe", "east_asia"),
            below("some delayed: over a hundredth less", -0.01),
            ("dc-cost-rise-worst", "dc-cost-rise-cancels"),
        ),
        StudyPart(
            "gulf_money",
            f"change of Gulf pledges, {LONG}, sum of {YEAR}, less the largest fall of chips,"
            " capex_usd and lab_funding_usd",
            "fraction",
            gulf_beyond_others,
            below("hit hardest", 0.0),
            ("risk-rank-gulf-capital", "iran-buildout-verdict"),
        ),
    ),
    turn=Turn("capital.gulf_substitution", 0.9),
    keep=(("fleets", "opened_gw"), ("gulf", "pledged_now")),
    figure=figure,
    why="""\
Three closures are shipped as scenarios, and the verdict is on the longest. They raise the price \
of gas by as much as the loss of LNG does at once; the source has it rise fourfold in a closure of \
a year, so a last case, added later, has the fourfold price from the first month. US gas does not \
follow the world's by the registry, so only chips and money could reach US sites. A project is \
dropped when its cost passes what it can bear, for good: by that rule the height of a price should \
matter more than its months.""",
)
