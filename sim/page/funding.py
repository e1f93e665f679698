"""Where the money for capital spending and for labs comes from, month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from agents.columns import Floats
    from sim.model import EconomyModel

OWNERS = {"shares of the market": "capital", "Gulf funds": "gulf", "parents": "parents"}
"""Who buys new shares, and the words for their money."""


def of_operators(model: EconomyModel) -> dict[str, Floats]:
    """Money for AI capital spending of the month by source in USD, (months,) each.

    New shares by buyer, loans and arrears less repayments where that is positive, and what
    operators have themselves: capital spending less all of these, where that is positive. Money
    raised ahead of the spending is in the month in which it comes.
    """
    raised = _raised(model, "fleets")
    spent = model.record.metrics["capex_usd"][0, : model.record.months]
    own = np.maximum(spent - sum(raised.values(), np.zeros_like(spent)), 0.0)
    return {"operators' own money": own, **raised}


def of_labs(model: EconomyModel) -> dict[str, Floats]:
    """Money that labs raised in the month by source in USD, (months,) each."""
    return _raised(model, "labs")


def _raised(model: EconomyModel, firms: str) -> dict[str, Floats]:
    """Money that firms raised: loans less repayments, where positive, and shares by buyer."""
    lent = paid(model, "loans", "capital", firms) + paid(model, "arrears", "capital", firms)
    net = np.maximum(lent - paid(model, "repayments", firms, "capital"), 0.0)
    return {
        "loans, less repayments": net,
        **{words: paid(model, "shares", payer, firms) for words, payer in OWNERS.items()},
    }


def paid(model: EconomyModel, instrument: str, payer: str, payee: str) -> Floats:
    """What a sector paid another by an instrument in USD, (months,); 0 if it never did."""
    done = model.record.months
    flow = model.record.payments.get((instrument, payer, payee))
    return np.zeros(done) if flow is None else flow[0, :done]
