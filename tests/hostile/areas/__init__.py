"""What each area of the API adds to the hostile tests: one module an area, so that a new operation is described beside its own kind.

A module may define `WHO` (operation → rule), `BODIES` (what a command needs besides what its description demands), `OWN_NAMES` (first
part of the path → name of its `slug` in `places`), `MISSING` (places that do not exist), `SCOPELESS` and `ACTS` (operation ids),
`VERBATIM` ((operation id, place) of texts that are kept as they come), and `places(estate) → dict` (makes what exists, with
`estate.given`, and names it).
"""

import importlib
import pkgutil
from functools import cache
from types import ModuleType
from typing import Any


@cache
def modules() -> tuple[ModuleType, ...]:
    """All areas, by name."""
    return tuple(importlib.import_module(f"{__name__}.{found.name}") for found in sorted(pkgutil.iter_modules(__path__), key=str))


def merged(name: str) -> dict[str, Any]:
    """The dictionaries of this name of all areas together."""
    return {key: value for module in modules() for key, value in getattr(module, name, {}).items()}


def joined(name: str) -> set[str]:
    """The sets of this name of all areas together."""
    return {value for module in modules() for value in getattr(module, name, ())}


def places(estate: Any) -> dict[str, str]:
    """What the areas made, by name."""
    return {key: value for module in modules() if hasattr(module, "places") for key, value in module.places(estate).items()}
