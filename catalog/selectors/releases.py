"""Reading releases and the people behind them. Callers have shown that the integration is visible."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Min, OuterRef, QuerySet, Subquery

from catalog.domain.errors import ReleaseMissing
from catalog.models import Contribution, Integration, LiveRelease, Release, ReleaseAuthor

CONTENT = ("manifest", "manifest_bytes")


def releases_of(integration: Integration) -> QuerySet[Release]:
    """The integration's releases, newest version first, without their content; each with `identical_to` (a version or None)."""
    twin = (
        Release.objects.filter(integration_id=OuterRef("integration_id"), digest=OuterRef("digest"))
        .exclude(pk=OuterRef("pk"))
        .order_by("-version_sort", "-id")
        .values("version")[:1]
    )
    return (
        Release.objects.filter(integration=integration)
        .select_related("created_by")
        .prefetch_related("authors__user")
        .defer(*CONTENT)
        .annotate(identical_to=Subquery(twin))
        .order_by("-version_sort", "-id")
    )


def get(integration: Integration, version: str) -> Release:
    """One release by its version, with content. Raises ReleaseMissing."""
    release = releases_of(integration).defer(None).filter(version=version).first()
    if release is None:
        raise ReleaseMissing
    return release


def manifest_of(release: Release) -> Mapping[str, Any]:
    """The manifest as received, members in their order: what digests are computed from and runtimes are sent."""
    manifest: Mapping[str, Any] = orjson.loads(bytes(release.manifest_bytes))
    return manifest


def identical_to(release: Release) -> Release | None:
    """The newest other release of the integration with the same content."""
    twins = Release.objects.filter(integration_id=release.integration_id, digest=release.digest).exclude(pk=release.pk)
    return twins.defer(*CONTENT).order_by("-version_sort", "-id").first()


def authors_of(release_id: UUID) -> frozenset[UUID]:
    """The persons who wrote this release."""
    return frozenset(ReleaseAuthor.objects.filter(release_id=release_id).values_list("user__person_id", flat=True))


def contributors_since(integration_id: UUID, environment_id: UUID, release: Release) -> frozenset[UUID]:
    """Persons whose work going live with `release` would be new in the environment: none of them may approve it.

    Authors of every release made after the one live there (the oldest, where several runtimes differ) up to this one, the
    authors of this one in any case, and whoever changed the integration's endpoints in the same time.
    """
    live = LiveRelease.objects.filter(integration_id=integration_id, environment_id=environment_id)
    since = live.aggregate(since=Min("release__created_at"))["since"]
    authors = ReleaseAuthor.objects.filter(release__integration_id=integration_id, release__created_at__lte=release.created_at)
    editors = Contribution.objects.filter(integration_id=integration_id)
    if since is not None:
        authors, editors = authors.filter(release__created_at__gt=since), editors.filter(at__gt=since)
    return (
        authors_of(release.pk)
        | frozenset(authors.values_list("user__person_id", flat=True))
        | frozenset(editors.values_list("user__person_id", flat=True))
    )


def live_releases(integration_id: UUID) -> QuerySet[LiveRelease]:
    """What is live where, in the order of environments."""
    rows = LiveRelease.objects.filter(integration_id=integration_id).select_related("environment", "release")
    return rows.defer("release__manifest", "release__manifest_bytes").order_by("environment__rank", "runtime_key", "id")
