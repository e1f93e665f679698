"""Perception of labs, their customers and their rivals: offers, open models, teachers, ideas.

Every function fills `perceived` columns only; decisions read nothing else of the world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.demand.customer import Customer
from agents.framework.columns import Floats, ratio
from agents.labs.lab import Lab
from agents.labs.lab_ideas import HISTORY
from sim.base.numerics.kernels import total

if TYPE_CHECKING:
    from sim.economy.economy import Economy

NOTHING = -99.0
"""Capability of a lab that sells nothing: below any other."""


def technology(economy: Economy) -> None:
    """To labs: the best software that can have been copied, the best serving, the level of jumps
    that can be replicated from this month on, and the hours of a digital researcher."""
    labs = economy.labs
    best = labs.software_past.max(axis=1, keepdims=True, initial=0.0)
    best = np.broadcast_to(best, labs.software_past.shape)
    lag = np.clip(np.rint(labs.replication_lag), 1, HISTORY).astype(np.intp)[:, :, None] - 1
    labs.best_past = np.take_along_axis(best, lag, axis=2)[:, :, 0]
    serving = np.where(labs.alive, labs.serving_efficiency, 0.0)
    labs.best_serving = serving.max(axis=1, keepdims=True, initial=0.0)
    labs.worker_hours = ratio(labs.worker_tokens * labs.token_flop, labs.decide(Lab.flop_per_hour))
    labs.task_burden = ratio(labs.decide(Lab.task_cost), labs.task_compute * labs.hour_price)


def frontier(economy: Economy) -> None:
    """To labs: research hours of a frontier lab this month, the mean over those that do any."""
    labs = economy.labs
    leading = np.array([group == "frontier" for group in labs.group_of], dtype=np.float64)
    hours = np.maximum(labs.compute_used - labs.inference_hours, 0.0) * leading * labs.alive
    busy = (hours > 0.0).astype(np.float64)
    labs.frontier_research = ratio(total(hours)[:, None], total(busy)[:, None])


def research(economy: Economy) -> None:
    """To labs: their part of all research input, and the hours of a frontier lab."""
    labs = economy.labs
    frontier(economy)
    made = labs.decide(Lab.own_research_input)
    labs.research_share = ratio(made, total(made)[:, None])


def pay(economy: Economy) -> None:
    """To labs and their staff: pay per head over the mean of all, by staff."""
    labs = economy.labs
    wages = total(labs.staff * labs.cost_per_head)[:, None]
    labs.pay_standing = ratio(labs.cost_per_head * total(labs.staff)[:, None], wages)


def cost_shares(economy: Economy) -> None:
    """To labs: their serving cost over revenue, and the part of it from coding-like tasks, of the
    month that closes."""
    labs, tokens, customers = economy.labs, economy.tokens, economy.customers
    share = np.where(labs.revenue > 0.0, ratio(labs.cost_of_revenue, labs.revenue), 1.0)
    labs.cost_share = np.minimum(share, 2.0)
    coding = tokens.to_source(tokens.usd * tokens.from_target(customers.coding_share))
    earned = tokens.to_source(tokens.usd)
    labs.coding_revenue = np.where(earned > 0.0, ratio(coding, earned), EVEN_TASKS)
    slope = tokens.from_target(customers.price_slope) * (1.0 - tokens.share)
    pressed = tokens.to_source(tokens.usd * slope)
    labs.trade_rivalry = ratio(total(pressed)[:, None], total(earned)[:, None])
    labs.rivalry = np.where(earned > 0.0, ratio(pressed, earned), labs.trade_rivalry)


def runs(economy: Economy) -> None:
    """To labs: their own run and flagship, the best model on sale, and the best open one."""
    labs = economy.labs
    labs.run_flop = economy.of_slot("training_flop", "training")
    labs.run_post_flop = economy.of_slot("post_training_flop", "training")
    labs.run_age = economy.of_slot("age", "training")
    labs.flagship_flop = economy.of_slot("training_flop", "flagship")
    offers(economy)
    capability = np.where(_sells(economy), labs.offer_capability, NOTHING)
    labs.best_on_sale = capability.max(axis=1, keepdims=True, initial=NOTHING)
    sells = _sells(economy).astype(np.float64)
    opened = total(economy.of_slot("open_weights", "flagship") * sells)[:, None]
    labs.rivals_open = ratio(opened, total(sells)[:, None])
    open_models(economy)


def open_models(economy: Economy) -> None:
    """To labs: the best model with open weights, of any publisher."""
    labs = economy.labs
    if not len(labs):
        return
    published = open_capability(economy)
    best = np.arange(economy.runs), published.argmax(axis=1)

    def of_best(column: str) -> Floats:
        of_lab: Floats = economy.of_slot(column, "published")[best]
        return of_lab[:, None]

    labs.open_capability = published[best][:, None]
    labs.open_size, labs.open_flop = of_best("flop_per_token"), of_best("training_flop")
    labs.open_focus, labs.open_taught = of_best("focus"), of_best("taught")
    labs.open_inflation = of_best("inflation")


def open_capability(economy: Economy) -> Floats:
    """Capability of the best model that each lab has published, (runs, labs); NOTHING for none."""
    known = economy.of_slot("on_sale", "published") > 0.0
    return np.where(known, economy.of_slot("capability", "published"), NOTHING)


def teachers(economy: Economy, share: Floats) -> None:
    """To labs: capability and price of the outputs that they can buy, by choice of teacher, (runs,
    edges) adding up to 1 or 0 by student; NOTHING where nobody teaches them."""
    labs, teaching = economy.labs, economy.teaching
    taught = teaching.to_target(share) > 0.0
    capability = teaching.to_target(
        share * teaching.from_source(labs.decide(Lab.lesson_capability))
    )
    labs.teacher_capability = np.where(taught, capability, NOTHING)
    labs.lesson_price = teaching.to_target(
        share * teaching.from_source(labs.decide(Lab.lesson_offer))
    )


def offers(economy: Economy) -> None:
    """To customers and to the labs themselves: what is on sale and at what price."""
    labs = economy.labs
    labs.offer_capability = economy.of_slot("capability", "flagship")
    labs.offer_small_capability = economy.of_slot("capability", "small")
    labs.offer_price = economy.of_slot("price", "flagship")
    labs.offer_small_price = economy.of_slot("price", "small")
    labs.offer_focus = economy.of_slot("focus", "flagship")
    labs.offer_taught = economy.of_slot("taught", "flagship")
    labs.offer_inflation = economy.of_slot("inflation", "flagship")
    labs.token_flop = economy.of_slot("flop_per_token", "flagship")


def suppliers(economy: Economy) -> None:
    """To customers: capability and price of their suppliers, by share of their demand."""
    customers, labs, tokens = economy.customers, economy.labs, economy.tokens
    customers.months = float(economy.month)
    small = tokens.from_target(customers.small_share)
    serves = tokens.decide(Customer.find_useful, by_target=True)
    customers.capability = tokens.to_target(tokens.share * serves)
    large, little = tokens.from_source(labs.offer_price), tokens.from_source(labs.offer_small_price)
    customers.price = tokens.to_target(tokens.share * (large + small * (little - large)))


def _sells(economy: Economy) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return economy.labs.alive & (economy.of_slot("on_sale", "flagship") > 0.0)


EVEN_TASKS = 0.5
"""Focus of a lab without customers: as much on coding-like tasks as on others."""
