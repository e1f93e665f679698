"""An open-weight host: serves the best model whose weights are open, at cost, and trains none."""

from __future__ import annotations

import numpy as np

from agents.framework.columns import Quantity, ratio
from agents.labs.lab import Lab, ResearchPlan


class OpenHost(Lab):
    """Third parties that run other labs' open models for anybody [provider-quality].

    It sells tokens and leases hours as a lab does, so that it competes with the labs whose weights
    it runs; it has no research, no run, and nothing of its own to teach or to open.
    """

    label = "open-weight host"

    def plan_research(self) -> ResearchPlan:
        """No research; people as money allows."""
        plan = super().plan_research()
        return ResearchPlan(np.zeros_like(plan.hours), plan.staff, plan.payable)

    def want_compute(self) -> Quantity:
        """Hours wanted next month: expected serving with its reserve."""
        return self.serving_need * np.exp(self.serving_growth) * (1.0 + self.serving_reserve)

    def keep_for_serving(self) -> Quantity:
        """All hours received serve."""
        return self.compute_used * 1.0

    def release(self) -> Quantity:
        """1 to take up an open model that is better than what it serves [open-model-lag]."""
        return np.where(np.greater(self.capability_of_run(), self.offer_capability), 1.0, 0.0)

    def want_evaluation(self) -> Quantity:
        """None: the lab that published the model has evaluated it."""
        return np.zeros_like(self.open_capability)

    def capability_of_run(self) -> Quantity:
        """Capability of the best open model in its hands, less what is lost [provider-quality]."""
        return self.open_capability - self.hosting_loss

    def own_capability(self) -> Quantity:
        """Capability of the model that it serves: it has no work of its own."""
        return self.capability_of_run()

    def taught_in_run(self) -> Quantity:
        """OOM of the best open model's capability that come from lessons."""
        return self.open_taught * 1.0

    def inflation_of_run(self) -> Quantity:
        """OOM by which benchmarks overstate the best open model, as at its makers."""
        return self.open_inflation * 1.0

    def choose_focus(self) -> Quantity:
        """Focus of the best open model, its makers' choice."""
        return self.open_focus * 1.0

    def flop_of_run(self) -> Quantity:
        """Pre-training of the best open model."""
        return self.open_flop * 1.0

    def size_of_run(self) -> Quantity:
        """FLOP per token of the best open model."""
        return self.open_size * 1.0

    def improve_serving(self) -> Quantity:
        """Serving efficiency by copying the best alone: it has no research of its own."""
        behind = np.log(np.maximum(ratio(self.best_serving, self.serving_efficiency), 1.0))
        return self.serving_efficiency * np.exp(self.serving_spillover_rate * behind)

    def open_flagship(self) -> Quantity:
        """0: the weights are another lab's to publish."""
        return np.zeros_like(self.open_capability)

    def open_small(self) -> Quantity:
        """0: the weights are another lab's to publish."""
        return np.zeros_like(self.open_capability)
