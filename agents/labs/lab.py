"""An AI lab: one class of six topics, with its budget, releases, licences and prices here."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.framework.columns import Floats, Quantity, luck, parameter, perceived, ratio, state
from agents.labs.lab_allocation import SEED_SHARE, LabAllocation
from agents.labs.lab_compute import LabCompute
from agents.labs.lab_evaluation import LabEvaluation
from agents.labs.lab_finance import LabFinance
from agents.labs.lab_ideas import LabIdeas
from agents.labs.lab_training import LabTraining

FAR_BEHIND = 4.0
"""OOM beyond which a greater distance to the best model says nothing more."""
MARGIN_MOST = 0.9
"""Margin beyond which no lab goes, whatever its customers."""


class ResearchPlan(NamedTuple):
    """Research hours a month and people wanted next month, and people that money would pay for."""

    hours: Floats
    staff: Floats
    payable: Floats


# Tables hold the columns of these topics from the last to the first (`columns_of`).
class Lab(LabTraining, LabEvaluation, LabAllocation, LabIdeas, LabCompute, LabFinance):
    """Decides compute and staff, how research is split, when to release, and what a token costs.

    Each topic is a base class in a file of its own; a subclass may override any rule of any topic.
    Hours are H100e-hours a month. Capability counts in orders of magnitude (OOM) of effective
    training compute relative to OpenAI's flagship of end-2024.
    """

    population_name = "labs"
    label = "lab"

    serving_utilization = parameter("fraction", "Model FLOP utilization in serving at the start")

    rnd_compute_share = parameter("fraction", "Compute in R&D spending")
    rnd_staff_share = parameter("fraction", "Staff in R&D spending; data are the rest")
    cost_per_head = parameter("USD/year", "Cash cost of one person")
    compute_growth_max = parameter("1/month", "Fastest growth of research hours")
    staff_growth_max = parameter("1/month", "Fastest growth of staff")
    research_cut_max = parameter("1/month", "Fastest cut of research hours and staff")
    sales_share = parameter("fraction", "Sales and marketing over revenue")
    administration_share = parameter("fraction", "Administration over revenue")
    stock_pay_share = parameter("x wages", "Pay in shares over pay in cash")
    revenue_share = parameter("fraction", "Revenue passed on to corporate partners")
    entry_hazard = parameter("1/month", "Chance that a dormant lab is founded while money waits")
    entrant_share = parameter("fraction", "Share of demand that a new supplier starts with")
    demand_loss = parameter("fraction", "Demand of the month for its tokens that does not come")

    margin_target = parameter("fraction", "Margin over serving cost that list prices aim at")
    price_adjust = parameter("1/month", "Share of the gap to the target price closed a month")
    scarcity_markup = parameter("1", "Rise of ln target price per unit of hours short")

    openness = parameter("1", "Log odds of opening a model as good as the best, alone")
    openness_behind = parameter("1/OOM", "Rise of those log odds with the distance to the best")
    openness_rivals = parameter("1", "Rise of those log odds if all labs are open")
    openness_small = parameter("1", "Log odds of opening the small model beyond the flagship's")
    hosting_loss = parameter("OOM", "Capability that a model loses when third parties serve it")
    teaching_open = parameter("fraction", "Part of what rivals ask of its outputs that it sells")
    flagship_access = parameter(
        "fraction", "Part of these outputs that come from the flagship, the rest from the small one"
    )
    teaching_markup = parameter("x", "Price of outputs to rivals over the list price")
    teacher_sharpness = parameter("1/OOM", "Weight of capability in the choice of a teacher")

    initial_tenure = parameter("month", "Tenure of flagships before the start")
    initial_recoup = parameter("1", "Gross profit over R&D of the flagships before the start")

    staff_shares = state("USD", "Shares that staff were paid in, at what they counted for")

    compute_bill = state("USD", "Paid for hours this month")
    inference_flop = state("FLOP", "FLOP of the tokens served this month")
    routed = state("fraction", "Free users' flagship tokens that went to the small model")
    allowance_hours = state("H100e-hour", "Hours that served the public allowance this month")
    allowance_paid = state("USD", "What the public paid for them this month")
    reserve_hours = state("H100e-hour", "Hours kept for serving and not used")

    gross_profit_smoothed = state("USD/month", "Revenue less serving cost, over about a quarter")
    tenure = state("month", "How long its last flagship was on sale")
    recouped = state("1", "Gross profit of its last flagship over the R&D before it")

    best_on_sale = perceived("OOM", "Best capability on sale")
    token_flop = perceived("FLOP/token", "Serving compute of the flagship, efficiency included")
    offer_small_capability = perceived("OOM", "Capability of its small model on sale")
    offer_price = perceived("USD/Mtok", "List price of its flagship")
    offer_small_price = perceived("USD/Mtok", "List price of its small model")
    offer_focus = perceived("fraction", "Focus of its models on coding-like tasks")
    offer_taught = perceived("OOM", "Capability of its models that comes from lessons")
    offer_inflation = perceived("OOM", "Capability that benchmarks see in its models and is not")
    rivals_open = perceived("fraction", "Labs whose flagship is open, of all that sell")
    rivalry = perceived("1", "Price slope of its customers x what others serve, by revenue")
    trade_rivalry = perceived("1", "The same over all labs, by revenue")
    luck_open = luck("uniform", "Whether what it releases this month is open")
    luck_entry = luck("uniform", "Whether a dormant lab is founded this month")

    # ---- budget ----------------------------------------------------------------------------------

    def plan_research(self) -> ResearchPlan:
        """Research hours and staff that money allows: gross profit less sales, administration and
        partners, and cash with pledges spread over the runway; compute and staff by their shares,
        each moved no faster than its limits, cut sharply in distress. A lab with granted hours
        plans for these, no more and no less [rnd-total-openai-2025, compute-spend-openai-2025,
        staff-growth-labs]."""
        selling = self.sales_cost + self.administration_cost + self.partner_share
        reserves = ratio(np.maximum(self.cash + self.pledged, 0.0), self.runway_months)
        money = np.maximum(self.gross_profit_smoothed - selling + reserves, 0.0)
        hours = ratio(money * self.rnd_compute_share, self.hour_price)
        people = money * self.rnd_staff_share / (self.cost_per_head / 12.0)
        cut = np.where(np.greater(self.distress, 0.0), 1.0, self.research_cut_max)
        low, high = 1.0 - cut, 1.0 + self.compute_growth_max
        most = np.where(
            np.greater(self.research_wanted, 0.0), self.research_wanted * high, hours * SEED_SHARE
        )
        hours = np.minimum(np.maximum(hours, self.research_wanted * low), most)
        hours = np.where(np.greater(self.public_compute, 0.0), self.public_hours(), hours)
        high = 1.0 + self.staff_growth_max
        most = np.where(np.greater(self.staff, 0.0), self.staff * high, people * SEED_SHARE)
        staff = np.minimum(np.maximum(people, self.staff * low), most)
        return ResearchPlan(hours, staff, people)

    # ---- releases --------------------------------------------------------------------------------

    def ready(self) -> Quantity:
        """1 if the run could be released: better than the flagship, and either grown to its target
        after the shortest run or at the longest [model-tenure, follower-training-duration]."""
        better = np.greater(self.candidate_capability, self.offer_capability)
        grown = np.greater_equal(self.run_flop, self.flagship_flop * self.run_target_growth)
        ready = grown & np.greater_equal(self.run_age, self.run_min_months)
        late = np.greater_equal(self.run_age, self.run_max_months)
        return np.where(better & (ready | late), 1.0, 0.0)

    def want_evaluation(self) -> Quantity:
        """Hours of evaluations that the run needs: those that it takes now, and from the month in
        which it is ready those that it took then, though it gets better while it waits. A run that
        has just begun needs none [ord-eval-compute]."""
        asked = np.where(self.ready(), self.evaluation_budget, self.plan_evaluation())
        return np.where(np.greater(self.released, 0.0), 0.0, asked)

    def release(self) -> Quantity:
        """1 to release the run: ready, and evaluated as it stood last month [model-tenure,
        ord-eval-compute]."""
        evaluated = np.greater_equal(self.evaluated_hours, self.evaluation_budget)
        return np.where(evaluated, self.ready(), 0.0)

    # ---- licences --------------------------------------------------------------------------------

    def openness_of_run(self) -> Quantity:
        """Log odds of opening what it releases: its own leaning, more when behind the best model
        on sale and when others are open [open-closed-flips]."""
        behind = np.maximum(self.best_on_sale - self.candidate_capability, 0.0)
        behind = np.minimum(behind, FAR_BEHIND)
        odds = self.openness + self.openness_behind * behind
        return odds + self.openness_rivals * self.rivals_open

    def open_flagship(self) -> Quantity:
        """1 if the weights of the flagship that it releases are open: with the chance of the odds
        [open-closed-flips, open-model-lag]."""
        chance = 1.0 / (1.0 + np.exp(-np.clip(self.openness_of_run(), -500.0, 500.0)))
        return np.where(np.less(self.luck_open, chance), 1.0, 0.0)

    def open_small(self) -> Quantity:
        """1 if the weights of its small model are open: likelier, and whenever the flagship's are
        [open-best-closed]."""
        odds = self.openness_of_run() + self.openness_small
        chance = 1.0 / (1.0 + np.exp(-np.clip(odds, -500.0, 500.0)))
        return np.where(np.less(self.luck_open, chance), 1.0, 0.0)

    # ---- prices ----------------------------------------------------------------------------------

    def flop_per_hour(self) -> Quantity:
        """Serving FLOP of one hour: 3,600 s x peak x utilization x efficiency gained since the
        start [inference-utilization, h800-peak-bf16]."""
        seconds = 3600.0 * self.peak_flop * self.serving_utilization
        return seconds * self.serving_efficiency

    def serving_cost_per_mtok(self) -> Quantity:
        """USD to serve a million tokens of the flagship: FLOP per token over FLOP per hour, at what
        the lab pays for an hour [inference-cost-per-token, inference-not-amortised]."""
        return 1e6 * ratio(self.token_flop, self.flop_per_hour()) * self.hour_price

    def margin(self) -> Quantity:
        """Margin over serving cost that suits its customers: with logit choice the best one is 1 /
        (1 + r), r the price slope x the share that others serve, so a lab whose customers look at
        prices asks for less than one whose customers look at capability; the target is what suits
        the mean of labs [price-niche, gross-margin-openai]."""
        suits = self.margin_target * ratio(1.0 + self.trade_rivalry, 1.0 + self.rivalry)
        return np.minimum(suits, MARGIN_MOST)

    def target_price(self) -> Quantity:
        """USD per million tokens of the flagship: cost over (1 - margin), raised while hours are
        short [gross-margin-openai, inference-cost-transient]."""
        most = self.compute_used * self.inference_share_max
        short = np.clip(ratio(self.serving_need, most) - 1.0, 0.0, 1.0)
        price = self.serving_cost_per_mtok() / (1.0 - self.margin())
        return price * np.exp(self.scarcity_markup * short)

    def price_for_less(self) -> Quantity:
        """List price of a model sized for the asked capability, for a lab whose flagship has it."""
        return self.offer_price * self.size_for_less()

    def set_price(self) -> Quantity:
        """List price of the flagship: moves toward the target, a share of the gap a month."""
        return self.offer_price + self.price_adjust * (self.target_price() - self.offer_price)

    def lesson_offer(self) -> Quantity:
        """USD per million tokens that rivals pay for its outputs: list prices of flagship and small
        model by what they may buy, times the mark-up [distill-cost-derived, distill-withhold]."""
        mixed = self.offer_small_price + self.flagship_access * (
            self.offer_price - self.offer_small_price
        )
        return mixed * self.teaching_markup

    def lesson_capability(self) -> Quantity:
        """Capability of the outputs that rivals may buy, mean over them [distill-withhold]."""
        return self.offer_small_capability + self.flagship_access * (
            self.offer_capability - self.offer_small_capability
        )


class ComputePoorLab(Lab):
    """A lab with a fraction of the leaders' compute."""

    label = "compute-poor lab"


class FrontierLab(Lab):
    """A lab with enough compute to compete on capability."""

    label = "frontier lab"
