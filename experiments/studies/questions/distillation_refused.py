"""What does it cost those who follow if labs no longer sell their outputs to rivals?"""

from __future__ import annotations

from experiments.studies.pictures import over_time
from experiments.studies.study import (
    Case,
    ExpectedRange,
    Study,
    StudyPart,
    Turn,
    above,
    relative_change,
)

WINDOW = "2027-01/2030-12"

STUDY = Study(
    number=2,
    question="How much further behind are compute-poor labs if distillation is refused?",
    cases={
        "sold to rivals": Case("distillation_open"),
        "refused": Case("distillation_refused"),
        "no ideas copied": Case("distillation_open", {"labs.spillover_rate": 0.0}),
    },
    parts=(
        StudyPart(
            "lag",
            f"change of capability_lag_months when outputs are refused, mean of {WINDOW}",
            "fraction",
            lambda runs: relative_change(
                runs["refused"].mean("capability_lag_months", WINDOW),
                runs["sold to rivals"].mean("capability_lag_months", WINDOW),
            ),
            ExpectedRange("clearly longer, read as a tenth at least", low=0.1),
            ("distill-withhold", "lag-from-gap", "lag-from-gap-distilled"),
        ),
        StudyPart(
            "gap",
            f"change of capability_gap_oom when outputs are refused, mean of {WINDOW}",
            "OOM",
            lambda runs: (
                runs["refused"].mean("capability_gap_oom", WINDOW)
                - runs["sold to rivals"].mean("capability_gap_oom", WINDOW)
            ),
            above("wider", 0.0),
            ("distill-withhold",),
        ),
        StudyPart(
            "months",
            f"change of capability_lag_months when outputs are refused, mean of {WINDOW}",
            "month",
            lambda runs: (
                runs["refused"].mean("capability_lag_months", WINDOW)
                - runs["sold to rivals"].mean("capability_lag_months", WINDOW)
            ),
            ExpectedRange("what a two- to eight-fold gain is at 1.4 OOM a year", 2.6, 7.7),
            ("distill-cap-10x", "lag-from-gap"),
        ),
        StudyPart(
            "best_route",
            "change of capability_gap_oom when outputs are refused, less that when no idea is"
            f" copied, mean of {WINDOW}",
            "OOM",
            lambda runs: (
                runs["refused"].mean("capability_gap_oom", WINDOW)
                - runs["no ideas copied"].mean("capability_gap_oom", WINDOW)
            ),
            above("distillation is the best way to catch up: its loss costs more", 0.0),
            ("distill-withhold", "spillover-symmetric"),
        ),
    ),
    turn=Turn("labs.distillation_gain", 1.0),
    figure=over_time("capability_lag_months", "How far compute-poor labs are behind"),
    why="""\
All cases share every draw, so a difference is that of one cause alone. Open weights still teach \
whoever has hours to run them: measured is the loss of what is sold, less than the sources' loss \
of every teacher. The best route was asked about once it was known that copied ideas matter here. \
Software is one ladder that all behind climb by copying, which would carry followers further than \
lessons do.""",
)
