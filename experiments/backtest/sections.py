"""What a backtest says, as sections of words and tables that print alike on a terminal and in a
document."""

from __future__ import annotations

import math
from dataclasses import dataclass
from textwrap import wrap

from experiments.backtest.backtest import AS_IS, WITHOUT, Backtest
from experiments.backtest.look_ahead import STRETCH
from experiments.backtest.naive_forecasts import RIVALS
from experiments.backtest.observed_series import SERIES
from experiments.backtest.pooled_scores import (
    ALL,
    EVEN,
    RivalScores,
    even,
    grouped,
    rival_scores,
    score,
)
from experiments.backtest.scores import Score
from experiments.reporting.markdown import table
from experiments.reporting.text_table import WIDTH, aligned
from sim.base.number_format import figure, many, percent

WANTED = (0.75, 0.98)
"""What share of points bands of 90 % should cover, so that they are neither too narrow nor wide."""
SCORE_HEADS = ("points", "forecast/measured", "RMSE", "CRPS", "in 50 %", "in 90 %", "meets 90 %")
NO_REASON = "no mechanism is known"


@dataclass(frozen=True)
class BacktestSection:
    """Words, then a table if it has rows, then further words."""

    title: str
    words: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    after: tuple[str, ...] = ()

    def text(self) -> str:
        """For a terminal."""
        lines = [self.title, *(line for words in self.words for line in wrap(words, WIDTH))]
        rows = aligned((self.heads, *self.rows)) if self.rows else []
        foot = [line for words in self.after for line in wrap(words, WIDTH)]
        return "\n\n".join("\n".join(block) for block in (lines, rows, foot) if block)

    def markdown(self) -> str:
        """For a document."""
        rows = [table(self.heads, self.rows, len(self.heads) - 1)] if self.rows else []
        return "\n\n".join([f"## {self.title}", *self.words, *rows, *self.after])


def sections(test: Backtest) -> list[BacktestSection]:
    """Everything that is told, in order."""
    return [
        _head(test),
        _families(test),
        _rivals(test),
        _series(test),
        _losses(test),
        _left_out(test),
        _look_ahead(test),
        _sources(test),
    ]


def verdicts(test: Backtest) -> dict[str, bool]:
    """What a backtest should show, and whether this one does."""
    against = {scored.rival: scored for scored in rival_scores(test)}
    found = {}
    if last := against.get("last value"):
        found["beats last value over all points"] = last.model.rmse < last.other.rmse
    if growth := against.get("constant growth"):
        found["beats constant growth on at least half of the series"] = 2 * len(growth.won) >= len(
            growth.won + growth.lost
        )
    low, high = WANTED
    covered = score(test.points, AS_IS).coverage[-1]
    found[f"bands of 90 % cover {100 * low:.0f}–{percent(high)} of points"] = low <= covered <= high
    return found


def _head(test: Backtest) -> BacktestSection:
    first, last = (test.scenario.calendar.label(m) for m in (0, test.scenario.months - 1))
    told = [f"{'yes' if held else 'no'}: {claim}" for claim, held in verdicts(test).items()]
    failed = [
        f"{many(len(runs), 'run')} of the {name} broke a law of the model and forecast nothing"
        for name, runs in test.failed.items()
        if runs
    ]
    return BacktestSection(
        test.scenario.title,
        (
            f"{many(test.runs, 'run')} from {first} to {last}, seed {test.seed}, against "
            f"{many(len(test.points), 'measured value')}. Every run draws its luck and all "
            f"parameters that are not known for sure; initial values are not drawn.",
            "Errors are of natural logarithms: RMSE of the median; CRPS of the ensemble's "
            "empirical distribution, for a single forecast the absolute error. A point is inside a "
            "band if the published central value is; it meets one if the publisher's own range "
            "does. Values of one series follow each other and are not independent.",
        ),
        after=(*told, *failed),
    )


def _families(test: Backtest) -> BacktestSection:
    rows = [(name, score(some, AS_IS)) for name, some in grouped(test.points, lambda p: p.family)]
    rows += [(ALL, score(test.points, AS_IS)), (EVEN, even(test.points, AS_IS))]
    return BacktestSection(
        "Scores by family",
        heads=("family", *SCORE_HEADS),
        rows=tuple((name, *_cells(found)) for name, found in rows),
    )


def _rivals(test: Backtest) -> BacktestSection:
    heads = (
        *("rival", "points", "RMSE", "the model's", "CRPS", "the model's"),
        "series won by the model",
    )
    found = rival_scores(test)
    return BacktestSection(
        "Beside naive rivals",
        (
            "Each rival knows only what its series showed before the start, and both are scored "
            "where it is defined. A series is won with the smaller RMSE.",
        ),
        heads,
        tuple(
            (
                scored.rival,
                str(scored.model.points),
                *(figure(value) for value in (scored.other.rmse, scored.model.rmse)),
                *(figure(value) for value in (scored.other.crps, scored.model.crps)),
                f"{len(scored.won)} of {len(scored.won + scored.lost)}",
            )
            for scored in found
        ),
        tuple(_against(scored) for scored in found),
    )


