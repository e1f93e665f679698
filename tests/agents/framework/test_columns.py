"""Columns: how a kind says what it holds, and what can be done with it from an agent."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import agents
from agents.framework.agent import EconomicAgent
from agents.framework.columns import (
    Column,
    account,
    columns_of,
    line,
    luck,
    moved_by,
    parameter,
    perceived,
    pipeline,
    ratio,
    state,
)

KINDS = [getattr(agents, name) for name in agents.__all__]


class Farm(EconomicAgent):
    """A kind of its own, with a column of every role."""

    population_name = "farms"

    yield_loss = parameter("fraction", "Share of the harvest lost")
    land_book = account("asset", "Land at cost")
    harvest = state("t", "Grain of the month")
    price = perceived("USD/t", "Posted price")
    weather = luck("normal", "Weather of the month")
    fields = pipeline("t", "Grain by months to ripeness", depth=3)
    sales = line("income", "Grain sold this month")
    dowry = line("paid_in", "Money from owners this month")
    trade_cash = moved_by("operating", "Cash from trade this month")


class HillFarm(Farm):
    slope = parameter("fraction", "Steepness")
    harvest = state("t", "Grain of the month, hill wheat")


def test_a_declaration_carries_name_role_unit_meaning_and_side():
    found = columns_of(Farm)
    assert {n: found[n].role for n in ("yield_loss", "harvest", "price", "weather", "fields")} == {
        "yield_loss": "parameter",
        "harvest": "state",
        "price": "perceived",
        "weather": "luck",
        "fields": "pipeline",
    }
    assert (found["land_book"].role, found["land_book"].side) == ("state", "asset")
    assert (found["fields"].unit, found["fields"].depth) == ("t", 3)
    assert found["price"].name == "price" and found["price"].meaning == "Posted price"


def test_base_classes_come_first_in_order_of_declaration():
    assert list(columns_of(Farm)) == [
        *("cash", "equity", "income", "outlays"),
        *("yield_loss", "land_book", "harvest", "price", "weather", "fields"),
        *("sales", "dowry", "trade_cash"),
    ]
    assert list(columns_of(HillFarm)) == [*columns_of(Farm), "slope"]
    assert columns_of(HillFarm)["harvest"].meaning == "Grain of the month, hill wheat"
    assert columns_of(Farm)["harvest"].meaning == "Grain of the month"


def test_every_agent_has_a_balance_sheet_and_a_statement_of_the_month():
    declared = columns_of(EconomicAgent)
    assert {n: c.side for n, c in declared.items()} == {
        **{"cash": "asset", "equity": "equity", "income": None, "outlays": None}
    }
    assert {n: c.line for n, c in declared.items()} == {
        **{"cash": None, "equity": None, "income": "income", "outlays": "expense"}
    }


def test_accounts_lines_and_cash_flows_are_posted_and_nothing_else_is():
    posted = {name for name, column in columns_of(Farm).items() if column.posted}
    base = {"cash", "equity", "income", "outlays"}
    assert posted == base | {"land_book", "sales", "dowry", "trade_cash"}


def test_income_and_costs_are_operations_and_owners_money_is_financing():
    found = columns_of(Farm)
    assert (found["sales"].activity, found["dowry"].activity) == ("operating", "financing")
    assert account("asset", "Land", "investing").activity == "investing"
    assert line("paid_out", "Dividends").activity == "financing"
    assert line("expense", "Seed").activity == "operating"


def test_the_class_shows_the_declaration_and_the_agent_the_value(agent_of):
    assert isinstance(Farm.harvest, Column)
    farm = agent_of(Farm, harvest=12.5, fields=[1.0, 2.0, 3.0])
    assert farm.harvest == 12.5 and isinstance(farm.harvest, float)
    assert farm.fields.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("column", ["harvest", "yield_loss", "cash", "price", "weather", "fields"])
def test_no_column_can_be_assigned_from_an_agent(agent_of, column):
    farm = agent_of(Farm, **{column: 1.0})
    with pytest.raises(AttributeError, match=rf"Farm\.{column} cannot be assigned.*posting.*apply"):
        setattr(farm, column, 5.0)
    assert np.all(getattr(farm, column) == 1.0)


def test_what_an_agent_sees_cannot_be_written_in_place(population_of):
    farms = population_of(Farm, harvest=[1.0, 2.0], fields=1.0)
    everybody, first = Farm.over(farms, slice(None)), Farm.over(farms, 0, 0)
    with pytest.raises(ValueError, match="read-only"):
        everybody.harvest[:] = 9.0
    with pytest.raises(ValueError, match="read-only"):
        first.fields[0] = 9.0
    with pytest.raises((ValueError, AttributeError)):
        everybody.harvest += 1.0
    assert farms.harvest.tolist() == [[1.0, 2.0]]
    farms.harvest = 3.0  # the world still can
    assert everybody.harvest.tolist() == [[3.0, 3.0]]


def test_undeclared_attributes_are_refused_with_the_known_ones(agent_of):
    farm = agent_of(Farm, harvest=1.0)
    with pytest.raises(AttributeError, match=r"Farm has no column 'harvset'.*harvest"):
        farm.harvset = 2.0
    farm._note = "private names are free"
    assert farm._note == "private names are free"


def test_a_depth_makes_a_pipeline_and_nothing_else_has_one():
    for kind in KINDS:
        for column in columns_of(kind).values():
            assert (column.depth > 0) == (column.role == "pipeline"), column.name


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_column_of_every_kind_says_what_it_is(kind):
    assert kind.population_name and kind.label and kind.__doc__
    for column in columns_of(kind).values():
        assert column.unit and column.meaning, column.name
        assert not column.meaning[0].islower() and not column.meaning.endswith("."), column.name
        if column.role == "luck":
            assert column.unit in ("normal", "uniform")
        if column.posted or column.line is not None:
            assert (column.role, column.unit) == ("state", "USD"), column.name
            assert column.posted and column.activity is not None, column.name
            assert column.side is None or column.line is None, column.name


# ---- ratio ---------------------------------------------------------------------------------------

# Amounts beyond 1e12 or below 1e-12 of a unit mean nothing here, and may overflow in a quotient.
numbers = st.one_of(st.just(0.0), st.floats(1e-12, 1e12), st.floats(-1e12, -1e-12))


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=9))
def test_ratio_is_the_quotient_and_zero_over_zero(pairs):
    top, bottom = np.array(pairs).T
    # Warnings are errors here, so nothing was divided by zero on the way.
    wanted = [a / b if b else 0.0 for a, b in pairs]
    assert ratio(top, bottom).tolist() == wanted
    assert [float(ratio(a, b)) for a, b in pairs] == wanted


def test_ratio_broadcasts():
    top, bottom = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[2.0], [0.0]])
    assert ratio(top, bottom).tolist() == [[0.5, 1.0], [0.0, 0.0]]
    assert ratio(6.0, np.array([2.0, 0.0, 3.0])).tolist() == [3.0, 0.0, 2.0]
