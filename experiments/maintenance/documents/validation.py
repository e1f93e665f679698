"""How the model fared, as pages: results that commands left, kept small beside the documents.

`collect` takes what `drawbridge study`, `backtest`, `drivers` and the benchmark wrote to folders
into `docs/results/kept/`, with a manifest of the commands and the version that made it; `write`
makes the pages of it. No number of a page is typed.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from csv import DictReader
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

from experiments.maintenance.benchmark.__main__ import SPEED
from experiments.maintenance.documents import facts
from experiments.maintenance.documents.evidence import linked
from experiments.reporting.markdown import below, code, estimate, paragraphs, plain, table
from experiments.studies.verdict import bounds
from sim.base.errors import RequestError
from sim.base.files import Staging, disk
from sim.base.number_format import many, percent, signed
from sim.results.files.manifest import commit, package_version

MANIFEST = "manifest.json"
KEPT = "kept"
"""The folder of what is kept, as seen from the pages."""
VERDICTS = "verdicts.json"
COMPARED = "scenarios.csv"


@dataclass(frozen=True)
class ValidationPart:
    """A command, and which of the files that it leaves in its folder are kept; the first is shown,
    with the pictures that it names."""

    command: str
    files: tuple[str, ...]


PARTS = {
    "studies": ValidationPart("drawbridge study --all", (VERDICTS,)),
    "backtest": ValidationPart("drawbridge backtest", ("backtest.md", "scores.csv")),
    "drivers": ValidationPart(
        "drawbridge drivers --verdicts results/validation/studies",
        ("drivers.md", "drivers.csv", "hinges.csv"),
    ),
    "scenarios": ValidationPart("drawbridge compare --all-scenarios", (COMPARED,)),
    "facts": ValidationPart("python -m experiments.maintenance.documents facts", (facts.FILE,)),
    "speed": ValidationPart("python -m experiments.maintenance.benchmark", (SPEED,)),
}


_PICTURE = re.compile(r"\]\(([\w-]+\.svg)\)")


# ---- from folders of results ---------------------------------------------------------------------


def collect(folders: Mapping[str, Path], into: Path, options: str = "") -> None:
    """Keep what documents show of results; folders: part -> the folder its command wrote.

    options: with which the commands were called, --out apart. Parts that are not given stay as they
    were. Raises RequestError for a folder without the results of its part.
    """
    held = into / MANIFEST
    manifest = json.loads(held.read_text("utf-8")) if held.exists() else {}
    kept: dict[str, bytes] = {}
    for part, folder in folders.items():
        made = PARTS[part]
        found = _verdicts_of(folder) if part == "studies" else _files_of(folder, made.files)
        kept |= found
        manifest[part] = {
            "command": " ".join(filter(None, (made.command, options))),
            **_made_by(folder),
            "files": {name: sha256(content).hexdigest() for name, content in found.items()},
        }
    ordered = {part: manifest[part] for part in PARTS if part in manifest}
    kept[MANIFEST] = _json(ordered)
    known = {MANIFEST}.union(*(made["files"] for made in ordered.values()))
    with Staging(into) as staging:
        if into.exists():
            staging.drop(file.name for file in into.iterdir() if file.name not in known)
        for name, content in kept.items():
            with staging.file(name) as file:
                file.write(content)


def _made_by(folder: Path) -> dict[str, str | None]:
    """The version and commit that results say they were made by; those that run if they are silent.

    Results of several are refused: a page names one.
    """
    said = set()
    with disk(folder):
        for file in sorted((*folder.glob("*.json"), *folder.glob("*/verdict.json"))):
            held = json.loads(file.read_text("utf-8"))
            package = held.get("package") if isinstance(held, dict) else None
            if package:
                said.add((package["version"], package["commit"]))
    if len(said) > 1:
        raise RequestError("results of several versions in one folder", file=folder)
    version, made = said.pop() if said else (package_version(), commit())
    return {"version": version, "commit": made}


def _verdicts_of(folder: Path) -> dict[str, bytes]:
    """The verdicts below a folder as one file, in the order of their questions, and the picture of
    each under the name of its study."""
    with disk(folder):
        files = sorted(folder.glob("*/verdict.json"))
        if not files:
            raise RequestError("no verdict.json in any folder below", file=folder)
        read = [json.loads(file.read_text("utf-8")) for file in files]
        told = zip(read, files, strict=True)
        drawn = {_picture(verdict): file.with_name("figure.svg") for verdict, file in told}
        pictures = {name: file.read_bytes() for name, file in drawn.items() if file.exists()}
    return {VERDICTS: _json(sorted(read, key=lambda verdict: int(verdict["number"])))} | pictures


def _files_of(folder: Path, names: Sequence[str]) -> dict[str, bytes]:
    """The files of a part, as far as its command writes them, and the pictures that the first
    names; it must be there."""
    with disk(folder):
        if not (folder / names[0]).exists():
            raise RequestError(f"no {names[0]} in this folder", file=folder)
        pictures = _PICTURE.findall((folder / names[0]).read_text("utf-8"))
        wanted = dict.fromkeys((*names, *pictures))
        return {n: (folder / n).read_bytes() for n in wanted if (folder / n).exists()}


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


# ---- as pages ------------------------------------------------------------------------------------


def write(kept: Path, pages: Path) -> None:
    """Write the fragments that pages include; one that waits for its command says which."""
    fragments = pages / "fragments"
    fragments.mkdir(parents=True, exist_ok=True)
    held = kept / MANIFEST
    manifest = json.loads(held.read_text("utf-8")) if held.exists() else {}
    for name, part in PARTS.items():
        if name in manifest:
            origin = manifest[name]
            text = paragraphs(*_shown(name, (kept / part.files[0]).read_text("utf-8"), origin))
        else:
            text = paragraphs(
                f"*Not measured yet: `make validation ARGS={name}` runs `{part.command}` and "
                "writes here what it finds.*"
            )
        (fragments / f"{name}.md").write_text(linked(text), "utf-8")


def _shown(name: str, text: str, origin: Mapping[str, Any]) -> Iterable[str]:
    """What a page shows of a part: who made it, and what it says."""
    if name == "studies":
        yield from verdicts(json.loads(text), origin)
        return
    yield made_by(origin)
    if name == "facts":
        yield facts.fragment(json.loads(text))
    elif name == "scenarios":
        yield compared(list(DictReader(StringIO(text))))
    else:
        if name == "speed":
            yield met(text)
        yield _PICTURE.sub(rf"]({KEPT}/\1)", below(text.strip(), 2))


def met(text: str) -> str:
    """How many targets of the benchmark's tables are met.

    >>> met("| a | 1.0 | ≤ 2.0 | ok |\\n| b | 3.0 | ≤ 2.0 | missed |\\n| c | 1.0 |  |  |")
    '**Targets met: 1 of 2.**'
    """
    ok, missed = (text.count(f"| {verdict} |") for verdict in ("ok", "missed"))
    return f"**Targets met: {ok} of {ok + missed}.**"


def made_by(part: Mapping[str, Any]) -> str:
    """Which command of which version made a part."""
    origin = f", commit {code(part['commit'][:12])}" if part.get("commit") else ""
    return f"*Made by `{part['command']}`, version {part['version']}{origin}.*"


def compared(rows: Sequence[Mapping[str, str]]) -> str:
    """What comparing scenarios with their references came to."""
    head = ("scenario", "metric, window", "expected", "difference (5 to 95 % of pairs)", "verdict")
    return table(head, map(_compared, rows))


def _compared(row: Mapping[str, str]) -> tuple[str, ...]:
    """A scenario's difference in percent, in the metric's unit where the reference is 0."""
    relative = row["relative_difference_median"] != ""
    kind, factor, unit = (
        ("relative_difference", 100.0, " %") if relative else ("difference", 1.0, "")
    )
    shown = (signed(factor * float(row[f"{kind}_{figure}"])) for figure in ("median", "p5", "p95"))
    middle, low, high = shown
    return (
        code(row["scenario"]),
        f"`{row['metric']}`, {row['window'].replace('/', ' to ')}, against `{row['against']}`",
        row["expect"],
        f"{middle}{unit} ({low} to {high}{unit})",
        row["verdict"],
    )


def verdicts(found: Sequence[Mapping[str, Any]], origin: Mapping[str, Any]) -> Iterable[str]:
    """All verdicts: how many of each word, a table of them, and then every question by itself."""
    runs = sorted({int(verdict["runs"]) for verdict in found})
    each = many(runs[0], "run") if len(runs) == 1 else f"{runs[0]:,} to {runs[-1]:,} runs"
    parts = [part for verdict in found for part in verdict["parts"]]
    yield f"{many(len(found), 'question')}, {each} a case. Main statistics: {_counted(found)}."
    yield f"All {len(parts)} statistics: {_counted(parts)}."
    yield made_by(origin)
    head = ("", "question", "main statistic (5 to 95 % of runs)", "sources expect", "verdict")
    yield table((*head, "holds in", "parts that agree"), map(_overview, found))
    for verdict in found:
        yield from _verdict(verdict, origin["files"])


def _counted(judged: Iterable[Mapping[str, Any]]) -> str:
    """How many of each word."""
    words = Counter(str(one["verdict"]) for one in judged)
    return ", ".join(f"{words[word]} {word}" for word in ("agree", "disagree", "undecided"))


def _overview(verdict: Mapping[str, Any]) -> tuple[str, ...]:
    """A question in the table of all."""
    parts = verdict["parts"]
    agreeing = sum(part["verdict"] == "agree" for part in parts)
    return (
        str(verdict["number"]),
        plain(verdict["question"]),
        estimate(verdict),
        plain(_words(verdict["expected"])),
        f"[{verdict['verdict']}](#{_anchor(verdict)})",
        _holds(parts[0]),
        f"{agreeing} of {len(parts)}",
    )


def _verdict(verdict: Mapping[str, Any], pictures: Collection[str]) -> Iterable[str]:
    """One question: what was measured of it, part by part, and how that answers it."""
    yield f"({_anchor(verdict)})=\n### {verdict.get('number', '')} {plain(verdict['name'])}".strip()
    yield f"{plain(verdict['question'])} **{str(verdict['verdict']).capitalize()}.**"
    head = ("statistic", "estimate (5 to 95 % of runs)", "sources expect", "verdict", "holds in")
    yield table(head, map(_part, verdict["parts"]))
    yield plain(verdict.get("why", ""))
    if _picture(verdict) in pictures:
        yield f"![{plain(verdict['question'])}]({KEPT}/{_picture(verdict)})"


def _part(part: Mapping[str, Any]) -> tuple[str, ...]:
    name = part.get("part") or part.get("name") or ""
    evidence = f" [{', '.join(part['evidence'])}]" if part.get("evidence") else ""
    return (
        f"**{plain(name)}**: {plain(part['statistic'])}",
        estimate(part),
        plain(f"{_words(part['expected'])}{bounds(part)}{evidence}"),
        str(part["verdict"]),
        _holds(part),
    )


def _holds(part: Mapping[str, Any]) -> str:
    """In how many draws of the registry a statistic is where the sources would have it."""
    registry = part.get("registry") or {}
    return "–" if registry.get("holds") is None else percent(registry["holds"])


def _words(expected: object) -> str:
    return str(expected["words"]) if isinstance(expected, dict) else str(expected)


def _picture(verdict: Mapping[str, Any]) -> str:
    return f"{_anchor(verdict)}.svg"


def _anchor(verdict: Mapping[str, Any]) -> str:
    return f"study-{verdict['name']}".replace("_", "-")
