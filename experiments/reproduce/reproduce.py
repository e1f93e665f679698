"""`drawbridge reproduce`: results made again from their manifest, and held against what stands.

What decides the numbers must be the same, or nothing is run: world, registry, scenario and modules,
and what a study or a backtest asks of them. Where version, libraries and machine are the same too,
every file must have the same bytes; elsewhere values of tables may differ by `TOLERANCE`, since
processors and libraries round differently, and pictures and texts made of them are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from experiments.reporting.text_table import aligned
from experiments.reproduce.differences import Difference, difference, other_fact, same_bytes
from experiments.reproduce.remake import REMAKERS, Original, sound
from sim.base.errors import DrawbridgeError, RequestError, spelt
from sim.base.files import disk
from sim.base.number_format import many
from sim.results.files import manifest, ro_crate

TOLERANCE = 1e-9
"""Largest relative difference of values that other libraries or machines may make."""
MACHINE = ("python", "implementation", "system", "machine", "vectors")
"""What of the platform may change the last bits of a number."""
SHOWN = 10
"""Files that are shown one by one on the terminal, of those that are the same."""
SUMMARIES = {
    manifest.KIND: ("world", "registry", "replications", "leaders", "releases"),
    manifest.SWEEP: ("world", "registry", "done", "failed"),
    manifest.STUDY: ("cases", "registry", "complete"),
    manifest.BACKTEST: ("cases", "registry", "complete"),
}
"""What a manifest says of runs that are done, whatever the machine."""
EACH = {manifest.STUDY: " a case", manifest.BACKTEST: " of each ensemble"}
"""What the runs that a manifest counts are runs of, where there are more."""
HERE = {manifest.KIND: ("residuals", "tables"), manifest.SWEEP: ("residuals",)}
"""What else it says, where bytes must be the same."""
VALUES = (".parquet", ".csv")
"""Files whose values may be compared where bytes may differ."""


class NotReproduced(DrawbridgeError):
    """The runs, made again, gave other numbers."""

    exit_code = 3


@dataclass(frozen=True)
class EnvironmentChange:
    """What was not the same when the results were made again."""

    what: str
    then: str
    now: str

    def __str__(self) -> str:
        return f"{self.what}: {self.then}, here {self.now}"


@dataclass(frozen=True)
class Compared:
    """A file held against the one that was made again."""

    file: str
    same: bool
    words: str


@dataclass(frozen=True)
class Reproduction:
    """What came of it. each: what has so many runs, if not all of it. place: where the results that
    were made again stay, if anywhere."""

    folder: Path
    title: str
    runs: int
    asked: int
    each: str
    version: str
    changes: tuple[EnvironmentChange, ...]
    files: tuple[Compared, ...]
    described: bool
    place: Path | None

    @property
    def same(self) -> bool:
        """Whether every file is the same, within what its machine allows."""
        return all(file.same for file in self.files)

    def facts(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "folder": str(self.folder),
            "same": self.same,
            "runs": self.runs,
            "version": self.version,
            "changes": [vars(change) for change in self.changes],
            "tolerance": TOLERANCE if self.changes else 0.0,
            "files": [vars(file) for file in self.files],
        }

    def text(self) -> str:
        """A few lines for the terminal."""
        runs = many(self.runs, "run")
        short = "" if self.runs == self.asked else f" of {self.asked:,}, as far as they were done"
        wanted = f"values within {TOLERANCE:g}" if self.changes else "the same bytes"
        lines = [self.title, f"{runs}{self.each}{short}, made again from {self.folder}", ""]
        lines.append(f"Wanted    {wanted}, by version {self.version}")
        lines += [f"Changed   {change}" for change in self.changes]
        alike = [file for file in self.files if file.same]
        shown = [*(file for file in self.files if not file.same), *alike[:SHOWN]]
        words = aligned([(file.file, file.words) for file in shown], "<<")
        for file, line in zip(shown, words, strict=True):
            lines.append(f"{'Same      ' if file.same else 'Differs   '}{line}")
        if len(alike) > SHOWN:
            lines.append(f"          and {len(alike) - SHOWN:,} more that are the same")
        if not self.described:
            lines.append(f"Note      no {ro_crate.FILE} says whether files were changed since")
        if self.place is not None:
            lines.append(f"Results   {self.place}")
        return "\n".join(lines)


def refuse_other(found: Sequence[Reproduction]) -> None:
    """Raise NotReproduced, with the first file that differs, if results differ."""
    others = [each for each in found if not each.same]
    if not others:
        return
    files = [file.file for file in others[0].files if not file.same]
    more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
    rest = f"; {len(others) - 1:,} more of {len(found):,} folders differ" if others[1:] else ""
    raise NotReproduced(f"{others[0].folder}: not reproduced: {files[0]}{more} differ{rest}")


def folders_of(folder: Path) -> list[Path]:
    """The folder itself if it holds results, else those in it that studies left, by name.

    Where there are none it is the folder itself, which will be refused.
    """
    with disk(folder):
        if (folder / manifest.FILE).is_file():
            return [folder]
        return sorted(file.parent for file in folder.glob("*/verdict.json")) or [folder]


def reproduce(
    folder: Path,
    out: Path | None = None,
    *,
    beside: Path | None = None,
    workers: int | None = None,
) -> Reproduction:
    """Make the results of a folder again and hold them against it.

    out: where they are to stay; a temporary folder if not given. beside: the folder in which a
    world or modules of the user's own lie. workers: for a sweep, as `run_sweep` takes them.

    Raises RequestError, before anything is run, where world, registry, scenario or a module are not
    those of the results, and for a folder that holds none.
    """
    known = manifest.read(folder)
    original = Original(folder, known, beside)
    with sound(folder):
        changes = tuple(changes_since(known))
        title = manifest.title_of(known)
    touched = ro_crate.changed(folder)
    with _place(folder, out) as place:
        names = REMAKERS[known["kind"]](original, place, workers)
        if changes:
            names = [name for name in names if Path(name).suffix in VALUES]
        files = [compare(name, folder / name, place / name, exact=not changes) for name in names]
        made = manifest.read(place)
        files.append(_compare_summaries(known, made, exact=not changes))
    return Reproduction(
        folder,
        title,
        made.get("done", made["runs"]),
        known["runs"],
        EACH.get(known["kind"], ""),
        known["version"],
        changes,
        tuple(_with_touched(files, touched or [])),
        touched is not None,
        out,
    )


def changes_since(known: Mapping[str, Any]) -> Iterator[EnvironmentChange]:
    """What of version, libraries and machine is not the same here; known: a manifest."""
    here = manifest.provenance()
    then, now = known["package"], here["package"]
    pairs = [(key, then[key], now[key]) for key in ("version", "commit")]
    pairs += [(name, known["libraries"].get(name), has) for name, has in here["libraries"].items()]
    pairs += [(key, known["platform"].get(key), here["platform"][key]) for key in MACHINE]
    for what, before, after in pairs:
        if before != after:
            yield EnvironmentChange(what, _words(before), _words(after))


def compare(name: str, here: Path, there: Path, *, exact: bool) -> Compared:
    """A file against the one that was made again; exact: it must have the same bytes, but for what
    facts say of when and where they were made."""
    if not here.is_file():
        return Compared(name, False, "is not there")
    if not there.is_file():
        return Compared(name, False, "was not made again")
    if same_bytes(here, there):
        return Compared(name, True, "the same bytes")
    if here.suffix == ".json":
        other = other_fact(here, there)
        return Compared(name, not other, other or "says the same of the runs")
    if here.suffix not in VALUES:
        return Compared(name, False, "other bytes")
    found = difference(here, there)
    near = isinstance(found, Difference) and found.relative <= TOLERANCE
    words = f"other bytes; {found}" if exact and near else str(found)
    return Compared(name, near and not exact, words)


@contextmanager
def _place(folder: Path, out: Path | None) -> Iterator[Path]:
    """Where the results that are made again go."""
    if out is None:
        with TemporaryDirectory(prefix="drawbridge-") as temporary:
            yield Path(temporary, "results")
        return
    if out.resolve() == folder.resolve() or folder.resolve() in out.resolve().parents:
        raise RequestError(
            "the folder that is compared",
            key="--out",
            value=str(out),
            allowed="another folder",
        )
    yield out


# ---- holding it against what stands --------------------------------------------------------------


def _compare_summaries(
    known: Mapping[str, Any], made: Mapping[str, Any], *, exact: bool
) -> Compared:
    """What two manifests say of their runs."""
    keys = SUMMARIES[known["kind"]]
    if exact:
        keys += HERE.get(known["kind"], ())
    if known["kind"] == manifest.SWEEP and not known["residuals"]:
        keys = ("world", "registry")  # the sweep was cut off before it could say more
    for key in keys:
        other = manifest.first_difference(known.get(key), made.get(key), key)
        if other is not None:
            path, then, now = other
            return Compared(manifest.FILE, False, f"says {path} = {spelt(then)}, not {spelt(now)}")
    return Compared(manifest.FILE, True, "says the same of the runs")


def _with_touched(files: list[Compared], touched: list[str]) -> Iterator[Compared]:
    """The files, and which of them are not the ones that were written."""
    for file in files:
        if file.file in touched:
            yield Compared(file.file, False, f"{file.words}; was changed after it was written")
        else:
            yield file
    names = [file.file for file in files]
    yield from (
        Compared(n, False, "has changed since it was written") for n in touched if n not in names
    )


def _words(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)) or "none"
    return "unknown" if value is None else str(value)
