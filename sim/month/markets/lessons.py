"""Teaching: labs buy outputs of better models to train their own on, as far as these are sold.

Tokens of teaching are tokens: the teacher serves them with its hours, at its price, and they are in
its revenue. What students learn counts from the next month on.
"""

from __future__ import annotations

import numpy as np

from agents.framework.columns import Floats, ratio
from agents.labs.lab import Lab
from sim.base.numerics.kernels import choice
from sim.economy.accounts.quanta import whole_tokens
from sim.economy.economy import Economy
from sim.month.perceive import labs as perceive_labs


def ask(economy: Economy) -> Floats:
    """Outputs that teachers are willing to sell out of what students want, tokens, (runs, edges):
    students choose by capability among those that are ahead of them and sell any
    [distill-withhold]."""
    labs, teaching = economy.labs, economy.teaching
    policy = teaching.from_source(labs.teaching_open)
    on_sale = teaching.from_source(economy.of_slot("on_sale", "flagship"))
    capability = teaching.from_source(labs.decide(Lab.lesson_capability))
    sells = (policy > 0.0) & (on_sale > 0.0) & (teaching.open_edges() > 0.0)
    sells &= capability > teaching.from_target(labs.decide(Lab.least_teacher))
    utility = teaching.from_target(labs.teacher_sharpness) * capability
    share = choice(np.where(sells, utility, -np.inf), teaching.target, len(labs))
    perceive_labs.teachers(economy, share)
    wanted = teaching.from_target(labs.decide(Lab.want_lessons))
    asked: Floats = whole_tokens(wanted * share * policy)
    return asked


def deliver(economy: Economy, asked: Floats, served: Floats) -> None:
    """Outputs are served like those of paying customers, `served` the part that teachers could
    serve, and paid at once out of research money; students keep them with what open models
    teach."""
    labs, teaching = economy.labs, economy.teaching
    teaching.units = whole_tokens(asked * served)
    price = teaching.from_source(labs.decide(Lab.lesson_offer))
    teaching.usd = economy.ledger.pay(
        "teaching",
        teaching.units * price / 1e6,
        labs,
        labs,
        along=teaching,
        for_="research_cost",
        by="revenue",
    )
    labs.lessons_bought = teaching.to_target(teaching.units)
    keep(economy, labs.lessons_bought, *teachers(economy, teaching.units))
    keep(economy, study(economy), labs.open_capability, labs.open_size)


def teachers(economy: Economy, tokens: Floats) -> tuple[Floats, Floats]:
    """Capability and size of the models that teach, (runs, labs) by student: means over the tokens
    of each edge, (runs, edges); 0 without any."""
    teaching = economy.teaching
    capability = teaching.from_source(economy.labs.decide(Lab.lesson_capability))
    big, little = (economy.of_slot("flop_per_token", slot) for slot in ("flagship", "small"))
    size = teaching.from_source(little + economy.labs.flagship_access * (big - little))
    bought = teaching.to_target(tokens)
    mean_capability = ratio(teaching.to_target(tokens * capability), bought)
    return mean_capability, ratio(teaching.to_target(tokens * size), bought)


def study(economy: Economy) -> Floats:
    """Outputs of open models that labs make for themselves, within their hours for synthetic data,
    (runs, labs) in tokens."""
    labs = economy.labs
    possible = ratio(labs.synthetic_hours * labs.decide(Lab.flop_per_hour), labs.open_size)
    studied: Floats = np.minimum(labs.decide(Lab.study_open_models), possible)
    return studied


def keep(economy: Economy, tokens: Floats, capability: Floats, size: Floats) -> None:
    """Add lessons to the runs of students, with the teachers' capability and size as means over
    all lessons, (runs, labs) each."""
    labs = economy.labs
    held = labs.lessons + tokens
    labs.taught_by = ratio(labs.lessons * labs.taught_by + tokens * capability, held)
    labs.taught_size = ratio(labs.lessons * labs.taught_size + tokens * size, held)
    labs.lessons = held
