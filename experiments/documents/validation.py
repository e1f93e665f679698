"""How the model fared, as pages: results that commands left, kept small beside the documents.

`collect` takes what `drawbridge study`, `backtest` and `drivers` wrote to folders into
`docs/validation/`, with a manifest of the commands and the version that made it; `write` makes the
pages of it. No number of a page is typed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from experiments.documents.markdown import below, code, paragraphs, plain, table
from experiments.wording import amount, many, percent, span
from sim.errors import RequestError
from sim.files import Staging, disk
from sim.manifest import commit, package_version

MANIFEST = "manifest.json"
VERDICTS = "verdicts.json"
PARTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "studies": ("drawbridge study --all", (VERDICTS,)),
    "backtest": ("drawbridge backtest", ("backtest.md", "backtest.json")),
    "drivers": ("drawbridge drivers", ("drivers.md", "drivers.json")),
}
"""By part: the command that makes it, and the files that are kept of it, the first one shown."""


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
        command, names = PARTS[part]
        found = _verdicts_of(folder) if part == "studies" else _files_of(folder, names)
        kept |= found
        manifest[part] = {
            "command": " ".join(filter(None, (command, options))),
            "version": package_version(),
            "commit": commit(),
            "files": {name: sha256(content).hexdigest() for name, content in found.items()},
        }
    ordered = {part: manifest[part] for part in PARTS if part in manifest}
    kept[MANIFEST] = _json(ordered)
    with Staging(into) as staging:
        for name, content in kept.items():
            with staging.file(name) as file:
                file.write(content)


def _verdicts_of(folder: Path) -> dict[str, bytes]:
    """The verdicts below a folder as one file, in the order of their questions."""
    with disk(folder):
        files = sorted(folder.glob("*/verdict.json"))
        if not files:
            raise RequestError("no verdict.json in any folder below", file=folder)
        read = [json.loads(file.read_text("utf-8")) for file in files]
    return {VERDICTS: _json(sorted(read, key=lambda verdict: int(verdict.get("number", 0))))}


def _files_of(folder: Path, names: Sequence[str]) -> dict[str, bytes]:
    """The files of a part, as far as its command writes them; the first must be there."""
    with disk(folder):
        if not (folder / names[0]).exists():
            raise RequestError(f"no {names[0]} in this folder", file=folder)
        return {n: (folder / n).read_bytes() for n in names if (folder / n).exists()}


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


# ---- as pages ------------------------------------------------------------------------------------


def write(kept: Path, pages: Path) -> None:
    """Write the fragments that the validation page includes; one that waits for its command says
    which."""
    fragments = pages / "fragments"
    fragments.mkdir(parents=True, exist_ok=True)
    held = kept / MANIFEST
    manifest = json.loads(held.read_text("utf-8")) if held.exists() else {}
    for part, (command, names) in PARTS.items():
        file = kept / names[0]
        if part not in manifest:
            text = paragraphs(f"*Nothing is kept yet: `{command}` and `make validation` make it.*")
        elif file.name == VERDICTS:
            text = verdicts(json.loads(file.read_text("utf-8")), manifest[part])
        else:
            text = below(file.read_text("utf-8").strip(), 3)
            text = paragraphs(made_by(manifest[part]), text)
        (fragments / f"{part}.md").write_text(text, "utf-8")


def made_by(part: Mapping[str, Any]) -> str:
    """Which command of which version made a part."""
    origin = f", commit {code(part['commit'][:12])}" if part.get("commit") else ""
    return f"*Made by `{part['command']}`, version {part['version']}{origin}.*"


def verdicts(found: Sequence[Mapping[str, Any]], origin: Mapping[str, Any]) -> str:
    """All verdicts: how many of each word, a table of them, and then every question by itself."""
    words = Counter(str(verdict["verdict"]) for verdict in found)
    counted = ", ".join(f"{words[word]} {word}" for word in ("agree", "disagree", "undecided"))
    runs = sorted({int(verdict["runs"]) for verdict in found})
    each = many(runs[0], "run") if len(runs) == 1 else f"{runs[0]:,} to {runs[-1]:,} runs"
    head = ("", "question", "estimate (5 to 95 % of runs)", "sources expect", "verdict")
    rows = (
        (
            str(verdict.get("number", "")),
            plain(verdict["question"]),
            _estimate(verdict),
            plain(_words(verdict["expected"])),
            f"[{verdict['verdict']}](#{_anchor(verdict)})",
        )
        for verdict in found
    )
    return paragraphs(
        f"{len(found)} questions: {counted}; {each} a case.",
        made_by(origin),
        table(head, rows),
        *(part for verdict in found for part in _verdict(verdict)),
    )


def _verdict(verdict: Mapping[str, Any]) -> Iterable[str]:
    """One question: what was measured of it, part by part, and how that answers it."""
    yield f"({_anchor(verdict)})=\n### {verdict.get('number', '')} {plain(verdict['name'])}".strip()
    yield f"{plain(verdict['question'])} **{str(verdict['verdict']).capitalize()}.**"
    head = ("statistic", "estimate (5 to 95 % of runs)", "sources expect", "verdict", "holds in")
    yield table(head, map(_part, verdict["parts"]))
    yield plain(verdict.get("why", ""))


def _part(part: Mapping[str, Any]) -> tuple[str, ...]:
    name = part.get("part") or part.get("name") or ""
    evidence = f" [{', '.join(part['evidence'])}]" if part.get("evidence") else ""
    registry = part.get("registry") or {}
    holds = percent(registry["holds"]) if registry.get("holds") is not None else "–"
    return (
        f"**{plain(name)}**: {plain(part['statistic'])}",
        _estimate(part),
        plain(_words(part["expected"]) + evidence),
        str(part["verdict"]),
        holds,
    )


def _estimate(fact: Mapping[str, Any]) -> str:
    """An estimate with its interval and unit."""
    numbers = [fact["estimate"], fact["low"], fact["high"]]
    if any(number is None for number in numbers):
        return "–"
    middle, low, high = map(float, numbers)
    unit = "" if fact["unit"] == "1" else f" {plain(fact['unit'])}"
    return f"{amount(middle)} ({span(low, high, amount, ' to ')}){unit}"


def _words(expected: object) -> str:
    return str(expected["words"]) if isinstance(expected, dict) else str(expected)


def _anchor(verdict: Mapping[str, Any]) -> str:
    return f"study-{verdict['name']}".replace("_", "-")
