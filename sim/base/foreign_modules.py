"""Whether the packages that Python would import are Drawbridge's.

Their names are common words, and other packages install some of them too (`openai-agents` has an
`agents`): into the same folder or into one that comes first.
"""

from __future__ import annotations

from importlib.util import find_spec

from sim.base.errors import ForeignModuleError

MARK = "Drawbridge"
"""Stands in the first line of the `__init__.py` of each of Drawbridge's packages."""


def check(*packages: str) -> None:
    """Look up packages by name, without importing them.

    Raises ForeignModuleError for the first that is not Drawbridge's. A package that there is not is
    left to the import that needs it.
    """
    for name in packages:
        found = find_spec(name)
        if found is None:
            continue
        if found.origin is None:  # a folder without `__init__.py`
            raise ForeignModuleError(name, next(iter(found.submodule_search_locations or ["?"])))
        with open(found.origin, encoding="utf-8", errors="replace") as file:
            if MARK not in file.readline():
                raise ForeignModuleError(name, found.origin)
