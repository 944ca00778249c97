"""Kind → adapter class, from the built-in table and from installed plug-ins (entry points of one group).

A plug-in is imported on first use, only when its distribution is on the allow-list. One broken or doubly claimed
name never takes another down: it is set aside, and `problems()` tells why.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from django.conf import settings

from foundation.errors import DomainError, Kind
from runtime_adapters.contract import CONTRACT_VERSION, Adapter, AdapterSpec

GROUP = "portolan.runtime_adapters"
METHODS = ("validate", "probe", "render", "normalize", "content_hash", "plan", "apply", "observe", "remove", "list_managed", "close")


class AdapterUnknown(DomainError):
    """There is no adapter of that kind here."""

    kind, code = Kind.INVALID, "adapter-unknown"


class AdapterBroken(DomainError):
    """The adapter of that kind is set aside because it cannot be loaded."""

    kind, code = Kind.UNAVAILABLE, "adapter-broken"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a kind cannot be used: duplicate, not-allowed, import-failed, not-an-adapter, contract-version."""

    kind: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Claim:
    kind: str
    path: str  # "package.module:Class"
    distribution: str


class _Registry:
    """What was found, loaded and set aside in this process."""

    def __init__(self, claims: Iterable[_Claim], allowed: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._loaded: dict[str, type[Adapter]] = {}
        self.problems: dict[str, Problem] = {}
        self.claims: dict[str, _Claim] = {}
        trusted = {_canonical(name) for name in allowed}
        for claim in claims:
            self._admit(claim, trusted)

    def _admit(self, claim: _Claim, trusted: set[str]) -> None:
        known = self.claims.get(claim.kind)
        if known is not None and known.path == claim.path:
            return  # the built-in table and our own entry point say the same
        if _canonical(claim.distribution) not in trusted:
            detail = f"the distribution {claim.distribution} is not on PORTOLAN_ADAPTER_DISTRIBUTIONS"
            self.problems.setdefault(claim.kind, Problem(claim.kind, "not-allowed", detail))
        elif known is not None:
            detail = f"claimed by {known.distribution} ({known.path}) and by {claim.distribution} ({claim.path})"
            self.problems[claim.kind] = Problem(claim.kind, "duplicate", detail)
        else:
            self.claims[claim.kind] = claim

    def load(self, kind: str) -> type[Adapter]:
        with self._lock:
            if kind in self._loaded:
                return self._loaded[kind]
            claim, problem = self.claims.get(kind), self.problems.get(kind)
            if problem is not None and (claim is None or problem.code != "not-allowed"):
                raise AdapterBroken(f"{kind}: {problem.detail}")
            if claim is None:
                raise AdapterUnknown(f"no adapter of kind {kind!r}; there are: {', '.join(sorted(self.claims)) or 'none'}")
            loaded = self._imported(claim)
            if isinstance(loaded, Problem):
                self.problems[kind] = loaded
                raise AdapterBroken(f"{kind}: {loaded.detail}")
            self._loaded[kind] = loaded
            return loaded

    @staticmethod
    def _imported(claim: _Claim) -> "type[Adapter] | Problem":
        try:
            module, _, name = claim.path.partition(":")
            found = getattr(import_module(module), name)
        except Exception as error:  # noqa: BLE001 - foreign code may raise anything while it is imported
            return Problem(claim.kind, "import-failed", f"{claim.path} cannot be imported: {type(error).__name__}")
        return _checked(claim, found)


_current: _Registry | None = None
_current_lock = threading.Lock()


def kinds() -> tuple[str, ...]:
    """Return every claimed kind that is not set aside, sorted; nothing is imported."""
    registry = _registry()
    broken = {kind for kind, problem in registry.problems.items() if problem.code != "not-allowed"}
    return tuple(sorted(registry.claims.keys() - broken))


def adapter_class(kind: str) -> type[Adapter]:
    """Return the adapter of a kind. Raises AdapterUnknown (invalid) or AdapterBroken (unavailable)."""
    return _registry().load(kind)


def spec_of(kind: str) -> AdapterSpec:
    return adapter_class(kind).spec


def create(kind: str, config: Mapping[str, Any]) -> Adapter:
    """Return an adapter for one configured runtime. The adapter raises contract.InvalidInput for a bad configuration."""
    return adapter_class(kind)(config)


def specs() -> tuple[AdapterSpec, ...]:
    """Return the specification of every adapter that loads, by kind."""
    found = []
    for kind in kinds():
        try:
            found.append(spec_of(kind))
        except AdapterBroken:
            continue  # told by problems()
    return tuple(found)


def problems() -> tuple[Problem, ...]:
    """Return what was set aside in this process and why, by kind."""
    return tuple(sorted(_registry().problems.values(), key=lambda problem: problem.kind))


def reset() -> None:
    """Forget everything, so that settings and installed plug-ins are read again."""
    global _current
    with _current_lock:
        _current = None


def _registry() -> _Registry:
    global _current
    with _current_lock:
        if _current is None:
            _current = _Registry(_claims(), settings.PORTOLAN_ADAPTER_DISTRIBUTIONS)
        return _current


def _claims() -> list[_Claim]:
    built_in = [_Claim(kind, path, "portolan") for kind, path in settings.PORTOLAN_BUILTIN_ADAPTERS.items()]
    return built_in + [_of_entry_point(point) for point in entry_points(group=GROUP)]


def _of_entry_point(point: EntryPoint) -> _Claim:
    return _Claim(point.name, point.value, point.dist.name if point.dist else "unknown")


def _checked(claim: _Claim, found: Any) -> "type[Adapter] | Problem":
    spec = getattr(found, "spec", None)
    missing = [name for name in METHODS if not callable(getattr(found, name, None))]
    if not isinstance(found, type) or not isinstance(spec, AdapterSpec) or missing or spec.kind != claim.kind:
        detail = f"{claim.path} is not an adapter of that kind" + (f": it lacks {', '.join(missing)}" if missing else "")
        return Problem(claim.kind, "not-an-adapter", detail)
    if not _speaks(spec.contract_version):
        detail = f"{claim.path} speaks contract {spec.contract_version}, we speak {CONTRACT_VERSION}"
        return Problem(claim.kind, "contract-version", detail)
    return found


def _speaks(version: str) -> bool:
    """Same major number, and not newer than ours in the minor one (semantic versioning)."""
    try:
        theirs, ours = (tuple(int(part) for part in text.split(".")[:2]) for text in (version, CONTRACT_VERSION))
    except ValueError:
        return False
    return len(theirs) == 2 and theirs[0] == ours[0] and theirs[1] <= ours[1]


def _canonical(distribution: str) -> str:
    return distribution.lower().replace("_", "-").replace(".", "-")
