"""Phase 10: expectations, plans for the next months, and who pays for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.capital_market import CapitalMarket
from agents.chip_fab import ChipFab
from agents.columns import ratio
from agents.data_center import DataCenter
from agents.elsewhere import Elsewhere
from agents.financing import Financing
from agents.lab import Lab
from agents.population import Population
from agents.relation import Relation
from sim import capacity
from sim.economy import Economy
from sim.kernels import total, total_by
from sim.pipelines import enter


def plan(economy: Economy) -> None:
    """Everybody looks ahead: expectations first, then spending, sites, lines and hours."""
    fleets = economy.fleets
    fleets.expected_rent = fleets.decide(DataCenter.expect_rent)
    fleets.capex_plan = fleets.decide(DataCenter.plan_capex)
    capacity.drop_projects(economy)
    capacity.move_plans(economy)
    capacity.begin_sites(economy)
    plan_lines(economy)
    grow_demand(economy)


def plan_lines(economy: Economy) -> None:
    """Fabs forecast on accepted orders and order lines net of what is in the pipeline."""
    fabs = economy.fabs
    forecast = fabs.decide(ChipFab.forecast)
    fabs.orders_level = forecast.level
    fabs.orders_growth = forecast.growth
    fabs.capacity_due = total(fabs.expansion)
    ordered = fabs.decide(ChipFab.expand)
    enter(fabs.expansion, ordered, fabs.expansion_lead_months)
    cost = ordered * fabs.line_cost
    economy.ledger.pay("lines", cost, fabs, economy.outside, for_="plant_book")


def grow_demand(economy: Economy) -> None:
    """Hours that labs, operators and demand from elsewhere will want next month. Workloads that
    outgrow an operator's fleet move into the cloud, in proportion to the demand already there."""
    labs, elsewhere, fleets, places = (
        economy.labs,
        economy.elsewhere,
        economy.fleets,
        economy.places,
    )
    outgrown = fleets.decide(DataCenter.move_workloads)
    fleets.own_demand = fleets.decide(DataCenter.grow_own_demand) - outgrown
    base = total_by(elsewhere.base_demand, places.zone_of_elsewhere, places.zones)
    coming = ratio(total_by(outgrown, places.zone_of_fleet, places.zones), base)
    arriving = np.take(coming, places.zone_of_elsewhere, axis=1) * elsewhere.base_demand
    plan = labs.decide(Lab.plan_research)
    labs.research_wanted, labs.staff = plan.hours, plan.staff
    labs.compute_wanted = labs.decide(Lab.want_compute)
    labs.funding = labs.funding * np.exp(labs.funding_growth / 12.0)
    labs.funding_growth = labs.decide(Lab.slow_funding)
    elsewhere.base_demand = elsewhere.decide(Elsewhere.grow_demand) + arriving
    elsewhere.growth = elsewhere.decide(Elsewhere.slow_growth)
    elsewhere.news = elsewhere.decide(Elsewhere.hear_news)


def fund(economy: Economy) -> None:
    """Labs issue shares, fleets borrow, repay and pay out, fabs pay out; savers close the gap."""
    labs, fleets, fabs, capital, ledger = (
        economy.labs,
        economy.fleets,
        economy.fabs,
        economy.capital,
        economy.ledger,
    )
    issued = labs.decide(Lab.raise_equity)
    lab_edges, fleet_edges = economy.lab_funding, economy.fleet_funding
    lab_edges.usd = ledger.pay("shares", issued, capital, labs, along=lab_edges, for_="holdings")
    labs.equity_raised = lab_edges.to_target(lab_edges.usd)

    settle_loans(economy, fleets, fleet_edges, fleets.decide(DataCenter.finance))
    settle_loans(economy, fabs, economy.fab_funding, fabs.decide(ChipFab.finance))
    ledger.pay("savings", capital.decide(CapitalMarket.draw_savings), economy.outside, capital)
    ledger.pay("incomes", capital.decide(CapitalMarket.pay_savers), capital, economy.outside)


def settle_loans(
    economy: Economy, firms: Population[Any], edges: Relation, money: Financing
) -> None:
    """Interest on what is owed, then loans, repayments and payouts between firms and the market."""
    capital, ledger = economy.capital, economy.ledger
    interest = firms.debt * firms.interest_rate / 12.0
    ledger.pay("interest", interest, firms, capital, along=edges)
    edges.usd = ledger.pay(
        "loans", money.borrowed, capital, firms, along=edges, for_="holdings", by="debt"
    )
    ledger.pay("repayments", money.repaid, firms, capital, along=edges, for_="debt", by="holdings")
    ledger.pay("payouts", money.paid_out, firms, capital, along=edges)
