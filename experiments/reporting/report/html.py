"""A report: one HTML file that opens anywhere, with every figure, its numbers and their origin.

Nothing in it is fetched: pictures are SVG, tables of numbers are links that hold their own data.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.reporting.report.figures import HEADLINES, headline_table, sections, spoken
from experiments.reporting.report.parameters import COLUMNS, parameter_rows
from experiments.reporting.sampled_runs import runs_in_words
from experiments.reporting.svg import draw
from sim.base.errors import RequestError
from sim.base.number_format import figure
from sim.figures import Figure
from sim.results.open import open_results
from sim.results.results import Results

if TYPE_CHECKING:
    import pandas as pd

HERE = Path(__file__).parent
TEMPLATE = "report.html.j2"
CSV_MAX = 150_000
"""Characters of a table inside the file; a longer one is cut at a row, and says so."""
RESIDUALS = ("ledger_residual", "compute_residual")


@dataclass(frozen=True)
class Download:
    """A table as a link that holds it: the file's name, the link, and what it says of itself."""

    name: str
    link: str
    words: str


def check_file(file: Path | None) -> None:
    """Refuse a file for the report that could not be written, before anything is read."""
    from sim.base.files import check_writable

    if file is None:
        return
    if file.suffix not in (".html", ".htm"):
        raise RequestError("not a page", key="--out", value=str(file), allowed="FILE.html")
    if file.is_dir():
        raise RequestError("path is a folder", file=file, key="--out")
    check_writable(file.parent)


def write_report(folder: Path, file: Path | None = None) -> Path:
    """Write the report of a results folder, whole or not at all; returns its place.

    file: where to; report.html in the folder if not given. Raises RequestError for a folder that
    holds no results, for runs that are missing or hold what is no number, and for a file that
    cannot be written.
    """
    from sim.base.files import Staging

    check_file(file)
    target = file or folder / "report.html"
    text = page(open_results(folder))
    with Staging(target.parent) as staging, staging.file(target.name) as content:
        content.write(text.encode(errors="replace"))
    return target


def page(results: Results) -> str:
    """The report as HTML. Names and titles may hold anything: they are escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader([HERE, HERE.parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Pictures escape what they hold themselves; everything else is escaped by the template.
    environment.filters["picture"] = lambda drawn: Markup(draw(drawn.option))
    environment.filters["csv"] = lambda drawn: download(drawn.name, drawn.table, drawn.csv())
    template = environment.get_template(TEMPLATE)
    return template.render(content(results))


def content(results: Results) -> dict[str, Any]:
    """What the template is filled with."""
    table = headline_table(results)
    lines = parameter_rows(results)
    parameters = _table([asdict(line) for line in lines])
    manifest = json.dumps(results.manifest, indent=2, ensure_ascii=False)
    months = results.calendar.labels()
    return {
        "title": results.title,
        "facts": _facts(results),
        "sample": runs_in_words(results),
        "first_month": months[0],
        "last_month": months[-1],
        "headlines": [
            spoken(row) for _, row in table.iterrows() if str(row["metric"]) in HEADLINES
        ],
        "others": [
            spoken(row) for _, row in table.iterrows() if str(row["metric"]) not in HEADLINES
        ],
        "headline_csv": download("metrics", table),
        "sections": sections(results),
        "parameters": lines,
        "parameters_csv": download("parameters", parameters),
        "manifest": manifest,
        "manifest_link": _link("application/json", manifest),
    }


def download(name: str, table: pd.DataFrame, text: str | None = None) -> Download:
    """A table as CSV inside a link; of a long one as many rows as there is room for."""
    whole = table.to_csv(index=False, lineterminator="\n") if text is None else text
    words = "CSV"
    if len(whole) > CSV_MAX:
        whole = whole[: whole.rindex("\n", 0, CSV_MAX) + 1]
        rows = whole.count("\n") - 1
        words = f"CSV, the first {rows:,} of {len(table):,} rows"
    return Download(f"{name}.csv", _link("text/csv;charset=utf-8", whole), words)


def figures_of(results: Results) -> list[Figure]:
    """Every figure of a report."""
    return [drawn for section in sections(results) for drawn in section.figures]


def _facts(results: Results) -> dict[str, str]:
    """What stands below the title."""
    known, scenario, months = results.manifest, results.scenario, results.calendar.labels()
    worst = known.get("residuals", {})
    package = known.get("package", {})
    facts = {
        "period": f"{months[0]} to {months[-1]}",
        "runs": runs_in_words(results),
        "seed": str(known.get("seed", "unknown")),
        "scenario": " on ".join([scenario.name, *scenario.bases]),
        "version": f"{package.get('version', '')} {package.get('commit') or ''}".strip(),
        "largest gap": f"money {figure(worst['ledger_residual'])} USD; chips, compute, inputs and "
        f"energy {figure(worst['compute_residual'])} of turnover"
        if all(name in worst for name in RESIDUALS)
        else "",
        "not complete": "" if known.get("complete", True) else "fewer runs than were asked for",
    }
    return {label: words for label, words in facts.items() if words}


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=[*COLUMNS])


def _link(kind: str, text: str) -> str:
    return f"data:{kind};base64,{b64encode(text.encode()).decode()}"
