"""What a release consists of: its shape, and what must not be in it."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from catalog.domain.secrets import is_reference, secrets_in
from foundation.errors import FieldError, pointer_of

MEMBERS: dict[str, type[Any]] = {
    "runtime_kind": str,
    "payload": dict,
    "health": dict,
    "connections": dict,
    "pins": list,
    "endpoints": list,
}
REQUIRED = ("runtime_kind", "payload")
MAX_PERIOD_S = 366 * 24 * 3600
_KIND = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_TYPE_WORDS: dict[type[Any], str] = {str: "text", dict: "an object", list: "a list"}
_HEALTH = ("every_s", "grace_s")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>\\]+", re.IGNORECASE)


def faults_of(manifest: Any, *, environments: Collection[str] = ()) -> list[FieldError]:
    """Everything that keeps `manifest` from being released, with pointers that start at /manifest.

    `environments` are the keys of the organisation's environments: an address whose host carries one of them as a word
    (erp.staging.example.org) belongs into a connection, because the same release runs in every environment.
    """
    if not isinstance(manifest, Mapping):
        return [FieldError("/manifest", "type", "The manifest must be an object.")]
    shape = list(_shape_faults(manifest))
    if shape:
        return shape
    content = {name: value for name, value in manifest.items() if name != "connections"}
    return [
        *_connection_faults(manifest.get("connections", {})),
        *text_faults(manifest, "/manifest"),
        *secrets_in(content, "/manifest"),
        *host_faults(content, frozenset(environments), "/manifest"),
    ]


def _shape_faults(manifest: Mapping[str, Any]) -> Iterator[FieldError]:
    members = list(_member_faults(manifest))
    yield from members
    if members:
        return
    if not _KIND.match(manifest["runtime_kind"]):
        yield FieldError("/manifest/runtime_kind", "slug", "Name a kind of runtime: small letters, digits and hyphens.")
    yield from _health_faults(manifest.get("health"))
    for name in ("pins", "endpoints"):
        for index, item in enumerate(manifest.get(name, ())):
            if not isinstance(item, Mapping):
                yield FieldError(f"/manifest/{name}/{index}", "type", "Each entry must be an object.")


def _member_faults(manifest: Mapping[str, Any]) -> Iterator[FieldError]:
    for name in manifest:
        if name not in MEMBERS:
            yield FieldError("/manifest" + pointer_of(_shown(name)), "unknown-field", f"A manifest has {', '.join(MEMBERS)}.")
    for name in REQUIRED:
        if name not in manifest:
            yield FieldError(f"/manifest/{name}", "required", "A manifest needs this.")
    for name, expected in MEMBERS.items():
        if name in manifest and not isinstance(manifest[name], expected):
            yield FieldError(f"/manifest/{name}", "type", f"This must be {_TYPE_WORDS[expected]}.")


def _health_faults(health: Mapping[str, Any] | None) -> Iterator[FieldError]:
    if health is None:
        return
    for name in health:
        if name not in _HEALTH:
            yield FieldError("/manifest/health" + pointer_of(_shown(name)), "unknown-field", "Health has every_s and grace_s.")
    for name in _HEALTH:
        value = health.get(name)
        least = 0 if name == "grace_s" else 1
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_PERIOD_S:
            yield FieldError(f"/manifest/health/{name}", "out-of-range", f"Give whole seconds, at most {MAX_PERIOD_S}.")


def _connection_faults(connections: Mapping[str, Any]) -> Iterator[FieldError]:
    for name, reference in connections.items():
        if not isinstance(reference, str) or not is_reference(reference):
            at = "/manifest/connections" + pointer_of(_shown(name))
            yield FieldError(at, "secret-reference", "A connection is a reference: env://NAME, file://, vault:// or k8s://.")


def text_faults(value: Any, at: str) -> Iterator[FieldError]:
    """Strings, names of members too, that PostgreSQL or JSON cannot hold, by pointer below `at`."""
    for pointer, text in _strings(value, at):
        if "\x00" in text:
            yield FieldError(pointer, "nul", "U+0000 is not allowed.")
        elif not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
            yield FieldError(pointer, "lone-surrogate", "A lone surrogate is not text.")


def host_faults(value: Any, environments: frozenset[str], at: str) -> Iterator[FieldError]:
    """Addresses of one environment in what runs in every one, by pointer below `at`."""
    if not environments:
        return
    for pointer, text in _strings(value, at, keys=False):
        if "://" in text and any(_is_environment_host(found[0], environments) for found in _ADDRESS.finditer(text)):
            yield FieldError(pointer, "environment-host", "This address belongs to one environment. Use a connection or a variable.")


def _is_environment_host(address: str, environments: frozenset[str]) -> bool:
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return not environments.isdisjoint(re.split(r"[.-]", host)) or any(host.startswith(f"{name}.") for name in environments)


def _strings(root: Any, at: str, *, keys: bool = True) -> Iterator[tuple[str, str]]:
    """Every string with its pointer, in document order, without recursion."""
    stack: list[tuple[str, Any]] = [(at, root)]
    while stack:
        pointer, value = stack.pop()
        if isinstance(value, str):
            yield pointer, value
        elif isinstance(value, Mapping):
            members = [(pointer + pointer_of(_shown(key)), key, item) for key, item in value.items()]
            if keys:
                yield from ((inner, key) for inner, key, _ in members)
            stack.extend((inner, item) for inner, _, item in reversed(members))
        elif isinstance(value, list | tuple):
            stack.extend((f"{pointer}/{index}", item) for index, item in reversed(list(enumerate(value))))


def _shown(key: str) -> str:
    return key.encode("utf-8", "replace").decode()
