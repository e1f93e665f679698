"""Phase 10: expectations, and plans for the next months."""

from __future__ import annotations

import numpy as np

from agents.demand.elsewhere import Elsewhere
from agents.framework.columns import ratio
from agents.labs.lab import Lab
from agents.supply.chip_fab import ChipFab
from agents.supply.data_center import DataCenter
from sim.base.numerics.kernels import total, total_by
from sim.base.numerics.pipelines import enter
from sim.economy.economy import Economy
from sim.month import capacity
from sim.month.labs import staff
from sim.month.markets import forward_contracts
from sim.month.perceive import supply as perceive_supply


def make(economy: Economy) -> None:
    """Everybody looks ahead: expectations first, then hours, now and ahead, then spending, sites
    and lines."""
    fleets = economy.fleets
    perceive_supply.groups(economy)
    fleets.expected_rent = fleets.decide(DataCenter.expect_rent)
    grow_demand(economy)
    forward_contracts.revise(economy)
    perceive_supply.contracts(economy)
    fleets.capex_plan = fleets.decide(DataCenter.plan_capex)
    capacity.drop_projects(economy)
    capacity.move_plans(economy)
    capacity.begin_sites(economy)
    plan_lines(economy)


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
    staff.move(economy)
    plan = labs.decide(Lab.plan_research)
    labs.research_wanted, labs.staff, labs.staff_wanted = plan.hours, plan.staff, plan.payable
    labs.compute_wanted = labs.decide(Lab.want_compute)
    elsewhere.base_demand = elsewhere.decide(Elsewhere.grow_demand) + arriving
    elsewhere.growth = elsewhere.decide(Elsewhere.slow_growth)
    elsewhere.news = elsewhere.decide(Elsewhere.hear_news)
