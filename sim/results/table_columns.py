"""Tables and their columns: the one place that names them.

metrics: run, month, then a float64 column per metric (`sim.results.metrics.all_metrics`). agents,
flows and payments are long: a row per run, month and place. models: a row per model released in the
run. `run` counts from 0 and `month` is the first day of the month.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TABLES = ("metrics", "agents", "flows", "models", "payments")
"""The tables there are; metrics are always kept, the others when asked for."""
KEYS = {
    "agents": ("kind", "name", "quantity"),
    "flows": ("relation", "source", "target"),
    "payments": ("instrument", "payer", "payee"),
}
VALUES = {"agents": ("value",), "flows": ("units", "usd"), "payments": ("usd",)}


@dataclass(frozen=True)
class ModelColumn:
    """A column of the models table; `slot` is the column of the flagship's slot it is read from,
    at the end of the month of release or of the last month on sale."""

    name: str
    kind: Literal["word", "month", "number", "truth"]
    unit: str
    meaning: str
    slot: str = ""
    when: Literal["release", "last"] = "release"


MODELS = (
    ModelColumn("lab", "word", "–", "the lab that released it"),
    ModelColumn("released", "month", "–", "month of release"),
    ModelColumn("training_flop", "number", "FLOP", "its pre-training", "training_flop"),
    ModelColumn("post_training_flop", "number", "FLOP", "its post-training", "post_training_flop"),
    ModelColumn(
        "capability",
        "number",
        "OOM",
        "effective training FLOP over OpenAI's flagship of end-2024, in log10",
        "capability",
    ),
    ModelColumn(
        "inflation",
        "number",
        "OOM",
        "capability that benchmarks see beyond what it has in use",
        "inflation",
    ),
    ModelColumn("focus", "number", "fraction", "its post-training on coding-like tasks", "focus"),
    ModelColumn("open_weights", "number", "0/1", "1 if anybody may run it", "open_weights"),
    ModelColumn(
        "flop_per_token",
        "number",
        "FLOP/token",
        "compute of one generated token, before serving efficiency",
        "flop_per_token",
    ),
    ModelColumn("price", "number", "USD/Mtok", "list price in the month of release", "price"),
    ModelColumn(
        "tenure_months",
        "number",
        "month",
        "from its release to the lab's next one, or to the end of the run",
    ),
    ModelColumn("current", "truth", "–", "true if it was on sale when the run ended"),
    ModelColumn(
        "rnd_before_usd",
        "number",
        "USD",
        "R&D of the lab from the release before, or from the start of the first run",
        "rnd_before",
    ),
    ModelColumn(
        "gross_profit_usd",
        "number",
        "USD",
        "revenue less serving cost of the lab in its tenure, small model included",
        "gross_profit",
        "last",
    ),
    ModelColumn(
        "recoup_ratio", "number", "1", "gross profit in tenure over R&D before; NaN where that is 0"
    ),
)
"""The models table, after `run`: a row per flagship that a lab released in the run."""
