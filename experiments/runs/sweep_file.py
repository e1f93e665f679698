"""A sweep file: which scenario, which design, over which parameters and events."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from agents.framework.columns import Floats
from experiments.runs.designs import DESIGNS, rows_of, sample
from experiments.runs.distributions import Law, registered, registry_laws, with_exceptions
from experiments.runs.sweep_plan import SweepPlan
from sim.base import checks
from sim.base.calendar import MONTHS_MAX, Calendar
from sim.base.errors import RequestError, nearest
from sim.base.files import disk
from sim.base.limits import RUNS_MAX
from sim.config import shipped
from sim.config.registry import load_registry
from sim.config.scenario.changes import check_design
from sim.config.scenario.event_windows import check_event_path, check_event_value, is_event_path
from sim.config.scenario.loader import load_scenario
from sim.config.scenario.scenario import Scenario
from sim.config.toml.document import read_document
from sim.config.toml.table import Table
from sim.results.table_columns import TABLES

KEYS = (
    "title",
    "base",
    "months",
    "design",
    "samples",
    "replications",
    "tables",
    "points",
    "vary",
)
REGISTRY = "registry"
RANGE = '[low, high], or "registry"'


def load_sweep(name_or_path: str | os.PathLike[str], seed: int = 1) -> SweepPlan:
    """A shipped sweep by name, or one from a .toml file, checked in full.

    seed: of the design and the draws.

    Raises RequestError, in one line with file, line, key, value, what is allowed and the nearest
    known name, for whatever is wrong in the file or its scenario.
    """
    seed = checks.argument("seed", seed)
    file = shipped.locate("sweep", name_or_path)
    table = Table.of(read_document(file))
    table.only(KEYS)
    title = table.line("title", file.stem)
    design = table.choice("design", DESIGNS)
    scenario = read_scenario(table, file)
    if table.values.get("vary") == REGISTRY:
        scenario = with_exceptions(scenario)
    replications = table.integer("replications", 1, RUNS_MAX) if "replications" in table else 1
    laws: dict[str, Law] = {}
    if design == "points":
        _refuse(table, "vary", "the columns of the file `points` name the varied paths")
        paths, values = _points(table, file, scenario)
    else:
        _refuse(table, "points", "only where the design is points")
        if design == "grid":
            _refuse(table, "samples", "a grid has as many scenarios as its values combine to")
        laws = read_laws(table, scenario, grid=design == "grid")
        samples = _samples(table, design, len(laws), replications)
        paths, values = tuple(laws), sample(design, samples, laws, seed)
    if len(values) * replications > RUNS_MAX:
        allowed = f"at most {RUNS_MAX:,} runs"
        raise table.refusal("too many runs", value=len(values) * replications, allowed=allowed)
    with table.at("points" if design == "points" else "vary"):
        columns = zip(paths, values.min(axis=0), values.max(axis=0), strict=True)
        ends = {path: (float(low), float(high)) for path, low, high in columns}
        ends |= {path: (law.low, law.high) for path, law in laws.items()}
        check_design(scenario, {p: both for p, both in ends.items() if not is_event_path(p)})
    return SweepPlan(
        name=file.stem,
        title=title,
        scenario=scenario,
        seed=seed,
        design=design,
        samples=int(table.values.get("samples", len(values))),
        replications=replications,
        laws=laws,
        tables=_tables(table),
        paths=paths,
        values=values,
    )


def read_scenario(table: Table, file: Path) -> Scenario:
    """The scenario that a file's `base` and `months` name, a path being relative to the file."""
    base = table.text("base")
    if base.endswith(".toml"):
        base = str(file.parent / base)
    months = table.integer("months", 1, MONTHS_MAX) if "months" in table else None
    with table.at("base"):
        return load_scenario(base, months=months)


def _refuse(table: Table, key: str, why: str) -> None:
    if key in table:
        raise table.refusal(f"not with this design: {why}", key)


def _samples(table: Table, design: str, paths: int, replications: int) -> int:
    """How many samples the design has; a grid has none of its own."""
    if design == "grid":
        return 0
    samples = table.integer("samples", 1, RUNS_MAX)
    if design == "sobol" and samples & (samples - 1):
        raise table.refusal(
            "not a power of two",
            "samples",
            value=samples,
            allowed="1, 2, 4, 8, …: a Sobol sequence is even only there",
        )
    runs = rows_of(design, samples, paths) * replications
    if runs > RUNS_MAX:
        problem = f"too many runs, {runs:,}"
        raise table.refusal(problem, "samples", value=samples, allowed=f"{RUNS_MAX:,} runs in all")
    return samples


