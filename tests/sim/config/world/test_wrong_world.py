"""Wrong worlds: one line with file, line, key, value, what is allowed and the nearest name."""

import pytest

from sim.base.errors import RequestError
from sim.config.world.reader import load_world

WORLDS = {
    "unknown population": (
        "[customers.consumer_us]",
        "[ministries]",
        "line 79: unknown key: ministries; allowed: title, about, start, months, regions, inputs, "
        "fabs, fleets, labs, customers, elsewhere, gulf, parents, capital, outside, edges, "
        "history, generate",
    ),
    "parent of an operator without fleets": (
        "[capital.market]",
        '[parents.owner]\noperator = "azure"\n\n[capital.market]',
        'line 90: unknown operator: parents.owner.operator = "azure"; '
        "allowed: an operator of fleets: microsoft",
    ),
    "no region": (
        'region = "asia"\n',
        "",
        "line 15: missing key: fabs.nvidia.region; allowed: us, asia, china",
    ),
    "unknown region": (
        'region = "asia"',
        'region = "asai"',
        'line 17: not one of the choices: fabs.nvidia.region = "asai"; allowed: us, asia, china; '
        "did you mean asia?",
    ),
    "no zone": (
        'zone = "china"',
        "",
        "line 10: missing key: regions.china.zone; "
        "allowed: lower-case letters, digits and underscores, in quotes",
    ),
    "zone that is no name": (
        'zone = "china"',
        'zone = "China!"',
        'line 10: not a name: regions.china.zone = "China!"; '
        "allowed: lower-case letters, digits and underscores, in quotes",
    ),
    "group that is no name": (
        'group = "merchant"',
        "group = 1",
        "line 16: not a name: fabs.nvidia.group = 1; "
        "allowed: lower-case letters, digits and underscores, in quotes",
    ),
    "operator of a fab": (
        'group = "merchant"',
        'operator = "nvidia"',
        "line 16: unknown key: fabs.nvidia.operator; allowed: group, region, title, dormant, "
        "output, price, shipped_cumulative, power_per_h100e, backlog_months, cash",
    ),
    "agent without a name": (
        "[fabs.amd]",
        '[fabs."A MD"]',
        'line 25: not a name: fabs."A MD" = "A MD"; '
        "allowed: lower-case letters, digits and underscores, in quotes",
    ),
    "duplicate agent": (
        "[fabs.amd]",
        "[fabs.nvidia]",
        "line 25: key or table given twice: [fabs.nvidia]",
    ),
    "row with the name of a group": (
        "[fabs.amd]",
        "[fabs.merchant]",
        "line 25: a row with the name of a group: fabs.merchant; "
        "allowed: names that differ from the groups of their population",
    ),
    "number for an agent": (
        "[capital.market]",
        "[capital]\nmarket = 3",
        "line 90: not a table: capital.market = 3; allowed: a table",
    ),
    "no capital market": (
        "[capital.market]",
        "[capital]",
        "line 89: no agent: capital; allowed: at least one",
    ),
    "two capital markets": (
        "[outside.rest]",
        "[outside.rest]\n[capital.second]",
        "line 89: too many agents: capital = 2; allowed: one",
    ),
    "1 for a switch": (
        "dormant = true",
        "dormant = 1",
        "line 71: not a switch: labs.deepseek.dormant = 1; allowed: true or false",
    ),
    "missing value": (
        'price = { value = 28_000, source = "assumption: list" }\n',
        "",
        "line 15: missing key: fabs.nvidia.price; "
        'allowed: { value = …, source = "…" }, List price in USD/H100e',
    ),
    "value without a source": (
        'value = 28_000, source = "assumption: list"',
        "value = 28_000",
        "line 19: missing key: fabs.nvidia.price.source; allowed: an evidence id, "
        "obs:series/entity/date, assumptions:path, initial:kind/name/quantity "
        '(several separated by "; ") or assumption: reason',
    ),
    "bare number for a value": (
        '{ value = 28_000, source = "assumption: list" }',
        "28_000",
        "line 19: not a table: fabs.nvidia.price = 28000; "
        'allowed: { value = …, source = "…" }, List price in USD/H100e',
    ),
    "source that cannot be looked up": (
        "obs:chip_stock/Nvidia/2024-12-31",
        "obs:chip_stock/Nvidia",
        'line 18: not a source: fabs.nvidia.output.source = "obs:chip_stock/Nvidia"; allowed: '
        "an evidence id, obs:series/entity/date, assumptions:path, initial:kind/name/quantity "
        '(several separated by "; ") or assumption: reason',
    ),
    "negative value": (
        "value = 28_000",
        "value = 0.5",
        "line 19: out of range: fabs.nvidia.price.value = 0.5; "
        "allowed: a number from 1 to 1e+16 (USD/H100e)",
    ),
    "low above the value": (
        "low = 40",
        "low = 51",
        "line 18: out of range: fabs.nvidia.output.low = 51; "
        "allowed: a number from 0 to 50 (H100e/month)",
    ),
    "high below the value": (
        "high = 60",
        "high = 49",
        "line 18: out of range: fabs.nvidia.output.high = 49; "
        "allowed: a number from 50 to 1e+16 (H100e/month)",
    ),
    "more in transit than shipped": (
        "value = 30,",
        "value = 301,",
        "line 40: out of range: fleets.azure.chips_in_transit = 301.0; "
        "allowed: at most chips_shipped, 300",
    ),
    "pipeline without months": (
        "months = 14, ",
        "",
        "line 42: missing key: fleets.azure.sites_due.months; allowed: a whole number from 1 to 72",
    ),
    "pipeline that grows too fast": (
        "growth = 0.045",
        "growth = 1.1",
        "line 42: out of range: fleets.azure.sites_due.growth = 1.1; "
        "allowed: a number from -0.5 to 1 (1/month)",
    ),
    "more than all hours": (
        "value = 0.9",
        "value = 0.91",
        "line 87: out of range: elsewhere.state = 0.1; "
        "allowed: shares of a zone that add up to at most 1",
    ),
    "unknown relation": (
        'relation = "chips"',
        'relation = "chip"',
        'line 93: not one of the choices: edges[1].relation = "chip"; allowed: chips, lease, '
        "tokens, ownership, gulf_labs, gulf_sites; did you mean chips?",
    ),
    "edge from a nameless agent": (
        'source = "merchant"',
        'source = "merchand"',
        'line 94: unknown agent: edges[1].source = "merchand"; '
        "allowed: a row or group of fabs, or all: fabs, merchant, nvidia, amd; "
        "did you mean merchant?",
    ),
    "edge to the wrong population": (
        'target = "azure"',
        'target = "openai"',
        'line 95: unknown agent: edges[1].target = "openai"; '
        "allowed: a row or group of fleets, or all: fleets, hyperscaler, azure",
    ),
    "edge without weight": (
        'weight = { value = 1, source = "assumption: one fleet" }',
        "",
        'line 98: missing key: edges[2].weight; allowed: { value = …, source = "…" }',
    ),
    "edge given twice": (
        "[history.chips_shipped]",
        '[[edges]]\nrelation = "chips"\nsource = "amd"\ntarget = "fleets"\n'
        'weight = { value = 1, source = "assumption: x" }\n[history.chips_shipped]',
        'line 110: edge given twice: edges[4] = "amd -> azure"; allowed: each edge once',
    ),
    "short history": (
        "[1, 2,",
        "[2,",
        "line 111: not such a list: history.chips_shipped.value = a list of 35; "
        "allowed: a list of 36 numbers",
    ),
    "history that is no number": (
        "[1, 2,",
        "[1, true,",
        "line 111: not a number: history.chips_shipped.value = true; "
        "allowed: a number from 0 to 1e+16 (H100e/month)",
    ),
    "no history": (
        "[history.chips_shipped]",
        "[history.chip_shipped]",
        "line 110: unknown key: history.chip_shipped; allowed: chips_shipped, frontier_capability; "
        "did you mean chips_shipped?",
    ),
    "start that is a date": (
        'start = "2025-01"',
        "start = 2025-01-01",
        "line 4: not a month: start = 2025-01-01; "
        'allowed: a month as text, from "YYYY-01" to "YYYY-12"',
    ),
    "start in another age": (
        'start = "2025-01"',
        'start = "1850-01"',
        'line 4: outside the calendar: start = "1850-01"; allowed: a month from 1900-01 to 2100-12',
    ),
    "too many months": (
        "months = 24",
        "months = 2400",
        "line 5: out of range: months = 2400; allowed: a whole number from 1 to 1200",
    ),
}


def refusal(file):
    with pytest.raises(RequestError) as caught:
        load_world(file)
    message = str(caught.value)
    assert message.isprintable()
    return message


@pytest.mark.parametrize(("old", "new", "message"), WORLDS.values(), ids=WORLDS)
def test_a_wrong_world_is_refused(shelf, folder, old, new, message):
    text = (shelf / "worlds" / "tiny.toml").read_text()
    assert old in text
    (folder / "world.toml").write_text(text.replace(old, new, 1))
    assert refusal("world.toml") == f"world.toml, {message}"


def test_a_history_of_zeros_is_refused(shelf, folder):
    text = (shelf / "worlds" / "tiny.toml").read_text()
    series = str(list(range(1, 37)))
    assert series in text
    (folder / "world.toml").write_text(text.replace(series, str([0] * 36)))
    assert "nothing but zeros" in refusal("world.toml")


def test_what_is_missing_at_the_top_has_no_line(folder):
    (folder / "world.toml").write_text("")
    assert refusal("world.toml") == (
        "world.toml: missing key: months; allowed: a whole number from 1 to 1200"
    )
