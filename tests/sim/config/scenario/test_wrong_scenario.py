"""Wrong scenarios: one line with file, line, key, value, what is allowed and the nearest name."""

import pytest

from sim.base.errors import RequestError
from sim.config.metric_names import METRIC_NAMES
from sim.config.scenario.changes import with_event
from sim.config.scenario.loader import load_scenario

HEAD = 'title = "Mine"\nbase = "tiny"\n'
CLAIM = HEAD + 'about = "capex_usd"\nexpect = "up"\n'
SET = HEAD + "[set]\n"
EVENT = HEAD + '[[event]]\nname = "shock"\nstart = "2025-03"\nmonths = 2\n'
CLASS = HEAD + "[class]\n"

SCENARIOS = {
    "unknown key": (
        HEAD + 'titel = "x"',
        "line 3: unknown key: titel; allowed: title, base, vintage, months, about, expect, "
        "against, window, why, found, set, event, class; did you mean title?",
    ),
    "empty key": (
        HEAD + '"" = 1',
        'line 3: unknown key: ""; allowed: title, base, vintage, months, about, expect, '
        "against, window, why, found, set, event, class",
    ),
    "key of two lines": (
        HEAD + '"a\\nb" = 1',
        'line 3: unknown key: "a\\nb"; allowed: title, base, vintage, months, about, expect, '
        "against, window, why, found, set, event, class",
    ),
    "no title": (
        'base = "tiny"',
        "missing key: title; allowed: text in quotes, not empty",
    ),
    "empty title": (
        'title = " "\nbase = "tiny"',
        'line 1: not a text: title = " "; allowed: text in quotes, not empty',
    ),
    "title of two lines": (
        'title = "a\\nb"\nbase = "tiny"',
        'line 1: not one line: title = "a\\nb"; allowed: text without line breaks',
    ),
    "date for a title": (
        'base = "tiny"\ntitle = 1979-05-27',
        "line 2: not a text: title = 1979-05-27; allowed: text in quotes, not empty",
    ),
    "no base": (
        'title = "x"',
        "missing key: base; allowed: text in quotes, not empty",
    ),
    "unknown base": (
        'title = "x"\nbase = "tinny"',
        'line 2: unknown base: base = "tinny"; allowed: tiny, baseline, or the name of a .toml '
        "file beside this one; did you mean tiny?",
    ),
    "missing file for a base": (
        'title = "x"\nbase = "other.toml"',
        'line 2: unknown base: base = "other.toml"; allowed: tiny, baseline, or the name of a '
        ".toml file beside this one",
    ),
    "base in another folder": (
        'title = "x"\nbase = "../shelf/worlds/tiny.toml"',
        'line 2: unknown base: base = "../shelf/worlds/tiny.toml"; allowed: tiny, baseline, or '
        "the name of a .toml file beside this one",
    ),
    "base that no file system knows": (
        'title = "x"\nbase = "\\u0000.toml"',
        'line 2: unknown base: base = "\\x00.toml"; allowed: tiny, baseline, or the name of a '
        ".toml file beside this one",
    ),
    "base of itself": (
        'title = "x"\nbase = "mine.toml"',
        'line 2: cycle of bases: base = "mine.toml"; allowed: bases that end in a world',
    ),
    "no month": (
        HEAD + "months = 0",
        "line 3: out of range: months = 0; allowed: a whole number from 1 to 1200",
    ),
    "negative months": (
        HEAD + "months = -5",
        "line 3: out of range: months = -5; allowed: a whole number from 1 to 1200",
    ),
    "months without end": (
        HEAD + "months = 1_000_000_000_000",
        "line 3: out of range: months = 1000000000000; allowed: a whole number from 1 to 1200",
    ),
    "months of 400 digits": (
        HEAD + "months = 1" + "0" * 400,
        "line 3: out of range: months = an integer of 401 digits; "
        "allowed: a whole number from 1 to 1200",
    ),
    "fractional months": (
        HEAD + "months = 12.0",
        "line 3: not a whole number: months = 12.0; allowed: a whole number from 1 to 1200",
    ),
    "text for months": (
        HEAD + 'months = "12"',
        'line 3: not a whole number: months = "12"; allowed: a whole number from 1 to 1200',
    ),
    "true for months": (
        HEAD + "months = true",
        "line 3: not a whole number: months = true; allowed: a whole number from 1 to 1200",
    ),
    "claim without direction": (
        HEAD + 'about = "capex_usd"',
        "missing key: expect; allowed: about and expect, or neither",
    ),
    "claim without metric": (
        HEAD + 'expect = "up"',
        "missing key: about; allowed: about and expect, or neither",
    ),
    "unknown metric": (
        HEAD + 'about = "capex_used"\nexpect = "up"',
        'line 3: unknown metric: about = "capex_used"; allowed: compute_stock_h100e, '
        "compute_shipped_cumulative_h100e, compute_power_gw, chips_shipped_h100e, "
        "chip_price_usd_per_h100e, vendor_margin, vendor_payouts_usd, "
        "rental_price_usd_per_h100e_hour, utilization, capex_usd, gulf_share_of_funding, "
        f"gulf_assets_usd, … ({len(METRIC_NAMES)} in all); did you mean capex_usd?",
    ),
    "reference without claim": (
        HEAD + 'against = "baseline"',
        "missing key: about; allowed: about and expect, or neither",
    ),
    "window without claim": (
        HEAD + 'window = "2025-03/2025-04"',
        "missing key: about; allowed: about and expect, or neither",
    ),
    "unknown reference": (
        CLAIM + 'against = "baselin"',
        'line 5: unknown scenario: against = "baselin"; allowed: baseline, or the name of a .toml '
        "file beside this one; did you mean baseline?",
    ),
    "world as a reference": (
        CLAIM + 'against = "tiny"',
        'line 5: unknown scenario: against = "tiny"; allowed: baseline, or the name of a .toml '
        "file beside this one",
    ),
    "window of one month": (
        CLAIM + 'window = "2025-03"',
        'line 5: not a window: window = "2025-03"; allowed: the first and the last month, '
        '"YYYY-MM/YYYY-MM"',
    ),
    "window of no months": (
        CLAIM + 'window = "2025-03/soon"',
        'line 5: not a month: window = "soon"; allowed: a month as text, from "YYYY-01" to '
        '"YYYY-12"',
    ),
    "window backwards": (
        CLAIM + 'window = "2025-03/2025-02"',
        'line 5: ends before it begins: window = "2025-03/2025-02"; allowed: a last month from '
        "2025-03 on",
    ),
    "window after the run": (
        CLAIM + 'window = "2025-03/2027-01"',
        'line 5: outside the run: window = "2027-01"; allowed: a month of the run, 2025-01 to '
        "2026-12",
    ),
    "unknown direction": (
        HEAD + 'about = "capex_usd"\nexpect = "upp"',
        'line 4: not one of the choices: expect = "upp"; allowed: up, down, none; '
        "did you mean up?",
    ),
    "duplicate key": (
        HEAD + 'title = "Again"',
        'line 3: key or table given twice: title = "Again"',
    ),
    "duplicate table": (
        SET + '"fabs.capacity_loss" = 1\n[set]\n',
        "line 5: key or table given twice: [set]",
    ),
    "broken TOML": (
        HEAD + '[set]\n"fabs.capacity_loss" = \n',
        'line 4: broken TOML, invalid value: "fabs.capacity_loss" =',
    ),
    "unterminated text": (
        HEAD + 'why = "because\nmonths = 3',
        'line 3: broken TOML, illegal character \'\\n\': why = "because',
    ),
    # ---- set ----
    "list for a table": (
        HEAD + "set = [1]",
        "line 3: not a table: set = a list of 1; allowed: a table",
    ),
    "unknown parameter": (
        SET + '"fabs.capacity_los" = 1',
        "line 4: unknown parameter: fabs.capacity_los; allowed: a parameter of fabs; "
        "did you mean fabs.capacity_loss?",
    ),
    "parameter of another population": (
        SET + '"labs.capacity_loss" = 1',
        "line 4: unknown parameter: labs.capacity_loss; allowed: a parameter of labs; "
        "did you mean fabs.capacity_loss?",
    ),
    "unknown row": (
        SET + '"fabs.amdd.capacity_loss" = 1',
        "line 4: unknown group or row: fabs.amdd.capacity_loss; allowed: a group or row of fabs: "
        "merchant, nvidia, amd; did you mean fabs.amd.capacity_loss?",
    ),
    "group that this world has not": (
        SET + '"labs.nowhere.replication_lag" = 1',
        "line 4: unknown group or row: labs.nowhere.replication_lag; allowed: a group or row of "
        "labs: frontier, compute_poor, openai, mistral, deepseek",
    ),
    "path of four parts": (
        SET + '"labs.a.b.replication_lag" = 1',
        "line 4: not a parameter path: labs.a.b.replication_lag; "
        "allowed: population.column or population.group_or_row.column; "
        "did you mean labs.replication_lag?",
    ),
    "path without quotes": (
        SET + "fabs.capacity_loss = 0.5",
        "line 4: not a number: set.fabs = a table; "
        'allowed: "population.column" = number, the path in quotes',
    ),
    "value out of range": (
        SET + '"fabs.capacity_loss" = 1.5',
        "line 4: out of range: fabs.capacity_loss = 1.5; allowed: a number from 0 to 1 (fraction)",
    ),
    "not a number": (
        SET + '"fabs.capacity_loss" = nan',
        "line 4: not a finite number: fabs.capacity_loss = nan; "
        "allowed: a number from 0 to 1 (fraction)",
    ),
    "infinity": (
        SET + '"fabs.capacity_loss" = -inf',
        "line 4: not a finite number: fabs.capacity_loss = -inf; "
        "allowed: a number from 0 to 1 (fraction)",
    ),
    "number of 401 digits": (
        SET + '"fabs.capacity_loss" = 1' + "0" * 400,
        "line 4: not a finite number: fabs.capacity_loss = an integer of 401 digits; "
        "allowed: a number from 0 to 1 (fraction)",
    ),
    "hexadecimal number of 5,000 digits": (
        SET + '"fabs.capacity_loss" = 0x' + "f" * 5000,
        "line 4: not a finite number: fabs.capacity_loss = an integer of 6021 digits; "
        "allowed: a number from 0 to 1 (fraction)",
    ),
    "number of 5,000 digits": (
        SET + '"fabs.capacity_loss" = 1' + "0" * 5000,
        "line 4: number of too many digits",
    ),
    "true for a number": (
        SET + '"fabs.capacity_loss" = true',
        "line 4: not a number: fabs.capacity_loss = true; allowed: a number from 0 to 1 (fraction)",
    ),
    "text for a number": (
        SET + '"fabs.capacity_loss" = "much"',
        'line 4: not a number: fabs.capacity_loss = "much"; '
        "allowed: a number from 0 to 1 (fraction)",
    ),
    "list for a number": (
        SET + '"fabs.capacity_loss" = [0.5]',
        "line 4: not a number: fabs.capacity_loss = a list of 1; "
        "allowed: a number from 0 to 1 (fraction)",
    ),
    # ---- events ----
    "number for events": (
        HEAD + "event = 3",
        "line 3: not a list of tables: event = 3; allowed: [[event]]",
    ),
    "numbers for events": (
        HEAD + "event = [3]",
        "line 3: not a list of tables: event = a list of 1; allowed: [[event]]",
    ),
    "unknown key of an event": (
        EVENT + "length = 3",
        "line 7: unknown key: event[1].length; allowed: name, start, months, set, scale",
    ),
    "event without a name": (
        HEAD + '[[event]]\nstart = "2025-03"',
        "line 3: missing key: event[1].name; "
        "allowed: lower-case letters, digits and underscores, in quotes",
    ),
    "event with a name that no path can hold": (
        EVENT.replace("shock", "A shock"),
        'line 4: not a name: event[1].name = "A shock"; '
        "allowed: lower-case letters, digits and underscores, in quotes",
    ),
    "month 13": (
        EVENT.replace("2025-03", "2026-13"),
        'line 5: not a month: event[1].start = "2026-13"; '
        'allowed: a month as text, from "YYYY-01" to "YYYY-12"',
    ),
    "date for a month": (
        EVENT.replace('"2025-03"', "2025-03-01"),
        "line 5: not a month: event[1].start = 2025-03-01; "
        'allowed: a month as text, from "YYYY-01" to "YYYY-12"',
    ),
    "event before the start": (
        EVENT.replace("2025-03", "2024-12"),
        'line 5: outside the run: event[1].start = "2024-12"; '
        "allowed: a month of the run, 2025-01 to 2026-12",
    ),
    "event after the end": (
        EVENT.replace("2025-03", "2027-01"),
        'line 5: outside the run: event[1].start = "2027-01"; '
        "allowed: a month of the run, 2025-01 to 2026-12",
    ),
    "event of no month": (
        EVENT.replace("months = 2", "months = 0"),
        "line 6: out of range: event[1].months = 0; allowed: a whole number from 1 to 1200",
    ),
    "event without effect": (
        EVENT + "set = {}",
        "line 3: event without effect: event[1]; allowed: set or scale with a parameter",
    ),
    "two events of one name": (
        EVENT + 'set = { "fabs.capacity_loss" = 1 }\n' + EVENT.removeprefix(HEAD)
        + 'set = { "fabs.capacity_loss" = 1 }',
        'line 9: event given twice: event[2].name = "shock"',
    ),
    "event on a parameter of the start": (
        EVENT + 'set = { "labs.openai.compute_growth_start" = 1 }',
        "line 7: acts at the start only: labs.openai.compute_growth_start; allowed: to be set in "
        "[set]; an event needs a parameter that acts every month; "
        "did you mean labs.compute_growth_long_run?",
    ),
    "scale of a parameter of the start": (
        EVENT + 'scale = { "regions.rent_start" = 1 }',
        "line 7: acts at the start only: regions.rent_start; allowed: to be set in [set]; "
        "an event needs a parameter that acts every month; did you mean regions.rent_adjust?",
    ),
    "event beyond the limits": (
        EVENT + 'set = { "fabs.nvidia.capacity_loss" = -0.1 }',
        "line 7: out of range: fabs.nvidia.capacity_loss = -0.1; "
        "allowed: a number from 0 to 1 (fraction)",
    ),
    "negative scale": (
        EVENT + 'scale = { "labs.replication_lag" = -1 }',
        'line 7: out of range: event[1].scale."labs.replication_lag" = -1; '
        "allowed: a number of at least 0 (factor)",
    ),
    "text for a scale": (
        EVENT + 'scale = { "labs.replication_lag" = "twice" }',
        'line 7: not a number: event[1].scale."labs.replication_lag" = "twice"; '
        "allowed: a number of at least 0 (factor)",
    ),
    "scale out of range for a narrow entry only": (
        EVENT + 'scale = { "labs.replication_lag" = 7 }',
        "line 7: scaled out of range, to 63 month: labs.replication_lag = 7; "
        "allowed: values from 0 to 60",
    ),
    "scales out of range together": (
        EVENT + 'scale = { "labs.replication_lag" = 2 }\n'
        + EVENT.removeprefix(HEAD).replace("shock", "again")
        + 'scale = { "labs.mistral.replication_lag" = 4 }',
        "line 7: scaled out of range, to 72 month: labs.replication_lag = 2; "
        "allowed: values from 0 to 60",
    ),
    "scale of a set value": (
        SET + '"labs.replication_lag" = 50\n' + EVENT.removeprefix(HEAD)
        + 'scale = { "labs.replication_lag" = 1.5 }',
        "line 9: scaled out of range, to 75 month: labs.replication_lag = 1.5; "
        "allowed: values from 0 to 60",
    ),
    # ---- classes ----
    "class of an unknown group": (
        CLASS + '"labs.frontierr" = "mine:Lab"',
        'line 4: unknown agents: class."labs.frontierr"; '
        "allowed: population, population.group or population.row: labs.frontier, "
        "labs.compute_poor, labs.openai, labs.mistral, labs.deepseek; did you mean labs.frontier?",
    ),
    "class of an unknown population": (
        CLASS + 'lab = "mine:Lab"',
        "line 4: unknown agents: class.lab; "
        "allowed: population, population.group or population.row: regions, inputs, fabs, fleets, "
        "labs, customers, elsewhere, gulf, parents, capital, outside; did you mean labs?",
    ),
    "class that names no class": (
        CLASS + 'labs = "mine.Lab"',
        'line 4: not a class: class.labs = "mine.Lab"; allowed: "module:Class"',
    ),
    "class that is a path": (
        CLASS + 'labs = "../mine:Lab"',
        'line 4: not a class: class.labs = "../mine:Lab"; allowed: "module:Class"',
    ),
    "number for a class": (
        CLASS + "labs = 3",
        'line 4: not a class: class.labs = 3; allowed: "module:Class"',
    ),
    # ---- the rent does not zigzag ----
    "rent step too large": (
        SET + '"regions.china.rent_adjust" = 0.7',
        "line 4: regions.rent_adjust 0.7 x elsewhere.price_elasticity 1.5 is above 1: "
        "regions.china.rent_adjust = 0.7; "
        "allowed: a product of at most 1; above 1 the rent zigzags",
    ),
    "demand too elastic for a while": (
        EVENT + 'set = { "elsewhere.cloud.price_elasticity" = 5 }',
        "line 7: regions.rent_adjust 0.25 x elsewhere.price_elasticity 5 is above 1: "
        "elsewhere.cloud.price_elasticity = 5; "
        "allowed: a product of at most 1; above 1 the rent zigzags",
    ),
    "rent step scaled too large": (
        EVENT + 'scale = { "regions.rent_adjust" = 3 }',
        "line 7: regions.rent_adjust 0.75 x elsewhere.price_elasticity 1.5 is above 1: "
        "regions.rent_adjust = 3; allowed: a product of at most 1; above 1 the rent zigzags",
    ),
}  # fmt: skip


