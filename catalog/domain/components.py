"""What a component's version may hold, and how a manifest pins one: `{"component": slug, "version": semver}`."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.domain.manifests import host_faults, text_faults
from catalog.domain.secrets import secrets_in
from catalog.domain.versions import is_semver
from foundation.errors import FieldError

PIN = frozenset({"component", "version"})


@dataclass(frozen=True, slots=True)
class ComponentPin:
    """The entry at `index` of a manifest's `pins` that names a component's version."""

    index: int
    component: str
    version: str


def content_faults(content: Any, *, environments: Collection[str] = ()) -> list[FieldError]:
    """Everything that keeps `content` from being published, with pointers that start at /content: the rules of manifests."""
    if not isinstance(content, Mapping):
        return [FieldError("/content", "type", "The content must be an object.")]
    return [
        *text_faults(content, "/content"),
        *secrets_in(content, "/content"),
        *host_faults(content, frozenset(environments), "/content"),
    ]


def pins_in(manifest: Mapping[str, Any]) -> list[ComponentPin]:
    """The entries that pin components; other entries of `pins` mean nothing to us. Call it on a manifest without `pin_faults`."""
    return [ComponentPin(index, item["component"], item["version"]) for index, item in _pins(manifest)]


def pin_faults(manifest: Mapping[str, Any]) -> Iterator[FieldError]:
    """Entries that name a component and are not whole: a slip there would leave a release without its pin."""
    for index, item in _pins(manifest):
        at = f"/manifest/pins/{index}"
        if frozenset(item) != PIN:
            yield FieldError(at, "pin", "A pin of a component has exactly two members: component and version.")
        elif not isinstance(item["component"], str) or not 1 <= len(item["component"]) <= 63:
            yield FieldError(f"{at}/component", "type", "Name the component by its slug.")
        elif not isinstance(item["version"], str) or not is_semver(item["version"]):
            yield FieldError(f"{at}/version", "semver", "Give a semantic version such as 1.4.0 (semver.org), at most 63 characters.")


def _pins(manifest: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    return [(index, item) for index, item in enumerate(manifest.get("pins", ())) if "component" in item]