def _tables(table: Table) -> tuple[str, ...]:
    wanted = table.texts("tables")
    with table.at("tables"):
        for name in wanted:
            checks.choice(name, TABLES)
    return tuple(name for name in TABLES if name in wanted or name == "metrics")


# ---- what varies ---------------------------------------------------------------------------------


def read_laws(table: Table, scenario: Scenario, *, grid: bool) -> dict[str, Law]:
    """The law of every varied path, in the order of the file or the registry."""
    if table.values.get("vary") == REGISTRY and not grid:
        return registry_laws(scenario)
    vary = table.table("vary", hint='a table, or "registry" for all parameters')
    laws = {}
    for path in vary:
        value = vary.values[path]
        with vary.at(path):
            if isinstance(value, Mapping):
                allowed = '"population.column" = …, the path in quotes'
                raise RequestError("neither a range nor a list", value=value, allowed=allowed)
            laws[path] = _grid(scenario, path, value) if grid else _law(scenario, path, value)
    if not laws:
        raise table.refusal("nothing varies", "vary", allowed="a path and its range")
    return laws


def _law(scenario: Scenario, path: str, value: Any) -> Law:
    """What a path of a sampling design varies over."""
    if is_event_path(path):
        check_event_path(scenario, path)
    entry = None if is_event_path(path) else load_registry().find(path, scenario.rows)
    if entry is not None and value == REGISTRY:
        return registered(entry)
    if not isinstance(value, list) or len(value) != 2:
        near = REGISTRY if isinstance(value, str) and nearest(value, [REGISTRY]) else None
        allowed = RANGE if entry is not None else "[first, last]"
        raise RequestError("not a range", value=value, allowed=allowed, nearest=near)
    low, high = (_number(scenario, path, end) for end in value)
    if not low < high:
        raise RequestError("an empty range", value=value[1], allowed=f"above {value[0]}")
    return Law("whole", low, high) if entry is None else registered(entry, low, high)


def _grid(scenario: Scenario, path: str, value: Any) -> Law:
    """The values of a path of a grid."""
    if is_event_path(path):
        check_event_path(scenario, path)
    if not isinstance(value, list) or not value:
        raise RequestError("not a list of values", value=value, allowed="[first, second, …]")
    values = tuple(_number(scenario, path, item) for item in value)
    if len(set(values)) < len(values):
        raise RequestError("a value given twice", value=value, allowed="values that differ")
    return Law("values", min(values), max(values), values=values)


def _number(scenario: Scenario, path: str, value: Any) -> float:
    """A value that a path may have; the start of an event is given as a month ("2026-03")."""
    if not is_event_path(path):
        return load_registry().check(path, value, scenario.rows)
    if check_event_path(scenario, path) == "start":
        calendar = Calendar(scenario.world.start, scenario.months)
        return float(calendar.number(value))
    return float(check_event_value(scenario, path, value))


def _points(table: Table, file: Path, scenario: Scenario) -> tuple[tuple[str, ...], Floats]:
    """The columns and rows of a Parquet file beside this one; `samples`: only the first so many."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = file.parent / table.text("points")
    with table.at("points"):
        with disk(source):
            raw = source.read_bytes()
        try:
            content = pq.read_table(pa.BufferReader(raw))
        except pa.ArrowException:
            raise RequestError("not a Parquet file", value=source) from None
        paths = tuple(name for name in content.column_names if name != "scenario_id")
        if "samples" in table:
            content = content.slice(0, table.integer("samples", 1, max(1, len(content))))
        if not paths or not len(content):
            raise RequestError("no points", value=source, allowed="a row a point, a column a path")
        columns = []
        for path in paths:
            column = np.asarray(content.column(path).to_numpy(), dtype=np.float64)
            if is_event_path(path):
                check_event_path(scenario, path)
            for value in np.unique(column):
                if not is_event_path(path):
                    load_registry().check(path, float(value), scenario.rows)
            columns.append(column)
    return paths, np.column_stack(columns)