def _against(scored: RivalScores) -> str:
    parts = [("won", scored.won), ("lost", scored.lost)]
    told = [f"{word}: {', '.join(names)}" for word, names in parts if names]
    return f"Against {scored.rival}, {'; '.join(told)}."


def _series(test: Backtest) -> BacktestSection:
    rows = []
    for subject, some in grouped(test.points, lambda p: p.subject):
        found = score(some, AS_IS)
        theirs = (
            figure(score(held, rival).rmse)
            if (held := [p for p in some if rival in p.forecasts])
            else "–"
            for rival in RIVALS
        )
        mark = "*" if some[0].row.confidence == "secondary" else ""
        rows.append(
            (
                f"{subject}{mark}",
                str(found.points),
                _factor(found),
                figure(found.rmse),
                *theirs,
                percent(found.coverage[-1]),
            )
        )
    return BacktestSection(
        "By series",
        (
            "RMSE of the model and of rivals. * comes out of press tables: a secondary source.",
            *(
                f"{name}: {SERIES[name].compared}."
                for name in dict.fromkeys(point.row.series for point in test.points)
            ),
        ),
        ("series", "points", "forecast/measured", "RMSE", *RIVALS, "in 90 %"),
        tuple(rows),
    )


def _losses(test: Backtest) -> BacktestSection:
    """Series that lose to a rival or whose bands cover too little, by reason."""
    why: dict[str, list[str]] = {}
    for subject, some in grouped(test.points, lambda p: p.subject):
        found = score(some, AS_IS)
        lost = [scored.rival for scored in rival_scores(test) if subject in scored.lost]
        narrow = found.coverage[-1] < WANTED[0]
        if not lost and not narrow:
            continue
        told = [f"loses to {', '.join(lost)}"] if lost else []
        told += [f"bands of 90 % hold {percent(found.coverage[-1])}"] if narrow else []
        reason = SERIES[some[0].row.series].misses or NO_REASON
        why.setdefault(reason, []).append(f"{subject} ({_factor(found)}; {', '.join(told)})")
    return BacktestSection(
        "Where it loses, and why",
        ("In brackets the median forecast over the measured value, a geometric mean.",),
        after=tuple(f"{_sentence(reason)} {'; '.join(names)}." for reason, names in why.items()),
    )


def _left_out(test: Backtest) -> BacktestSection:
    why: dict[str, list[str]] = {}
    for reference, reason in test.left_out.items():
        why.setdefault(reason, []).append(reference.removeprefix("obs:"))
    return BacktestSection(
        "Not scored",
        after=tuple(f"{_sentence(reason)} {', '.join(names)}." for reason, names in why.items()),
    )


def _look_ahead(test: Backtest) -> BacktestSection:
    known = test.knowledge
    in_force = len(known.late) + known.dated + known.undated
    given = many(len(known.vintage.parameters), "parameter")
    both = [
        (f"{name}, {what}", *_cells(form(test.points, name)))
        for what, form in ((ALL, score), (EVEN, even))
        for name in (AS_IS, WITHOUT)
    ]
    by_year: dict[str, list[str]] = {}
    for late in known.late:
        by_year.setdefault(late.year, []).append(late.parameter.path)
    return BacktestSection(
        "Look-ahead",
        (
            f"{given} of the start come from the vintage {known.vintage.name}, in which nothing is "
            f"later than {known.vintage.known}. Of the registry's {in_force} in force "
            f"{len(known.late)} are look-ahead: a source of theirs was published, or describes a "
            f"day, after that. {known.dated} have only earlier ones; {known.undated} are "
            f"assumptions without a date, made with later years in view. Of {known.values:,} "
            f"initial values {known.late_values} have a later source.",
            f"Without look-ahead, these parameters are drawn evenly from their range stretched "
            f"{STRETCH:g}-fold about the default, within what is allowed; luck and quantiles are "
            f"the same. Defaults stay where later years put them, so this shows the confidence "
            f"that later sources bought, and is no forecast that could have been made then.",
        ),
        ("forecaster", *SCORE_HEADS),
        tuple(both),
        tuple(
            f"Latest source {year} ({len(paths)}): {', '.join(paths)}."
            for year, paths in sorted(by_year.items())
        ),
    )


def _sources(test: Backtest) -> BacktestSection:
    sources = dict.fromkeys(point.row.source for point in test.points)
    words = f"{'; '.join(sources)}. Epoch AI's data are CC-BY 4.0."
    return BacktestSection("Measured by", (words,))


def _cells(found: Score) -> tuple[str, ...]:
    coverage = (percent(share) for share in (*found.coverage, found.meets))
    return (
        str(found.points),
        _factor(found),
        figure(found.rmse),
        figure(found.crps),
        *coverage,
    )


def _factor(found: Score) -> str:
    """The median forecast over the measured value, geometric mean over points."""
    return f"x {figure(math.exp(found.bias))}"


def _sentence(reason: str) -> str:
    return f"{reason[0].upper()}{reason[1:]}:"
