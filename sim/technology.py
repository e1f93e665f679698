"""Phase 6: labs spend their hours, software and serving improve, runs accumulate FLOP."""

from __future__ import annotations

import numpy as np

from agents.lab import Lab
from sim import perceive
from sim.economy import Economy, whole_hours


def research(economy: Economy) -> None:
    """The month of research, from hours to software, serving and the run under way."""
    perceive.technology(economy)
    split_hours(economy)
    train(economy)
    improve(economy)


def split_hours(economy: Economy) -> None:
    """Hours received go to serving first, the rest by the lab's marginal choice; whole hours, what
    rounding leaves goes to experiments, so uses add up to what was bought."""
    labs = economy.labs
    kept = np.minimum(whole_hours(labs.decide(Lab.keep_for_serving)), labs.compute_used)
    rest = labs.compute_used - kept
    labs.inference_hours = kept
    split = labs.decide(Lab.split_research)
    labs.synthetic_hours = whole_hours(rest * split.synthetic_data)
    labs.pre_training_hours = whole_hours(rest * split.pre_training)
    labs.post_training_hours = whole_hours(rest * split.post_training)
    runs = labs.synthetic_hours + labs.pre_training_hours + labs.post_training_hours
    labs.experiment_hours = rest - runs


def train(economy: Economy) -> None:
    """FLOP = hours x 3,600 s x peak x utilization [mfu-pretrain, mfu-rl]."""
    labs = economy.labs
    per_hour = 3600.0 * labs.peak_flop
    run, post = (
        economy.of_slot("training_flop", "training"),
        economy.of_slot("post_training_flop", "training"),
    )
    np.add(run, labs.pre_training_hours * per_hour * labs.training_utilization, out=run)
    np.add(post, labs.post_training_hours * per_hour * labs.post_training_utilization, out=post)
    age = economy.of_slot("age", "training")
    np.add(age, labs.alive, out=age)


def improve(economy: Economy) -> None:
    """Effort is chosen, then software and serving grow; the past that others copy moves on."""
    labs = economy.labs
    labs.cost_effort = labs.decide(Lab.choose_effort)
    software = labs.decide(Lab.improve_software)
    labs.serving_efficiency = labs.decide(Lab.improve_serving)
    labs.software_past[:, :, 1:] = labs.software_past[:, :, :-1]
    labs.software_past[:, :, 0] = labs.software
    labs.software = software
