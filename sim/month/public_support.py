"""Public support of labs: grants of research hours, and tokens for everyone."""

from __future__ import annotations

import numpy as np

from agents.framework.columns import Floats, ratio
from agents.labs.lab import Lab
from sim.base.numerics.kernels import total
from sim.economy.economy import Economy


def pay_grants(economy: Economy, bill: Floats) -> None:
    """The public purse pays the part of the bill for research, (runs, labs) in USD, that is for
    hours it grants: for the hours themselves, and for the tasks and data that they take."""
    labs = economy.labs
    hours = labs.compute_used - labs.inference_hours
    share = np.minimum(ratio(labs.decide(Lab.public_hours), hours), 1.0)
    labs.grants = economy.ledger.pay("grants", share * bill, economy.outside, labs, by="gains")


def pay_allowance(economy: Economy) -> None:
    """Tokens for everyone are paid to the labs that served them, at the cost of their hours; a part
    of it comes back as a levy on labs, in proportion to revenue. They are neither in a lab's
    revenue nor in its cost of revenue: nobody sells them [scarce-goods-prices]."""
    labs, outside, ledger = economy.labs, economy.outside, economy.ledger
    cost = labs.allowance_hours * labs.hour_price
    cost = ledger.reclassify(labs, "cost_of_revenue", "outlays", cost)
    labs.allowance_paid = ledger.pay("allowance", cost, outside, labs, by="gains")
    levied = total(labs.allowance_paid)[:, None] * outside.levy_share
    levy = levied * ratio(labs.revenue, total(labs.revenue)[:, None])
    ledger.pay("levy", levy, labs, outside, for_="administration_cost")
