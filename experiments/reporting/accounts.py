"""The accounts of one month of one run: the flow matrix of sectors, or an agent's statements."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from experiments.reporting.text_table import WIDTH, aligned
from sim.base.errors import RequestError

if TYPE_CHECKING:
    import pandas as pd

    from agents.framework.statements import ChartOfAccounts
    from sim.base.progress import Progress
    from sim.config.scenario.scenario import Scenario
    from sim.economy.accounts.ledger import Flow

Books = dict[str, dict[str, float]]
"""Statement -> line -> USD."""
TITLES = {"income": "Income statement", "balance": "Balance sheet", "cash": "Cash flow"}
Unit = tuple[float, float, str, int]
"""From which largest amount on, what amounts are divided by, its name, and decimals."""
SMALL: tuple[Unit, ...] = ((1e7, 1e6, "USD M", 1), (0.0, 1.0, "USD", 0))
OF_SECTORS: tuple[Unit, ...] = ((1e9, 1e9, "USD bn", 2), *SMALL)
OF_AGENTS: tuple[Unit, ...] = ((1e12, 1e9, "USD bn", 1), (1e10, 1e6, "USD M", 0), *SMALL)
LABEL = 20
"""Characters for the name of an instrument; a longer one takes two lines."""


@dataclass(frozen=True)
class Closing:
    """A month that has been closed.

    matrix: what sectors received, net, USD. chart and books: the agent's statements, None without
    an agent; before: those of the month before, and in the first month what it opened with.
    """

    scenario: Scenario
    seed: int
    number: int
    matrix: pd.DataFrame
    payments: Mapping[Flow, float]
    agent: str | None = None
    chart: ChartOfAccounts | None = None
    books: Books | None = None
    before: Books | None = None

    @property
    def month(self) -> str:
        """The month, as 2026-03."""
        return self.scenario.calendar.label(self.number)

    def title(self, what: str) -> str:
        """Scenario, what is shown and the month."""
        return f"{self.scenario.title}: {what} in {_spelt(self.scenario, self.number)}"

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values in USD, for `--json`."""
        facts: dict[str, Any] = {
            "scenario": self.scenario.name,
            "digest": self.scenario.digest,
            "seed": self.seed,
            "month": self.month,
        }
        if self.books is not None:
            return {**facts, "agent": self.agent, "statements": self.books, "before": self.before}
        keys = ("instrument", "payer", "payee")
        return {
            **facts,
            "matrix": self.matrix.to_dict(orient="index"),
            "payments": [
                {**dict(zip(keys, flow, strict=True)), "usd": usd}
                for flow, usd in sorted(self.payments.items())
            ],
        }

    def text(self) -> str:
        """The statements of the agent beside those of the month before, or the flow matrix."""
        if self.chart is None or self.books is None:
            return self._matrix()
        return self._statements(self.chart, self.books)

    def _matrix(self) -> str:
        from sim.results.statements import CHANGE, SUM

        form = _Form.of(self.matrix.to_numpy().ravel(), OF_SECTORS)
        heads = [str(sector) for sector in self.matrix.columns]
        rows: list[Sequence[str]] = [("", *heads)]
        for label, row in self.matrix.iterrows():
            cells = [form(usd, "0" if SUM in (label, name) else "") for name, usd in row.items()]
            if label == CHANGE:
                rows += [(), (f"less {label}", *cells)]
            elif any(cells[:-1]):
                *above, last = wrap(str(label), LABEL, subsequent_indent=" ")
                rows += [*((words, *([""] * len(cells))) for words in above), (last, *cells)]
        lines = [
            self.title("money between sectors"),
            f"1 run with seed {self.seed}; {form.unit} received, net of paid; rows and columns add "
            "up to 0",
            "",
            *aligned(rows, between=" "),
        ]
        within = [
            f"{instrument} {form(usd, '0')} ({payer})"
            for (instrument, payer, payee), usd in sorted(self.payments.items())
            if payer == payee
        ]
        if within:
            lines += ["", *wrap(f"Within a sector: {', '.join(within)}", WIDTH)]
        return "\n".join(lines)

    def _statements(self, chart: ChartOfAccounts, books: Books) -> str:
        before = self.before or {}
        amounts = [usd for sheets in (books, before) for s in sheets.values() for usd in s.values()]
        form = _Form.of(amounts, OF_AGENTS)
        then = _spelt(self.scenario, self.number - 1) if self.number else "Opening"
        heads = (_spelt(self.scenario, self.number), then)
        rows = list[Sequence[str]]()
        for (sheet, title), items in zip(TITLES.items(), chart, strict=True):
            rows += [(), (title, *heads)]
            for item in items:
                usd, old = books[sheet][item.name], before.get(sheet, {}).get(item.name)
                if usd or old or item.part in ("total", "activity", "cash"):
                    indent = "" if item.part == "total" else "  "
                    label = f"{indent}{item.name.replace('_', ' ').capitalize()}"
                    rows.append((label, form(usd, "0"), "" if old is None else form(old, "0")))
        head = (
            self.title(f"accounts of {self.agent}"),
            f"1 run with seed {self.seed}; {form.unit}; lines that are 0 in both months are left "
            "out",
        )
        return "\n".join((*head, *aligned(rows)))


