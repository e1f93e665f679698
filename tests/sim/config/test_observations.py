"""Observations: what the table says is what is loaded, and what points at a row finds it."""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from sim.base.errors import RequestError
from sim.config import observations
from sim.config.observations import COLUMNS, FILE, load_observations, observed
from sim.config.registry import load_registry
from sim.config.world.reader import list_worlds, load_world

HEADER = ",".join(COLUMNS)
GOOD = "price,H100,2024-12-31,26000,23000,30000,USD/chip,somebody,primary"


def refused(tmp_path, *lines):
    file = tmp_path / "observations.csv"
    file.write_text("\n".join([HEADER, *lines]) + "\n")
    with pytest.raises(RequestError) as error:
        load_observations(file)
    return str(error.value)


def test_the_shipped_table_is_complete():
    rows = load_observations()
    assert len(rows) == 173
    assert len({row.reference for row in rows}) == 173
    assert load_observations() is rows
    assert {row.confidence for row in rows} == {"primary", "secondary"}
    assert all(row.source and row.unit for row in rows)


def test_a_row_says_what_the_table_says():
    (row,) = [r for r in load_observations() if r.reference == "obs:lab_compute/OpenAI/2024-12-31"]
    assert (row.value, row.low, row.high) == (386_219.0, 276_938.0, 486_057.0)
    assert (row.unit, row.confidence) == ("H100e available to the lab", "primary")
    assert row.source.startswith("Epoch AI")
    with pytest.raises(FrozenInstanceError):
        row.value = 1.0


def test_a_figure_without_a_range_has_none():
    (row,) = [r for r in load_observations() if r.series == "anthropic_cloud_spend"]
    assert (row.low, row.high) == (None, None)


def test_a_series_comes_oldest_first():
    days, values = observed("nvidia_datacenter_revenue", "Nvidia")
    assert len(days) == len(values) == 12
    assert (days[0], values[0]) == (date(2022, 5, 1), 3.75e9)
    assert (days[-1], values[-1]) == (date(2025, 1, 26), 3.56e10)
    assert list(days) == sorted(days)


def test_order_in_the_file_does_not_matter(tmp_path, monkeypatch):
    file = tmp_path / "observations.csv"
    file.write_text("\n".join([HEADER, GOOD, GOOD.replace("2024", "2023")]) + "\n")
    monkeypatch.setattr(observations, "FILE", file)
    assert observed("price", "H100")[0] == (date(2023, 12, 31), date(2024, 12, 31))


def test_an_unknown_name_is_met_with_the_nearest():
    with pytest.raises(RequestError, match=r"unknown series.*did you mean lab_compute"):
        observed("lab_computes", "OpenAI")
    with pytest.raises(RequestError, match=r"unknown entity.*did you mean OpenAI"):
        observed("lab_compute", "OpenAi")


def test_what_is_wrong_in_a_table_is_named_with_its_line(tmp_path):
    assert "line 2: not a number: value" in refused(tmp_path, GOOD.replace("26000", "many"))
    assert "line 3: not a date: period_end" in refused(tmp_path, GOOD, GOOD.replace("-31", "-32"))
    assert "out of range: low" in refused(tmp_path, GOOD.replace("23000", "27000"))
    assert "out of range: high" in refused(tmp_path, GOOD.replace("30000", "25000"))
    assert "not one of the choices: confidence" in refused(tmp_path, GOOD.replace("primary", "hm"))
    assert "not a text: source" in refused(tmp_path, GOOD.replace("somebody", ""))
    assert "not a finite number: value" in refused(tmp_path, GOOD.replace("26000", "nan"))
    assert "line 3: observed twice" in refused(tmp_path, GOOD, GOOD)
    assert "line 2: too many columns" in refused(tmp_path, GOOD + ",more")
    assert "line 2: not a text: source" in refused(tmp_path, GOOD.rpartition(",somebody")[0])


def test_a_table_needs_its_columns_and_a_file(tmp_path):
    file = tmp_path / "other.csv"
    file.write_text("series,entity\n")
    with pytest.raises(RequestError, match="not its columns"):
        load_observations(file)
    with pytest.raises(RequestError, match="cannot be read"):
        load_observations(tmp_path / "missing.csv")


# ---- what points at observations -----------------------------------------------------------------


def sources() -> Iterator[tuple[str, str]]:
    """Where a source stands, and the source, of the registry and of every world."""
    for path, entry in load_registry().parameters.items():
        yield path, entry.source
    for name, _ in list_worlds():
        world = load_world(name)
        for agent in world.agents:
            for key, given in agent.initial.items():
                yield f"{name}: {agent.population}.{agent.name}.{key}", given.source
        for edge in world.edges:
            yield f"{name}: {edge.relation} {edge.source} {edge.target}", edge.weight.source
        for key, series in world.history.items():
            yield f"{name}: history.{key}", series.source


def test_every_source_that_names_an_observation_names_one_that_exists():
    known = {row.reference for row in load_observations()}
    named = [
        (where, part)
        for where, source in sources()
        for part in source.split("; ")
        if part.startswith("obs:")
    ]
    assert len(named) > 50
    assert not [(where, part) for where, part in named if part not in known]


def test_the_attribution_stands_beside_the_table():
    text = FILE.with_name("README.md").read_text("utf-8")
    assert "Epoch AI" in text
    assert "CC-BY" in text
    secondary = {row.series for row in load_observations() if row.confidence == "secondary"}
    assert all(f"`{series}`" in text for series in secondary)
