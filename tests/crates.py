"""What the RO-Crate specification (1.2) asks of a folder and its metadata file."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

TYPES = {
    "CreateAction",
    "CreativeWork",
    "Dataset",
    "File",
    "Organization",
    "PropertyValue",
    "SoftwareApplication",
    "SoftwareSourceCode",
}
TERMS = {
    *("about", "actionStatus", "alternateName", "conformsTo", "contentSize", "creator"),
    *("creditText", "datePublished", "description", "encodingFormat", "endTime", "error"),
    *("hasPart", "identifier", "instrument", "isBasedOn", "license", "mentions", "name"),
    *("object", "result", "sha256", "softwareRequirements", "value", "version"),
}
"""Words of its context, as far as results use them."""


def entities_of(folder: Path) -> dict[str, Any]:
    """The entities of a folder's metadata file by @id, checked against the specification."""
    document = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert document.keys() == {"@context", "@graph"}
    assert document["@context"] == "https://w3id.org/ro/crate/1.2/context"
    entities = {entity["@id"]: entity for entity in document["@graph"]}
    assert len(entities) == len(document["@graph"]), "two entities of one @id"
    for entity in entities.values():
        assert entity["@type"] in TYPES
        assert entity.keys() - {"@id", "@type"} <= TERMS
        assert entity.keys() & {"name", "about"}, "an entity without a name"
        _check_flat(entity, entities)
    _check_heads(entities)
    files = {key for key, entity in entities.items() if entity["@type"] == "File"}
    for name in files:
        _check_file(folder, entities[name])
    assert _reached(entities, "./", "hasPart") >= files, "a file that the root does not reach"
    for action in _of_type(entities, "CreateAction"):
        (instrument,) = _keys(action["instrument"])
        assert entities[instrument]["@type"] == "SoftwareApplication"
        assert set(_keys(action["result"])) <= files
        assert _is_date(action["endTime"])
    return entities


def _check_flat(entity: dict[str, Any], entities: dict[str, Any]) -> None:
    """Values are texts, numbers or references to what is there; nothing is nested."""
    for word, value in entity.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                assert one.keys() == {"@id"}, word
                outside = one["@id"].startswith(("https://w3id.org/ro/", "http://schema.org/"))
                assert outside or one["@id"] in entities, one
            else:
                assert isinstance(one, str | int), word


def _check_heads(entities: dict[str, Any]) -> None:
    """The descriptor and the root."""
    head, root = entities["ro-crate-metadata.json"], entities["./"]
    assert head["@type"] == "CreativeWork"
    assert head["about"] == {"@id": "./"}
    assert head["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    assert root["@type"] == "Dataset"
    assert root["name"]
    assert root["description"]
    assert _is_date(root["datePublished"])
    (licence,) = _keys(root["license"])
    assert entities[licence]["name"]
    assert entities[licence]["description"]


def _check_file(folder: Path, entity: dict[str, Any]) -> None:
    """A file is there, and is as large and of the content that is told."""
    assert re.fullmatch(r"[a-z0-9_./-]+", entity["@id"])
    content = (folder / entity["@id"]).read_bytes()
    assert entity["contentSize"] == str(len(content))
    assert entity["sha256"] == sha256(content).hexdigest()
    assert re.fullmatch(r"[a-z]+/[a-z.+-]+", entity["encodingFormat"])


def _reached(entities: dict[str, Any], key: str, word: str) -> set[str]:
    found = set(_keys(entities[key].get(word, [])))
    return found.union(*(_reached(entities, other, word) for other in found))


def _of_type(entities: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [entity for entity in entities.values() if entity["@type"] == kind]


def _keys(value: Any) -> list[str]:
    return [one["@id"] for one in (value if isinstance(value, list) else [value])]


def _is_date(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d(T.*)?", text) is not None
