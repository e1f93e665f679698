"""What a lab knows and finds out: software, serving efficiency, and how research is split."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.columns import Floats, Quantity, luck, parameter, perceived, pipeline, ratio, state
from agents.venture import Venture

HISTORY = 24
"""Months of its own software efficiency that others can have learned from."""
SEED_SHARE = 0.01
"""Part of research hours, or of what money buys, that a lab without any can begin with."""


class ResearchSplit(NamedTuple):
    """Shares of research hours, adding up to 1."""

    experiments: Floats
    synthetic_data: Floats
    pre_training: Floats
    post_training: Floats


class Researcher(Venture):
    """The research side of a lab: what hours are spent on, and what they bring.

    Software efficiency raises what training is worth, serving efficiency cuts what a token costs;
    both are found by own work and copied from others.
    """

    post_training_elasticity = parameter("1", "Effective compute per unit of ln post-training FLOP")
    scale_elasticity = parameter("1", "Effective compute per unit of ln pre-training FLOP")
    size_elasticity = parameter("1", "Rise of ln model size per unit of ln pre-training FLOP")
    reference_hours = parameter(
        "H100e-hour/month", "Experiment and data hours of the lab that growth is measured at"
    )
    reference_staff = parameter("person", "Staff of that lab")
    software_growth = parameter("1/year", "Growth of ln software efficiency at the start")
    research_returns = parameter("1", "Elasticity of that growth to research input")
    ideas_get_harder = parameter("1", "Fall of ln growth per unit of ln software efficiency")
    compute_in_research = parameter("1", "Share of compute in research input")
    synthetic_in_research = parameter("1", "Elasticity of that compute to synthetic data")
    synthetic_share = parameter("fraction", "Share of these hours that go to synthetic data")
    idea_volatility = parameter("1", "Standard deviation of ln idea growth of a month")
    software_growth_max = parameter("1/month", "Fastest growth of ln software efficiency")
    idea_life = parameter("month", "Time for which an idea is worth having")
    spillover_rate = parameter("1/month", "Share of the gap to the lagged best closed a month")
    replication_lag = parameter("month", "Time until others can copy an idea")
    reference_effort = parameter(
        "fraction", "Research effort on cost at which both growths are measured"
    )
    serving_progress = parameter("1/year", "Growth of ln serving efficiency at the start")
    serving_spillover_rate = parameter(
        "1/month", "Share of the gap to the best serving efficiency closed a month"
    )
    serving_gets_harder = parameter("1", "Fall of ln growth per unit of ln serving efficiency")
    serving_returns = parameter("1", "Elasticity of that growth to effort")
    value_per_oom = parameter("1/OOM", "Rise of ln revenue with capability that a lab reckons with")
    staff = state("person", "People employed")
    software = state("x OpenAI 2024", "Software efficiency of training")
    software_past = pipeline("x OpenAI 2024", "Software efficiency by months ago", HISTORY)
    serving_efficiency = state("x start", "Tokens per FLOP in serving over the start")
    cost_effort = state("fraction", "Research effort on cost per token, the rest on its value")
    compute_used = state("H100e-hour", "Hours received this month, leased and spot")
    inference_hours = state("H100e-hour", "Hours spent on serving")
    experiment_hours = state("H100e-hour", "Hours spent on experiments")
    synthetic_hours = state("H100e-hour", "Hours spent on synthetic data")
    best_past = perceived("x OpenAI 2024", "Best software efficiency that can have been copied")
    best_serving = perceived("x start", "Best serving efficiency of any lab last month")
    luck_ideas = luck("normal", "Luck of the month in research")
    cost_share = perceived("fraction", "Serving cost over revenue last month")

    def split_research(self) -> ResearchSplit:
        """Shares of research hours that equalise the return of one more hour.

        Effective compute is a product of powers, so an hour in a use returns its elasticity over
        the hours already there, and shares follow elasticities: pre-training scale_elasticity less
        what a larger model costs to serve; post-training its own; experiments and synthetic data
        the growth of software over the life of an idea x returns x compute's share in research.
        Of the hours for ideas a fixed share goes to synthetic data. The share of final runs is
        nowhere imposed [final-run-minority, sie-epsk, scaledep-exponent].
        """
        burden = ratio(self.size_elasticity * self.cost_share * np.log(10.0), self.value_per_oom)
        pre = np.maximum(self.scale_elasticity - burden, 0.0)
        post = self.post_training_elasticity * np.ones_like(pre)
        # A lab that has stopped weighs what its first hours would bring, or it would never return.
        made = self.synthetic_share
        first = SEED_SHARE * np.maximum(self.compute_used - self.inference_hours, 0.0)
        growth = self.growth_with(
            np.maximum(self.experiment_hours, first * (1.0 - made)),
            np.maximum(self.synthetic_hours, first * made),
        )
        ideas = growth * self.idea_life * self.research_returns * self.compute_in_research
        total = pre + post + ideas
        return ResearchSplit(
            ratio(ideas * (1.0 - made), total),
            ratio(ideas * made, total),
            ratio(pre, total),
            ratio(post, total),
        )

    def research_input(self, experiments: Quantity, synthetic: Quantity) -> Quantity:
        """Research input over the reference lab's at the start: staff^(1 - e) x compute^e, compute
        itself experiments and synthetic data in hours [sie-jones-eq, sie-epsk]."""
        made = self.synthetic_in_research
        first = np.power(made, made) * np.power(1.0 - made, 1.0 - made)
        compute = np.power(experiments, 1.0 - made) * np.power(synthetic, made) / first
        e = self.compute_in_research
        people = ratio(self.staff, self.reference_staff)
        return np.power(people, 1.0 - e) * np.power(ratio(compute, self.reference_hours), e)

    def idea_growth(self) -> Quantity:
        """Growth of ln software efficiency this month from own research."""
        return self.growth_with(self.experiment_hours, self.synthetic_hours)

    def growth_with(self, experiments: Quantity, synthetic: Quantity) -> Quantity:
        """Growth of ln software efficiency a month with so many hours: delta A^-beta F^lambda,
        capped because experiments are serial [residual-progress, sie-r-central,
        sie-serial-limit]."""
        harder = np.power(np.maximum(self.software, 1e-6), -self.ideas_get_harder)
        found = np.power(self.research_input(experiments, synthetic), self.research_returns)
        return np.minimum(self.software_growth / 12.0 * harder * found, self.software_growth_max)

    def improve_software(self) -> Quantity:
        """Software efficiency after one month: own ideas, as far as effort goes to value, and
        copying toward the lagged best, in both directions [spillover-elasticity,
        spillover-symmetric, drawbridge-fence]."""
        value_effort = np.maximum(ratio(1.0 - self.cost_effort, 1.0 - self.reference_effort), 0.0)
        own = self.idea_growth() * np.power(
            value_effort, self.research_returns * self.compute_in_research
        )
        behind = np.log(np.maximum(ratio(self.best_past, self.software), 1.0))
        spread = self.idea_volatility
        found = np.exp(spread * self.luck_ideas - spread * spread / 2.0)
        return self.software * np.exp(own * found + self.spillover_rate * behind)

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
