"""The landscape's addresses: the same for each kind, under names such as `portal:data_object_edit`."""

from django.urls import URLPattern, path

from portal.views.landscape import edit, entry, lists
from portal.views.landscape.kinds import PLACES


def paths() -> list[URLPattern]:
    """`/landscape/systems`, `/landscape/systems/sap`, `/landscape/systems/sap/edit` …; nothing that could be a thing's name."""
    found = [
        path("landscape", lists.landscape, name="landscape"),
        path("landscape/components/<slug:slug>/versions/<str:version>", entry.component_version, name="component_version"),
        path("landscape/components/<slug:slug>/publish", edit.publish_version, {"many": "components"}, name="component_publish"),
    ]
    for many, kind in PLACES.items():
        told, base = {"many": many}, f"landscape/{many}"
        found += [
            path(base, lists.entries, told, name=f"{kind.one}_list"),
            path(f"landscape/register/{many}", edit.new_entry, told, name=f"{kind.one}_new"),
            path(f"{base}/<slug:slug>", entry.entry, told, name=kind.one),
            path(f"{base}/<slug:slug>/edit", edit.edit_entry, told, name=f"{kind.one}_edit"),
            path(f"{base}/<slug:slug>/rename", edit.rename, told, name=f"{kind.one}_rename"),
            path(f"{base}/<slug:slug>/tell/<slug:act>", entry.act, told, name=f"{kind.one}_act"),
        ]
    return found
