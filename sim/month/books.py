"""Phase 9: what the month's trade costs and earns is posted; books are written down."""

from __future__ import annotations

import numpy as np

from agents.finance.firm import Firm
from agents.framework.columns import ratio
from agents.labs.lab import Lab
from agents.supply.chip_fab import ChipFab
from agents.supply.data_center import HOURS, DataCenter
from sim.base.numerics.kernels import total
from sim.base.numerics.pipelines import within
from sim.economy.economy import Economy
from sim.month import public_support
from sim.month.perceive import labs as perceive_labs


def close(economy: Economy) -> None:
    """All postings that follow from the month's production, hours and sites."""
    pay_production(economy)
    pay_rent(economy)
    pay_labs(economy)
    pay_energy(economy)
    pay_core_flows(economy)
    write_down(economy)
    pay_interest(economy)
    pay_taxes(economy)


def pay_production(economy: Economy) -> None:
    """Fabs pay for what they made: energy to the utility, the rest of the unit cost as wages and
    materials, without scarce inputs (paid on delivery) and the wear of plant (paid with the line).
    Cost goes into inventory, and with the chips that are shipped out of it again.
    """
    fabs, ledger = economy.fabs, economy.ledger
    base = (1.0 - fabs.gross_margin) * fabs.reference_price * fabs.produced
    energy = base * fabs.foundry_energy_share * fabs.energy_multiple
    ledger.pay(
        "energy", energy, fabs, economy.regions, along=economy.fab_power, for_="inventory_book"
    )
    other = np.maximum(fabs.decide(ChipFab.unit_cost) * fabs.produced - energy, 0.0)
    inputs = economy.supplies.to_target(economy.supplies.usd)
    wear = ratio(fabs.plant_book, fabs.plant_life_months)
    labour = np.maximum(other - inputs - wear, 0.0)
    ledger.pay("materials and wages", labour, fabs, economy.outside, for_="inventory_book")
    sold = ratio(fabs.shipped, fabs.shipped + fabs.inventory) * fabs.inventory_book
    ledger.write_off(
        fabs, "inventory_book", np.minimum(sold, fabs.inventory_book), "cost_of_revenue"
    )
    ledger.pay(
        "research and administration",
        fabs.overhead * fabs.alive,
        fabs,
        economy.outside,
        for_="administration_cost",
    )
    news = (fabs.revenue - fabs.revenue_smoothed) / fabs.income_memory_months
    fabs.revenue_smoothed = fabs.revenue_smoothed + news
    fabs.overhead = fabs.decide(ChipFab.adjust_overhead)


def pay_sites(economy: Economy) -> None:
    """Construction is paid in equal parts over the construction time, fast power at the start."""
    fleets, ledger = economy.fleets, economy.ledger
    building = within(fleets.sites, fleets.build_lead_months)
    spent = building * fleets.site_cost / fleets.build_lead_months + fleets.site_extras
    paid = ledger.pay("construction", spent, fleets, economy.outside, for_="sites_book")
    fleets.capex = fleets.capex + paid


def pay_rent(economy: Economy) -> None:
    """Leases at their own price, spot hours at the posted rent; elsewhere earns what it spends."""
    fleets, labs, elsewhere, ledger = (
        economy.fleets,
        economy.labs,
        economy.elsewhere,
        economy.ledger,
    )
    lease, spot = economy.lease, economy.spot
    leased = ledger.pay(
        "leases",
        lease.delivered * lease.price,
        labs,
        fleets,
        along=lease,
        for_="research_cost",
        by="revenue",
    )
    burst = ledger.pay(
        "spot hours",
        lease.spot * lease.from_source(fleets.rent),
        labs,
        fleets,
        along=lease,
        for_="research_cost",
        by="revenue",
    )
    lease.usd = leased + burst
    labs.compute_bill = lease.to_target(lease.usd)
    bill = spot.units * spot.from_source(fleets.rent)
    spot.usd = ledger.pay("spot hours", bill, elsewhere, fleets, along=spot, by="revenue")
    ledger.pay("incomes", spot.to_target(spot.usd), economy.outside, elsewhere)


