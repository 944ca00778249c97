"""Reading components and their versions (any signed-in person may), and who uses them (of what the viewer may see)."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.domain.viewers import Viewer
from catalog.domain.errors import ComponentMissing, ComponentVersionMissing
from catalog.domain.rights import may_edit
from catalog.domain.versions import is_semver
from catalog.domain.vocabulary import ComponentKind, EntityKind
from catalog.models import Component, ComponentVersion, LiveRelease, Name, Pin
from catalog.models.integration import inside_q, visible_q
from catalog.selectors.landscape import named
from foundation.text import slug_key

_USER = "release__integration__"


def components() -> QuerySet[Component]:
    """All components with their teams and `newest`, the number of their newest version (None before the first), by slug."""
    newest = ComponentVersion.objects.filter(component=OuterRef("pk")).order_by("-number_sort", "-id").values("number")[:1]
    rows = Component.objects.filter(tombstoned_at__isnull=True).select_related("team")
    return rows.annotate(newest=Subquery(newest)).order_by("slug_key", "id")


def component_by_slug(slug: str) -> Component:
    """The component of any spelling of the slug. Raises ComponentMissing."""
    found: Component = named(components(), EntityKind.COMPONENT, slug, ComponentMissing)
    return found


def versions_of(component: Component) -> QuerySet[ComponentVersion]:
    """The component's versions, newest first, without their content; each with `identical_to` (a number or None)."""
    twin = (
        ComponentVersion.objects.filter(component_id=OuterRef("component_id"), digest=OuterRef("digest"))
        .exclude(pk=OuterRef("pk"))
        .order_by("-number_sort", "-id")
        .values("number")[:1]
    )
    rows = ComponentVersion.objects.filter(component=component).select_related("created_by").defer("content")
    return rows.annotate(identical_to=Subquery(twin)).order_by("-number_sort", "-id")


def version_of(component: Component, number: str) -> ComponentVersion:
    """One version with its content. Raises ComponentVersionMissing."""
    found = versions_of(component).defer(None).filter(number=number).first() if is_semver(number) else None
    if found is None:
        raise ComponentVersionMissing
    return found


def identical_to(version: ComponentVersion) -> str | None:
    """The newest other version of the component with the same content."""
    twins = ComponentVersion.objects.filter(component_id=version.component_id, digest=version.digest).exclude(pk=version.pk)
    return twins.order_by("-number_sort", "-id").values_list("number", flat=True).first()


def versions_by_slugs(slugs: Iterable[str]) -> dict[str, dict[str, ComponentVersion]]:
    """Versions by number by slug key, also of names from before a rename; without their content, in two statements."""
    keys = {slug_key(slug) for slug in slugs}
    if not keys:
        return {}
    named_so = dict(Name.objects.filter(kind=EntityKind.COMPONENT, key__in=keys).values_list("key", "entity_id"))
    versions = ComponentVersion.objects.filter(component_id__in=named_so.values(), component__tombstoned_at__isnull=True)
    by_component: dict[Any, dict[str, ComponentVersion]] = {pk: {} for pk in named_so.values()}
    for version in versions.defer("content", "notes"):
        by_component[version.component_id][version.number] = version
    return {key: by_component[pk] for key, pk in named_so.items()}


def used_by(component: Component, viewer: Viewer) -> QuerySet[Pin]:
    """Which releases of integrations that the viewer may see pin which version, with `live_in`: slugs of environments."""
    live = LiveRelease.objects.filter(release_id=OuterRef("release_id")).order_by("environment__rank", "environment__slug_key")
    rows = Pin.objects.filter(visible_q(viewer, _USER), component_version__component=component)
    rows = rows.select_related("component_version", "release__integration__team")
    hidden = ("component_version__content", "release__manifest", "release__manifest_bytes", "release__notes", "release__evidence")
    plan: QuerySet[Pin] = rows.defer(*hidden).annotate(live_in=ArraySubquery(live.values("environment__slug").distinct()))
    return plan.order_by(f"{_USER}slug_key", "-release__version_sort", "pk")


def sees_content(component: Component, viewer: Viewer) -> bool:
    """Whether the viewer may read the content of its versions.

    Components are there to be read by those who might use them; a mapping tells how data is carried, and is for its team,
    auditors, administrators, and those who may look into an integration that pins it (its own team, judges, grant holders).
    """
    if component.kind != ComponentKind.MAPPING or viewer.sees_all or may_edit(viewer, component.team_id):
        return True
    return Pin.objects.filter(inside_q(viewer, _USER), visible_q(viewer, _USER), component_version__component=component).exists()
