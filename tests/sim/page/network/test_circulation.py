"""The month's money and hours: all of it, and nothing before the first month."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sim.base.number_format import amount
from sim.config.scenario.loader import load_scenario
from sim.figures import Figure
from sim.figures.sankey import CONTRIBUTORS, IDLE, OWN, USES, hour_names, links_of_hours
from sim.model import EconomyModel
from sim.page.network.circulation import hours, money

BASELINE = load_scenario("baseline")


@pytest.fixture(scope="module")
def model() -> EconomyModel:
    found = EconomyModel(BASELINE, rng=1)
    for _ in range(12):
        found.step()
    return found


def plain(figure: Figure) -> Figure:
    assert json.loads(json.dumps(figure.option, allow_nan=False)) == figure.option
    assert figure.option["tooltip"]["renderMode"] == "richText"
    assert figure.option["series"][0]["id"]
    return figure


def test_before_the_first_month_nothing_has_moved() -> None:
    of = EconomyModel(BASELINE, rng=1)
    for draw in (money, hours):
        figure = plain(draw(of))
        assert figure.table.empty
        assert figure.option["series"][0]["links"] == []
        assert figure.note.startswith("before the first month, ")


def test_money_is_what_the_ledger_posted(model: EconomyModel) -> None:
    table = plain(money(model)).table
    posted = {flow: float(usd[0]) for flow, (_, usd) in model.economy.ledger.flows.items()}
    keys = zip(table["instrument"], table["payer"], table["payee"], strict=True)
    assert dict(zip(keys, table["usd"], strict=True)) == {f: x for f, x in posted.items() if x}


def test_a_node_says_how_much_goes_through_it(model: EconomyModel) -> None:
    figure = money(model)
    paid = float(figure.table.loc[figure.table["payer"] == "labs", "usd"].sum())
    texts = {n["name"]: n["tooltip"]["formatter"] for n in figure.option["series"][0]["data"]}
    assert texts["labs pays"] == f"labs\n{amount(paid)} USD"


def test_what_labs_receive_they_hand_on(model: EconomyModel) -> None:
    table = plain(hours(model)).table
    into = table.groupby("target")["hours"].sum()
    out = table.groupby("source")["hours"].sum()
    economy = model.economy
    delivered = float(economy.lease.units.sum() + economy.spot.units.sum())
    kept = float(economy.fleets.own_used.sum() + economy.fleets.idle.sum())
    fleets = [name for name in out.index if name.endswith(" fleets")]
    assert float(out[fleets].sum()) == pytest.approx(delivered + kept, rel=1e-12)
    used = economy.labs.columns["compute_used"]
    for row, name in enumerate(economy.labs.names):
        title = next(e.title for e in BASELINE.world.of("labs") if e.name == name)
        if used[0, row] > 0.0:
            assert float(into[title]) == pytest.approx(float(out[title]), rel=1e-9)


def test_a_lab_that_is_called_like_a_use_or_another_lab_makes_no_circle() -> None:
    world = BASELINE.world
    first, second, *_ = (e.name for e in world.of("labs"))
    new = {first: "serving", second: "serving"}
    agents = tuple(
        replace(e, title=new[e.name]) if e.population == "labs" and e.name in new else e
        for e in world.agents
    )
    names = hour_names(replace(world, agents=agents))
    assert names.receivers["lease", first] == f"serving ({first})"
    assert names.receivers["lease", second] == f"serving ({second})"
    everybody = [*names.receivers.values()]
    assert len({*everybody}) == len(everybody)
    assert not {*everybody} & {OWN, IDLE, CONTRIBUTORS, *USES.values(), *names.fleets.values()}
    fleet = next(iter(names.fleets))
    links = links_of_hours(
        names, [("lease", fleet, first, 5.0), ("lease", fleet, first, 2.0)], None
    )
    assert links.to_numpy().tolist() == [[names.fleets[fleet], f"serving ({first})", 7.0]]