def pay_labs(economy: Economy) -> None:
    """Labs' serving cost (hours kept for serving, used or not), R&D (research hours, staff, data),
    sales, administration and partners' share; what a flagship earns and what the next one costs are
    kept with the models."""
    labs, ledger, outside = economy.labs, economy.ledger, economy.outside
    labs.hour_price = np.where(
        labs.compute_used > 0.0, ratio(labs.compute_bill, labs.compute_used), labs.hour_price
    )
    served = labs.inference_hours * labs.hour_price
    ledger.reclassify(labs, "research_cost", "cost_of_revenue", served)
    public_support.pay_allowance(economy)
    staff = labs.staff * labs.cost_per_head / 12.0
    hours = labs.compute_bill - served
    data = hours * ratio(
        1.0 - labs.rnd_compute_share - labs.rnd_staff_share, labs.rnd_compute_share
    )
    ledger.pay("wages", staff, labs, outside, for_="staff_cost")
    price = labs.decide(Lab.task_cost)
    tasks = ledger.pay("tasks", labs.tasks_bought * price, labs, outside, for_="research_cost")
    data = ledger.pay("data", np.maximum(data - tasks, 0.0), labs, outside, for_="research_cost")
    public_support.pay_grants(economy, hours + tasks + data)
    labs.staff_shares = labs.staff_shares + ledger.pay(
        "stock pay", staff * labs.stock_pay_share, labs, outside, for_="stock_pay", means="shares"
    )
    sales = labs.revenue * labs.sales_share
    ledger.pay("sales", sales, labs, outside, for_="sales_cost")
    office = labs.revenue * labs.administration_share
    ledger.pay("administration", office, labs, outside, for_="administration_cost")
    share_partners(economy)
    perceive_labs.cost_shares(economy)

    profit = labs.revenue - labs.cost_of_revenue
    news = (profit - labs.gross_profit_smoothed) / labs.income_memory_months
    labs.gross_profit_smoothed = labs.gross_profit_smoothed + news
    earned = economy.of_slot("gross_profit", "flagship")
    np.add(earned, profit, out=earned)
    spent = economy.of_slot("rnd_before", "training")
    np.add(spent, labs.research_cost + labs.staff_cost, out=spent)
    age = economy.of_slot("age", "flagship")
    np.add(age, economy.of_slot("on_sale", "flagship"), out=age)


def share_partners(economy: Economy) -> None:
    """A share of revenue goes to the corporations that own a part of the lab, by stake
    [msft-revenue-share]."""
    labs, ownership = economy.labs, economy.ownership
    stakes = ownership.from_target(ownership.to_target(ownership.stake))
    due = ownership.from_target(labs.revenue * labs.revenue_share)
    economy.ledger.pay(
        "partners' share",
        due * ratio(ownership.stake, stakes) * ownership.open_edges(),
        labs,
        economy.parents,
        along=ownership,
        for_="partner_share",
    )


def pay_energy(economy: Economy) -> None:
    """Fleets pay for the power they drew; idle chips draw a part; utilities pass it on as fuel."""
    fleets, regions, power, ledger = (
        economy.fleets,
        economy.regions,
        economy.fleet_power,
        economy.ledger,
    )
    busy = ratio(fleets.offered - fleets.idle, fleets.active * HOURS)
    fleets.draw_gw = fleets.active_gw * (busy + (1.0 - busy) * fleets.idle_power_share)
    power.units = fleets.draw_gw * HOURS * 1e6
    power.usd = ledger.pay(
        "energy",
        power.units * fleets.power_price,
        fleets,
        regions,
        along=power,
        for_="cost_of_revenue",
    )
    margin = 12.0 * (fleets.revenue - power.usd)
    news = (margin - fleets.rental_margin) / fleets.income_memory_months
    fleets.rental_margin = fleets.rental_margin + news
    ledger.pay("fuel and wages", regions.cash, regions, economy.outside)


def pay_core_flows(economy: Economy) -> None:
    """Operators' cash flow outside AI rental comes from the rest of the economy and grows."""
    fleets = economy.fleets
    monthly = fleets.core_cash_flow * fleets.alive / 12.0
    economy.ledger.pay("core cash flow", np.maximum(monthly, 0.0), economy.outside, fleets)
    economy.ledger.pay("core cash flow", np.maximum(-monthly, 0.0), fleets, economy.outside)
    fleets.core_cash_flow = fleets.decide(DataCenter.grow_core)
    fleets.core_growth = fleets.decide(DataCenter.slow_core)


def write_down(economy: Economy) -> None:
    """Wear; no money moves. Chips lose the same amount every month over their economic life, each
    month's chips for themselves, and what failed or left is gone; sites and plant lose a share of
    what is left."""
    fleets, fabs, ledger = economy.fleets, economy.fabs, economy.ledger
    life = fleets.economic_life_months[:, :, None]
    wear = np.minimum(fleets.chip_cost / life, fleets.chip_worth)
    fleets.chip_worth = fleets.chip_worth - wear
    worn = np.minimum(total(wear), fleets.chips_book)
    ledger.write_off(fleets, "chips_book", worn, "depreciation")
    sites = ratio(fleets.sites_book, fleets.site_life_months)
    ledger.write_off(fleets, "sites_book", sites, "depreciation")
    plant = ratio(fabs.plant_book, fabs.plant_life_months)
    ledger.write_off(fabs, "plant_book", plant, "depreciation")


def pay_interest(economy: Economy) -> None:
    """Interest on what firms owe, to the capital market."""
    for firms, edges in economy.firms:
        interest = firms.debt * firms.interest_rate / 12.0
        economy.ledger.pay(
            "interest", interest, firms, economy.capital, along=edges, for_="interest_cost"
        )


def pay_taxes(economy: Economy) -> None:
    """Taxes on what firms earned this month, to the rest of the economy."""
    for firms, _ in economy.firms:
        economy.ledger.pay(
            "taxes", firms.decide(Firm.pay_taxes), firms, economy.outside, for_="taxes"
        )
