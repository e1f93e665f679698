from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.runs.sweep_file import load_sweep
from sim.base.errors import RequestError
from sim.config import shipped
from sim.config.registry import load_registry

LAG = '"labs.replication_lag"'
HEAD = 'base = "baseline"\nmonths = 2\n'


def written(folder: Path, text: str) -> Path:
    file = folder / "mine.toml"
    file.write_text(text)
    return file


def test_a_range_takes_the_shape_of_the_registered_law(tmp_path: Path) -> None:
    registry = load_registry().parameters.values()
    by_size = next(p for p in registry if p.distribution == "loguniform" and not p.selector)
    text = f'{HEAD}design = "lhs"\nsamples = 8\n[vary]\n{LAG} = [3, 9]\n'
    text += (
        f'"{by_size.path}" = [{by_size.low}, {by_size.high}]\n"labs.spillover_rate" = "registry"'
    )
    plan = load_sweep(written(tmp_path, text))
    assert [law.kind for law in plan.laws.values()] == ["uniform", "loguniform", "triangular"]
    assert plan.paths == ("labs.replication_lag", by_size.path, "labs.spillover_rate")
    assert plan.values.shape == (8, 3)
    assert plan.values[:, 0].min() >= 3.0
    assert plan.values[:, 0].max() <= 9.0


def test_events_vary_in_whole_months(tmp_path: Path) -> None:
    text = 'base = "hormuz_closure"\nmonths = 24\ndesign = "monte_carlo"\nsamples = 200\n[vary]\n'
    text += '"events.closure.months" = [2, 5]\n"events.closure.start" = ["2025-03", "2025-06"]'
    values = load_sweep(written(tmp_path, text)).values
    assert set(values[:, 0]) == {2.0, 3.0, 4.0, 5.0}
    assert set(values[:, 1]) == {2.0, 3.0, 4.0, 5.0}


def test_a_grid_takes_lists_and_needs_no_samples(tmp_path: Path) -> None:
    text = (
        f'{HEAD}design = "grid"\nreplications = 3\ntables = ["models"]\n[vary]\n{LAG} = [2, 4, 8]'
    )
    plan = load_sweep(written(tmp_path, text))
    assert plan.values.tolist() == [[2.0], [4.0], [8.0]]
    assert (plan.runs, plan.replications) == (9, 3)
    assert plan.tables == ("metrics", "models")


def test_points_come_from_a_file_beside(tmp_path: Path) -> None:
    frame = pd.DataFrame({"labs.replication_lag": [3.0, 5.0, 7.0]})
    frame.to_parquet(tmp_path / "kept.parquet")
    text = f'{HEAD}design = "points"\npoints = "kept.parquet"\n'
    assert load_sweep(written(tmp_path, text)).values.tolist() == [[3.0], [5.0], [7.0]]
    assert load_sweep(written(tmp_path, f"{text}samples = 2")).values.tolist() == [[3.0], [5.0]]


def test_the_whole_registry_leaves_out_what_is_fixed_or_set(tmp_path: Path) -> None:
    text = 'base = "one.toml"\ndesign = "monte_carlo"\nsamples = 2\nvary = "registry"'
    scenario = 'title = "One"\nbase = "world_2025"\n[set]\n"labs.replication_lag" = 6'
    (tmp_path / "one.toml").write_text(scenario)
    plan = load_sweep(written(tmp_path, text))
    assert "labs.replication_lag" not in plan.paths
    fixed = {p.path for p in load_registry().parameters.values() if p.distribution == "fixed"}
    assert not fixed & set(plan.paths)
    assert len(plan.paths) > 400


@pytest.mark.parametrize("name", shipped.names("sweep"))
def test_shipped_sweeps_load(name: str) -> None:
    plan = load_sweep(name)
    assert plan.title
    assert plan.runs >= 1000
    assert np.isfinite(plan.values).all()


def test_the_same_file_and_seed_make_the_same_design(tmp_path: Path) -> None:
    file = written(tmp_path, f'{HEAD}design = "sobol"\nsamples = 4\n[vary]\n{LAG} = "registry"')
    first, again, other = load_sweep(file), load_sweep(file), load_sweep(file, seed=2)
    assert first.identity == again.identity
    assert first.identity["design_hash"] != other.identity["design_hash"]


