"""Laws of shocks: nothing changed is nothing done, and neither order nor way of entry counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agents.framework.columns import Floats
from sim import engine
from sim.config.registry import load_registry
from sim.config.scenario.changes import with_event
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario
from sim.economy.economy import Economy
from sim.model import EconomyModel
from sim.opening.opening import open_economy
from sim.results.record import Record

MONTHS = 12
BASELINE = load_scenario("baseline", months=MONTHS)
Places = dict[tuple[str, str], Floats]

LINES = {
    "months": 4,
    "set": {"fabs.capacity_loss": 0.5, "elsewhere.demand_loss": 0.3},
    "scale": {"customers.task_value": 0.7, "fleets.capex_share": 1.1},
}
MONEY = {
    "months": 5,
    "set": {"fabs.nvidia.capacity_loss": 0.2, "capital.lab_pool": 0.0},
    "scale": {"customers.task_value": 0.9, "fleets.capex_share": 0.3},
}
"""Two shocks that meet in some months and in some parameters."""


def places(economy: Economy, record: Record) -> Places:
    """Every column of every population and relation, and every metric."""
    tables = {**economy.populations, **economy.relations}
    found = {(t.name, c): values for t in tables.values() for c, values in t.columns.items()}
    return found | {("metrics", name): values for name, values in record.metrics.items()}


def run(scenario: Scenario, replications: Sequence[int] = (0, 1)) -> Places:
    economy = open_economy(scenario, 1, replications)
    record = Record(economy)
    engine.run(economy, record)
    return places(economy, record)


def changed(one: Places, other: Places) -> list[tuple[str, str]]:
    """Where two runs do not have the same bits."""
    assert one.keys() == other.keys()
    return [place for place in one if one[place].tobytes() != other[place].tobytes()]


def test_a_shock_of_all_parameters_to_what_they_are_changes_no_bit() -> None:
    """Each is set to its own value, groups and rows of their own included, and scaled by 1."""
    monthly = [p for p in load_registry().parameters.values() if p.applies == "month"]
    known = {
        population: {"", *members.values(), *members}
        for population, members in BASELINE.rows.items()
    }
    given = {p.path: p.value for p in monthly if p.selector in known.get(p.population, ())}
    assert len(given) > 200
    assert any(path.count(".") == 2 for path in given)
    for overlay in ({"set": given}, {"scale": dict.fromkeys(given, 1.0)}):
        event = {"name": "nothing", "start": "2025-03", "months": 6, **overlay}
        assert changed(run(BASELINE), run(with_event(BASELINE, event))) == []


def declared(folder: Path, *events: tuple[str, dict[str, object]]) -> Scenario:
    """The baseline with events from April and May 2025 on, in the order given."""
    text = f'title = "Two shocks"\nbase = "baseline"\nmonths = {MONTHS}\n'
    for name, event in events:
        start = "2025-04" if event is LINES else "2025-05"
        text += f'[[event]]\nname = "{name}"\nstart = "{start}"\nmonths = {event["months"]}\n'
        for verb in ("set", "scale"):
            overlay = event[verb]
            assert isinstance(overlay, dict)
            pairs = ", ".join(f'"{path}" = {value}' for path, value in overlay.items())
            text += f"{verb} = {{ {pairs} }}\n"
    file = folder / "shocks.toml"
    file.write_text(text)
    return load_scenario(file)


def test_two_shocks_do_the_same_in_either_order(tmp_path: Path) -> None:
    """Neither the order in which they are declared counts, nor that of their names."""
    forward = declared(tmp_path, ("a", LINES), ("b", MONEY))
    backward = declared(tmp_path, ("b", MONEY), ("a", LINES))
    renamed = declared(tmp_path, ("a", MONEY), ("b", LINES))
    together = run(forward)
    assert forward.digest == backward.digest != renamed.digest
    assert changed(together, run(backward)) == []
    assert changed(together, run(renamed)) == []
    for alone in (("a", LINES), ("b", MONEY)):
        assert changed(together, run(declared(tmp_path, alone)))


def test_live_shocks_do_what_scheduled_ones_do(tmp_path: Path) -> None:
    """Two that meet, the second applied while the first goes on; every column, not just metrics."""
    scheduled = declared(tmp_path, ("a", LINES), ("b", MONEY))
    model = EconomyModel(BASELINE)
    for month in range(MONTHS):
        if month in (3, 4):
            name, event = ("a", LINES) if month == 3 else ("b", MONEY)
            model.apply(name, **event)  # type: ignore[arg-type]
        model.step()
    assert model.scenario.digest == scheduled.digest
    live = places(model.economy, model.record)
    assert changed(live, run(scheduled, [0])) == []
    assert not np.array_equal(
        live["metrics", "compute_stock_h100e"],
        run(BASELINE, [0])["metrics", "compute_stock_h100e"],
    )
