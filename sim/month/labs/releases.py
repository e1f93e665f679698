"""Phase 7: runs become models, the flagship before them ends its tenure, prices are posted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.framework.columns import Floats, ratio
from agents.labs.lab import Lab
from sim.economy.economy import Economy
from sim.month.labs import entry
from sim.month.perceive import labs as perceive_labs


class Product(NamedTuple):
    """The models that a lab would sell if it released its run now, (runs, labs) each."""

    training_flop: Floats
    capability: Floats
    flop_per_token: Floats
    inflation: Floats
    taught: Floats
    open_flagship: Floats
    open_small: Floats


def release(economy: Economy) -> None:
    """Labs release runs that are ready, with a small model distilled from each, and set prices."""
    labs = economy.labs
    perceive_labs.runs(economy)
    capability, size = labs.decide(Lab.capability_of_run), labs.decide(Lab.size_of_run)
    labs.candidate_capability = capability
    labs.candidate_size = ratio(size, labs.reference_flop_per_token)
    labs.focus = labs.decide(Lab.choose_focus)
    labs.released = labs.decide(Lab.release)
    labs.evaluation_budget = labs.decide(Lab.want_evaluation)
    product = Product(
        labs.decide(Lab.flop_of_run),
        capability,
        size,
        labs.decide(Lab.inflation_of_run),
        labs.decide(Lab.taught_in_run),
        labs.decide(Lab.open_flagship),
        labs.decide(Lab.open_small),
    )
    labs.progress = np.maximum(product.capability - labs.offer_capability, 0.0) * labs.released
    first = labs.released * (1.0 - economy.of_slot("on_sale", "flagship"))
    end_tenure(economy)
    put_on_sale(economy, product)
    labs.tasks = labs.tasks * (1.0 - labs.decide(Lab.outgrow_tasks))
    perceive_labs.offers(economy)
    set_prices(economy)
    if first.any():
        entry.welcome(economy, first)


def end_tenure(economy: Economy) -> None:
    """Record the outgoing flagship: months on sale, and gross profit over the R&D before it
    [model-tenure, recoup-ratio-gpt5]."""
    labs = economy.labs
    out = labs.released > 0.0
    earned = ratio(
        economy.of_slot("gross_profit", "flagship"), economy.of_slot("rnd_before", "flagship")
    )
    labs.tenure = np.where(out, economy.of_slot("age", "flagship"), labs.tenure)
    labs.recouped = np.where(out, earned, labs.recouped)


def put_on_sale(economy: Economy, product: Product) -> None:
    """The run takes the flagship's slot and its distillate the small one's; a new run begins."""
    labs = economy.labs
    new = labs.released > 0.0
    fresh: dict[str, Floats | float] = {
        "training_flop": product.training_flop,
        "post_training_flop": economy.of_slot("post_training_flop", "training"),
        "rnd_before": economy.of_slot("rnd_before", "training"),
        "capability": product.capability,
        "inflation": product.inflation,
        "taught": product.taught,
        "focus": labs.focus,
        "flop_per_token": product.flop_per_token,
        "gross_profit": 0.0,
        "age": 0.0,
        "on_sale": 1.0,
    }
    for column, values in fresh.items():
        np.copyto(economy.of_slot(column, "flagship"), values, where=new)
        np.copyto(economy.of_slot(column, "small"), values, where=new)
    np.copyto(economy.of_slot("open_weights", "flagship"), product.open_flagship, where=new)
    np.copyto(economy.of_slot("open_weights", "small"), product.open_small, where=new)
    fit_small_models(economy, new)
    for column in ("training_flop", "post_training_flop", "rnd_before", "age"):
        np.copyto(economy.of_slot(column, "training"), 0.0, where=new)
    for column in OF_RUN:
        np.copyto(labs.columns[column], 0.0, where=new)
    publish(economy)


def publish(economy: Economy) -> None:
    """Of the open models that a lab has on sale the best takes the published slot if it is better
    than what is there; it stays there, whatever becomes of its lab [open-model-lag]."""
    known, before = (economy.of_slot(c, "published") for c in ("on_sale", "capability"))
    for slot in ("small", "flagship"):
        opened = economy.of_slot("on_sale", slot) * economy.of_slot("open_weights", slot)
        better = (opened > 0.0) & ((known == 0.0) | (economy.of_slot("capability", slot) > before))
        for column in PUBLISHED:
            new = economy.of_slot(column, slot)
            np.copyto(economy.of_slot(column, "published"), new, where=better)


def fit_small_models(economy: Economy, new: NDArray[np.bool_]) -> None:
    """The small model of each new flagship: less capable by the gap, and sized for that."""
    labs = economy.labs
    perceive_labs.offers(economy)
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
    perceive_labs.offers(economy)


OF_RUN = ("lessons", "taught_by", "taught_size", "evaluated_hours")
"""Columns of a lab for the run under way; the next run begins without them."""
PUBLISHED = (
    "training_flop",
    "post_training_flop",
    "capability",
    "inflation",
    "taught",
    "focus",
    "open_weights",
    "flop_per_token",
    "on_sale",
)
"""Public columns of a model with open weights."""
