"""An AI model: a slot of its lab, for a model on sale or a run under way."""

from __future__ import annotations

import numpy as np

from agents.framework.agent import EconomicAgent
from agents.framework.columns import Quantity, parameter, state

SLOTS = ("flagship", "small", "training", "published")
"""Slots of a lab: its best model on sale, the smaller one distilled from it, the run under way, and
the best model whose weights it has published, which nobody can take back."""


class AIModel(EconomicAgent):
    """Holds properties and earnings of a model; its lab decides. History is in the record."""

    population_name = "models"
    label = "AI model"

    score_start = parameter("fraction", "Benchmark score of a model of capability 0")
    score_slope = parameter("1/OOM", "Rise of the log odds of the score with measured capability")

    training_flop = state("FLOP", "Pre-training of the model, or of the run so far")
    post_training_flop = state("FLOP", "Post-training of the model, or of the run so far")
    capability = state(
        "OOM", "Effective training FLOP over OpenAI's flagship of end-2024, in log10"
    )
    inflation = state("OOM", "Capability that benchmarks see beyond what it has in use")
    taught = state("OOM", "Capability that comes from outputs of other labs' models")
    focus = state("fraction", "Post-training on coding-like tasks")
    open_weights = state("0/1", "1 if anybody may run it")
    flop_per_token = state(
        "FLOP/token", "Compute of one generated token, before serving efficiency"
    )
    price = state("USD/Mtok", "Price per million tokens")
    on_sale = state("0/1", "1 for a model that customers can use")
    age = state("month", "Months since release, or since the run began")
    rnd_before = state("USD", "R&D spent since the release before, or in the run so far")
    gross_profit = state("USD", "Revenue less serving cost since release, its small model included")
    tokens = state("token", "Tokens served this month")

    def score(self) -> Quantity:
        """Score on benchmarks: logistic in measured capability, which is what it has in use and
        what benchmarks overstate [frontiermath-2024, aime-gain-100x-inference, distill-benchmaxx].
        """
        odds = np.log(self.score_start / (1.0 - self.score_start))
        odds = odds + self.score_slope * (self.capability + self.inflation)
        chance: Quantity = 1.0 / (1.0 + np.exp(-np.clip(odds, -500.0, 500.0)))
        return chance