def refusal(call, *arguments, **options):
    with pytest.raises(RequestError) as caught:
        call(*arguments, **options)
    message = str(caught.value)
    assert message.isprintable()
    return message


@pytest.mark.parametrize(("text", "message"), SCENARIOS.values(), ids=SCENARIOS)
def test_a_wrong_scenario_is_refused(folder, text, message):
    (folder / "mine.toml").write_text(text)
    separator = ", " if message.startswith("line ") else ": "
    assert refusal(load_scenario, "mine.toml") == f"mine.toml{separator}{message}"


def test_the_error_stands_in_the_file_that_makes_it(folder):
    (folder / "parent.toml").write_text(SET + '"fabs.capacity_loss" = 2')
    (folder / "mine.toml").write_text('title = "x"\nbase = "parent.toml"')
    assert refusal(load_scenario, "mine.toml").startswith("parent.toml, line 4: out of range")


def test_a_long_cycle_of_bases_is_refused(folder):
    for name, base in ("ab", "bc", "cb"):
        (folder / f"{name}.toml").write_text(f'title = "x"\nbase = "{base}.toml"')
    assert refusal(load_scenario, "a.toml") == (
        'c.toml, line 2: cycle of bases: base = "b.toml"; allowed: bases that end in a world'
    )


def test_a_base_that_is_no_world_is_refused(folder):
    (folder / "world.toml").write_text('title = "x"\n')
    (folder / "mine.toml").write_text('title = "x"\nbase = "world.toml"')
    assert refusal(load_scenario, "mine.toml") == (
        "world.toml: missing key: months; allowed: a whole number from 1 to 1200"
    )


