"""The manifest of results: what was run, by which code, on which machine, and whether it held."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.base.errors import RequestError, one_of, spelt
from sim.base.files import disk
from sim.config.registry import load_registry
from sim.config.scenario.claim import CLAIM_KEYS

if TYPE_CHECKING:
    from sim.config.scenario.scenario import Scenario

SCHEMA = 3
"""Version of the manifest's own layout."""
FILE = "manifest.json"
PACKAGE = "drawbridge-sim"
LIBRARIES = ("numpy", "numba", "mesa", "networkx", "pandas", "pyarrow")
KIND = "runs"
"""The design of the results: runs of one scenario that differ by their draws only."""
SWEEP = "sweep"
"""Another kind of results: runs of many design points of one scenario."""
STUDY = "study"
"""Another: what the cases of a study came to."""
BACKTEST = "backtest"
"""Another: forecasts, held against what was measured."""
_WHAT, _DRAWS = ("scenario", "digest", "classes"), ("schema", "kind", "version", "seed")
IDENTITY = {
    KIND: (*_DRAWS, "runs", *_WHAT),
    SWEEP: (*_DRAWS, *_WHAT, "sweep", "design_hash", "scenarios", "replications", "block"),
    STUDY: (*_DRAWS, "name", "runs", "draws", "laws", "statistics", "cases"),
    BACKTEST: (*_DRAWS, "name", "runs", "laws", "observations", "cases"),
}
"""What two results of a kind must share to be the same results, in the order of comparison."""
_ORIGIN = ("registry", "package", "libraries", "platform", "made")
REQUIRED = {
    KIND: (
        *(*IDENTITY[KIND], "world", "replications", "complete"),
        *("leaders", "releases", "tables", *_ORIGIN),
    ),
    SWEEP: (
        *(*IDENTITY[SWEEP], "world", "title", "name"),
        *("runs", "complete", "done", "failed", *_ORIGIN),
    ),
    STUDY: (*IDENTITY[STUDY], "title", "complete", *_ORIGIN),
    BACKTEST: (*IDENTITY[BACKTEST], "title", "complete", *_ORIGIN),
}
CASE = ("base", "start", "months", "set", "event", "class")
"""What of a case's scenario decides its numbers, beside the registry."""


def identity(scenario: Scenario, seed: int, runs: int) -> dict[str, Any]:
    """The fields that decide every number of an ensemble, as JSON reads them back."""
    return _identity(KIND, seed, _made_of(scenario), {"runs": runs})


