"""Evaluation of models in a lab: hours that it takes before a release."""

from __future__ import annotations

import numpy as np

from agents.framework.agent import EconomicAgent
from agents.framework.columns import Column, Quantity, parameter, perceived, ratio, state


class LabEvaluation(EconomicAgent):
    """The lab evaluates a model before it releases it.

    A run of an evaluation takes as long as the tasks that the model can do, so it takes ever more
    compute. Some runs go far out, where a model shows what it can do at most, others stay near the
    plateau of the score, where they are cheap.
    """

    # Columns of a lab's other topics that rules here read.
    compute_used: Column
    inference_hours: Column
    serving_efficiency: Column

    task_horizon_start = parameter("hour", "Length of tasks that a model of capability 0 does")
    horizon_doublings = parameter("1/OOM", "Doublings of that length with capability")
    evaluation_hours = parameter(
        "H100e-hour",
        "One run of all evaluations near the plateau, at tasks of an hour, as served at the start",
    )
    evaluation_depth = parameter("x", "Hours of a run far out over one near the plateau")
    evaluation_spread_near = parameter("score", "Part of the score's spread seen near the plateau")
    evaluation_spread_far = parameter("score", "Part of the score's spread seen far out only")
    evaluation_error = parameter("score", "Standard error of the score that a release needs")
    evaluation_share_max = parameter("fraction", "Research hours that evaluations take at most")

    evaluation_budget = state("H100e-hour", "What evaluations of the run take, by last month")
    evaluated_hours = state("H100e-hour", "Of these, hours spent so far")
    evaluating_hours = state("H100e-hour", "Hours spent on evaluations this month")
    elicitation_hours = state("H100e-hour", "Of these, hours of runs far out")

    candidate_capability = perceived("OOM", "Capability of the run if released now")
    candidate_size = perceived("x reference", "Serving compute of its tokens over the reference")

    def task_horizon(self) -> Quantity:
        """Hours of human work in the longest tasks that the run does half of the time: start x
        2^(doublings x capability) [time-horizon-50, time-horizon-doublings]."""
        doublings = np.clip(self.horizon_doublings * self.candidate_capability, -100.0, 100.0)
        return self.task_horizon_start * np.power(2.0, doublings)

    def plan_evaluation(self) -> Quantity:
        """Hours that evaluations of the run take. A run near the plateau costs c = hours x task
        horizon x size / serving efficiency, one far out `depth` times as much. With spreads s and S
        the cheapest mix for a standard error e takes (s sqrt(c) + S sqrt(depth c))^2 / e^2, hours
        shared as s sqrt(c) to S sqrt(depth c): a few runs far out, many near the plateau
        [ord-eval-compute, fm-doubling-gain]."""
        size = ratio(self.candidate_size, self.serving_efficiency)
        near = self.evaluation_hours * self.task_horizon() * size
        spread = self.evaluation_spread_near + self.evaluation_spread_far * np.sqrt(
            self.evaluation_depth
        )
        precision = spread / self.evaluation_error
        return np.ceil(near * precision * precision)

    def share_far_out(self) -> Quantity:
        """Part of these hours that goes to runs far out: S sqrt(depth) / (s + S sqrt(depth))
        [ord-eval-compute]."""
        far = self.evaluation_spread_far * np.sqrt(self.evaluation_depth)
        return ratio(far, self.evaluation_spread_near + far)

    def evaluate(self) -> Quantity:
        """Hours of evaluations this month: what is still to do, at most a share of the hours left
        for research."""
        research = np.maximum(self.compute_used - self.inference_hours, 0.0)
        left = np.maximum(self.evaluation_budget - self.evaluated_hours, 0.0)
        return np.minimum(left, research * self.evaluation_share_max)
