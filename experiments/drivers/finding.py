"""Finding out what drives what, and the files that say it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from experiments.drivers import text
from experiments.drivers.headlines import Headline, headlines
from experiments.drivers.sample import moving, outcome
from experiments.svg import standalone
from experiments.sweep_file import registry_laws
from sim.files import Staging, check_writable
from sim.manifest import provenance
from sim.scenario import load_scenario

FILES = ("drivers.json", "drivers.csv", "drivers.md")


@dataclass(frozen=True)
class Effort:
    """How much is run: points of the sample, and pairs of runs of each bar of a tornado."""

    points: int
    replications: int


QUICK = Effort(400, 4)
FULL = Effort(4_000, 8)


@dataclass(frozen=True)
class Drivers:
    """What was found. parameters: how many vary. window: the months of a metric's mean."""

    scenario: str
    digest: str
    seed: int
    points: int
    repeats: int
    replications: int
    parameters: int
    window: str
    headlines: tuple[Headline, ...]

    def facts(self) -> dict[str, Any]:
        """Everything here as plain values."""
        told = {key: value for key, value in vars(self).items() if key != "headlines"}
        return told | {"metrics": [headline.facts() for headline in self.headlines]}

    def write(self, folder: Path) -> None:
        """Write drivers.json, drivers.csv, drivers.md and the tornados, whole or not at all."""
        import pandas as pd

        table = StringIO()
        pd.concat([h.table() for h in self.headlines]).to_csv(
            table, index=False, lineterminator="\n"
        )
        facts = self.facts() | provenance()
        files = {
            "drivers.json": json.dumps(facts, indent=2, allow_nan=False) + "\n",
            "drivers.csv": table.getvalue(),
            "drivers.md": text.document(self),
        }
        for headline in self.headlines:
            drawn = headline.figure()
            files[f"{drawn.name}.svg"] = standalone(drawn.option)
        with Staging(folder) as staging:
            for name, content in files.items():
                with staging.file(name) as file:
                    file.write(content.encode())


def find_drivers(effort: Effort, seed: int, folder: Path, workers: int | None = None) -> Drivers:
    """Run what is not in the folder yet, and tell what drives what in the baseline.

    workers: processes; by default one a processor, where it pays.
    """
    check_writable(folder)
    scenario = load_scenario("baseline")
    laws = registry_laws(scenario)
    found = headlines(
        scenario,
        laws,
        folder,
        points=effort.points,
        replications=effort.replications,
        seed=seed,
        workers=workers,
    )
    return Drivers(
        scenario=scenario.name,
        digest=scenario.digest,
        seed=seed,
        points=effort.points,
        repeats=found[0].depends.repeats,
        replications=effort.replications,
        parameters=len(moving(laws)),
        window=outcome(found[0].metric, scenario).window,
        headlines=found,
    )
