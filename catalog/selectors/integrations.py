"""Reading integrations, always through the one visibility rule."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Prefetch, QuerySet, Value, prefetch_related_objects

from accounts.domain.viewers import Viewer
from accounts.selectors import people
from catalog.domain.errors import IntegrationMissing
from catalog.domain.vocabulary import EntityKind
from catalog.models import (
    FlowEndpoint,
    Integration,
    IntegrationGroupObjectPermission,
    IntegrationUserObjectPermission,
    LiveRelease,
)
from catalog.models.integration import IntegrationQuerySet, inside_q
from catalog.selectors import names
from catalog.selectors.landscape import with_aliases
from foundation.text import slug_key

HIDDEN_COLUMNS = ("search_text", "search_vector")
OWNERS = ("technical_owner", "business_owner", "on_call", "data_steward")
_ENDPOINTS = Prefetch("endpoints", FlowEndpoint.objects.select_related("system", "data_object").order_by("role", "id"))
_LIVE = Prefetch(
    "live_releases",
    LiveRelease.objects.select_related("environment", "release")
    .defer("release__manifest", "release__manifest_bytes", "release__notes", "release__evidence")
    .order_by("environment__rank", "runtime_key"),
)


def integrations_visible_to(viewer: Viewer) -> IntegrationQuerySet:
    """Integrations the viewer may see, each with its team, in slug order."""
    plan: IntegrationQuerySet = (
        Integration.objects.visible_to(viewer).select_related("team").defer(*HIDDEN_COLUMNS).order_by("slug_key", "id")
    )
    return plan


def get_visible(slug: str, viewer: Viewer) -> Integration:
    """The integration of any spelling of the slug, or of one it had before, with its team. Raises IntegrationMissing."""
    return named(integrations_visible_to(viewer), slug)


def named(plan: QuerySet[Integration], slug: str) -> Integration:
    """The one of `plan` that has this name, or had it before it was renamed. Raises IntegrationMissing."""
    found = plan.filter(slug_key=slug_key(slug)).first()
    if found is None:
        earlier = names.renamed(EntityKind.INTEGRATION, slug)
        found = plan.filter(pk=earlier).first() if earlier else None
    if found is None:
        raise IntegrationMissing
    return found


def with_parts(plan: QuerySet[Integration]) -> QuerySet[Integration]:
    """The same rows with endpoints and live releases at hand, in a fixed number of queries."""
    return plan.prefetch_related(_ENDPOINTS, _LIVE)


def with_endpoints(plan: QuerySet[Integration]) -> QuerySet[Integration]:
    """The same rows with endpoints alone."""
    return plan.prefetch_related(_ENDPOINTS)


def detail_of(slug: str, viewer: Viewer) -> Integration:
    """The same with owners, endpoints, live releases, observation clock and `sees_inside`: whether addresses and manifests are shown.

    `aliases` are its earlier names, `co_owner_names` user names, and `alternative` the slug of what replaces it, None where there is
    none or the viewer may not see it.
    Raises IntegrationMissing.
    """
    plan = integrations_visible_to(viewer).select_related("team", *OWNERS, "observation_clock")
    inside = Value(value=True) if viewer.sees_all else ExpressionWrapper(inside_q(viewer), output_field=BooleanField())
    return with_names(named(with_aliases(with_parts(plan)).annotate(sees_inside=inside), slug), viewer)


def as_edited(integration: Integration, viewer: Viewer) -> Integration:
    """`detail_of` for a row that its editor (who sees inside) just saved, team, owners and aliases at hand: only the parts are read."""
    if "aliases" not in vars(integration):  # a new one has none, runs nowhere and was never observed
        integration.aliases = []  # type: ignore[attr-defined]  # told, not kept
        vars(integration)["_prefetched_objects_cache"] = {"live_releases": []}
        integration._state.fields_cache["observation_clock"] = None  # noqa: SLF001 - as Django keeps that there is none
    prefetch_related_objects([integration], _ENDPOINTS, _LIVE)
    integration.sees_inside = True  # type: ignore[attr-defined]  # told, not kept
    return with_names(integration, viewer)


def with_names(integration: Integration, viewer: Viewer) -> Integration:
    """The row with the names its ids stand for, as far as the viewer may know them: at most two queries, none where nothing is set."""
    accounts = people.by_ids(integration.co_owners)
    co_owners = [accounts[account] for account in integration.co_owners if account in accounts]
    integration.co_owner_accounts = co_owners  # type: ignore[attr-defined]  # told, not kept
    integration.co_owner_names = [account.username for account in co_owners]  # type: ignore[attr-defined]
    named_by = slugs_visible_to(viewer, [integration.deprecation.get("alternative")])
    integration.alternative = next(iter(named_by.values()), None)  # type: ignore[attr-defined]
    return integration


def slugs_visible_to(viewer: Viewer, ids: Iterable[Any]) -> dict[str, str]:
    """Slugs by id (as text) of those of the integrations that the viewer may see; one query, none for no ids."""
    wanted = {str(one) for one in ids if one}
    found = Integration.objects.visible_to(viewer).filter(pk__in=wanted).values_list("pk", "slug") if wanted else ()
    return {str(key): slug for key, slug in found}


def sees_inside(integration_id: UUID, viewer: Viewer) -> bool:
    """Whether `viewer` may read addresses, manifests and payloads (owning team, grant holders, auditors, administrators)."""
    return integration_id in seen_inside([integration_id], viewer)


def seen_inside(integration_ids: Collection[UUID], viewer: Viewer) -> frozenset[UUID]:
    """Those of the integrations whose addresses, manifests and payloads `viewer` may read, in one query."""
    if viewer.sees_all:
        return frozenset(integration_ids)
    return frozenset(Integration.objects.filter(inside_q(viewer), pk__in=integration_ids).values_list("pk", flat=True))


def granted_to(integration_id: UUID, viewer: Viewer) -> frozenset[str]:
    """Codenames of what was granted to the viewer or to one of its groups on this integration."""
    to_user = IntegrationUserObjectPermission.objects.filter(content_object_id=integration_id, user_id=viewer.user_id)
    to_group = IntegrationGroupObjectPermission.objects.filter(content_object_id=integration_id, group_id__in=viewer.group_ids)
    codenames = to_user.values_list("permission__codename").union(to_group.values_list("permission__codename"))
    return frozenset(codename for (codename,) in codenames)
