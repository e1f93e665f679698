"""Speed: `python -m experiments.benchmark`, or `make bench`.

CPU time of one 72-month run and of 64 runs side by side, after imports and compilation, and how
long the command line takes to answer. With `--large`: time and memory of a year of a generated
world of 20,000 firms and a million cohorts of customers instead. With `--page`: how long a month
takes until a browser shows it. Ends with 1 if a target is missed.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable
from time import perf_counter, process_time

Told = Callable[[str, float, float, str], bool]
MONTHS, RUNS, ROUNDS = 72, 64, 5
RATIO_MAX = 5.0
"""Most CPU time that 64 runs may take, in single runs."""
ANSWER_MAX = 0.35
"""Longest wait for help and for the list of scenarios, in seconds."""
COMMANDS = ("--help", "scenarios")
HEAVY = ("mesa", "numba", "solara")
"""What answering those commands must not import."""
LARGE = {"labs": 2_000, "fabs": 100, "fleets": 17_900, "customers": 1_000_000}
LARGE_DEGREE, LARGE_MONTHS = 4, 12
OPENING_MAX, MEMORY_MAX = 120.0, 6.0
"""Longest time until the first month of the large world, in seconds, and most memory, in GB."""


def main() -> None:
    """Measure, print, and leave with 1 if a target is missed."""
    if sys.argv[1:] == ["--large"]:
        sys.exit(0 if _large() else 1)
    if sys.argv[1:] == ["--page"]:
        from experiments.bench_page import measure

        sys.exit(0 if measure(told) else 1)
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, best of {ROUNDS}")
    met = [_runs(), *map(_answer, COMMANDS)]
    sys.exit(0 if all(met) else 1)


def cpu_seconds(*jobs: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """The least CPU time of each job; they take turns, so that a busy machine slows all alike."""
    best = [float("inf")] * len(jobs)
    for _ in range(rounds):
        for place, job in enumerate(jobs):
            began = process_time()
            job()
            best[place] = min(best[place], process_time() - began)
    return best


def modules_loaded(command: str) -> tuple[float, set[str]]:
    """Wall seconds of a command in a process of its own, and the heavy libraries it imported."""
    code = (
        "import sys; from experiments.cli import execute; "
        f"execute([{command!r}]); print(*sys.modules, file=sys.stderr)"
    )
    began = perf_counter()
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    return perf_counter() - began, set(answer.stderr.split()) & set(HEAVY)


def _runs() -> bool:
    from sim.ensemble import run_block
    from sim.scenario import load_scenario

    scenario = load_scenario("baseline", months=MONTHS)
    run_block(scenario, 1, range(2))  # compiles
    one, many = cpu_seconds(
        lambda: run_block(scenario, 1, range(1)), lambda: run_block(scenario, 1, range(RUNS))
    )
    print(f"1 run of {MONTHS} months   {one:8.4f} s CPU")
    print(f"{RUNS} runs              {many:8.4f} s CPU")
    return told("ratio", many / one, RATIO_MAX, "")


def _large() -> bool:
    from dataclasses import replace

    from sim import engine
    from sim.generate import Plan
    from sim.limits import memory
    from sim.opening import open_economy
    from sim.record import Record
    from sim.scenario import load_scenario

    began = perf_counter()
    baseline = load_scenario("baseline", months=LARGE_MONTHS)
    plan = Plan(baseline.world, LARGE, LARGE_DEGREE, seed=1)
    world = plan.world()
    print(f"{sum(plan.agents.values()):,} agents, {len(world.edges):,} edges between firms")
    print(f"{'drawn':<20} {perf_counter() - began:8.2f} s")
    economy = open_economy(replace(baseline, world=world), 1, [0])
    quick = told("opened", perf_counter() - began, OPENING_MAX, " s")
    began = perf_counter()
    engine.run(economy, Record(economy))
    print(f"{f'{LARGE_MONTHS} months':<20} {perf_counter() - began:8.2f} s")
    print(f"{'memory estimated':<20} {memory(plan.agents, len(world.edges)) / 1e9:8.2f} GB")
    return told("memory at most", _peak_memory() / 1e9, MEMORY_MAX, " GB") and quick


def _peak_memory() -> int:
    """The most memory that this process has held, in bytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def _answer(command: str) -> bool:
    measured = [modules_loaded(command) for _ in range(ROUNDS)]
    loaded = set().union(*(heavy for _, heavy in measured))
    if loaded:
        print(f"drawbridge {command} imports {', '.join(sorted(loaded))}")
    return (
        told(f"drawbridge {command}", min(s for s, _ in measured), ANSWER_MAX, " s") and not loaded
    )


def told(label: str, value: float, limit: float, unit: str) -> bool:
    """Print a measurement beside its target; whether it is met."""
    verdict = "ok" if value <= limit else "MISSED"
    print(f"{label:<24} {value:8.2f}{unit} (target {limit:g}{unit}): {verdict}")
    return value <= limit


if __name__ == "__main__":
    main()
