"""People change labs, and take a part of what they know with them."""

from __future__ import annotations

import numpy as np

from agents.framework.columns import ratio
from agents.labs.lab import Lab
from sim.base.numerics.kernels import total
from sim.economy.economy import Economy
from sim.month.perceive import labs as perceive_labs


def move(economy: Economy) -> None:
    """People who look for work go to labs with vacancies, their own among them, in proportion to
    the attraction of each; a lab takes no more than it has places. Those who come from a better lab
    bring its methods nearer: ln software rises by the share of staff that is new x what they carry
    x the gap [talent-flows-to-rich, spillover-symmetric]."""
    labs, ideas = economy.labs, economy.ideas
    perceive_labs.pay(economy)
    pull = labs.decide(Lab.attraction)
    leavers = labs.decide(Lab.leavers)
    share = ratio(pull, total(pull)[:, None])
    coming = share * total(leavers)[:, None]
    room = np.minimum(ratio(labs.decide(Lab.vacancies), coming), 1.0)
    moved = ideas.from_source(leavers) * ideas.from_target(share * room) * ideas.open_edges()
    ideas.units = moved
    gap = np.log(
        np.maximum(ratio(ideas.from_source(labs.software), ideas.from_target(labs.software)), 1.0)
    )
    labs.staff = labs.staff + ideas.to_target(moved) - ideas.to_source(moved)
    new_share = moved / ideas.from_target(np.maximum(labs.staff, 1.0))
    learned = ideas.to_target(new_share * gap) * labs.carried_ideas
    labs.software = labs.software * np.exp(learned)
