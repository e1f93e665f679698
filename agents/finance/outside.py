"""The rest of the economy: pays customers and core cash flows, receives wages, fuel and savings."""

from __future__ import annotations

import numpy as np

from agents.finance.investor import Investor
from agents.framework.columns import Quantity, account, parameter, perceived, ratio, state


class Outside(Investor):
    """Closes the circuit of money: its cash is minus the money that the model has drawn from it. It
    holds the shares that staff are paid in, and owes what funds hold in other assets. It makes the
    tasks on which labs' models learn."""

    population_name = "outside"
    label = "rest of the economy"

    task_output_start = parameter("task/month", "Good tasks that can be made at the start")
    task_output_growth = parameter("1/year", "Growth of ln good tasks that can be made")
    task_quality_start = parameter("fraction", "Part of training on a good task that teaches")
    task_quality_fall = parameter("1", "Fall of ln quality per unit of ln tasks beyond good ones")

    levy_share = parameter("fraction", "Part of the allowance that a levy on labs' revenue pays")

    portfolios = account("liability", "Claims of sovereign funds on it", "financing")

    task_output = state("task/month", "Good tasks that can be made")
    tasks_made = perceived("task", "Tasks made this month")

    def make_tasks(self) -> Quantity:
        """Quality of the tasks made this month: that of good ones, less when more are made than can
        be made well: q (made / good)^-fall [env-quality-bottleneck]."""
        beyond = np.maximum(ratio(self.tasks_made, self.task_output), 1.0)
        return self.task_quality_start * np.power(beyond, -self.task_quality_fall)

    def grow_task_output(self) -> Quantity:
        """Good tasks that can be made next month: n exp(g / 12) [env-quality-bottleneck]."""
        return self.task_output * np.exp(self.task_output_growth / 12.0)
