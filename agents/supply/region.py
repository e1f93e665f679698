"""A region and its utility: gas and power prices, and the power it can connect for new sites."""

from __future__ import annotations

import numpy as np

from agents.framework.agent import EconomicAgent
from agents.framework.columns import Quantity, parameter, pipeline, state

TRANCHES = (
    "demand_response",
    "simple_cycle",
    "solar_microgrid",
    "combined_cycle",
    "grid_queue",
)
"""Ways to power a new site, the fastest first [demand-response-025, lead-simple-cycle,
microgrid-lead, lead-combined-cycle, grid-connection-lag]."""


class Region(EconomicAgent):
    """Sells power to fabs and sites; its price follows gas, its new supply comes in tranches."""

    population_name = "regions"
    label = "region"

    power_price_start = parameter("USD/kWh", "Industrial power price at the undisturbed gas price")
    gas_pass_through = parameter("1", "Rise of the power price per unit rise of the gas price")
    lng_exposure = parameter(
        "1", "Share of the world LNG price that the region's gas price follows"
    )
    lng_supply_loss = parameter("fraction", "LNG supply lost to the region's market this month")
    gas_price_flexibility = parameter("1", "Gas price rise per unit of LNG supply lost")
    share_of_new_power = parameter("fraction", "The region's share of the world's new AI power")
    new_power_growth = parameter("1/year", "Growth of the power that tranches can add a year")
    power_limit_gw = parameter("GW", "Ceiling of AI power, connected and under construction")
    export_controlled = parameter("0/1", "1 where foreign chips are under export control")
    legal_chip_imports = parameter("H100e/month", "Foreign chips licensed to a controlled region")
    smuggled_share = parameter("fraction", "Foreign output that leaks into a controlled region")
    foreign_rental_share = parameter(
        "fraction", "Hours of fleets abroad that labs of a controlled region may rent"
    )

    demand_response_gw_per_year = parameter(
        "GW/year", "World supply of interruptible grid connections for AI"
    )
    demand_response_lead = parameter("month", "Time to power of an interruptible connection")
    demand_response_premium = parameter(
        "fraction", "Added site cost of an interruptible connection"
    )
    simple_cycle_gw_per_year = parameter("GW/year", "World supply of simple-cycle gas for AI, firm")
    simple_cycle_lead = parameter("month", "Time to power of simple-cycle gas")
    simple_cycle_premium = parameter("fraction", "Added site cost of simple-cycle gas")
    solar_microgrid_gw_per_year = parameter(
        "GW/year", "World supply of off-grid solar for AI, firm"
    )
    solar_microgrid_lead = parameter("month", "Time to power of an off-grid solar microgrid")
    solar_microgrid_premium = parameter("fraction", "Added site cost of off-grid solar")
    combined_cycle_gw_per_year = parameter("GW/year", "World supply of combined-cycle gas for AI")
    combined_cycle_lead = parameter("month", "Time to power of combined-cycle gas")
    combined_cycle_premium = parameter("fraction", "Added site cost of combined-cycle gas")
    grid_queue_gw_per_year = parameter(
        "GW/year", "World supply of ordinary grid connections for AI"
    )
    grid_queue_lead = parameter("month", "Time to power in the ordinary grid queue")
    grid_queue_premium = parameter("fraction", "Added site cost of an ordinary connection")

    rent_adjust = parameter("1/month", "Rise of ln spot rent per unit of excess demand over supply")
    rent_swing = parameter("fraction", "Excess of demand over supply that the rent answers at most")
    rent_start = parameter("USD/H100e-hour", "Spot rent at the start")
    rent_ceiling = parameter("x start", "Highest spot rent over the start")

    gas_price_index = state("x undisturbed", "Gas price over its undisturbed level")
    calm_power_price = state("USD/kWh", "Power price undisturbed by gas and shocks")
    power_price = state("USD/kWh", "Power price of the month")
    power_supply_scale = state("x start", "Yearly tranche supply over its level at the start")
    connected_gw = state("GW", "Power granted to new sites this month")
    connected_by_tranche = pipeline("GW", "The same by tranche", depth=len(TRANCHES))
    rental_price = state("USD/H100e-hour", "Spot rental price of the region's compute market")

    def set_gas_price(self) -> Quantity:
        """Gas price index: 1 + flexibility x LNG loss x exposure [gas-price-flexibility]."""
        return 1.0 + self.gas_price_flexibility * self.lng_supply_loss * self.lng_exposure

    def set_power_price(self) -> Quantity:
        """Power price p = p0 (1 + phi dG) in USD/kWh, phi between the gas share of generation and 1
        [gas-share-power-eastasia, gas-to-power-passthrough-cap]; dG the fractional gas-price rise.
        """
        rise = self.gas_price_index - 1.0
        return self.power_price_start * (1.0 + self.gas_pass_through * rise)

    def grow_power_supply(self) -> Quantity:
        """Tranche supply scale after one month of growth: s exp(g / 12)."""
        return self.power_supply_scale * np.exp(self.new_power_growth / 12.0)
