"""The questions that the model is asked, one file each; the name of the file names the study."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sim.base.errors import RequestError, nearest, one_of

if TYPE_CHECKING:
    from experiments.studies.study import Study

NAMES = (
    "compute_gap",
    "distillation_refused",
    "spillover_only",
    "hormuz_closure",
    "gulf_stop",
    "fab_energy",
    "flagship_recoupment",
    "operating_margin",
    "revenue_2025",
    "revenue_miss",
    "final_run_share",
    "us_power",
    "china_power",
    "fixed_capability_price",
    "rl_against_inference",
    "training_size",
    "decentralised_training",
    "software_explosion",
    "adoption_by_region",
    "digital_workers",
    "open_weights",
    "task_supply",
    "benchmarks_and_impact",
    "drawbridge_and_fence",
    "three_observations",
    "evaluation_cost",
    "compute_allowance",
)
"""All studies, in the order of their questions."""


def load_study(name: str) -> Study:
    """A study by its name. Raises RequestError with the nearest name for an unknown one."""
    if name not in NAMES:
        raise RequestError(
            "unknown study", value=name, allowed=one_of(NAMES), nearest=nearest(name, NAMES)
        )
    study: Study = import_module(f"experiments.studies.questions.{name}").STUDY
    return study
