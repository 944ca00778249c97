"""The words an integration is found by, kept beside it: accents folded, because the embedded database cannot.

Four lines, from what counts most to what counts least: its names; its tags, team, systems, data objects and fields; its purpose; its
documents. `Integration.search_vector` weighs them.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from catalog.domain.carrying import carried
from catalog.domain.documents import SEARCHED_CHARS
from catalog.domain.vocabulary import EntityKind
from catalog.models import CarriedName, Document, FlowEndpoint, Integration, StaleWords
from foundation.searching import stored


def search_words(integration: Integration, endpoints: Iterable[FlowEndpoint], documents: Iterable[str] = ()) -> str:
    """Folded text of slug and title; tags, team, systems, data objects and fields; purpose; documents: one line each."""
    around = [*integration.tags, integration.team.slug, integration.team.title]
    for endpoint in endpoints:
        around += [endpoint.system.slug, endpoint.system.title]
        around += [endpoint.data_object.slug, endpoint.data_object.title] if endpoint.data_object else []
        around += endpoint.fields_touched
    bodies = [body[:SEARCHED_CHARS] for body in documents]
    lines = [[integration.slug, integration.title], list(dict.fromkeys(around)), [integration.purpose], bodies]
    return "\n".join(" ".join(filter(None, map(stored, line))) for line in lines)


def refresh_search(integration: Integration) -> None:
    """Write the words anew after a document changed; no version, no history: it is derived."""
    endpoints = integration.endpoints.select_related("system", "data_object")
    bodies = Document.objects.filter(integration=integration).values_list("body", flat=True)
    Integration.objects.filter(pk=integration.pk).update(search_text=search_words(integration, endpoints, bodies))


def note_carried(endpoints: Iterable[FlowEndpoint]) -> None:
    """Keep the names of what new endpoints carry, to be suggested; one statement, none where nothing is carried."""
    names = sorted({name for endpoint in endpoints for name in endpoint.carried})
    if names:
        CarriedName.objects.bulk_create([CarriedName(name=name) for name in names], ignore_conflicts=True)


# An update of the row that is there waits for a worker that is just reading it: no change of a name falls between the two. A team's
# new title is marked by a trigger on its table, which lies below (migration 0011). All mark in one order, so that none wait in a circle.
_MARK = """
INSERT INTO catalog_stalewords (integration_id, since)
SELECT DISTINCT integration_id, %s::timestamptz FROM catalog_flowendpoint WHERE {column} = %s ORDER BY integration_id
ON CONFLICT (integration_id) DO UPDATE SET since = excluded.since
"""
_COLUMNS = {EntityKind.SYSTEM: "system_id", EntityKind.DATA_OBJECT: "data_object_id"}


def mark_stale(kind: EntityKind, entity_id: UUID, *, now: datetime) -> None:
    """A system or data object is called something else: whatever joins it is found by the new words soon. One statement."""
    if kind in _COLUMNS:
        with connection.cursor() as cursor:
            cursor.execute(_MARK.format(column=_COLUMNS[kind]), [now, entity_id])


@transaction.atomic
def refresh_stale(*, limit: int = 200) -> int:
    """Write the words of integrations that wait for it; how many. No version and no history: they are derived."""
    waiting = list(StaleWords.objects.select_for_update(skip_locked=True).order_by("since", "pk").values_list("pk", flat=True)[:limit])
    for integration in Integration.objects.filter(pk__in=waiting).select_related("team"):
        _carry_anew(integration)
        refresh_search(integration)
    StaleWords.objects.filter(pk__in=waiting).delete()
    return len(waiting)


def _carry_anew(integration: Integration) -> None:
    changed = []
    for end in integration.endpoints.select_related("data_object"):
        now_carried = carried(end.data_object.slug if end.data_object else None, end.fields_touched)
        if now_carried != end.carried:
            end.carried = now_carried
            changed.append(end)
    FlowEndpoint.objects.bulk_update(changed, ["carried"])
    note_carried(changed)
