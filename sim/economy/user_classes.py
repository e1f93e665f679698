"""Own behaviour: the classes that a scenario names for its agents, found and checked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from agents.framework.agent import EconomicAgent
from agents.framework.population import DecisionError
from sim.base.errors import RequestError
from sim.config.scenario.scenario import Scenario


def load_class(scenario: Scenario, selector: str, kind: type[EconomicAgent]) -> type[EconomicAgent]:
    """The class that `[class]` names for a selector, as "module:Class".

    The module is looked up beside the scenario file, then on the path. Raises RequestError if there
    is no such module or class, or if it is not a subclass of the population's kind.
    """
    reference = scenario.classes[selector]
    found = getattr(_module(scenario, selector), reference.partition(":")[2], None)
    if not (isinstance(found, type) and issubclass(found, kind)):
        raise RequestError(
            "the module has no such class for these agents",
            file=scenario.file,
            key=f"class.{selector}",
            value=reference,
            allowed=f"a subclass of {kind.__module__}.{kind.__name__}",
        )
    return found


@contextmanager
def named_decisions(when: str) -> Iterator[None]:
    """Turn a decision that fails in a scenario's own class into a RequestError that names it."""
    try:
        yield
    except DecisionError as failed:
        raise RequestError(
            f"{failed.kind}.{failed.rule} of {failed.agent} fails in {when} ({failed.why})",
            allowed="a finite number, or the rule's own tuple of numbers",
        ) from failed


def class_hashes(scenario: Scenario) -> dict[str, str]:
    """SHA-256 of the source file of every module the scenario's classes come from, by module name.

    Raises RequestError for a module that cannot be loaded.
    """
    hashes = {}
    for selector, reference in scenario.classes.items():
        module = _module(scenario, selector)
        if module.__file__:
            name = reference.partition(":")[0]
            hashes[name] = sha256(Path(module.__file__).read_bytes()).hexdigest()
    return hashes


def _module(scenario: Scenario, selector: str) -> ModuleType:
    reference = scenario.classes[selector]
    name = reference.partition(":")[0]
    beside = None
    if scenario.file is not None:
        beside = scenario.file.parent.joinpath(*name.split(".")).with_suffix(".py")
    try:
        return import_module(name) if beside is None or not beside.is_file() else _from_file(beside)
    except (Exception, SystemExit) as failure:
        # The module is the user's code: whatever it raises while loading is for the user to mend.
        raise RequestError(
            f"the module cannot be loaded ({type(failure).__name__}: {failure})",
            file=scenario.file,
            key=f"class.{selector}",
            value=reference,
            allowed="a module beside the scenario file or on the path",
        ) from failure


def _from_file(file: Path) -> ModuleType:
    """The module of a file, under a name that its content decides: an edited file is a new module,
    and a file that happens to be called like a library does not stand in for it. What lies beside
    the file can be imported while it loads."""
    name = f"_beside_scenario_{sha256(file.read_bytes()).hexdigest()[:16]}_{file.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(file.parent))
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    finally:
        sys.path.remove(str(file.parent))
    return module
