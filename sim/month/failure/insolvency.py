"""Start of the month: insolvent firms are restructured, then leave; founded labs enter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from agents.finance.debtor import Debtor
from agents.finance.gulf_investor import GulfInvestor
from agents.framework.columns import Floats
from agents.framework.population import Population
from agents.labs.lab import Lab
from agents.supply.chip_fab import ChipFab
from agents.supply.data_center import DataCenter
from sim.base.numerics.kernels import total_by
from sim.economy.accounts.quanta import whole_hours
from sim.economy.economy import Economy
from sim.month.failure import fleet_liquidation, liquidation
from sim.month.labs import entry
from sim.month.markets import forward_contracts

Debtors = Population[Any]
WindUp = Callable[[Economy, Floats], None]
WOUND_UP: tuple[tuple[str, type[Debtor], WindUp], ...] = (
    ("labs", Lab, liquidation.wind_up_labs),
    ("fleets", DataCenter, fleet_liquidation.wind_up_fleets),
    ("fabs", ChipFab, liquidation.wind_up_fabs),
    ("gulf", GulfInvestor, liquidation.wind_up_funds),
)
"""Populations whose agents may fail, and the rule that winds a failed one up."""


def resolve(economy: Economy) -> None:
    """Count months in distress by the bills open last month; distressed labs give up leases;
    firms too long in distress leave, kind by kind; then new labs enter."""
    join_groups(economy)
    economy.fleets.scrapped = 0.0
    for name, kind, wind_up in WOUND_UP:
        debtors = economy.populations[name]
        debtors.distress = debtors.decide(kind.count_distress)
        if name == "labs":
            shed_leases(economy)
        debtors.left = debtors.decide(kind.leave)
        if debtors.left.any():
            wind_up(economy, debtors.left)
            liquidation.close(debtors, debtors.left)
    entry.found_labs(economy)


def join_groups(economy: Economy) -> None:
    """An operator's fleets fail together or not at all: bills of one stand open only where they are
    more than the cash of all."""
    fleets, places = economy.fleets, economy.places
    operator = places.operator_of_fleet
    open_bills = total_by(fleets.arrears, operator, places.operators)
    cash = total_by(fleets.cash * fleets.alive, operator, places.operators)
    short = np.take(np.where(open_bills > cash, open_bills, 0.0), operator, axis=1)
    fleets.arrears = short * fleets.alive


def shed_leases(economy: Economy) -> None:
    """In its first month of distress a lab gives up a share of its leases, signed ahead or running;
    the hours are offered anew this month."""
    labs, lease = economy.labs, economy.lease
    shed = np.where((labs.arrears > 0.0) & (labs.distress == 1.0), labs.lease_shed_share, 0.0)
    given_up = np.minimum(whole_hours(lease.hours * lease.from_target(shed)), lease.hours)
    lease.hours = lease.hours - given_up
    forward_contracts.cancel(economy, lease.from_target(shed)[:, :, None])
