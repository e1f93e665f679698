"""Evidence: every id that is given as a source has a row, and its day is found."""

from datetime import date

import pytest

from sim.base.errors import RequestError
from sim.config.evidence import COLUMNS, SourceReference, load_evidence, origins
from sim.config.registry import load_registry
from sim.config.world.reader import list_worlds, load_world

GOOD = "gas-price,Rise of the gas price,2026-04-10,An essay"


def refused(tmp_path, *lines):
    file = tmp_path / "evidence.csv"
    file.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n")
    with pytest.raises(RequestError) as error:
        load_evidence(file)
    return str(error.value)


def test_every_source_of_the_registry_and_of_worlds_is_known():
    sources = [p.source for p in load_registry().parameters.values()]
    for name, _ in list_worlds():
        world = load_world(name)
        sources += [value.source for agent in world.agents for value in agent.initial.values()]
    assert len({o.reference for source in sources for o in origins(source)}) > 200


def test_a_row_says_what_the_table_says():
    row = load_evidence()["gas-price-flexibility"]
    assert row.published == date(2026, 4, 10)
    assert row.source == "What does the war in Iran mean for AI?"
    assert load_evidence() is load_evidence()


def test_the_days_of_a_source():
    source = (
        "gas-price-flexibility; obs:h100_price/H100/2024-12-31; assumptions:fabs.price_trend; "
        "initial:gulf_fund/Abu Dhabi/risk_aversion; assumption: half; of it"
    )
    assert [o.day for o in origins(source)] == [
        date(2026, 4, 10),
        date(2024, 12, 31),
        date(2024, 12, 31),
    ]


def test_what_has_no_day_counts_as_later():
    assert load_evidence()["ord-eval-compute"].published is None
    assert SourceReference("a", None).after(date(2030, 1, 1))
    assert not SourceReference("a", date(2022, 12, 31)).after(date(2022, 12, 31))


def test_an_unknown_id_is_refused():
    with pytest.raises(RequestError, match="unknown evidence"):
        origins("no-such-thing")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((GOOD, GOOD), "given twice"),
        ((GOOD.replace("2026-04-10", "2026"),), "not a date"),
        ((GOOD.replace("An essay", ""),), "not a text"),
    ],
)
def test_what_is_wrong_in_the_table_is_named_with_its_line(tmp_path, lines, words):
    told = refused(tmp_path, *lines)
    assert words in told
    assert f"line {len(lines) + 1}" in told
