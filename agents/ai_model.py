"""An AI model: a slot of its lab, for what is in training and for what it sells."""

from __future__ import annotations

from agents.agent import EconomicAgent
from agents.columns import state

SLOTS = ("flagship", "small", "training")
"""Slots of a lab: its best model on sale, the smaller one distilled from it, the run under way."""


class AIModel(EconomicAgent):
    """Holds what a model is and what it has earned; its lab decides. History is in the record."""

    population_name = "models"
    label = "AI model"

    training_flop = state("FLOP", "Pre-training of the model, or of the run so far")
    post_training_flop = state("FLOP", "Post-training of the model, or of the run so far")
    capability = state(
        "OOM", "Effective training FLOP over OpenAI's flagship of end-2024, in log10"
    )
    flop_per_token = state(
        "FLOP/token", "Compute of one generated token, before serving efficiency"
    )
    price = state("USD/Mtok", "Price per million tokens")
    on_sale = state("0/1", "1 for a model that customers can use")
    age = state("month", "Months since release, or since the run began")
    rnd_before = state("USD", "R&D spent since the release before, or in the run so far")
    gross_profit = state("USD", "Revenue less serving cost since release, its small model included")
    tokens = state("token", "Tokens served this month")
