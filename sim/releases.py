"""Phase 7: runs become models, the flagship before them ends its tenure, prices are posted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.columns import Floats, ratio
from agents.lab import Lab
from sim import entry, perceive
from sim.economy import Economy


def release(economy: Economy) -> None:
    """Labs release runs that are ready, with a small model distilled from each, and set prices."""
    labs = economy.labs
    perceive.runs(economy)
    labs.released = labs.decide(Lab.release)
    capability, size = labs.decide(Lab.capability_of_run), labs.decide(Lab.size_of_run)
    first = labs.released * (1.0 - economy.of_slot("on_sale", "flagship"))
    end_tenure(economy)
    put_on_sale(economy, capability, size)
    perceive.offers(economy)
    set_prices(economy)
    if first.any():
        entry.welcome(economy, first)


def end_tenure(economy: Economy) -> None:
    """What the outgoing flagship leaves: months on sale, and gross profit over the R&D before it
    [model-tenure, recoup-ratio-gpt5]."""
    labs = economy.labs
    out = labs.released > 0.0
    earned = ratio(
        economy.of_slot("gross_profit", "flagship"), economy.of_slot("rnd_before", "flagship")
    )
    labs.tenure = np.where(out, economy.of_slot("age", "flagship"), labs.tenure)
    labs.recouped = np.where(out, earned, labs.recouped)


def put_on_sale(economy: Economy, capability: Floats, size: Floats) -> None:
    """The run takes the flagship's slot and its distillate the small one's; a new run begins."""
    labs = economy.labs
    new = labs.released > 0.0
    fresh: dict[str, Floats | float] = {
        "training_flop": economy.of_slot("training_flop", "training"),
        "post_training_flop": economy.of_slot("post_training_flop", "training"),
        "rnd_before": economy.of_slot("rnd_before", "training"),
        "capability": capability,
        "flop_per_token": size,
        "gross_profit": 0.0,
        "age": 0.0,
        "on_sale": 1.0,
    }
    for column, values in fresh.items():
        np.copyto(economy.of_slot(column, "flagship"), values, where=new)
        np.copyto(economy.of_slot(column, "small"), values, where=new)
    fit_small_models(economy, new)
    for column in ("training_flop", "post_training_flop", "rnd_before", "age"):
        np.copyto(economy.of_slot(column, "training"), 0.0, where=new)


def fit_small_models(economy: Economy, new: NDArray[np.bool_]) -> None:
    """The small model of each new flagship: less capable by the gap, and sized for that."""
    labs = economy.labs
    perceive.offers(economy)
    labs.asked_capability = labs.offer_capability - labs.small_gap
    size = economy.of_slot("flop_per_token", "flagship") * labs.decide(Lab.size_for_less)
    np.copyto(economy.of_slot("capability", "small"), labs.asked_capability, where=new)
    np.copyto(economy.of_slot("flop_per_token", "small"), size, where=new)


def set_prices(economy: Economy) -> None:
    """A new flagship opens at its target price, an old one moves toward it."""
    labs = economy.labs
    moved = labs.decide(Lab.set_price)
    post_prices(economy, np.where(labs.released > 0.0, labs.decide(Lab.target_price), moved))


def post_prices(economy: Economy, price: Floats) -> None:
    """Post flagship prices, (runs, labs); the small model costs in proportion to its size."""
    per_flop = ratio(price, economy.of_slot("flop_per_token", "flagship"))
    np.copyto(economy.of_slot("price", "flagship"), price)
    np.copyto(
        economy.of_slot("price", "small"), per_flop * economy.of_slot("flop_per_token", "small")
    )
    perceive.offers(economy)
