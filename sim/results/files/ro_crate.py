"""RO-Crate metadata of a results folder: what its files are, and what made them out of what.

The file follows the specification of research object crates (RO-Crate 1.2), which archives and
catalogues read. It says nothing that the manifest and the files do not: whoever publishes the
folder adds who they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from sim.base.files import Staging, disk
from sim.base.number_format import exact
from sim.results.files import manifest

FILE = "ro-crate-metadata.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.2"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
"""Of results: worlds and observations rest on data that ask for it."""
NAMES = {
    manifest.FILE: "The request, the code, the machine, and the checks of the run",
    "metrics.parquet": "Metrics, a row a run and month",
    "agents.parquet": "State of agents at the end of every month",
    "flows.parquet": "Flows along every edge in every month",
    "models.parquet": "Models that labs released",
    "payments.parquet": "Payments between sectors in every month",
    "design.parquet": "Varied parameters, a row a scenario",
    "verdict.json": "The question, its statistics, and their comparison with the sources",
    "values.csv": "Statistics, a row a run and part of the question",
    "figure.csv": "Numbers of the picture",
    "figure.svg": "The picture",
    "backtest.json": "Scores, points, rivals, and the inputs of the forecasts",
    "backtest.md": "The same in words and tables",
    "scores.csv": "Scores, a row a forecaster and family or series",
    "points.csv": "Forecasts, a row a measured value",
}
"""Files of a results folder that are described."""
PARTS = "parts"
MEDIA = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".svg": "image/svg+xml",
}
Entity = dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """A file as it was written: its size in bytes, and its SHA-256."""

    size: int
    sha256: str

    @classmethod
    def of(cls, content: bytes) -> Stored:
        """Of a file's content."""
        return cls(len(content), sha256(content).hexdigest())

    @classmethod
    def told(cls, table: Mapping[str, Any]) -> Stored:
        """Of a table, as its manifest describes it."""
        return cls(table["bytes"], table["sha256"])


def encoded(known: Mapping[str, Any], files: Mapping[str, Stored]) -> bytes:
    """The metadata file of results. known: their manifest; files: by their path in the folder."""
    names = sorted(files)
    tops = [name for name in names if "/" not in name]
    parts = [name for name in names if "/" in name]
    graph = [
        {
            "@id": FILE,
            "@type": "CreativeWork",
            "about": _to("./"),
            "conformsTo": _to(SPECIFICATION),
        },
        _root(known, [*tops, *([f"{PARTS}/"] if parts else [])]),
        *(_file(name, files[name]) for name in tops),
    ]
    if parts:
        folder = {"@id": f"{PARTS}/", "@type": "Dataset", "name": "Tables in blocks of runs"}
        graph += [folder | {"hasPart": _all(parts)}, *(_file(n, files[n]) for n in parts)]
    graph += [_action(known, names), *_objects(known), _software(known), *_sources()]
    text = json.dumps(
        {"@context": f"{SPECIFICATION}/context", "@graph": graph}, indent=2, ensure_ascii=False
    )
    return f"{text}\n".encode()


def describe(folder: Path) -> None:
    """Write the metadata file of the results that a folder holds.

    Raises RequestError for a folder that holds no results or cannot be written, MachineError for a
    disk that fails.
    """
    known = manifest.read(folder)
    places = [folder / name for name in NAMES]
    with disk(folder):
        places += sorted((folder / PARTS).glob("[!.]*.parquet"))
        files = {
            place.relative_to(folder).as_posix(): _stored(place)
            for place in places
            if place.is_file()
        }
    with Staging(folder) as staging, staging.file(FILE) as file:
        file.write(encoded(known, files))


def publish(folder: Path, known: Mapping[str, Any], contents: Mapping[str, bytes]) -> None:
    """Write results with their manifest and metadata to a folder, all of it or nothing.

    known: the manifest. contents: the files by name. Raises RequestError for a folder that cannot
    be written, MachineError for a disk that fails.
    """
    contents = {**contents, manifest.FILE: manifest.encoded(known)}
    files = {name: Stored.of(content) for name, content in contents.items()}
    with Staging(folder) as staging:
        for name, content in {**contents, FILE: encoded(known, files)}.items():
            with staging.file(name) as file:
                file.write(content)


def changed(folder: Path) -> list[str] | None:
    """The described files that are no longer what they were; None without a description.

    A file that is gone counts. A description that cannot be read is itself such a file.
    """
    with disk(folder):
        if not (folder / FILE).is_file():
            return None
        try:
            graph = json.loads((folder / FILE).read_bytes())["@graph"]
            told = {e["@id"]: e["sha256"] for e in graph if e["@type"] == "File"}
        except (ValueError, LookupError, TypeError, RecursionError):
            return [FILE]
        inside = {name: folder / name for name in told if _is_inside(name)}
        return [
            name
            for name, digest in told.items()
            if name not in inside
            or not inside[name].is_file()
            or _stored(inside[name]).sha256 != digest
        ]


def _is_inside(name: str) -> bool:
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts


def _stored(file: Path) -> Stored:
    with file.open("rb") as content:
        return Stored(file.stat().st_size, file_digest(content, "sha256").hexdigest())


