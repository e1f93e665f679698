"""Parameters: registry defaults, what a scenario and a design lay over them, and events on top."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.framework.agent import EconomicAgent
from agents.framework.columns import parameter
from agents.framework.population import Member, Population
from sim.config.registry import Parameter, Registry
from sim.config.scenario.scenario import Event
from sim.economy.parameters import Parameters


class Farm(EconomicAgent):
    population_name = "farms"
    loss = parameter("fraction", "Share of the harvest lost")
    tax = parameter("fraction", "Share of income paid")


class Mill(EconomicAgent):
    population_name = "mills"
    tax = parameter("fraction", "Share of income paid")


ROWS = {"alm": "hill", "berg": "hill", "marsch": "plain", "geest": ""}


def entry(path, value, low=0.0, high=1.0):
    parts = path.split(".")
    selector = parts[1] if len(parts) == 3 else ""
    return Parameter(
        path=path,
        population=parts[0],
        selector=selector,
        column=parts[-1],
        value=value,
        unit="fraction",
        low=value,
        high=value,
        min=low,
        max=high,
        distribution="fixed",
        applies="month",
        kind="assumption",
        source="assumption: none",
        note="",
    )


ENTRIES = (entry("farms.loss", 0.5), entry("farms.tax", 0.3), entry("mills.tax", 0.2))


class World:
    """Four farms and a mill with parameters on them."""

    def __init__(self, *events, entries=ENTRIES, scenario=None, design=None, runs=1):
        self.farms = Population("farms", Farm, [Member(n, g, Farm) for n, g in ROWS.items()], runs)
        self.mills = Population("mills", Mill, [Member("mill", "", Mill)], runs)
        rows = {p.name: {m.name: m.group for m in p.members} for p in (self.farms, self.mills)}
        self.parameters = Parameters(
            {"farms": self.farms, "mills": self.mills},
            Registry({e.path: e for e in entries}),
            SimpleNamespace(set=scenario or {}, events=tuple(events), rows=rows),
            design,
        )

    def loss(self, month=None, run=0):
        if month is not None:
            self.parameters.apply(month)
        return dict(zip(self.farms.names, self.farms.loss[run].tolist(), strict=True))


def event(name="shock", start=3, months=2, set=None, scale=None):
    return Event(name=name, start=start, months=months, set=set or {}, scale=scale or {})


def everywhere(value):
    return dict.fromkeys(ROWS, value)


# ---- before any event ----------------------------------------------------------------------------


def test_defaults_come_from_the_registry():
    world = World()
    assert world.loss() == everywhere(0.5)
    assert world.mills.tax.tolist() == [[0.2]]


def test_a_narrow_entry_beats_a_broad_one_and_a_row_its_group():
    entries = (
        entry("farms.alm.loss", 0.9),  # before its group in the file, and still narrower
        *ENTRIES,
        entry("farms.hill.loss", 0.7),
        entry("farms.atlantis.loss", 0.1),  # neither a row nor a group of this world
    )
    assert World(entries=entries).loss() == everywhere(0.5) | {"alm": 0.9, "berg": 0.7}


def test_a_scenario_overlays_the_registry_and_narrow_paths_beat_broad_ones():
    scenario = {"farms.alm.loss": 0.15, "farms.loss": 0.1, "farms.hill.loss": 0.2}
    wanted = {"alm": 0.15, "berg": 0.2, "marsch": 0.1, "geest": 0.1}
    assert World(scenario=scenario).loss() == wanted
    backwards = dict(reversed(scenario.items()))
    assert World(scenario=backwards).loss() == wanted


def test_a_broad_overlay_covers_narrow_entries_of_the_registry():
    entries = (*ENTRIES, entry("farms.alm.loss", 0.9))
    assert World(entries=entries, scenario={"farms.loss": 0.1}).loss() == everywhere(0.1)


def test_a_design_sets_each_run_apart():
    design = {"farms.hill.loss": np.array([0.1, 0.2, 0.3])}
    world = World(design=design, scenario={"farms.hill.loss": 0.9, "farms.berg.loss": 0.4}, runs=3)
    for run, value in enumerate([0.1, 0.2, 0.3]):
        # The design replaces the scenario's value of the same path; berg's own path is narrower.
        assert world.loss(run=run) == everywhere(0.5) | {"alm": value, "berg": 0.4}


# ---- one event -----------------------------------------------------------------------------------


def test_an_event_acts_in_its_window_and_leaves_no_trace():
    world = World(event(start=3, months=2, set={"farms.hill.loss": 0.9}))
    before = world.farms.loss.tobytes()
    taken = world.farms.loss
    shocked = everywhere(0.5) | {"alm": 0.9, "berg": 0.9}
    path = [world.loss(month) for month in range(7)]
    assert path == [everywhere(0.5)] * 3 + [shocked] * 2 + [everywhere(0.5)] * 2
    assert world.farms.loss.tobytes() == before
    assert taken is world.farms.loss
    assert world.farms.tax.tolist() == [[0.3] * 4] and world.mills.tax.tolist() == [[0.2]]


def test_an_event_scales_what_the_scenario_and_the_design_set():
    design = {"farms.alm.loss": np.array([0.1, 0.2])}
    shock = event(scale={"farms.loss": 2.0})
    world = World(shock, scenario={"farms.loss": 0.4}, design=design, runs=2)
    assert world.loss(3, run=0) == everywhere(0.8) | {"alm": 0.2}
    assert world.loss(3, run=1) == everywhere(0.8) | {"alm": 0.4}
    assert world.loss(5, run=0) == everywhere(0.4) | {"alm": 0.1}


def test_an_event_may_begin_before_the_first_month_asked_for():
    world = World(event(start=3, months=4, set={"farms.loss": 0.9}))
    assert world.loss(5) == everywhere(0.9)
    assert world.loss(7) == everywhere(0.5)


def test_a_live_event_that_replaces_one_under_way_acts_at_once():
    world = World(event(set={"farms.loss": 0.9}))
    assert world.loss(3) == everywhere(0.9)
    world.parameters.events = (event(set={"farms.hill.loss": 0.8}),)
    assert world.loss(4) == everywhere(0.5) | {"alm": 0.8, "berg": 0.8}
    world.parameters.events = ()
    assert world.loss(4) == everywhere(0.5)


# ---- several events ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sets", "wanted"),
    [
        # Furthest from the undisturbed 0.5 wins: 0.1 is 0.4 away, 0.8 only 0.3.
        ([{"farms.loss": 0.8}, {"farms.loss": 0.1}], everywhere(0.1)),
        ([{"farms.loss": 0.6}, {"farms.loss": 0.7}], everywhere(0.7)),
        ([{"farms.loss": 0.25}, {"farms.loss": 0.75}], everywhere(0.75)),  # as far: the larger
        # A narrow path beats a broad one that is further away, and a row its group.
        (
            [{"farms.loss": 1.0}, {"farms.hill.loss": 0.6}, {"farms.alm.loss": 0.55}],
            {"alm": 0.55, "berg": 0.6, "marsch": 1.0, "geest": 1.0},
        ),
        # Even one that says what holds undisturbed.
        ([{"farms.loss": 0.9}, {"farms.alm.loss": 0.5}], everywhere(0.9) | {"alm": 0.5}),
        # Of two equally narrow ones the further, row by row.
        (
            [{"farms.loss": 0.9}, {"farms.hill.loss": 0.6}, {"farms.hill.loss": 0.3}],
            {"alm": 0.3, "berg": 0.3, "marsch": 0.9, "geest": 0.9},
        ),
    ],
)
def test_sets_compose_by_narrowness_then_distance(sets, wanted):
    events = [event(name=f"e{i}", set=values) for i, values in enumerate(sets)]
    assert World(*events).loss(3) == wanted
    assert World(*reversed(events)).loss(3) == wanted


def test_distance_is_measured_from_each_agents_own_undisturbed_value():
    entries = (*ENTRIES, entry("farms.alm.loss", 0.9))
    events = event(name="up", set={"farms.loss": 0.8}), event(name="down", set={"farms.loss": 0.3})
    # From 0.5, 0.8 is further; from alm's 0.9, 0.3 is.
    assert World(*events, entries=entries).loss(3) == everywhere(0.8) | {"alm": 0.3}


def test_scales_multiply_and_come_after_sets():
    world = World(
        event(name="a", scale={"farms.loss": 0.5, "farms.hill.loss": 0.5}),
        event(name="b", scale={"farms.loss": 0.4}),
        event(name="c", set={"farms.alm.loss": 1.0}),
    )
    plain, hill = 0.5 * 0.4 * 0.5, 0.5 * 0.4 * 0.5 * 0.5
    wanted = {"alm": 2 * hill, "berg": hill, "marsch": plain, "geest": plain}
    assert world.loss(3) == pytest.approx(wanted)


def test_a_shock_stays_within_what_the_registry_allows():
    shocks = event(name="a", scale={"farms.loss": 1.9}), event(name="b", scale={"farms.loss": 1.9})
    assert World(*shocks).loss(3) == everywhere(1.0)


PATHS = ("farms.loss", "farms.hill.loss", "farms.plain.loss", "farms.alm.loss", "farms.geest.loss")
values = st.dictionaries(st.sampled_from(PATHS), st.floats(0.0, 1.0), max_size=3)
factors = st.dictionaries(st.sampled_from(PATHS), st.floats(0.0, 3.0), max_size=2)
shocks = st.lists(
    st.tuples(st.integers(0, 5), st.integers(1, 4), values, factors), min_size=1, max_size=4
)


def selector_of(path):
    return path.split(".")[1] if path.count(".") == 2 else ""


def covers(path, row):
    return selector_of(path) in ("", row, ROWS[row])


def breadth(path):
    selector = selector_of(path)
    return 2 if selector in ROWS else int(selector in ROWS.values() and selector != "")


def loss_of(row, base, active):
    """What one farm's loss should be: the rule of the interface, said once more in plain Python."""
    sets = [(p, v) for e in active for p, v in e.set.items() if covers(p, row)]
    narrowest = max((breadth(p) for p, _ in sets), default=0)
    rivals = [v for p, v in sets if breadth(p) == narrowest]
    value = max(rivals, key=lambda v: (abs(v - base), v), default=base)
    for factor in (f for e in active for p, f in e.scale.items() if covers(p, row)):
        value *= factor
    return min(max(value, 0.0), 1.0)


@given(shocks, st.randoms(use_true_random=False))
def test_any_events_in_any_order_compose_by_the_rule(drawn, random):
    events = [
        event(name=f"e{i}", start=start, months=months, set=sets, scale=scales)
        for i, (start, months, sets, scales) in enumerate(drawn)
    ]
    shuffled = list(events)
    random.shuffle(shuffled)
    scenario = {"farms.hill.loss": 0.25}
    world, other = World(*events, scenario=scenario), World(*shuffled, scenario=scenario)
    undisturbed = world.loss()
    for month in range(10):
        active = [e for e in events if e.start <= month < e.start + e.months]
        wanted = {row: loss_of(row, undisturbed[row], active) for row in ROWS}
        assert world.loss(month) == pytest.approx(wanted, rel=1e-12, abs=1e-15)
        other.parameters.apply(month)
        assert other.farms.loss.tobytes() == world.farms.loss.tobytes()
    assert world.loss() == undisturbed