def test_too_many_events_are_refused(folder, monkeypatch):
    monkeypatch.setattr("sim.config.scenario.builder.EVENTS_MAX", 1)
    first = EVENT + 'set = { "fabs.capacity_loss" = 1 }\n'
    (folder / "mine.toml").write_text(first)
    assert load_scenario("mine.toml").events
    (folder / "mine.toml").write_text(first + first.removeprefix(HEAD).replace("shock", "again"))
    message = "mine.toml, line 8: too many events: event[2]; allowed: at most 1"
    assert refusal(load_scenario, "mine.toml") == message


def test_a_product_of_exactly_one_is_allowed(folder):
    (folder / "mine.toml").write_text(
        SET + '"regions.rent_adjust" = 0.5\n"elsewhere.price_elasticity" = 2'
    )
    assert load_scenario("mine.toml").set["regions.rent_adjust"] == 0.5


def test_without_a_rent_nothing_zigzags(shelf, folder):
    file = shelf / "parameters.toml"
    before, _, after = file.read_text().partition('["regions.rent_adjust"]')
    file.write_text(before + after[after.index('["regions.rent_start"]') :])
    (folder / "mine.toml").write_text(SET + '"elsewhere.price_elasticity" = 9')
    assert load_scenario("mine.toml").set


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            "baselin",
            'unknown scenario: "baselin"; allowed: baseline, or the path of a .toml file; '
            "did you mean baseline?",
        ),
        ("", 'unknown scenario: ""; allowed: baseline, or the path of a .toml file'),
        (
            "../shelf/scenarios/baseline",
            'unknown scenario: "../shelf/scenarios/baseline"; '
            "allowed: baseline, or the path of a .toml file",
        ),
        (".", ".: a directory, not a file"),
        ("nowhere/baseline.toml", "nowhere/baseline.toml: no such file"),
        ("\0.toml", r"\x00.toml: not a file name"),
        ("\n.toml", r"\n.toml: no such file"),
    ],
)
def test_an_unknown_scenario_is_refused(folder, wanted, message):
    assert refusal(load_scenario, wanted) == message


