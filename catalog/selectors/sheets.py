"""Integrations as rows of a sheet (`catalog.domain.sheets`), as far as the viewer may see inside them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.domain.viewers import Viewer
from accounts.selectors import people
from catalog.domain.errors import BatchMissing
from catalog.models import BulkBatch, BulkRow, Integration
from catalog.selectors import integrations
from foundation.filters import choice, compile_filters
from foundation.text import slug_key

CHUNK = 500
BATCHES = compile_filters({}, sorts={"created_at": ("created_at",)}, default_sort="-created_at")
_VERDICTS = choice("rank", [rank.name.lower() for rank in BulkRow.Rank])
ROWS = compile_filters(
    {"verdict": replace(_VERDICTS, parse=lambda word: BulkRow.Rank[_VERDICTS.parse(word).upper()])},
    sorts={"position": ("position",), "verdict": ("rank", "position")},
    default_sort="position",
)


def records(rows: Sequence[Integration], viewer: Viewer) -> list[dict[str, Any]]:
    """One row each, for integrations with team, owners and endpoints at hand; a fixed number of queries.

    An address that the viewer may not read is left out of its endpoint, and so is an alternative that may not be seen: what is left
    out of a row stays as it is when the row is applied.
    """
    inside = integrations.seen_inside([row.id for row in rows], viewer)
    accounts = people.by_ids({account for row in rows for account in row.co_owners})
    named = integrations.slugs_visible_to(viewer, [row.deprecation.get("alternative") for row in rows])
    return [_record(row, accounts, named, shows_addresses=row.id in inside) for row in rows]


def records_of(slugs: Sequence[str], viewer: Viewer) -> dict[str, dict[str, Any]]:
    """The rows of those of the integrations that the viewer may see, by the key of their slug."""
    plan = with_all(integrations.integrations_visible_to(viewer)).filter(slug_key__in={slug_key(slug) for slug in slugs})
    rows = list(plan)
    return {row.slug_key: record for row, record in zip(rows, records(rows, viewer), strict=True)}


def exported(plan: QuerySet[Integration], viewer: Viewer) -> Iterator[dict[str, Any]]:
    """Every row of `plan` in the order of slugs, read in chunks by keyset: memory and statements grow with neither end."""
    after = ""
    while True:
        rows = list(with_all(plan).filter(slug_key__gt=after).order_by("slug_key")[:CHUNK])
        yield from records(rows, viewer)
        if len(rows) < CHUNK:
            return
        after = rows[-1].slug_key


def with_all(plan: QuerySet[Integration]) -> QuerySet[Integration]:
    """The rows with everything that a sheet tells of."""
    return integrations.with_endpoints(plan.select_related("team", *integrations.OWNERS))


def batches_of(viewer: Viewer) -> QuerySet[BulkBatch]:
    """The batches that the viewer made, newest first; administrators see all."""
    rows = BulkBatch.objects.select_related("by").order_by("-created_at", "-id")
    return rows if viewer.is_administrator else rows.filter(by_id=viewer.user_id)


def counted(rows: QuerySet[BulkBatch]) -> QuerySet[BulkBatch]:
    """The same with one count of rows for each verdict, `refused_count` and so on, and `waiting_count`."""
    return rows.annotate(**{f"{rank.name.lower()}_count": Count("rows", filter=Q(rows__rank=rank)) for rank in BulkRow.Rank})


def get_batch(batch_id: UUID, viewer: Viewer) -> BulkBatch:
    """One batch with its counts. Raises BatchMissing."""
    found = counted(batches_of(viewer)).filter(pk=batch_id).first()
    if found is None:
        raise BatchMissing
    return found


def rows_of(batch: BulkBatch) -> QuerySet[BulkRow]:
    """Its rows without what was sent, in their order."""
    return BulkRow.objects.filter(batch=batch).defer("content").order_by("position", "id")


def seen_diffs(rows: Sequence[BulkRow], viewer: Viewer) -> list[BulkRow]:
    """The rows without what the viewer may not see (any more) of their integrations; two queries."""
    ids = {row.integration_id for row in rows if row.integration_id is not None}
    seen = set(Integration.objects.visible_to(viewer).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    inside = integrations.seen_inside(seen, viewer) if seen else frozenset()
    for row in rows:
        row.diff = [_seen(one, shows_addresses=row.integration_id in inside) for one in row.diff] if row.integration_id in seen else []
        row.integration_version = row.integration_version if row.integration_id in seen else None
    return list(rows)


def _seen(one: dict[str, Any], *, shows_addresses: bool) -> dict[str, Any]:
    if one["field"] != "endpoints" or shows_addresses:
        return one
    bare = {side: [{name: value for name, value in end.items() if name != "address"} for end in one[side]] for side in ("before", "after")}
    return {**one, **bare}


def _record(row: Integration, accounts: Mapping[UUID, Any], named: Mapping[str, str], *, shows_addresses: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "slug": row.slug,
        "version": row.version,
        "title": row.title,
        "purpose": row.purpose,
        "type": row.type,
        "team": row.team.slug,
        "tier": row.tier,
        "visibility": str(row.visibility),
        **{name: getattr(getattr(row, name), "username", None) for name in integrations.OWNERS},
        "co_owners": [accounts[account].username for account in row.co_owners if account in accounts],
        "tags": list(row.tags),
        "labels": dict(row.labels),
        "business_value": row.business_value,
        "support": dict(row.support),
        "change_policy": dict(row.change_policy),
        "deprecation": _deprecation(row.deprecation, named),
        "reuse_check": row.reuse_check,
        "endpoints": [_endpoint(end, shows_addresses=shows_addresses) for end in row.endpoints.all()],
    }
    told["endpoints"].sort(key=lambda end: (end["system"], end["data_object"] or "", end["role"], end["operation"]))
    return told


def _deprecation(block: Mapping[str, Any], named: Mapping[str, str]) -> dict[str, Any]:
    told = dict(block)
    alternative = told.pop("alternative", None)
    if alternative in named:
        told["alternative"] = named[alternative]
    return told


def _endpoint(end: Any, *, shows_addresses: bool) -> dict[str, Any]:
    told = {
        "system": end.system.slug,
        "data_object": end.data_object.slug if end.data_object else None,
        "role": end.role,
        "operation": end.operation,
        "fields_touched": list(end.fields_touched),
        "cadence": end.cadence,
        "volume_per_day": end.volume_per_day,
    }
    return {**told, "address": end.address} if shows_addresses else told
