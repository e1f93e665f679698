"""Allocation of research in a lab: hours over their uses, effort over value and cost of a token."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.framework.columns import Column, Floats, Quantity, parameter, perceived, ratio, state
from agents.labs.lab_ideas import LabIdeas

SEED_SHARE = 0.01
"""Part of research hours, or of what money buys, that a lab without any can begin with."""


class ResearchSplit(NamedTuple):
    """Shares of research hours, adding up to 1."""

    experiments: Floats
    synthetic_data: Floats
    pre_training: Floats
    post_training: Floats
    agents: Floats


class LabAllocation(LabIdeas):
    """The lab weighs the returns of uses of research against each other.

    Serving efficiency cuts what a token costs; like software it is found by own work and copied.
    """

    # Columns of a lab's other topics that rules here read.
    compute_used: Column

    post_training_elasticity = parameter("1", "Effective compute per unit of ln post-training FLOP")
    scale_elasticity = parameter("1", "Effective compute per unit of ln pre-training FLOP")
    size_elasticity = parameter("1", "Rise of ln model size per unit of ln pre-training FLOP")
    thinking_elasticity = parameter("1", "Effective compute per unit of ln test-time compute")
    thinking_share = parameter("fraction", "Tokens of tasks hard enough for test-time compute")
    thinking_max = parameter("x", "Most test-time compute on such a task, over none")
    synthetic_share = parameter("fraction", "Share of hours for ideas that goes to synthetic data")
    idea_life = parameter("month", "Time for which an idea is worth having")
    serving_progress = parameter("1/year", "Growth of ln serving efficiency at the start")
    serving_spillover_rate = parameter(
        "1/month", "Share of the gap to the best serving efficiency closed a month"
    )
    serving_gets_harder = parameter("1", "Fall of ln growth per unit of ln serving efficiency")
    serving_returns = parameter("1", "Elasticity of that growth to effort")
    value_per_oom = parameter("1/OOM", "Rise of ln revenue with capability that a lab reckons with")

    serving_efficiency = state("x start", "Tokens per FLOP in serving over the start")
    hour_price = state("USD/H100e-hour", "What it last paid for an hour on average")
    inference_hours = state("H100e-hour", "Hours spent on serving")

    best_serving = perceived("x start", "Best serving efficiency of any lab last month")
    cost_share = perceived("fraction", "Serving cost over revenue last month")
    task_burden = perceived("1", "Cost of tasks over that of the hours that train on them")

    def split_research(self) -> ResearchSplit:
        """Shares of research hours that equalise the return of one more dollar.

        Effective compute is a product of powers, so an hour in a use returns its elasticity over
        the hours already there, and shares follow elasticities: pre-training scale_elasticity less
        what a larger model costs to serve; post-training its own, over one plus what its tasks cost
        per hour; experiments and synthetic data the growth of software over the life of an idea x
        returns x compute's share in research; digital researchers the same x labour's share, and
        no more than people can employ. Of the hours for ideas a fixed share goes to synthetic
        data. The share of final runs is nowhere imposed [final-run-minority, sie-epsk,
        scaledep-exponent, rl-task-to-compute, digital-workers].
        """
        burden = ratio(self.size_elasticity * self.cost_share * np.log(10.0), self.value_per_oom)
        pre = np.maximum(self.scale_elasticity - burden, 0.0)
        post = self.post_training_elasticity / (1.0 + self.task_burden)
        # A lab that has stopped weighs the return of its first hours, or it would never restart.
        made = self.synthetic_share
        hours = np.maximum(self.compute_used - self.inference_hours, 0.0)
        first = SEED_SHARE * hours
        growth = self.growth_with(
            np.maximum(self.experiment_hours, first * (1.0 - made)),
            np.maximum(self.synthetic_hours, first * made),
        )
        ideas = growth * self.idea_life * self.research_returns
        by_compute = ideas * self.compute_in_research
        by_labour = ideas * (1.0 - self.compute_in_research)
        employable = ratio(self.room_for_agents() * self.worker_hours, hours)
        agents = np.minimum(ratio(by_labour, pre + post + by_compute + by_labour), employable)
        rest = ratio(1.0 - agents, pre + post + by_compute)
        return ResearchSplit(
            by_compute * (1.0 - made) * rest,
            by_compute * made * rest,
            pre * rest,
            post * rest,
            agents,
        )

    def choose_thinking(self) -> Quantity:
        """Test-time compute per hard task over none, t, at which one more unit returns what it
        costs. With hard tasks a share h of tokens, serving cost is in proportion to 1 + h (t - 1)
        and ln revenue rises by a ln t; the optimum has h t / (1 - h + h t) = a / cost share, with
        a = value per OOM x elasticity / ln 10 [aime-gain-100x-inference, rl-vs-inference-scaling,
        ord-inference-limits]."""
        gain = self.value_per_oom * self.thinking_elasticity / np.log(10.0)
        free = np.less_equal(self.cost_share, 0.0)
        weight = np.minimum(np.where(free, 1.0, ratio(gain, self.cost_share)), 1.0 - 1e-9)
        hard = self.thinking_share
        best = weight * (1.0 - hard) / ((1.0 - weight) * hard)
        return np.clip(best, 1.0, self.thinking_max)

    def improve_serving(self) -> Quantity:
        """Serving efficiency s after one month: ln s grows by progress x s^-harder x (effort /
        reference)^returns, and toward the best, slowly [inference-drivers,
        drawbridge-fence]."""
        effort = np.maximum(ratio(self.cost_effort, self.reference_effort), 0.0)
        harder = np.power(np.maximum(self.serving_efficiency, 1.0), -self.serving_gets_harder)
        growth = self.serving_progress / 12.0 * harder * np.power(effort, self.serving_returns)
        behind = np.log(np.maximum(ratio(self.best_serving, self.serving_efficiency), 1.0))
        return self.serving_efficiency * np.exp(growth + self.serving_spillover_rate * behind)

    def own_share(self, copying: Quantity) -> Quantity:
        """Part of an idea's worth over its life that its lab keeps, when rivals close a share
        `copying` of the gap a month: (1 - e^-(life x copying)) / (life x copying)."""
        copied = np.maximum(self.idea_life * copying, 1e-9)
        return (1.0 - np.exp(-copied)) / copied

    def choose_effort(self) -> Quantity:
        """Share of research effort on cost per token, the rest on value per token, by the return of
        one more unit: cost falls by progress x returns and saves the cost share of revenue; value
        rises by idea growth x its elasticity x what capability earns; each as long as it is not
        copied, ideas fast, efficiency slowly [token-value-over-cost, token-strategy-switch,
        drawbridge-fence]."""
        saving = self.cost_share * self.serving_progress / 12.0 * self.serving_returns
        saving = saving * self.own_share(self.serving_spillover_rate)
        earned = self.value_per_oom / np.log(10.0) * self.own_share(self.spillover_rate)
        research = self.research_returns * self.compute_in_research
        return np.clip(ratio(saving, saving + earned * self.idea_growth() * research), 0.05, 0.95)