def test_a_shipped_name_wins_over_a_folder_of_that_name(folder):
    (folder / "baseline").mkdir()
    assert load_scenario("baseline").title == "Baseline"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"set": {"fabs.capacity_los": 1}},
            "unknown parameter: fabs.capacity_los; allowed: a parameter of fabs; "
            "did you mean fabs.capacity_loss?",
        ),
        (
            {"set": {"fabs.capacity_loss": "1"}},
            'not a number: fabs.capacity_loss = "1"; allowed: a number from 0 to 1 (fraction)',
        ),
        (
            {"set": {"fabs.capacity_loss": True}},
            "not a number: fabs.capacity_loss = true; allowed: a number from 0 to 1 (fraction)",
        ),
        (
            {"set": {"regions.rent_adjust": 0.8}},
            "regions.rent_adjust 0.8 x elsewhere.price_elasticity 1.5 is above 1: "
            "regions.rent_adjust = 0.8; allowed: a product of at most 1; above 1 the rent zigzags",
        ),
        ({"set": [1]}, "not a table: set = a list of 1; allowed: a table"),
        (
            {"months": 1201},
            "out of range: months = 1201; allowed: a whole number from 1 to 1200",
        ),
        (
            {"months": 2.5},
            "not a whole number: months = 2.5; allowed: a whole number from 1 to 1200",
        ),
    ],
)
def test_wrong_arguments_are_refused_as_a_file_would_be(folder, options, message):
    assert refusal(load_scenario, **options) == message


