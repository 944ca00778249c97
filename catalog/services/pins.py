"""Pins: a manifest names versions of components; publishing the release ties them together for ever."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from catalog.domain.components import pin_faults, pins_in
from catalog.domain.errors import ManifestRefused
from catalog.models import Component, ComponentVersion, Integration, Pin, Release
from catalog.selectors import components
from catalog.services.presence import hold
from foundation.errors import FieldError
from foundation.text import slug_key


def pinned(manifest: Mapping[str, Any], owner: Integration) -> list[ComponentVersion]:
    """The versions that a manifest of sound shape pins, each once. Raises ManifestRefused (422) naming each entry at fault.

    A retired component is pinned only by an integration that has pinned it before.
    """
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
    refused = _out_of_use(found, owner)
    for pin in pins:
        version = known.get(slug_key(pin.component), {}).get(pin.version)
        if version is not None and version.component_id in refused:
            faults.append(FieldError(f"/manifest/pins/{pin.index}/component", "retired", "It is retired: nothing new may use it."))
    if faults:
        raise ManifestRefused(errors=faults)
    return list(found)


def _out_of_use(versions: Iterable[ComponentVersion], owner: Integration) -> set[UUID]:
    """The components that were deleted at this moment, or are retired and new to the integration; the others are held."""
    wanted = {version.component_id for version in versions}
    held = hold(Component, wanted)
    refused = {key for key in wanted if held.get(key, True)}
    if refused:
        before = Pin.objects.filter(release__integration=owner, component_version__component__in=refused & held.keys())
        refused -= set(before.values_list("component_version__component_id", flat=True))
    return refused


def tie(release: Release, versions: list[ComponentVersion]) -> None:
    """Keep what the release pins."""
    Pin.objects.bulk_create(Pin(release=release, component_version=version) for version in versions)