LHS = f'{HEAD}design = "lhs"\nsamples = 4\n'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('design = "lhs"\nsamples = 4\n', None, "missing key: base"),
        ('base = "basline"\ndesign = "lhs"', 1, "did you mean baseline"),
        (f'{HEAD}design = "lhc"\n', 3, "did you mean lhs"),
        (f"{LHS}sample = 3\n[vary]\n{LAG} = [2, 4]", 5, "did you mean samples"),
        (f'{HEAD}design = "lhs"\n[vary]\n{LAG} = [2, 4]', None, "missing key: samples"),
        (f'{HEAD}design = "sobol"\nsamples = 100\n[vary]\n{LAG} = [2, 4]', 4, "power of two"),
        (f'{HEAD}design = "lhs"\nsamples = 0\n[vary]\n{LAG} = [2, 4]', 4, "samples = 0"),
        (f"{LHS}replications = 999999\n[vary]\n{LAG} = [2, 4]", 4, "too many runs"),
        (f"{LHS}[vary]\n", 5, "nothing varies"),
        (f"{LHS}", None, "missing key: vary"),
        (f'{LHS}[vary]\n"labs.replication_lg" = [2, 4]', 6, "did you mean labs.replication_lag"),
        (f"{LHS}[vary]\nlabs.replication_lag = [2, 4]", 6, "the path in quotes"),
        (f"{LHS}[vary]\n{LAG} = [2, 4, 6]", 6, "not a range"),
        (f'{LHS}[vary]\n{LAG} = "regstry"', 6, "did you mean registry"),
        (f"{LHS}[vary]\n{LAG} = [4, 2]", 6, "an empty range"),
        (f"{LHS}[vary]\n{LAG} = [2, 1e9]", 6, "out of range"),
        (f"{LHS}[vary]\n{LAG} = [2, true]", 6, "not a number"),
        (f'{LHS}[vary]\n"events.closure.months" = [2, 4]', 6, "unknown event"),
        (f'{HEAD}design = "grid"\nsamples = 4\n[vary]\n{LAG} = [2]', 4, "not with this design"),
        (f'{HEAD}design = "grid"\n[vary]\n{LAG} = [2, 2.0]', 5, "a value given twice"),
        (f'{HEAD}design = "grid"\n[vary]\n{LAG} = []', 5, "not a list of values"),
        (f'{HEAD}design = "grid"\nvary = "registry"', 4, "not a table"),
        (f'{LHS}tables = ["agent"]\n[vary]\n{LAG} = [2, 4]', 5, "did you mean agents"),
        (f'{LHS}points = "x.parquet"\n[vary]\n{LAG} = [2, 4]', 5, "not with this design"),
        (f'{HEAD}design = "points"\npoints = "x.parquet"', None, "does not exist"),
        (f'{HEAD}design = "points"\npoints = "mine.toml"', 4, "not a Parquet file"),
        (
            f'{LHS}[vary]\n"regions.rent_adjust" = [0.1, 0.9]\n'
            '"elsewhere.price_elasticity" = [1.0, 2.0]',
            5,
            "above 1",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, text: str, line: int | None, said: str
) -> None:
    with pytest.raises(RequestError) as caught:
        load_sweep(written(tmp_path, text))
    message = str(caught.value)
    assert said in message
    assert "\n" not in message
    if line is not None:
        assert f"line {line}" in message


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('"events.closure.months" = [2, 2.5]', "not a whole number"),
        ('"events.closure.months" = "registry"', "[first, last]"),
        ('"events.closure.start" = [1, 3]', "not a month"),
        ('"events.closure.start" = ["2025-01", "2030-01"]', "outside the run"),
        ('"events.closure.stop" = [1, 3]', "did you mean"),
        ('"events.closer.start" = [1, 3]', "did you mean events.closure.start"),
    ],
)
def test_what_is_wrong_of_an_event_is_named(tmp_path: Path, value: str, said: str) -> None:
    text = f'base = "hormuz_closure"\nmonths = 20\ndesign = "lhs"\nsamples = 4\n[vary]\n{value}'
    with pytest.raises(RequestError) as caught:
        load_sweep(written(tmp_path, text))
    assert said in str(caught.value)
    assert "line 6" in str(caught.value)


def test_an_unknown_sweep_is_refused_with_the_nearest() -> None:
    with pytest.raises(RequestError, match="did you mean lag_sobol"):
        load_sweep("lag_sobo")
