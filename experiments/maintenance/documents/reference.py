"""Reference pages, made from what they describe: metrics, parameters, kinds, scenarios."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.maintenance.documents import evidence
from experiments.maintenance.documents.evidence import linked
from experiments.reporting.markdown import code, paragraphs, plain, table
from sim.base.number_format import exact, span

if TYPE_CHECKING:
    from agents.framework.columns import Column
    from sim.config.registry import Parameter

from agents.framework.columns import Column, columns_of
from agents.framework.statements import chart_of_accounts

SHARED = "agents.framework.agent"
"""Where the base of all kinds stands: its methods are how a view works, and no decisions."""


def pages() -> dict[str, str]:
    """Every generated page and fragment, by its path below the folder of generated files."""
    found = {
        "fragments/metrics.md": metrics(),
        "fragments/models.md": models(),
        "fragments/accounts.md": accounts(),
        "fragments/claims.md": linked(scenarios()),
        "fragments/others.md": worlds_and_sweeps(),
    }
    found |= {f"parameters/{name}.md": linked(text) for name, text in parameters().items()}
    found |= {f"kinds/{name}.md": linked(text) for name, text in kinds().items()}
    return found | {"evidence.md": evidence.page()}


def write(folder: Path, made: Mapping[str, str]) -> None:
    """Write pages, touching only files whose text changes, and drop those of before."""
    for name, text in made.items():
        file = folder / name
        if not file.exists() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    for name in ("parameters", "kinds"):
        for file in (folder / name).glob("*.md"):
            if f"{name}/{file.name}" not in made:
                file.unlink()


# ---- what a run leaves ---------------------------------------------------------------------------


def metrics() -> str:
    """The columns of the metrics table."""
    from sim.results.metrics.all_metrics import METRICS, RESIDUALS

    rows = [(m.name, m.unit, m.formula, m.window, m.first) for m in METRICS]
    rows += [(name, unit, formula, "month", "–") for name, unit, formula in RESIDUALS]
    head = ("column", "unit", "formula", "window", "before the first case")
    return paragraphs(table(head, ((code(name), *map(plain, rest)) for name, *rest in rows)))


def models() -> str:
    """The columns of the models table."""
    from sim.results.table_columns import MODELS

    rows = [("run", "–", "from 0"), *((c.name, c.unit, c.meaning) for c in MODELS)]
    head = ("column", "unit", "meaning")
    return paragraphs(table(head, ((code(name), plain(u), plain(m)) for name, u, m in rows)))


def accounts() -> str:
    """The lines of the statements: the kinds that have them and their meaning."""

    head = ("statement", "line", "part", "kinds", "meaning")
    rows = ((s, code(line), *map(plain, rest)) for s, line, *rest in statement_rows())
    return paragraphs(table(head, rows))


# ---- parameters ----------------------------------------------------------------------------------


def parameters() -> dict[str, str]:
    """A page a population: every entry of the registry with value, range, source and reason."""
    from agents.framework.columns import columns_of
    from sim.config.registry import load_registry

    entries: dict[str, list[Parameter]] = {}
    for entry in load_registry().parameters.values():
        entries.setdefault(entry.population, []).append(entry)
    declared = {
        name: {column: item for kind in classes for column, item in columns_of(kind).items()}
        for name, classes in populations().items()
    }
    return {name: _parameters(name, found, declared[name]) for name, found in entries.items()}


def _parameters(population: str, entries: list[Parameter], columns: dict[str, Column]) -> str:
    rows = []
    for entry in entries:
        meaning = "" if entry.selector else columns[entry.column].meaning
        acts = f"Acts in {', '.join(map(code, entry.shown_in))}." if entry.shown_in else ""
        once = "Acts at the start only." if entry.applies == "start" else ""
        told = (_sentence(meaning), plain(entry.note), once, acts, _source(entry))
        value = f"**{plain(exact(entry.value, entry.unit))}**<br>{sampled(entry)}"
        rows.append((code(entry.path), value, " ".join(filter(None, told))))
    head = ("parameter", "value, range sampled (allowed)", "meaning, reason and source")
    count = sum(1 for entry in entries if not entry.selector)
    told_of = f"{count} parameters; {len(entries) - count} more entries for groups and agents."
    return paragraphs(f"# Parameters of {population}", told_of, table(head, rows))


def _source(entry: Parameter) -> str:
    """Kind and source; ids of evidence lead to their rows."""
    if entry.source.startswith(f"{entry.kind}: "):
        return f"*{plain(entry.source)}*"
    given = (evidence.link(part) for part in entry.source.split("; "))
    told = (part if part.startswith("[") else plain(part) for part in given)
    return f"*{entry.kind}: {'; '.join(told)}*"


def sampled(entry: Parameter) -> str:
    """The range that designs sample with its law, and the one that is allowed."""
    allowed = f"({span(entry.min, entry.max, exact, ' to ')})"
    if entry.distribution == "fixed" or entry.low == entry.high:
        return f"fixed {allowed}"
    return f"{span(entry.low, entry.high, exact, ' to ')}, {entry.distribution} {allowed}"


def _sentence(text: str) -> str:
    return f"{plain(text)}." if text else ""


# ---- kinds of agents -----------------------------------------------------------------------------


def populations() -> dict[str, list[type]]:
    """The classes of each population: the one that declares it first, then those that differ."""
    import agents

    found: dict[str, list[type]] = {}
    for kind in sorted((getattr(agents, n) for n in agents.__all__), key=lambda k: len(k.__mro__)):
        found.setdefault(kind.population_name, []).append(kind)
    return found


def kinds() -> dict[str, str]:
    """A page a population: the columns that its agents hold and the rules by which they decide."""
    from agents.framework.columns import columns_of

    found = {}
    for name, classes in populations().items():
        shown: list[type] = []
        for kind in classes:
            shown += [owner for owner in reversed(kind.__mro__) if _modelled(owner, shown)]
        label = getattr(classes[0], "label", name)
        text = f"Population `{name}`. Paths of its parameters: [](../parameters/{name}.md)."
        has = any(c.role == "parameter" for kind in classes for c in columns_of(kind).values())
        parts = [f"# {label[0].upper()}{label[1:]}", text if has else f"Population `{name}`."]
        found[name] = paragraphs(*parts, *(part for owner in shown for part in _class(owner)))
    return found


def _modelled(owner: type, shown: list[type]) -> bool:
    return owner.__module__.partition(".")[0] == "agents" and owner not in shown


def _class(owner: type) -> Iterator[str]:
    """Heading, columns and rules of one class."""
    file = f"{owner.__module__.replace('.', '/')}.py"
    yield f"## {owner.__name__}"
    yield f"{plain(inspect.getdoc(owner) or '')} (`{file}`)"
    columns = _own(owner)
    if columns:
        rows = [(code(c.name), c.role, plain(c.unit), plain(c.meaning)) for c in columns]
        yield table(("column", "role", "unit", "meaning"), rows)
    for name, rule in rules(owner).items():
        yield f"`{name}`\n: {plain(inspect.getdoc(rule) or '')}"


def _own(owner: type) -> list[Column]:
    from agents.framework.columns import Column

    return [item for item in vars(owner).values() if isinstance(item, Column)]


def rules(owner: type) -> dict[str, object]:
    """What a class itself decides, in order: its public methods with a docstring."""
    if owner.__module__ == SHARED:
        return {}
    return {
        name: item
        for name, item in vars(owner).items()
        if inspect.isfunction(item) and not name.startswith("_") and item.__doc__
    }


# ---- scenarios -----------------------------------------------------------------------------------


def scenarios() -> str:
    """The base, claim, reason and findings of every shipped scenario, from its file."""
    import tomllib

    from sim.config import shipped

    rows = []
    for name in shipped.names("scenario"):
        said = tomllib.loads(shipped.path("scenario", name).read_text("utf-8"))
        claim = f"<br>{said['expect']}: `{said['about']}`" if "about" in said else ""
        found = f"**Found:** {plain(said['found'])}" if "found" in said else ""
        told = " ".join(filter(None, (plain(said.get("why", "")), found))) or "–"
        rows.append((f"`{name}`<br>{plain(said['title'])}", f"on `{said['base']}`{claim}", told))
    return paragraphs(table(("scenario", "base and claim", "reason and findings"), rows))


def worlds_and_sweeps() -> str:
    """Names and titles of shipped worlds, sweeps and calibrations."""
    from sim.config.shipped import titles

    rows = [
        (kind, code(name), plain(title))
        for kind in ("world", "sweep", "calibration")
        for name, title in titles(kind)
    ]
    return paragraphs(table(("kind", "name", "title"), rows))


def statement_rows() -> list[tuple[str, str, str, str, str]]:
    """Every line of every statement there is: statement, line, part, populations and meaning."""
    from sim.economy.economy import KINDS

    declared = {name: columns_of(kind) for name, kind in KINDS.items()}
    every = {
        f"{column.name}: {column.meaning}": column
        for columns in declared.values()
        for column in columns.values()
    }
    charts = {name: chart_of_accounts(columns) for name, columns in declared.items()}
    rows = []
    for place, (statement, items) in enumerate(chart_of_accounts(every)._asdict().items()):
        for item in items:
            held = [
                name
                for name, lines in charts.items()
                if any(line[:3] == item[:3] for line in lines[place])
            ]
            who = "all" if len(held) == len(KINDS) else ", ".join(held)
            rows.append((statement, item.name, item.part, who, item.meaning))
    return rows