def test_an_argument_that_a_scale_carries_away_names_the_scale(folder):
    (folder / "mine.toml").write_text(EVENT + 'scale = { "labs.replication_lag" = 2 }')
    options = {"set": {"labs.replication_lag": 40}}
    assert refusal(load_scenario, "mine.toml", **options) == (
        "mine.toml, line 7: scaled out of range, to 80 month: labs.replication_lag = 2; "
        "allowed: values from 0 to 60"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"start": "2027-01"},
            'outside the run: start = "2027-01"; allowed: a month of the run, 2025-01 to 2026-12',
        ),
        ({"months": 0}, "out of range: months = 0; allowed: a whole number from 1 to 1200"),
        (
            {"set": {"fabs.capacity_loss": 2}},
            "out of range: fabs.capacity_loss = 2; allowed: a number from 0 to 1 (fraction)",
        ),
        (
            {"set": {}, "scale": {}},
            "event without effect; allowed: set or scale with a parameter",
        ),
        (
            {"scale": {"labs.replication_lag": 12}},
            "scaled out of range, to 72 month: labs.replication_lag = 12; "
            "allowed: values from 0 to 60",
        ),
        (
            {"until": "2025-05"},
            "unknown key: until; allowed: name, start, months, set, scale",
        ),
    ],
)
def test_a_wrong_shock_is_refused_as_a_file_would_be(folder, changes, message):
    event = {"name": "x", "start": "2025-02", "months": 2, "set": {"fabs.capacity_loss": 1}}
    scenario = load_scenario()
    assert refusal(with_event, scenario, event | changes) == message
    assert scenario.events == ()


def test_a_shock_that_meets_an_event_of_the_file_names_the_file(folder):
    (folder / "mine.toml").write_text(EVENT + 'scale = { "labs.replication_lag" = 4 }')
    late = {"name": "a", "start": "2025-02", "months": 9, "scale": {"labs.replication_lag": 5}}
    message = refusal(with_event, load_scenario("mine.toml"), late)
    assert message == (
        f"{folder / 'mine.toml'}: scaled out of range, to 120 month: labs.replication_lag; "
        "allowed: values from 0 to 60"
    )
