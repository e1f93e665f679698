"""A scenario: a world, the parameters set over it, and the events that disturb it for a while.

Scenarios stand on one another: `base` names a world or another scenario. What a scenario says
replaces what its base says about the same path, event or class; its claim (`about`, `expect`,
`against`, `window`, `why`, `found`) is its own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.base.calendar import MONTHS_MAX, Calendar
from sim.base.errors import RequestError, nearest, one_of
from sim.base.frozen import FrozenDict
from sim.config import shipped
from sim.config.registry import load_registry
from sim.config.scenario.builder import Draft
from sim.config.scenario.claim import CLAIM_KEYS, check_window, read_claim
from sim.config.scenario.scenario import Scenario
from sim.config.toml.document import Document, read_document, toml_files
from sim.config.toml.table import Table
from sim.config.world.reader import world_of

_KEYS = ("title", "base", "vintage", "months", *CLAIM_KEYS, "set", "event", "class")


def load_scenario(
    name_or_path: str | os.PathLike[str] = "baseline",
    *,
    set: Mapping[str, float] | None = None,
    months: int | None = None,
) -> Scenario:
    """A shipped scenario by name, or one from a .toml file, checked in full.

    set: path -> value, laid over what the scenario sets. months: the length of the run instead of
    the scenario's.

    Raises RequestError, in one line with file, line, key, value, what is allowed and the nearest
    known name, for whatever is wrong in the scenario, its bases, its world or the arguments.
    """
    document = read_document(shipped.locate("scenario", name_or_path))
    return read_scenario(document, set=set, months=months)


def read_scenario(
    document: Document, *, set: Mapping[str, float] | None = None, months: int | None = None
) -> Scenario:
    """The scenario of a file that is read; arguments and errors as for `load_scenario`.

    One that came without its folder stands on what ships, and names no classes.
    """
    chain = _chain(document)
    if document.alone:
        _refuse_classes(chain)
    layers = [Table.of(document) for document in chain[:-1]]
    headings = [_heading(layer) for layer in layers]
    file = chain[0].file
    draft = Draft(load_registry(), world_of(chain[-1]), file)
    for layer, source in reversed(list(zip(layers, chain, strict=False))):
        if "vintage" in layer:
            draft.lay_vintage(_named(source, "vintage", ("vintage",)), layer)
        draft.lay(layer)
    # A run may be cut short, so a window lies in the longer of the two, as events do.
    check_window(layers[0], Calendar(draft.world.start, max(draft.world.months, draft.months)))
    if "against" in layers[0]:
        _named(chain[0], "against", ("scenario",))
    if set is not None:
        draft.lay_set(Table({"set": set}).table("set"))
    if months is not None:
        draft.months = Table({"months": months}).integer("months", 1, MONTHS_MAX)
    draft.check_reach()
    return Scenario(
        name=file.stem,
        world=draft.world,
        months=draft.months,
        **headings[0],
        set=FrozenDict(draft.set),
        events=draft.sorted_events(),
        classes=FrozenDict(draft.classes),
        file=None if document.alone else file.absolute(),
        bases=tuple(document.file.stem for document in chain[1:]),
    )


def list_scenarios() -> list[tuple[str, str]]:
    """Name and title of every shipped scenario."""
    return shipped.titles("scenario")


def reference_of(scenario: Scenario) -> Scenario:
    """The scenario that a claim compares with, over as many months.

    The scenario that `against` names; without one its base, which is a scenario with all it sets,
    or a world with nothing set. Raises RequestError if that cannot be loaded or starts in another
    month, and for a scenario that no file describes.
    """
    if scenario.file is None:
        raise RequestError("no file names its base", key="scenario", value=scenario.name)
    document = read_document(scenario.file)
    key = "against" if scenario.against else "base"
    file = _named(document, "against", ("scenario",)) if scenario.against else _base(document)
    if scenario.against or "base" in read_document(file).data:
        reference = load_scenario(file, months=scenario.months)
    else:
        reference = _bare(scenario, file)
    if reference.world.start != scenario.world.start:
        raise Table.of(document).refusal(
            "starts in another month",
            key,
            value=reference.name,
            allowed=f"a scenario that starts in {scenario.world.start}",
        )
    return reference


def _bare(scenario: Scenario, file: Path) -> Scenario:
    """A scenario's world with nothing set and nothing claimed; file: the world's."""
    claim = dict.fromkeys(CLAIM_KEYS, "")
    return Scenario(
        name=scenario.world.name,
        title=scenario.world.title,
        world=scenario.world,
        months=scenario.months,
        **claim,
        set=FrozenDict(),
        events=(),
        classes=FrozenDict(),
        file=file,
        bases=(scenario.world.name,),
    )


def _chain(first: Document) -> list[Document]:
    """The scenario's file, the files it stands on, and last the world's."""
    chain: list[Document] = []
    places: list[str] = []
    document = first
    while True:
        place = "" if document.alone else os.path.realpath(document.file)
        if place in places:
            table = Table.of(chain[-1])
            allowed = "bases that end in a world"
            raise table.refusal(
                "cycle of bases", "base", value=table.values["base"], allowed=allowed
            )
        chain.append(document)
        places.append(place)
        if len(chain) > 1 and "base" not in document.data:
            return chain
        document = read_document(_base(document))


def _refuse_classes(chain: Sequence[Document]) -> None:
    """Refuse a file that came without its folder if it, or what it stands on, names classes."""
    for document in chain:
        if "class" in document.data:
            key = "class" if document is chain[0] else "base"
            allowed = "scenarios without classes, which are code"
            raise Table.of(chain[0]).refusal("names classes", key, allowed=allowed)


def _base(document: Document) -> Path:
    """The file of a scenario's base, a world's or another scenario's."""
    return _named(document, "base", shipped.KINDS)


def _named(document: Document, key: str, kinds: tuple[shipped.Kind, ...]) -> Path:
    """The file that a key names: a shipped one of these kinds by name, or one beside this one."""
    table, file = Table.of(document), document.file
    wanted = table.text(key)
    for kind in kinds:
        if wanted in shipped.names(kind):
            return shipped.path(kind, wanted)
    known = [name for kind in kinds for name in shipped.names(kind)]
    others, allowed = [], one_of(known)
    if not document.alone:
        beside = file.parent / wanted
        if wanted.endswith(".toml") and Path(wanted).name == wanted and os.path.isfile(beside):
            return beside
        others = [name for name in toml_files(file.parent) if name != file.name]
        allowed += ", or the name of a .toml file beside this one"
    near = nearest(wanted, [*known, *others])
    what = "scenario" if key == "against" else key
    raise table.refusal(f"unknown {what}", key, value=wanted, allowed=allowed, nearest=near)


def _heading(file: Table) -> dict[str, str]:
    """Title and claim of a scenario."""
    file.only(_KEYS)
    return {"title": file.line("title"), **read_claim(file)}
