"""Phase 6: labs spend their hours, learn and find out, and runs accumulate FLOP."""

from __future__ import annotations

import numpy as np

from agents.finance.outside import Outside
from agents.labs.lab import Lab
from agents.labs.lab_ideas import HISTORY
from sim.base.numerics.kernels import total
from sim.base.numerics.pipelines import next_due, slots
from sim.economy.accounts.quanta import whole_hours
from sim.economy.economy import Economy
from sim.month.perceive import labs as perceive_labs


def research(economy: Economy) -> None:
    """The month of research, from hours to software, serving and the run under way."""
    perceive_labs.technology(economy)
    contribute(economy)
    split_hours(economy)
    buy_tasks(economy)
    train(economy)
    improve(economy)
    jump(economy)


def contribute(economy: Economy) -> None:
    """Add contributed hours to the hours that labs bought. Nobody is paid for them: the owners of
    the machines, outside the fleets of the model, bear their power [decentralized-growth]."""
    labs = economy.labs
    labs.contributed_hours = whole_hours(labs.decide(Lab.contribute))
    begins = labs.contributed_first == 0.0
    labs.contributed_first = np.where(begins, labs.contributed_hours, labs.contributed_first)
    labs.compute_used = labs.compute_used + labs.contributed_hours


def split_hours(economy: Economy) -> None:
    """Hours received go to serving first, then to evaluations of the run under way, the rest by
    the lab's marginal choice; whole hours, what rounding leaves goes to experiments, so uses add up
    to what was bought."""
    labs = economy.labs
    labs.thinking = labs.decide(Lab.choose_thinking)
    kept = np.minimum(whole_hours(labs.decide(Lab.keep_for_serving)), labs.compute_used)
    labs.inference_hours = kept
    labs.evaluating_hours = whole_hours(labs.decide(Lab.evaluate))
    labs.elicitation_hours = labs.evaluating_hours * labs.decide(Lab.share_far_out)
    labs.evaluated_hours = labs.evaluated_hours + labs.evaluating_hours
    rest = labs.compute_used - kept - labs.evaluating_hours
    split = labs.decide(Lab.split_research)
    labs.synthetic_hours = whole_hours(rest * split.synthetic_data)
    labs.pre_training_hours = whole_hours(rest * split.pre_training)
    labs.post_training_hours = whole_hours(rest * split.post_training)
    labs.agent_hours = whole_hours(rest * split.agents)
    others = labs.synthetic_hours + labs.pre_training_hours + labs.post_training_hours
    labs.experiment_hours = rest - others - labs.agent_hours


def buy_tasks(economy: Economy) -> None:
    """Labs restock tasks; the more have to be made, the worse they are. Stock has one quality, the
    mean of what is in it."""
    labs, outside = economy.labs, economy.outside
    labs.tasks_bought = labs.decide(Lab.want_tasks)
    made = labs.tasks_bought * labs.decide(Lab.task_produce)
    outside.tasks_made = total(made)[:, None]
    quality = outside.decide(Outside.make_tasks)
    held = labs.tasks + labs.tasks_bought
    taught = labs.tasks * labs.task_quality + labs.tasks_bought * quality
    labs.task_quality = np.where(held > 0.0, taught / np.maximum(held, 1e-300), labs.task_quality)
    labs.tasks = held
    outside.task_output = outside.decide(Outside.grow_task_output)


def train(economy: Economy) -> None:
    """FLOP = hours x 3,600 s x peak x utilization, less what slow links lose; of post-training only
    what teaches counts, and it uses up tasks [mfu-pretrain, mfu-rl, diloco-penalty-exponent]."""
    labs = economy.labs
    per_hour = 3600.0 * labs.peak_flop * labs.decide(Lab.usable_share)
    run, post = (
        economy.of_slot("training_flop", "training"),
        economy.of_slot("post_training_flop", "training"),
    )
    np.add(run, labs.pre_training_hours * per_hour * labs.training_utilization, out=run)
    useful = labs.post_training_hours * labs.decide(Lab.useful_share)
    labs.wasted_hours = labs.post_training_hours - useful
    np.add(post, useful * per_hour * labs.post_training_utilization, out=post)
    used = labs.post_training_hours / labs.task_compute
    labs.tasks = np.maximum(labs.tasks - used, 0.0)
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


def jump(economy: Economy) -> None:
    """A lab that finds a new paradigm has it at once. Everybody has that level when its lag is
    over, so two labs that find it apart have found one paradigm."""
    labs = economy.labs
    perceive_labs.research(economy)
    due = next_due(labs.innovations)
    labs.public_paradigm = due.max(axis=1, keepdims=True, initial=0.0)
    found = labs.decide(Lab.discover)
    labs.paradigm = labs.decide(Lab.replicate) + found
    slot = slots(labs.innovations, np.minimum(labs.decide(Lab.replication_time), HISTORY))
    waiting = np.take_along_axis(labs.innovations, slot, axis=2)[:, :, 0]
    level = np.where(found > 0.0, np.maximum(waiting, labs.paradigm), waiting)
    np.put_along_axis(labs.innovations, slot, level[:, :, None], axis=2)
