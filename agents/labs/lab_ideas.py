"""Ideas of a lab: research input, software efficiency, paradigms, and staff that moves."""

from __future__ import annotations

import numpy as np

from agents.framework.agent import EconomicAgent
from agents.framework.columns import Quantity, luck, parameter, perceived, pipeline, ratio, state

HISTORY = 24
"""Months of its own software efficiency that others can have learned from."""
LEAST_LUCK = 1e-12
"""The luckiest draw that counts, so that its logarithm is finite."""


class LabIdeas(EconomicAgent):
    """People and models do research; ideas come from it, from publications of other labs, and with
    people who change labs.

    Software efficiency raises what training is worth. It grows month by month, and rarely by a
    jump, a new paradigm, which others replicate after a lag of its own.
    """

    reference_hours = parameter(
        "H100e-hour/month", "Experiment and data hours of the lab that growth is measured at"
    )
    reference_staff = parameter("person", "Staff of that lab")
    software_growth = parameter("1/year", "Growth of ln software efficiency at the start")
    research_returns = parameter("1", "Elasticity of that growth to research input")
    ideas_get_harder = parameter("1", "Fall of ln growth per unit of ln software efficiency")
    compute_in_research = parameter("1", "Share of compute in research input")
    synthetic_in_research = parameter("1", "Elasticity of that compute to synthetic data")
    idea_volatility = parameter("1", "Standard deviation of ln idea growth of a month")
    software_growth_max = parameter("1/month", "Fastest growth of ln software efficiency")
    spillover_rate = parameter("1/month", "Share of the gap to the lagged best closed a month")
    replication_lag = parameter("month", "Time until others can copy an idea")

    reference_effort = parameter(
        "fraction", "Research effort on cost at which both growths are measured"
    )
    jump_rate = parameter("1/month", "Jumps found a month by all labs together")
    jump_gain = parameter("x", "Software efficiency that a jump brings, e to the mean of its ln")
    jump_lag_min = parameter("month", "Shortest time until others replicate a jump")
    jump_lag_max = parameter("month", "Longest time until others replicate a jump")
    breakthrough = parameter("x", "Software efficiency of a jump that is certain this month")

    staff_turnover = parameter("1/month", "Share of staff who look for work in another lab")
    pay_pull = parameter("1", "Rise of ln attraction to movers per unit of ln pay")
    carried_ideas = parameter("1", "Share of the gap to their old lab that movers close, per head")

    automation_max = parameter("fraction", "Share of research work that models can ever do")
    automation_start = parameter("fraction", "Of that, the part that models of capability 0 can do")
    automation_slope = parameter("1/OOM", "Rise of the log odds of that part with capability")
    worker_tokens = parameter("token/month", "Tokens of a digital researcher's month")

    staff = state("person", "People employed")
    staff_wanted = state("person", "People that money would pay for")
    software = state("x OpenAI 2024", "Software efficiency of training, jumps apart")
    software_past = pipeline("x OpenAI 2024", "Software efficiency by months ago", HISTORY)
    paradigm = state("1", "Efficiency that jumps have brought, own and replicated, in ln")
    innovations = pipeline("1", "Level that others will have replicated, by months ahead", HISTORY)
    cost_effort = state("fraction", "Research effort on cost per token, the rest on its value")
    experiment_hours = state("H100e-hour", "Hours spent on experiments")
    synthetic_hours = state("H100e-hour", "Hours spent on synthetic data")
    agent_hours = state("H100e-hour", "Hours spent on digital researchers")

    best_past = perceived("x OpenAI 2024", "Best software efficiency that can have been copied")
    research_share = perceived("fraction", "Its part of the research input of all labs")
    public_paradigm = perceived("1", "Level of jumps that can be replicated from this month on")
    worker_hours = perceived("H100e-hour", "Hours of a digital researcher's month on its flagship")
    offer_capability = perceived("OOM", "Capability of its flagship on sale")
    pay_standing = perceived("x", "Pay per head over the mean of labs, by staff")
    luck_ideas = luck("normal", "Luck of the month in research")
    luck_jump = luck("uniform", "Whether a jump is found this month")
    luck_gain = luck("uniform", "How large a jump found this month is")
    luck_lag = luck("uniform", "How long others need to replicate it")

    # ---- researchers -----------------------------------------------------------------------------

    def automatable(self) -> Quantity:
        """Share of research work that its models can do: the most, times a logistic in the
        capability of its flagship [sie-opinion-prob, rebench-2024]."""
        odds = np.log(self.automation_start / (1.0 - self.automation_start))
        odds = np.clip(odds + self.automation_slope * self.offer_capability, -500.0, 500.0)
        return self.automation_max / (1.0 + np.exp(-odds))

    def room_for_agents(self) -> Quantity:
        """Digital researchers whom people can still employ: with a share s of the work automatable
        and all else done by staff L, at most L s / (1 - s) [sie-substitution]."""
        share = self.automatable()
        return self.staff * share / np.maximum(1.0 - share, 1e-9)

    def labour(self) -> Quantity:
        """Researchers, people and digital ones: L + min(W, room), W the hours given to models over
        those of a researcher's month [digital-workers, sie-jones-eq]."""
        workers = ratio(self.agent_hours, self.worker_hours)
        return self.staff + np.minimum(workers, self.room_for_agents())

    # ---- ideas -----------------------------------------------------------------------------------

    def research_input(self, experiments: Quantity, synthetic: Quantity) -> Quantity:
        """Research input over the reference lab's at the start: labour^(1 - e) x compute^e, compute
        itself experiments and synthetic data in hours [sie-jones-eq, sie-epsk]."""
        made = self.synthetic_in_research
        first = np.power(made, made) * np.power(1.0 - made, 1.0 - made)
        compute = np.power(experiments, 1.0 - made) * np.power(synthetic, made) / first
        e = self.compute_in_research
        people = ratio(self.labour(), self.reference_staff)
        return np.power(people, 1.0 - e) * np.power(ratio(compute, self.reference_hours), e)

    def own_research_input(self) -> Quantity:
        """Research input of the hours it spends this month."""
        return self.research_input(self.experiment_hours, self.synthetic_hours)

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
        own = np.minimum(own * found, self.software_growth_max)
        return self.software * np.exp(own + self.spillover_rate * behind)

    # ---- paradigms -------------------------------------------------------------------------------

    def discover(self) -> Quantity:
        """ln of the efficiency that a jump brings this month, mostly 0: found with the chance of
        all labs x its part of their research input, of a size -ln u ln g, so that few are large; a
        breakthrough that a scenario decrees comes on top [few-innovations-dominate, reasoning-gain,
        posttrain-innovation-gain]."""
        chance = self.jump_rate * self.research_share
        size = -np.log(np.maximum(self.luck_gain, LEAST_LUCK)) * np.log(self.jump_gain)
        return np.where(np.less(self.luck_jump, chance), size, 0.0) + np.log(self.breakthrough)

    def replication_time(self) -> Quantity:
        """Months until others have replicated a jump found now, drawn for it alone
        [replication-reasoning-fast, replication-alphafold]."""
        return self.jump_lag_min + self.luck_lag * (self.jump_lag_max - self.jump_lag_min)

    def replicate(self) -> Quantity:
        """Level of paradigms: its own, or the one that all can replicate by now."""
        return np.maximum(self.paradigm, self.public_paradigm)

    def efficiency(self) -> Quantity:
        """Training efficiency, x OpenAI at the end of 2024: software times paradigms."""
        return self.software * np.exp(self.paradigm)

    # ---- staff that moves ------------------------------------------------------------------------

    def leavers(self) -> Quantity:
        """People who look for work in another lab this month [talent-flows-to-rich]."""
        return self.staff * self.staff_turnover

    def vacancies(self) -> Quantity:
        """People that money would pay for beyond those employed, with those who look around."""
        return np.maximum(self.staff_wanted - self.staff, 0.0) + self.leavers()

    def attraction(self) -> Quantity:
        """Pull on people who look for work: vacancies x (pay over the mean of labs)^pull
        [talent-flows-to-rich, salary-ratio-ppp]."""
        return self.vacancies() * np.power(self.pay_standing, self.pay_pull)
