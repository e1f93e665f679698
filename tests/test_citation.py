"""What says how to cite Drawbridge agrees with the package, and is written in its formats."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CITATION: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text())
CODEMETA: dict[str, Any] = json.loads((ROOT / "codemeta.json").read_text())
LICENCE = (ROOT / "LICENSE").read_text()
NAMES = [author["name"] for author in PROJECT["authors"]]

CFF_REQUIRED = {"authors", "cff-version", "message", "title"}
CFF_KEYS = CFF_REQUIRED | {"type", "version", "license", "keywords"}
CODEMETA_TERMS = {
    *("@context", "@type", "name", "identifier", "description", "version", "license", "author"),
    *("copyrightHolder", "copyrightYear", "keywords", "programmingLanguage", "runtimePlatform"),
    *("operatingSystem", "developmentStatus", "applicationCategory", "softwareRequirements"),
    *("readme", "buildInstructions", "softwareHelp"),
}
"""Of the version-3 vocabulary, those that are used."""


def test_the_citation_is_one_of_its_format() -> None:
    assert CITATION.keys() >= CFF_REQUIRED
    assert CITATION.keys() <= CFF_KEYS
    assert CITATION["cff-version"] == "1.2.0"
    assert CITATION["type"] in ("software", "dataset")
    assert isinstance(CITATION["version"], str)  # 1.0 without quotes would be a number
    assert all(author.keys() == {"name"} for author in CITATION["authors"])
    assert all(isinstance(word, str) for word in CITATION["keywords"])
    assert len(set(CITATION["keywords"])) == len(CITATION["keywords"])


def test_the_citation_says_what_the_package_says() -> None:
    assert CITATION["title"] == PROJECT["description"]
    assert CITATION["version"] == PROJECT["version"]
    assert CITATION["license"] == PROJECT["license"]
    assert CITATION["keywords"] == PROJECT["keywords"]
    assert [author["name"] for author in CITATION["authors"]] == NAMES


def test_the_description_of_the_code_is_one_of_its_format() -> None:
    assert CODEMETA["@context"] == "https://w3id.org/codemeta/3.0"
    assert CODEMETA["@type"] == "SoftwareSourceCode"
    assert CODEMETA.keys() <= CODEMETA_TERMS
    assert all((ROOT / CODEMETA[key]).exists() for key in ("readme", "softwareHelp"))


def test_the_description_of_the_code_says_what_the_package_says() -> None:
    organisations = [{"@type": "Organization", "name": name} for name in NAMES]
    year = re.search(r"Copyright \(c\) (\d{4}) (.+)", LICENCE)
    assert year is not None
    wanted = {
        "identifier": PROJECT["name"],
        "description": PROJECT["description"],
        "version": PROJECT["version"],
        "license": f"https://spdx.org/licenses/{PROJECT['license']}",
        "author": organisations,
        "copyrightHolder": [{"@type": "Organization", "name": year[2]}],
        "copyrightYear": int(year[1]),
        "keywords": PROJECT["keywords"],
        "runtimePlatform": f"Python {PROJECT['requires-python']}",
    }
    assert {key: CODEMETA[key] for key in wanted} == wanted


def test_the_description_of_the_code_names_every_dependency() -> None:
    needed = CODEMETA["softwareRequirements"]
    assert [one["name"] + one["version"] for one in needed] == PROJECT["dependencies"]
    assert {one["@type"] for one in needed} == {"SoftwareApplication"}


def test_what_says_how_to_cite_it_is_packed() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert {"/CITATION.cff", "/codemeta.json"} <= set(build["targets"]["sdist"]["include"])
