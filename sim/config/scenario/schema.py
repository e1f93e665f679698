"""The JSON schema of a scenario file, for editors and for forms; made from the registry."""

from __future__ import annotations

from typing import Any

from sim.base.calendar import MONTHS_MAX
from sim.config.metric_names import METRIC_NAMES
from sim.config.registry import Parameter, load_registry
from sim.config.scenario.claim import EXPECTATIONS, NEEDS
from sim.config.world.schema import POPULATIONS

_NAME = "[a-z0-9_]+"
_MONTH = "[0-9]{4}-(0[1-9]|1[0-2])"


def scenario_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of `configs/scenarios/*.toml`: every key, path, unit and range.

    What depends on the world (rows and groups, the months an event may begin in) is checked when
    the scenario is loaded.
    """
    entries = [p for p in load_registry().parameters.values() if not p.selector]
    monthly = [p for p in entries if p.applies == "month"]
    month = {"type": "integer", "minimum": 1, "maximum": MONTHS_MAX}
    factor = {
        "type": "number",
        "minimum": 0,
        "description": "Factor on the value that holds otherwise",
    }
    event = {
        "type": "object",
        "required": ["name", "start", "months"],
        "additionalProperties": False,
        "anyOf": [{"required": ["set"]}, {"required": ["scale"]}],
        "properties": {
            "name": {"type": "string", "pattern": f"^{_NAME}$"},
            "start": {"type": "string", "pattern": f"^{_MONTH}$"},
            "months": month,
            "set": _overlay({p: _value(p) for p in monthly}),
            "scale": _overlay(dict.fromkeys(monthly, factor)),
        },
    }
    reference = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Drawbridge scenario",
        "type": "object",
        "required": ["title", "base"],
        "additionalProperties": False,
        "dependentRequired": NEEDS,
        "properties": {
            "title": {"type": "string", "minLength": 1},
            "base": {"type": "string", "description": "A world, another scenario or a file beside"},
            "vintage": {
                "type": "string",
                "description": "Calibration of its start, or a file beside",
            },
            "months": month,
            "about": {"enum": list(METRIC_NAMES), "description": "The metric it is about"},
            "expect": {"enum": list(EXPECTATIONS)},
            "against": {"type": "string", "description": "A scenario or a file beside, not base"},
            "window": {
                "type": "string",
                "pattern": f"^{_MONTH}/{_MONTH}$",
                "description": "First and last month over which the metric is compared",
            },
            "why": {"type": "string"},
            "found": {"type": "string", "description": "What runs say where it disagrees"},
            "set": _overlay({p: _value(p) for p in entries}),
            "event": {"type": "array", "items": event},
            "class": {
                "type": "object",
                "propertyNames": {"pattern": rf"^({'|'.join(POPULATIONS)})(\.{_NAME})?$"},
                "additionalProperties": {"type": "string", "pattern": reference},
            },
        },
    }


def _overlay(values: dict[Parameter, dict[str, Any]]) -> dict[str, Any]:
    """A table of paths: each parameter for all rows, or narrowed to a group or row."""
    narrowed = {rf"^{p.population}\.{_NAME}\.{p.column}$": value for p, value in values.items()}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {p.path: value for p, value in values.items()},
        "patternProperties": narrowed,
    }


def _value(entry: Parameter) -> dict[str, Any]:
    return {
        "type": "number",
        "minimum": entry.min,
        "maximum": entry.max,
        "default": entry.value,
        "description": f"{entry.unit}; {entry.note}",
    }