def sweep_identity(scenario: Scenario, seed: int, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that decide every number of a sweep; fields: those of its design."""
    return _identity(SWEEP, seed, _made_of(scenario), fields)


def cases_identity(
    kind: str, scenarios: Mapping[str, Scenario], seed: int, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """The fields that decide every number of a study or a backtest.

    scenarios: of its cases by name. fields: what else the kind's `IDENTITY` names.
    """
    cases = {name: _case(scenario) for name, scenario in scenarios.items()}
    return _identity(kind, seed, {"cases": cases}, fields)


def _identity(
    kind: str, seed: int, made_of: Mapping[str, Any], fields: Mapping[str, Any]
) -> dict[str, Any]:
    shared = {
        "schema": SCHEMA,
        "kind": kind,
        "version": package_version(),
        "seed": seed,
        **made_of,
        "registry": _registry_values(),
    }
    decoded: dict[str, Any] = json.loads(encoded(shared | dict(fields)))
    return decoded


def _made_of(scenario: Scenario) -> dict[str, Any]:
    return {
        "scenario": scenario.to_dict(),
        "digest": scenario.digest,
        "classes": _class_hashes(scenario),
        "world": scenario.world_digest,
    }


def _case(scenario: Scenario) -> dict[str, Any]:
    """What a case is made of, without what its scenario says in words: that may be put better."""
    made_of = _made_of(scenario)
    told = made_of.pop("scenario")
    return {"scenario": told["name"], **{key: told[key] for key in CASE}, **made_of}


def _registry_values() -> dict[str, float]:
    return {p.path: p.value for p in load_registry().parameters.values()}


def provenance() -> dict[str, Any]:
    """When and where numbers were made: commit, libraries and platform may explain one.

    `made` is a day: reruns of one day in one place differ by their timings alone. `vectors` are the
    instruction sets that numpy found: another processor rounds exp, log and powers otherwise in
    their last bit.
    """
    return {
        "made": datetime.now(UTC).date().isoformat(),
        "package": {"name": PACKAGE, "version": package_version(), "commit": commit()},
        "libraries": {name: _version(name) for name in LIBRARIES},
        "platform": {
            "python": platform.python_version(),
            "implementation": sys.implementation.name,
            "system": platform.system(),
            "release": platform.release(),
            "machine": platform.machine(),
            "vectors": _vectors(),
            "processors": os.cpu_count(),
        },
    }


def read(directory: Path) -> dict[str, Any]:
    """The manifest of a results folder; RequestError if there is none or it cannot be read."""
    file = directory / FILE
    with disk(directory):
        if not directory.exists():
            raise RequestError("no such results folder", file=directory)
        if not directory.is_dir():
            raise RequestError("not a results folder", file=directory)
        if not file.exists():
            raise RequestError(f"not a results folder: it holds no {FILE}", file=directory)
        content = file.read_bytes()
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError):
        manifest = None
    if not isinstance(manifest, dict) or "schema" not in manifest:
        raise RequestError("not a manifest of Drawbridge", file=file)
    if manifest["schema"] != SCHEMA:
        schema = manifest["schema"]
        raise RequestError(
            "results of another layout", file=file, key="schema", value=schema, allowed=str(SCHEMA)
        )
    kind = str(manifest.get("kind"))
    if kind not in REQUIRED:
        raise RequestError(
            "unknown kind of results", file=file, key="kind", value=kind, allowed=one_of(REQUIRED)
        )
    for key in REQUIRED[kind]:
        if key not in manifest:
            raise RequestError("the manifest lacks a key", file=file, key=key)
    return manifest


def title_of(manifest: Mapping[str, Any]) -> str:
    """The title of results."""
    title: str = manifest["title"] if "title" in manifest else manifest["scenario"]["title"]
    return title


def scenario_of(
    manifest: Mapping[str, Any], directory: Path, beside: Path | None = None
) -> Scenario:
    """The scenario that a manifest describes, made again from its world and overlays.

    beside: the folder in which a world or modules of the user's own lie.

    Raises RequestError if the world or a module is not there, or if one of them or the registry has
    changed since, so that the same overlays would no longer give the same numbers.
    """
    from sim.base.calendar import Calendar
    from sim.base.frozen import FrozenDict
    from sim.config import shipped
    from sim.config.scenario.scenario import Event, Scenario
    from sim.config.world.reader import load_world

    told, file = manifest["scenario"], directory / FILE
    own = None if beside is None else beside / f"{told['base']}.toml"
    if own is None or not own.is_file():
        own = None
        if told["base"] not in shipped.names("world"):
            raise RequestError(
                "the world is not one that ships",
                file=file,
                key="scenario.base",
                value=told["base"],
                allowed="the world's file in the folder that --beside names",
            )
    world = load_world(told["base"] if own is None else own)
    calendar = Calendar(world.start, told["months"])
    events = (
        Event(
            e["name"],
            calendar.index(e["start"]),
            e["months"],
            FrozenDict(e["set"]),
            FrozenDict(e["scale"]),
        )
        for e in told["event"]
    )
    scenario = Scenario(
        world=world,
        set=FrozenDict(told["set"]),
        events=tuple(events),
        classes=FrozenDict(told["class"]),
        file=None if beside is None else beside.absolute() / f"{told['name']}.toml",
        bases=tuple(told["bases"]),
        **{key: told[key] for key in ("name", "title", "months", *CLAIM_KEYS)},
    )
    if scenario.digest != manifest["digest"]:
        raise _changed(manifest, scenario, file)
    for module, digest in _class_hashes(scenario).items():
        if digest != manifest["classes"].get(module):
            problem = "the module is not the one that made these results"
            raise RequestError(problem, file=file, key=f"classes.{module}", value=digest)
    return scenario


def _changed(manifest: Mapping[str, Any], scenario: Scenario, file: Path) -> RequestError:
    """Why a scenario made again is not the one that was run."""
    since = f"has changed since version {manifest['version']} made these results"
    other = first_difference(manifest["registry"], _registry_values(), "registry")
    if other is not None:
        path, was, now = other
        return RequestError(
            f"the registry {since}", file=file, key=path, value=was, allowed=spelt(now)
        )
    if manifest["world"] != scenario.world_digest:
        name, was, now = scenario.world.name, manifest["world"], scenario.world_digest
        return RequestError(
            f"the world {name} {since}", file=file, key="world", value=was, allowed=now
        )
    return RequestError(
        "the scenario is not the one that its digest describes",
        file=file,
        key="digest",
        value=manifest["digest"],
        allowed=scenario.digest,
    )


def refuse_other(
    directory: Path, wanted: Mapping[str, Any], fields: Sequence[str] = ()
) -> dict[str, Any] | None:
    """Refuse a folder whose results are not those that `wanted`, an identity, describes.

    fields: those that must be the same; all that the kind's `IDENTITY` names without any.

    Returns the manifest of results that may be replaced, None where there are none. Raises
    RequestError that names the first field that differs, and both its values.
    """
    with disk(directory):
        if not (directory / FILE).exists():
            unknown = next(directory.glob("*.parquet"), None)
            if unknown is not None:
                raise RequestError("this file has no manifest", file=unknown)
            return None
    held = read(directory)
    for field in fields or IDENTITY[wanted["kind"]]:
        found = first_difference(held.get(field), wanted.get(field), field)
        if found is not None:
            path, here, there = found
            raise RequestError(
                "the folder holds other results; choose another folder",
                file=directory,
                key=path,
                value=here,
                allowed=spelt(there),
            )
    return held


def first_difference(held: object, wanted: object, path: str) -> tuple[str, object, object] | None:
    """The first place where two decoded JSON values differ: its path and both values."""
    if isinstance(held, dict) and isinstance(wanted, dict):
        for key in (*wanted, *(k for k in held if k not in wanted)):
            here, there = held.get(key, "nothing"), wanted.get(key, "nothing")
            found = first_difference(here, there, f"{path}.{key}")
            if found is not None:
                return found
        return None
    if isinstance(held, list) and isinstance(wanted, list) and len(held) == len(wanted):
        for place, (here, there) in enumerate(zip(held, wanted, strict=True), start=1):
            found = first_difference(here, there, f"{path}[{place}]")
            if found is not None:
                return found
        return None
    return None if held == wanted else (path, held, wanted)


def stamp(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of the fields that decide the numbers of results."""
    fields = {field: manifest[field] for field in IDENTITY[manifest["kind"]]}
    return sha256(json.dumps(fields, sort_keys=True, allow_nan=False).encode()).hexdigest()


def encoded(manifest: Mapping[str, Any]) -> bytes:
    """A manifest as the bytes of its file."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def package_version() -> str:
    """The version of Drawbridge that runs."""
    return _version(PACKAGE) or "unknown"


def commit() -> str | None:
    """The commit of the checkout that the code lies in, with "-dirty" if files differ from it.

    None outside a checkout, and where git is missing or refuses.
    """
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists():
        return None
    describe = ("describe", "--always", "--abbrev=40", "--exclude=*", "--dirty")
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *describe],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() or None


def _class_hashes(scenario: Scenario) -> dict[str, str]:
    """Hashes of the user's own modules, which decide numbers too."""
    if not scenario.classes:
        return {}
    from sim.economy.user_classes import class_hashes

    return class_hashes(scenario)


def _vectors() -> list[str]:
    """The vector instructions that numpy found in the processor."""
    return list(np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found", ()))


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
