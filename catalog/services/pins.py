"""Pins: a manifest names versions of components; publishing the release ties them together for ever."""

from collections.abc import Mapping
from typing import Any

from catalog.domain.components import pin_faults, pins_in
from catalog.domain.errors import ManifestRefused
from catalog.models import ComponentVersion, Pin, Release
from catalog.selectors import components
from foundation.errors import FieldError
from foundation.text import slug_key


def pinned(manifest: Mapping[str, Any]) -> list[ComponentVersion]:
    """The versions that a manifest of sound shape pins, each once. Raises ManifestRefused (422) naming each entry at fault."""
    faults = list(pin_faults(manifest))
    if faults:
        raise ManifestRefused(errors=faults)
    pins = pins_in(manifest)
    known = components.versions_by_slugs(pin.component for pin in pins)
    found: dict[ComponentVersion, None] = {}
    for pin in pins:
        versions = known.get(slug_key(pin.component))
        at = f"/manifest/pins/{pin.index}"
        if versions is None:
            faults.append(FieldError(f"{at}/component", "unknown-component", "There is no such component."))
        elif pin.version not in versions:
            faults.append(FieldError(f"{at}/version", "unknown-version", "The component has no such version."))
        else:
            found[versions[pin.version]] = None
    if faults:
        raise ManifestRefused(errors=faults)
    return list(found)


def tie(release: Release, versions: list[ComponentVersion]) -> None:
    """Keep what the release pins."""
    Pin.objects.bulk_create(Pin(release=release, component_version=version) for version in versions)
