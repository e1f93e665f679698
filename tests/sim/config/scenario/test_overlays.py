"""Reach: the plain reading of overlays and the columns of a run agree on every value."""

from itertools import product
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from agents.framework.agent import EconomicAgent
from agents.framework.columns import parameter
from agents.framework.population import Member, Population
from sim.config.registry import Parameter, Registry
from sim.config.scenario.overlays import Reached, reached
from sim.config.scenario.scenario import Event
from sim.economy.parameters import Parameters

ROWS = {"alm": "hill", "berg": "hill", "marsch": "plain", "geest": ""}
PATHS = ["farms.loss", *(f"farms.{s}.loss" for s in ("hill", "plain", *ROWS))]
MONTHS = 8


class Farm(EconomicAgent):
    population_name = "farms"
    loss = parameter("fraction", "Share of the harvest lost")


def registry(values):
    return Registry({path: entry(path, value) for path, value in values.items()})


def entry(path, value):
    parts = path.split(".")
    return Parameter(
        path=path,
        population="farms",
        selector=parts[1] if len(parts) == 3 else "",
        column="loss",
        value=value,
        unit="fraction",
        low=value,
        high=value,
        min=-1e9,
        max=1e9,
        distribution="fixed",
        applies="month",
        kind="assumption",
        source="assumption: none",
        note="",
    )


def reach(defaults, overlay=None, events=(), rows=ROWS):
    known = registry({"farms.loss": 0.0} | defaults)
    return list(reached(known, {"farms": rows}, overlay or {}, events, "farms", "loss"))


numbers = st.integers(-8, 8).map(float)
overlays = st.dictionaries(st.sampled_from(PATHS), numbers, max_size=4)
shocks = st.builds(
    Event,
    name=st.just(""),
    start=st.integers(0, MONTHS - 1),
    months=st.integers(1, MONTHS),
    set=overlays,
    scale=overlays.map(lambda factors: {path: abs(factor) for path, factor in factors.items()}),
)


@given(defaults=overlays, overlay=overlays, shocks=st.lists(shocks, max_size=4))
def test_every_value_of_a_run_is_reached_and_no_other(defaults, overlay, shocks):
    events = tuple(Event(str(i), e.start, e.months, e.set, e.scale) for i, e in enumerate(shocks))
    farms = Population("farms", Farm, [Member(n, g, Farm) for n, g in ROWS.items()], 1)
    parameters = Parameters(
        {"farms": farms},
        registry({"farms.loss": 0.0} | defaults),
        SimpleNamespace(set=overlay, events=events),
    )
    seen = {*farms.loss[0].tolist()}
    for month in range(2 * MONTHS):
        parameters.apply(month)
        seen |= {*farms.loss[0].tolist()}
    assert {r.value for r in reach(defaults, overlay, events)} == seen


def test_the_overlay_to_blame_is_named():
    event = Event("drought", 2, 3, {"farms.hill.loss": 0.5}, {"farms.loss": 4.0})
    assert reach({"farms.loss": 0.1}, {"farms.plain.loss": 0.2}, (event,)) == [
        Reached(0.1, "", ""),
        Reached(2.0, "drought", "farms.loss"),
        Reached(0.2, "", "farms.plain.loss"),
        Reached(0.8, "drought", "farms.loss"),
        Reached(0.1, "", ""),
        Reached(0.4, "drought", "farms.loss"),
    ]


def test_a_value_that_only_the_end_of_an_event_lays_bare_is_reached():
    relief = Event("relief", 0, 2, {}, {"farms.loss": 0.5})
    drought = Event("drought", 0, 5, {}, {"farms.loss": 3.0})
    values = [r.value for r in reach({"farms.loss": 1.0}, events=(drought, relief))]
    assert values == [1.0, 1.5, 3.0]


def test_rows_that_no_path_tells_apart_count_once():
    many = {f"farm_{i}_{j}": f"group_{j}" for i, j in product(range(1000), range(3))}
    assert len(reach({}, {"farms.farm_7_1.loss": 1.0}, rows=many)) == 2
    assert len(reach({}, {"farms.group_1.loss": 1.0}, rows=many)) == 2
    assert reach({"farms.group_1.loss": 9.0}, rows={"alm": "group_1"}) == [Reached(9.0, "", "")]
    assert reach({}, rows={}) == []
