"""Own behaviour: the classes that a scenario names for its agents, found and checked."""

from __future__ import annotations

import sys
from hashlib import sha256
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from agents.agent import EconomicAgent
from sim.errors import RequestError
from sim.scenario import Scenario


def load_class(scenario: Scenario, selector: str, kind: type[EconomicAgent]) -> type[EconomicAgent]:
    """The class that `[class]` names for a selector, as "module:Class".

    The module is looked up beside the scenario file, then on the path. Raises RequestError if there
    is no such module or class, or if it is not a subclass of the population's kind.
    """
    reference = scenario.classes[selector]
    module_name, _, class_name = reference.partition(":")
    key = f"class.{selector}"
    try:
        module = _module(scenario, module_name)
    except Exception as failure:
        # The module is the user's code: whatever it raises while loading is for the user to mend.
        raise RequestError(
            f"the module cannot be loaded ({type(failure).__name__}: {failure})",
            file=scenario.file,
            key=key,
            value=reference,
            allowed="a module beside the scenario file or on the path",
        ) from failure
    found = getattr(module, class_name, None)
    if not (isinstance(found, type) and issubclass(found, kind)):
        raise RequestError(
            "the module has no such class for these agents",
            file=scenario.file,
            key=key,
            value=reference,
            allowed=f"a subclass of {kind.__module__}.{kind.__name__}",
        )
    return found


def class_hashes(scenario: Scenario) -> dict[str, str]:
    """SHA-256 of the source file of every module the scenario's classes come from."""
    hashes = {}
    for reference in scenario.classes.values():
        module = _module(scenario, reference.partition(":")[0])
        if module.__file__:
            hashes[module.__name__] = sha256(Path(module.__file__).read_bytes()).hexdigest()
    return hashes


def _module(scenario: Scenario, name: str) -> ModuleType:
    beside = scenario.file.parent / f"{name}.py" if scenario.file is not None else None
    if beside is None or not beside.is_file():
        return import_module(name)
    known = sys.modules.get(name)
    if known is not None and known.__file__ == str(beside):
        return known
    spec = spec_from_file_location(name, beside)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
