"""A study that takes a moment."""

from __future__ import annotations

from experiments.studies.study import Case, ExpectedRange, Study, StudyPart, Turn
from sim.figures import Figure

PATH = "labs.replication_lag"


def short_study() -> Study:
    """Two cases of two months; what differs between them is the first month's rent."""
    part = StudyPart(
        "rent",
        "rent with dear power less that without",
        "USD/H100e-hour",
        lambda runs: (
            runs["dear"].mean("rental_price_usd_per_h100e_hour", "2025-01/2025-02")
            - runs["usual"].mean("rental_price_usd_per_h100e_hour", "2025-01/2025-02")
        ),
        ExpectedRange("more", low=0.0),
        ("nobody",),
    )
    return Study(
        number=99,
        question="Is compute dearer where power is?",
        cases={
            "usual": Case(months=2),
            "dear": Case(set={"regions.power_price_start": 1.0}, months=2),
        },
        parts=(part,),
        turn=Turn(PATH, 3.0),
        figure=lambda runs: Figure("f", "cases", "", "", {}, None),  # type: ignore[arg-type]
        why="A test.",
    )