def _root(known: Mapping[str, Any], names: Iterable[str]) -> Entity:
    runs = "1 run" if known["runs"] == 1 else f"{exact(known['runs'])} runs"
    each = " a case" if len(known.get("cases", ())) > 1 else ""
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{manifest.title_of(known)}: {runs}{each} with seed {known['seed']}",
        "description": _description(known),
        "datePublished": known["made"],
        "license": _to(LICENCE),
        "isBasedOn": _to("#epoch-ai"),
        "hasPart": _all(names),
        "mentions": _to("#simulation"),
    }


def _description(known: Mapping[str, Any]) -> str:
    by = f"simulated by Drawbridge {known['version']}"
    if "cases" in known:
        cases = [f"{name} ({_span(case)})" for name, case in known["cases"].items()]
        return f"The AI compute economy, {by}. {known['kind'].capitalize()}: {'; '.join(cases)}."
    scenario = known["scenario"]
    return (
        f"The AI compute economy over {_span(scenario)}, {by}: scenario {scenario['name']} "
        f"on the world {scenario['base']}."
    )


def _span(scenario: Mapping[str, Any]) -> str:
    return f"{scenario['months']} months from {scenario['start']}"


def _file(name: str, stored: Stored) -> Entity:
    return {
        "@id": name,
        "@type": "File",
        "name": NAMES.get(name, f"Block of runs: {Path(name).stem}"),
        "encodingFormat": MEDIA[Path(name).suffix],
        "contentSize": str(stored.size),
        "sha256": stored.sha256,
    }


def _action(known: Mapping[str, Any], names: Iterable[str]) -> Entity:
    """The runs: what they were made by, out of what, and with which result."""
    state = "Completed" if known["complete"] else "Failed"
    action = {
        "@id": "#simulation",
        "@type": "CreateAction",
        "name": f"Simulation of {manifest.title_of(known)}",
        "description": "`drawbridge reproduce` on this folder makes the files again.",
        "endTime": known["made"],
        "actionStatus": _to(f"http://schema.org/{state}ActionStatus"),
        "instrument": _to("#drawbridge"),
        "object": _all(entity["@id"] for entity in _objects(known)),
        "result": _all(names),
    }
    return action if known["complete"] else action | {"error": "not all runs were done"}


def _objects(known: Mapping[str, Any]) -> list[Entity]:
    """The inputs of the runs; the hashes are those of the manifest."""
    registry = json.dumps(known["registry"], sort_keys=True, allow_nan=False)
    return [
        *_scenarios(known),
        _hashed("#registry", "Registry of parameters", sha256(registry.encode()).hexdigest()),
        {"@id": "#seed", "@type": "PropertyValue", "name": "seed", "value": known["seed"]},
    ]


def _scenarios(known: Mapping[str, Any]) -> Iterator[Entity]:
    """The scenarios, their worlds and modules of the user's own, each once."""
    if "cases" in known:
        cases = known["cases"]
        for place, (name, case) in enumerate(cases.items(), start=1):
            title = f"Case {name}: scenario {case['scenario']}"
            yield _hashed(f"#scenario-{place}", title, case["digest"])
    else:
        scenario = known["scenario"]
        cases = {scenario["name"]: {**known, "base": scenario["base"]}}
        title = f"Scenario {scenario['name']}: {scenario['title']}"
        yield _hashed("#scenario", title, known["digest"])
    worlds = {case["base"]: case["world"] for case in cases.values()}
    for name, digest in worlds.items():
        yield _hashed("#world" if len(worlds) == 1 else f"#world-{name}", f"World {name}", digest)
    modules = {name: digest for case in cases.values() for name, digest in case["classes"].items()}
    for name, digest in modules.items():
        yield _hashed(f"#module-{name}", f"Module {name}", digest, "SoftwareSourceCode")


def _hashed(key: str, name: str, digest: str, kind: str = "CreativeWork") -> Entity:
    return {"@id": key, "@type": kind, "name": name, "identifier": f"sha256:{digest}"}


def _software(known: Mapping[str, Any]) -> Entity:
    package, python = known["package"], known["platform"]["python"]
    needed = {"Python": python, **known["libraries"]}
    entity = {
        "@id": "#drawbridge",
        "@type": "SoftwareApplication",
        "name": "Drawbridge",
        "alternateName": package["name"],
        "version": known["version"],
        "license": "https://spdx.org/licenses/MIT",
        "softwareRequirements": [f"{name} {has}" for name, has in needed.items() if has],
    }
    commit = package["commit"]
    return entity | {"identifier": f"git commit {commit}"} if commit else entity


def _sources() -> list[Entity]:
    """Sources of the data behind the numbers, and their terms."""
    return [
        {
            "@id": "#epoch-ai",
            "@type": "CreativeWork",
            "name": "Data of Epoch AI on chips, their power and owners, and models",
            "creditText": "Epoch AI, CC BY 4.0",
            "creator": _to("https://epoch.ai"),
            "license": _to(LICENCE),
        },
        {"@id": "https://epoch.ai", "@type": "Organization", "name": "Epoch AI"},
        {
            "@id": LICENCE,
            "@type": "CreativeWork",
            "name": "Creative Commons Attribution 4.0 International",
            "description": "May be shared and changed if the source is named.",
        },
    ]


def _to(key: str) -> Entity:
    return {"@id": key}


def _all(keys: Iterable[str]) -> list[Entity]:
    return [_to(key) for key in keys]