def number_of(scenario: Scenario, month: str | None) -> int:
    """The number of a month of a scenario; the last one's for None. RequestError if outside."""
    if month is None:
        return scenario.months - 1
    try:
        return scenario.calendar.number(month)
    except RequestError as error:
        raise error.located("--month") from None


def close(
    scenario: Scenario, seed: int, number: int, agent: str | None, progress: Progress
) -> Closing:
    """Run a scenario once, up to a month; progress is told the months done.

    Raises RequestError with the nearest name for an agent that there is not, before the first month
    is run, and InvariantError if a month breaks a law of the model.
    """
    from sim.model import EconomyModel
    from sim.results.statements import check_agent

    model = EconomyModel(scenario, seed)
    before = books = chart = None
    if agent is not None:
        populations = model.economy.populations.values()
        try:
            check_agent(agent, [f"{p.name}.{row}" for p in populations for row in p.names])
        except RequestError as error:
            raise error.located("--agent") from None
        opening = _books(model, agent)
        before = {"balance": opening["balance"], "cash": {"cash": opening["balance"]["cash"]}}
        chart = model.agent(agent).chart
    while model.month <= number:
        if agent is not None and 0 < model.month == number:
            before = _books(model, agent)
        model.step()
        progress(model.month)
    if agent is not None:
        books = _books(model, agent)
    flows = model.economy.ledger.flows.items()
    payments = {flow: float(received[0]) for flow, (_, received) in flows if received[0]}
    matrix = model.flow_matrix()
    return Closing(scenario, seed, number, matrix, payments, agent, chart, books, before)


def check_file(file: Path, agent: str | None) -> None:
    """Refuse a file for the Sankey that could not be written, and one beside an agent: it shows
    all sectors."""
    from sim.base.files import check_writable

    if agent is not None:
        raise RequestError(
            "a Sankey shows all sectors", key="--sankey", value=str(file), allowed="no --agent"
        )
    if file.is_dir() or not file.name:
        raise RequestError("path is a folder", file=file, key="--sankey")
    check_writable(file.parent)


def write_sankey(closing: Closing, file: Path) -> None:
    """Draw who paid whom in the month, whole or not at all."""
    import pandas as pd

    from experiments.reporting.svg import standalone
    from sim.base.files import Staging
    from sim.figures import money

    rows = [(*flow, usd) for flow, usd in closing.payments.items()]
    paid = pd.DataFrame(rows, columns=["instrument", "payer", "payee", "usd"])
    drawn = money("money", closing.title("payments between sectors"), paid, "n = 1 run")
    with Staging(file.parent) as staging, staging.file(file.name) as content:
        content.write(standalone(drawn.option).encode())


def _books(model: Any, agent: str) -> Books:
    found = model.agent(agent)
    return {
        "income": dict(found.income_statement()),
        "balance": dict(found.balance_sheet()),
        "cash": dict(found.cash_flow_statement()),
    }


@dataclass(frozen=True)
class _Form:
    """How amounts of one table are printed: all in the same unit."""

    factor: float
    unit: str
    decimals: int

    @classmethod
    def of(cls, amounts: Any, units: tuple[Unit, ...]) -> _Form:
        """The form that suits the largest of the amounts."""
        largest = max((abs(float(usd)) for usd in amounts), default=0.0)
        _, factor, unit, decimals = next(u for u in units if largest >= u[0])
        return cls(factor, unit, decimals)

    def __call__(self, usd: float, zero: str) -> str:
        if usd == 0.0:
            return zero
        text = f"{usd / self.factor:,.{self.decimals}f}"
        return text if text.strip("-0.") else text.lstrip("-")


def _spelt(scenario: Scenario, number: int) -> str:
    year, month = scenario.calendar.label(number).split("-")
    return f"{month_name[int(month)]} {year}"
