"""The rest of the economy: pays customers and core cash flows, receives wages, fuel and savings."""

from __future__ import annotations

from agents.columns import account
from agents.investor import Investor


class Outside(Investor):
    """Closes the circuit: its cash is what the modelled economy has drawn from it, negated. It
    holds the shares that staff are paid in, and owes what funds hold in other assets."""

    population_name = "outside"
    label = "rest of the economy"

    portfolios = account("liability", "Claims of sovereign funds on it", "financing")
