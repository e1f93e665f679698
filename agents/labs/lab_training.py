"""Training in a lab: runs, tasks for reinforcement learning, and lessons from better models."""

from __future__ import annotations

import numpy as np

from agents.framework.columns import Column, Quantity, parameter, perceived, ratio, state
from agents.labs.lab_ideas import LabIdeas

REFERENCE_FLOP = 4e25
"""Training FLOP of the model from which capability counts [o1-training-flop]."""


class LabTraining(LabIdeas):
    """The lab turns hours, tasks and lessons into a model.

    Capability counts in orders of magnitude (OOM) of effective training compute relative to
    OpenAI's flagship of end-2024.
    """

    # Columns of a lab's other topics that rules here read.
    compute_used: Column
    hour_price: Column
    post_training_elasticity: Column
    scale_elasticity: Column
    size_elasticity: Column
    thinking_elasticity: Column
    thinking_share: Column

    peak_flop = parameter("FLOP/s", "Dense BF16 peak of one H100e")
    training_utilization = parameter("fraction", "Model FLOP utilization in pre-training")
    post_training_utilization = parameter("fraction", "Model FLOP utilization in post-training")

    reference_flop_per_token = parameter(
        "FLOP/token", "Size of a model of the reference FLOP, test-time compute as at the start"
    )
    run_target_growth = parameter("x", "Pre-training of a run over the flagship's, to be released")
    run_min_months = parameter("month", "Shortest run")
    run_max_months = parameter("month", "Longest run")
    small_gap = parameter("OOM", "Capability that the small model gives up")
    small_teaching = parameter("x", "Effective compute that a small model gains from the flagship")
    initial_post_training = parameter("x pre-training", "Post-training of flagships at the start")
    initial_thinking = parameter("x", "Test-time compute of hard tasks at the start")

    task_compute = parameter("H100e-hour/task", "Hours that training on one task takes")
    task_price = parameter("USD/task", "Price of one task that others may buy as well")
    exclusive_share = parameter("fraction", "Tasks bought for itself alone")
    exclusivity_price = parameter("x", "Price of a task bought for itself alone over the other")
    task_cover_months = parameter("month", "Training that the stock of tasks should last for")
    pass_rate_min = parameter("fraction", "Pass rate below which a task teaches nothing")
    pass_rate_max = parameter("fraction", "Pass rate above which a task is dropped")
    pass_rate_slope = parameter("1/OOM", "Rise of the log odds of solving a task with capability")

    distillation_gain = parameter("x", "Effective compute gained by learning from a better model")
    distillation_gain_narrow = parameter("x", "The same on the narrow tasks that benchmarks test")
    distillation_size_limit = parameter(
        "fraction", "Size over the teacher's below which a model cannot hold what it teaches"
    )
    lesson_tokens = parameter("token", "Outputs of a teacher that give the full gain")
    teacher_margin = parameter("OOM", "Gap that distillation leaves to the teacher")
    lessons_miss = parameter(
        "fraction", "Part of what a teacher teaches that is missing in coding-like tasks"
    )
    benchmark_narrowness = parameter("fraction", "Weight of narrow tasks in benchmarks")
    niche_elasticity = parameter("1", "Skill in a kind of tasks per unit of ln focus on it")

    pool_start = parameter("fraction", "First hours of a decentralised pool over a frontier lab's")
    pool_growth = parameter("x/year", "Growth of what is contributed to a decentralised pool")
    pool_expansion = parameter("x", "Most that is ever contributed over the first hours")
    node_size = parameter("H100e", "Chips that are linked well enough to count as one node")
    node_penalty = parameter("1", "Fall of ln training per unit of ln nodes over slow links")

    pre_training_hours = state("H100e-hour", "Hours spent on pre-training")
    post_training_hours = state("H100e-hour", "Hours spent on post-training")
    contributed_hours = state("H100e-hour", "Hours that others contributed this month, unpaid")
    contributed_first = state("H100e-hour", "The same in the first month")
    wasted_hours = state("H100e-hour", "Of these, hours without a task that teaches anything")
    tasks = state("task", "Tasks in stock that its models can learn from")
    tasks_bought = state("task", "Tasks bought this month")
    task_quality = state("fraction", "Part of training on the tasks in stock that teaches")
    lessons = state("token", "Outputs of teachers in the run")
    lessons_bought = state("token", "Outputs of teachers bought this month")
    taught_by = state("OOM", "Capability of the run's teachers, mean over lessons")
    taught_size = state("FLOP/token", "Serving compute of those teachers, mean over lessons")
    focus = state("fraction", "Post-training on coding-like tasks")
    thinking = state("x", "Test-time compute of hard tasks in the model it would release")

    run_flop = perceived("FLOP", "Pre-training of the run so far")
    run_post_flop = perceived("FLOP", "Post-training of the run so far")
    run_age = perceived("month", "Age of the run")
    flagship_flop = perceived("FLOP", "Pre-training of the flagship")
    released = state("0/1", "1 in the month in which it releases a model")
    asked_capability = perceived("OOM", "Capability that a price is asked for")
    progress = perceived("OOM", "Rise of its best capability this month")
    teacher_capability = perceived("OOM", "Capability of the models whose outputs it can buy")
    open_capability = perceived("OOM", "Best capability with open weights")
    open_size = perceived("FLOP/token", "Serving compute of that model")
    open_flop = perceived("FLOP", "Pre-training of that model")
    open_focus = perceived("fraction", "Its post-training on coding-like tasks")
    open_taught = perceived("OOM", "What of its capability comes from lessons")
    open_inflation = perceived("OOM", "Capability that benchmarks see in it and is not")
    lesson_price = perceived("USD/Mtok", "Price of those outputs")
    coding_revenue = perceived("fraction", "Part of its revenue from coding-like tasks")

    # ---- tasks for reinforcement learning --------------------------------------------------------

    def task_cost(self) -> Quantity:
        """Mean price of a task in USD: exclusive ones cost a multiple [rl-task-price,
        env-exclusivity]."""
        return self.task_price * (1.0 + self.exclusive_share * (self.exclusivity_price - 1.0))

    def want_tasks(self) -> Quantity:
        """Tasks to buy this month: what training uses in the time that the stock should cover, at
        last month's pace, less the stock [rl-task-compute, env-contract-size]."""
        used = ratio(self.post_training_hours, self.task_compute)
        return np.maximum(used * self.task_cover_months - self.tasks, 0.0)

    def task_produce(self) -> Quantity:
        """Tasks that have to be made for one that is bought: an exclusive one is made for its buyer
        alone, others are sold as often as exclusivity costs more [env-exclusivity]."""
        return self.exclusive_share + (1.0 - self.exclusive_share) / self.exclusivity_price

    def outgrow_tasks(self) -> Quantity:
        """Share of the stock that better models solve too often: the rise of log odds, slope x
        progress, over the width of the window of pass rates in log odds [rl-pass-min,
        rl-pass-discard]."""
        low, high = self.pass_rate_min, self.pass_rate_max
        width = np.log(high / (1.0 - high)) - np.log(low / (1.0 - low))
        return np.clip(ratio(self.pass_rate_slope * self.progress, width), 0.0, 1.0)

    def useful_share(self) -> Quantity:
        """Part of post-training hours that teaches: those for which there are tasks, times their
        quality [env-quality-bottleneck, rl-task-compute]."""
        possible = self.tasks * self.task_compute
        covered = ratio(np.minimum(self.post_training_hours, possible), self.post_training_hours)
        return covered * self.task_quality

    # ---- lessons ---------------------------------------------------------------------------------

    def least_teacher(self) -> Quantity:
        """Capability from which a teacher is worth asking: since copying alone stays below it by
        the margin, it has to be that much better than the flagship that the lab has
        [distill-quality-kept]."""
        return self.offer_capability + self.teacher_margin

    def want_lessons(self) -> Quantity:
        """Outputs of teachers to buy this month, tokens: the full lesson over the shortest run,
        less where it costs more than the training it saves, pre-training of a run x (gain - 1), and
        none where no teacher is ahead of its own work and of open models [distill-cost-derived,
        distill-gain-broad, distill-tokens-needed]."""
        saved = self.pre_training_hours * self.hour_price * self.run_min_months
        saved = saved * (self.distillation_gain - 1.0)
        cost = self.lesson_tokens * self.lesson_price / 1e6
        gains = np.greater(self.distillation_gain, 1.0)
        priced = np.greater(cost, 0.0)
        worthwhile = np.clip(np.where(priced, ratio(saved, cost), 1.0), 0.0, 1.0) * gains
        known = np.maximum(self.own_capability(), self.open_capability)
        ahead = np.greater(self.teacher_capability - self.teacher_margin, known)
        monthly = np.minimum(
            self.lesson_tokens / self.run_min_months,
            np.maximum(self.lesson_tokens - self.lessons, 0.0),
        )
        wanted: Quantity = monthly * worthwhile * ahead
        return wanted

    def study_open_models(self) -> Quantity:
        """Outputs of open models to learn from this month, tokens: the full lesson over
        the shortest run, where they are ahead of its own work; nobody can refuse them
        [open-closed-flips, distill-gain-broad]."""
        ahead = np.greater(self.open_capability - self.teacher_margin, self.own_capability())
        gains = np.greater(self.distillation_gain, 1.0)
        monthly = np.minimum(
            self.lesson_tokens / self.run_min_months,
            np.maximum(self.lesson_tokens - self.lessons, 0.0),
        )
        return monthly * ahead * gains * np.greater(self.run_flop, 0.0)

    def lesson_share(self) -> Quantity:
        """Part of the full gain that the run's lessons give: tokens over those of a full lesson,
        less where the model is too small to hold them [distill-size-limit]."""
        least = self.distillation_size_limit * self.taught_size
        held = np.where(np.greater(least, 0.0), ratio(self.size_of_run(), least), 1.0)
        held = np.minimum(held, 1.0)
        return np.minimum(ratio(self.lessons, self.lesson_tokens), 1.0) * held

    # ---- where it trains -------------------------------------------------------------------------

    def contribute(self) -> Quantity:
        """Hours that others contribute: none to a lab that buys its own."""
        return np.zeros_like(self.compute_used)

    def usable_share(self) -> Quantity:
        """Training on its hours over that on one site: all of it [diloco-penalty-exponent]."""
        return np.ones_like(self.compute_used)

    # ---- runs and models -------------------------------------------------------------------------

    def own_capability(self) -> Quantity:
        """Capability of the run by own work if released now: scale elasticity x log10 of
        pre-training over the reference flagship, post-training over pre-training beyond its share
        at the start, test-time compute beyond that at the start, and efficiency; the
        scale-dependent part of progress is counted once, in the elasticity [effective-compute-def,
        scaledep-exponent, aime-gain-100x-inference]."""
        pre = self.scale_elasticity * np.log10(
            np.maximum(ratio(self.run_flop, REFERENCE_FLOP), 1e-12)
        )
        post_scale = ratio(self.run_post_flop, self.run_flop)
        more = np.maximum(ratio(post_scale, self.initial_post_training), 1e-3)
        post = self.post_training_elasticity * np.log10(more)
        longer = np.maximum(ratio(self.thinking, self.initial_thinking), 1e-3)
        think = self.thinking_elasticity * np.log10(longer)
        return pre + post + think + np.log10(np.maximum(self.efficiency(), 1e-12))

    def capability_of_run(self) -> Quantity:
        """Own capability, or with what better models teach: at most the gain by as much as the
        lessons give, and never above the margin below the teachers by copying alone
        [distill-gain-broad, distill-quality-kept]."""
        own = self.own_capability()
        gain = self.lesson_share() * np.log10(self.distillation_gain)
        most = np.where(np.greater(gain, 0.0), self.taught_by - self.teacher_margin, own)
        return np.maximum(own, np.minimum(own + gain, most))

    def taught_in_run(self) -> Quantity:
        """OOM of the run's capability that come from lessons."""
        return self.capability_of_run() - self.own_capability()

    def inflation_of_run(self) -> Quantity:
        """OOM by which benchmarks overstate the run: on narrow tasks lessons gain far more, up to
        the teachers' level, and benchmarks are narrow in part [distill-gain-narrow,
        distill-benchmaxx]."""
        broad = self.capability_of_run()
        own = self.own_capability()
        gain = self.lesson_share() * np.log10(self.distillation_gain_narrow)
        learns = np.greater(self.distillation_gain, 1.0) & np.greater(gain, 0.0)
        narrow = np.maximum(broad, np.where(learns, np.minimum(own + gain, self.taught_by), own))
        return self.benchmark_narrowness * (narrow - broad)

    def choose_focus(self) -> Quantity:
        """Share of post-training on coding-like tasks that serves its customers best: skills are
        logarithms of focus, so it is the share of revenue that such tasks bring
        [hailuo-revenue-share, lab-focus-by-wagepool, capability-pc2]."""
        return np.clip(self.coding_revenue, 0.05, 0.95)

    def flop_of_run(self) -> Quantity:
        """Pre-training of the model it would release."""
        return self.run_flop * 1.0

    # ---- sizes -----------------------------------------------------------------------------------

    def thinking_burden(self) -> Quantity:
        """Serving compute of a token over that at the start: with test-time compute t on a share h
        of tokens, (1 + h (t - 1)) over the same at the start [ord-inference-limits]."""
        first = 1.0 + self.thinking_share * (self.initial_thinking - 1.0)
        return (1.0 + self.thinking_share * (self.thinking - 1.0)) / first

    def size_of_run(self) -> Quantity:
        """FLOP per token of the run: reference x (pre-training / reference)^size elasticity, times
        what test-time compute adds [flop-per-token, distilled-floor]."""
        scale = ratio(self.run_flop, REFERENCE_FLOP)
        size = self.reference_flop_per_token * np.power(scale, self.size_elasticity)
        return size * self.thinking_burden()

    def size_for_less(self) -> Quantity:
        """Size of a smaller model over the flagship's that reaches the asked capability: less
        training, taught by the flagship, hence smaller: (10^(-gap / scale) / teaching)^size, and
        never below the size that can hold what it is taught [distill-gain-broad,
        mini-param-reduction, distilled-floor]."""
        gap = np.maximum(self.offer_capability - self.asked_capability, 0.0)
        training = np.power(10.0, -gap / self.scale_elasticity) / self.small_teaching
        return np.maximum(np.power(training, self.size_elasticity), self.distillation_size_limit)
