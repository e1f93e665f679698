"""An AI lab: what frontier and compute-poor labs have in common."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.columns import Floats, Quantity, luck, parameter, perceived, ratio, state
from agents.researcher import SEED_SHARE, Researcher


class ResearchPlan(NamedTuple):
    """Research hours a month and people wanted next month."""

    hours: Floats
    staff: Floats


class Lab(Researcher):
    """Decides compute and staff, how research is split, when to release, and what a token costs.

    Hours are H100e-hours a month. Capability counts in orders of magnitude (OOM) of effective
    training compute relative to OpenAI's flagship of end-2024.
    """

    population_name = "labs"
    label = "lab"

    peak_flop = parameter("FLOP/s", "Dense BF16 peak of one H100e")
    training_utilization = parameter("fraction", "Model FLOP utilization in pre-training")
    post_training_utilization = parameter("fraction", "Model FLOP utilization in post-training")
    serving_utilization = parameter("fraction", "Model FLOP utilization in serving at the start")

    rnd_compute_share = parameter("fraction", "Compute in R&D spending")
    rnd_staff_share = parameter("fraction", "Staff in R&D spending; data are the rest")
    cost_per_head = parameter("USD/year", "Cash cost of one person")
    compute_growth_max = parameter("1/month", "Fastest growth of research hours")
    staff_growth_max = parameter("1/month", "Fastest growth of staff")
    research_cut_max = parameter("1/month", "Fastest cut of research hours and staff")
    income_memory_months = parameter("month", "Time over which income is averaged for plans")
    sales_share = parameter("fraction", "Sales and marketing over revenue")
    administration_share = parameter("fraction", "Administration over revenue")
    stock_pay_share = parameter("x wages", "Pay in shares over pay in cash")
    revenue_share = parameter("fraction", "Revenue passed on to corporate partners")
    lease_shed_share = parameter("fraction", "Leases given up when it cannot pay its bills")
    entry_hazard = parameter("1/month", "Chance that a dormant lab is founded while money waits")
    entrant_share = parameter("fraction", "Share of demand that a new supplier starts with")
    lease_share = parameter("fraction", "Compute wanted on lease rather than spot")
    supplier_openness = parameter(
        "fraction", "Share of new leases that a supplier without history can count on, at least"
    )

    inference_share_max = parameter("fraction", "Hours that serving may take at most")
    serving_reserve = parameter("fraction", "Serving hours kept beyond expected demand")
    margin_target = parameter("fraction", "Margin over serving cost that list prices aim at")
    price_adjust = parameter("1/month", "Share of the gap to the target price closed a month")
    scarcity_markup = parameter("1", "Rise of ln target price per unit of hours short")

    distillation_gain = parameter("x", "Effective compute gained by learning from a better model")
    teacher_margin = parameter("OOM", "Gap that distillation leaves to the teacher")

    serving_forecast_weight = parameter("1/month", "Weight of the newest growth of demand")
    reference_flop_per_token = parameter("FLOP/token", "Size of a model of the reference FLOP")

    run_target_growth = parameter("x", "Pre-training of a run over the flagship's, to be released")
    run_min_months = parameter("month", "Shortest run")
    run_max_months = parameter("month", "Longest run")
    small_gap = parameter("OOM", "Capability that the small model gives up")
    small_teaching = parameter("x", "Effective compute that a small model gains from the flagship")

    initial_post_training = parameter("x pre-training", "Post-training of flagships at the start")
    initial_tenure = parameter("month", "Tenure of flagships before the start")
    initial_recoup = parameter("1", "Gross profit over R&D of the flagships before the start")

    staff_shares = state("USD", "Shares that staff were paid in, at what they counted for")

    compute_wanted = state("H100e-hour/month", "Hours wanted")
    research_wanted = state("H100e-hour/month", "Research hours wanted")
    hour_price = state("USD/H100e-hour", "What it last paid for an hour on average")
    compute_bill = state("USD", "Paid for hours this month")
    pre_training_hours = state("H100e-hour", "Hours spent on pre-training")
    post_training_hours = state("H100e-hour", "Hours spent on post-training")
    inference_flop = state("FLOP", "FLOP of the tokens served this month")
    routed = state("fraction", "Free users' flagship tokens that went to the small model")
    reserve_hours = state("H100e-hour", "Hours kept for serving and not used")
    serving_growth = state("1/month", "Expected growth of hours that demand takes")
    serving_need = state("H100e-hour", "Hours that all demand of this month would have taken")

    gross_profit_smoothed = state("USD/month", "Revenue less serving cost, over about a quarter")
    released = state("0/1", "1 in the month in which it releases a model")
    tenure = state("month", "How long its last flagship was on sale")
    recouped = state("1", "Gross profit of its last flagship over the R&D before it")

    leased_hours = perceived("H100e-hour", "Hours committed on leases")
    best_rival = perceived("OOM", "Best capability on sale among other labs")
    serving_need_before = perceived("H100e-hour", "Hours that demand would have taken last month")
    token_flop = perceived("FLOP/token", "Serving compute of the flagship, efficiency included")
    offer_capability = perceived("OOM", "Capability of its flagship on sale")
    offer_small_capability = perceived("OOM", "Capability of its small model on sale")
    offer_price = perceived("USD/Mtok", "List price of its flagship")
    offer_small_price = perceived("USD/Mtok", "List price of its small model")
    run_flop = perceived("FLOP", "Pre-training of the run so far")
    run_post_flop = perceived("FLOP", "Post-training of the run so far")
    run_age = perceived("month", "Age of the run")
    flagship_flop = perceived("FLOP", "Pre-training of the flagship")
    luck_entry = luck("uniform", "Whether a dormant lab is founded this month")
    asked_capability = perceived("OOM", "Capability that a price is asked for")

    # ---- money and plans -------------------------------------------------------------------------

    def plan_research(self) -> ResearchPlan:
        """Research hours and staff that money allows: gross profit less sales, administration and
        partners, and cash with pledges spread over the runway; compute and staff by their shares,
        each moved no faster than its limits, cut sharply in distress [rnd-total-openai-2025,
        compute-spend-openai-2025, staff-growth-labs]."""
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
        high = 1.0 + self.staff_growth_max
        most = np.where(np.greater(self.staff, 0.0), self.staff * high, people * SEED_SHARE)
        people = np.minimum(np.maximum(people, self.staff * low), most)
        return ResearchPlan(hours, people)

    def expect_serving(self) -> Quantity:
        """Expected growth of serving hours a month: g + w (ln change - g), adaptive
        [forecast-extrapolation-rate]."""
        known = np.greater(self.serving_need_before, 0.0)
        change = np.where(known, ratio(self.serving_need, self.serving_need_before), 1.0)
        news = np.clip(np.log(np.maximum(change, 0.5)), -0.5, 0.5)
        return self.serving_growth + self.serving_forecast_weight * (news - self.serving_growth)

    def want_compute(self) -> Quantity:
        """Hours wanted next month: expected serving with its reserve, at most the share serving may
        take, plus research [inference-share-compute-2025]."""
        serving = self.serving_need * np.exp(self.serving_growth) * (1.0 + self.serving_reserve)
        cap = self.inference_share_max / (1.0 - self.inference_share_max)
        return self.research_wanted + np.minimum(serving, self.research_wanted * cap)

    def want_leases(self) -> Quantity:
        """Hours a month of new leases: the share of wanted hours held on lease, less those held
        [make-vs-contract]."""
        return np.maximum(self.compute_wanted * self.lease_share - self.leased_hours, 0.0)

    # ---- hours -----------------------------------------------------------------------------------

    def keep_for_serving(self) -> Quantity:
        """Hours kept for serving out of those received: expected demand and reserve, since a token
        sold pays more than its hour, up to the share at which research stops."""
        need = self.serving_need * np.exp(self.serving_growth) * (1.0 + self.serving_reserve)
        return np.minimum(need, self.compute_used * self.inference_share_max)

    # ---- runs and models -------------------------------------------------------------------------

    def own_capability(self) -> Quantity:
        """Capability of the run if released now: scale elasticity x log10 of pre-training over the
        reference flagship, post-training over pre-training beyond its share at the start, and
        software, the scale-dependent part of progress counted once, in the elasticity
        [effective-compute-def, scaledep-exponent].
        """
        pre = self.scale_elasticity * np.log10(
            np.maximum(ratio(self.run_flop, REFERENCE_FLOP), 1e-12)
        )
        post_scale = ratio(self.run_post_flop, self.run_flop)
        more = np.maximum(ratio(post_scale, self.initial_post_training), 1e-3)
        post = self.post_training_elasticity * np.log10(more)
        return pre + post + np.log10(np.maximum(self.software, 1e-12))

    def capability_of_run(self) -> Quantity:
        """Own capability, or with what a better model teaches: at most the gain, and never above
        the margin below the teacher by copying alone [distill-gain-broad, distill-quality-kept]."""
        own = self.own_capability()
        taught = np.minimum(
            own + np.log10(self.distillation_gain), self.best_rival - self.teacher_margin
        )
        return np.maximum(own, taught)

    def release(self) -> Quantity:
        """1 to release the run: better than the flagship, and either grown to its target after the
        shortest run or at the longest [model-tenure, follower-training-duration]."""
        better = np.greater(self.capability_of_run(), self.offer_capability)
        grown = np.greater_equal(self.run_flop, self.flagship_flop * self.run_target_growth)
        ready = grown & np.greater_equal(self.run_age, self.run_min_months)
        late = np.greater_equal(self.run_age, self.run_max_months)
        return np.where(better & (ready | late), 1.0, 0.0)

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

    def target_price(self) -> Quantity:
        """USD per million tokens of the flagship: cost over (1 - margin), raised while hours are
        short [gross-margin-openai, inference-cost-transient]."""
        most = self.compute_used * self.inference_share_max
        short = np.clip(ratio(self.serving_need, most) - 1.0, 0.0, 1.0)
        margin = self.serving_cost_per_mtok() / (1.0 - self.margin_target)
        return margin * np.exp(self.scarcity_markup * short)

    def size_of_run(self) -> Quantity:
        """FLOP per token of the run: reference x (pre-training / reference)^size elasticity
        [flop-per-token, distilled-floor]."""
        scale = ratio(self.run_flop, REFERENCE_FLOP)
        return self.reference_flop_per_token * np.power(scale, self.size_elasticity)

    def size_for_less(self) -> Quantity:
        """Size of a smaller model over the flagship's that reaches the asked capability: less
        training, taught by the flagship, hence smaller: (10^(-gap / scale) / teaching)^size
        [distill-gain-broad, mini-param-reduction]."""
        gap = np.maximum(self.offer_capability - self.asked_capability, 0.0)
        training = np.power(10.0, -gap / self.scale_elasticity) / self.small_teaching
        return np.power(training, self.size_elasticity)

    def price_for_less(self) -> Quantity:
        """List price of a model sized for the asked capability, for a lab whose flagship has it."""
        return self.offer_price * self.size_for_less()

    def set_price(self) -> Quantity:
        """List price of the flagship: moves toward the target, a share of the gap a month."""
        return self.offer_price + self.price_adjust * (self.target_price() - self.offer_price)


REFERENCE_FLOP = 4e25
"""Training FLOP of the model from which capability counts [o1-training-flop]."""
