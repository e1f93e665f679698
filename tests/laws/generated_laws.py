"""Run generated worlds and hold them to the laws; prints how many held, or the first that did not.

One shard of `test_laws`, in a process of its own: `python -m tests.laws.generated_laws --seed 0
--examples 500`.
"""

from __future__ import annotations

import argparse

from hypothesis import HealthCheck, given, seed, settings
from tests.test_laws import holds

from sim.config.scenario.scenario import Scenario
from tests.worlds import generated


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, required=True)
    arguments.add_argument("--examples", type=int, required=True)
    asked = arguments.parse_args()
    held = 0

    @seed(asked.seed)
    @settings(
        max_examples=asked.examples,
        deadline=None,
        database=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(scenario=generated())
    def law(scenario: Scenario) -> None:
        nonlocal held
        holds(scenario)
        held += 1

    law()
    print(held)


if __name__ == "__main__":
    main()
