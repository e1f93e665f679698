"""Phase 9: what the month's trade costs and earns is posted; books are written down."""

from __future__ import annotations

import numpy as np

from agents.chip_fab import ChipFab
from agents.columns import ratio
from agents.data_center import HOURS, DataCenter
from sim.economy import Economy
from sim.pipelines import within


def close(economy: Economy) -> None:
    """All postings that follow from the month's production, hours and sites."""
    pay_production(economy)
    pay_rent(economy)
    pay_labs(economy)
    pay_energy(economy)
    pay_core_flows(economy)
    write_down(economy)


def pay_production(economy: Economy) -> None:
    """Fabs pay for what they made: energy to the utility, the rest of the unit cost as wages and
    materials, without scarce inputs (paid on delivery) and the wear of plant (paid with the line).
    """
    fabs, ledger = economy.fabs, economy.ledger
    base = (1.0 - fabs.gross_margin) * fabs.reference_price * fabs.produced
    energy = base * fabs.foundry_energy_share * fabs.energy_multiple
    ledger.pay("energy", energy, fabs, economy.regions, along=economy.fab_power)
    other = np.maximum(fabs.decide(ChipFab.unit_cost) * fabs.produced - energy, 0.0)
    inputs = economy.supplies.to_target(economy.supplies.usd)
    wear = ratio(fabs.plant_book, fabs.plant_life_months)
    labour = np.maximum(other - inputs - wear, 0.0)
    ledger.pay("materials and wages", labour, fabs, economy.outside)
    sold = economy.chips.to_source(economy.chips.usd)
    fabs.revenue = fabs.revenue + (sold - fabs.revenue) / fabs.income_memory_months


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
    leased = ledger.pay("leases", lease.delivered * lease.price, labs, fleets, along=lease)
    burst = ledger.pay(
        "spot hours", lease.spot * lease.from_source(fleets.rent), labs, fleets, along=lease
    )
    lease.usd = leased + burst
    labs.compute_bill = lease.to_target(lease.usd)
    bill = spot.units * spot.from_source(fleets.rent)
    spot.usd = ledger.pay("spot hours", bill, elsewhere, fleets, along=spot)
    ledger.pay("income", spot.to_target(spot.usd), economy.outside, elsewhere)
    fleets.rental_income = lease.to_source(lease.usd) + spot.to_source(spot.usd)


def pay_labs(economy: Economy) -> None:
    """Labs' serving cost (hours kept for serving, used or not), R&D (research hours, staff, data)
    and sales; what a flagship earns and what the next one costs are kept with the models."""
    labs, ledger = economy.labs, economy.ledger
    labs.hour_price = np.where(
        labs.compute_used > 0.0, ratio(labs.compute_bill, labs.compute_used), labs.hour_price
    )
    labs.serving_cost = labs.inference_hours * labs.hour_price
    research = labs.compute_bill - labs.serving_cost
    staff = labs.staff * labs.cost_per_head / 12.0
    data = research * ratio(
        1.0 - labs.rnd_compute_share - labs.rnd_staff_share, labs.rnd_compute_share
    )
    wages = ledger.pay("wages", staff, labs, economy.outside)
    bought = ledger.pay("data", np.maximum(data, 0.0), labs, economy.outside)
    labs.rnd_spend = np.maximum(research, 0.0) + wages + bought
    sales = labs.revenue * labs.sales_share
    labs.operating_cost = ledger.pay("sales and administration", sales, labs, economy.outside)

    profit = labs.revenue - labs.serving_cost
    news = (profit - labs.gross_profit_smoothed) / labs.income_memory_months
    labs.gross_profit_smoothed = labs.gross_profit_smoothed + news
    earned = economy.of_slot("gross_profit", "flagship")
    np.add(earned, profit, out=earned)
    spent = economy.of_slot("rnd_before", "training")
    np.add(spent, labs.rnd_spend, out=spent)
    age = economy.of_slot("age", "flagship")
    np.add(age, economy.of_slot("on_sale", "flagship"), out=age)


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
    power.usd = ledger.pay("energy", power.units * fleets.power_price, fleets, regions, along=power)
    margin = 12.0 * (fleets.rental_income - power.usd)
    news = (margin - fleets.rental_margin) / fleets.income_memory_months
    fleets.rental_margin = fleets.rental_margin + news
    ledger.pay("fuel and wages", regions.cash, regions, economy.outside)


def pay_core_flows(economy: Economy) -> None:
    """Operators' cash flow outside AI rental comes from the rest of the economy and grows."""
    fleets = economy.fleets
    economy.ledger.pay(
        "core cash flow", fleets.core_cash_flow * fleets.alive / 12.0, economy.outside, fleets
    )
    fleets.core_cash_flow = fleets.decide(DataCenter.grow_core)
    fleets.core_growth = fleets.decide(DataCenter.slow_core)


def write_down(economy: Economy) -> None:
    """Depreciation, declining balance over economic life; no money moves."""
    fleets, fabs, ledger = economy.fleets, economy.fabs, economy.ledger
    ledger.write_off(fleets, "chips_book", ratio(fleets.chips_book, fleets.economic_life_months))
    ledger.write_off(fleets, "sites_book", ratio(fleets.sites_book, fleets.site_life_months))
    ledger.write_off(fabs, "plant_book", ratio(fabs.plant_book, fabs.plant_life_months))
