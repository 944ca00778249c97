"""Reading events: pages in the log's order, and the history of subjects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.domain.errors import EventMissing
from audit.models import Event, Leaf
from foundation import strict_json


@dataclass(frozen=True, slots=True)
class EventView:
    """One event as people and programs read it. `index` and `sequenced_at` are None until it has its place in the log."""

    id: UUID
    index: int | None
    sequenced_at: datetime | None
    at: datetime
    leaf_hash: str
    leaf: dict[str, Any]

    @property
    def verb(self) -> str:
        """What happened, such as `governance.vote.cast`."""
        return str(self.leaf["verb"])

    @property
    def facts(self) -> dict[str, Any]:
        """Machine words, numbers and references."""
        return dict(self.leaf["facts"])

    @property
    def actor(self) -> tuple[str, UUID]:
        """Type and reference of who did it."""
        return str(self.leaf["actor"]["type"]), UUID(self.leaf["actor"]["ref"])

    @property
    def subject(self) -> tuple[str, UUID]:
        """Type and reference of what it was done to."""
        return str(self.leaf["subject"]["type"]), UUID(self.leaf["subject"]["id"])


def events_page(
    *,
    since_index: int = 0,
    limit: int = 100,
    verb: str | None = None,
    actor: UUID | None = None,
    subject: UUID | None = None,
    request_id: str | None = None,
) -> list[EventView]:
    """Up to `limit` events at or after `since_index`, in the log's order: resume with the last index plus one, nothing is missed.

    `verb` is a whole verb, or a prefix when it ends with a dot.
    """
    matching = _matching(verb=verb, actor=actor, subject=subject, request_id=request_id)
    leaves = Leaf.objects.filter(index__gte=since_index).order_by("index")
    if matching is not None:
        leaves = leaves.filter(event_id__in=matching.values("id"))
    return _joined(list(leaves[:limit]))


def next_of(since_index: int, *, verbs: Iterable[str], limit: int) -> tuple[list[EventView], int]:
    """Look at up to `limit` places of the log from `since_index` on: (events with one of `verbs`, the first place not looked at).

    The log has no holes and grows only at its end, so whoever goes on from there misses nothing.
    """
    places = list(Leaf.objects.filter(index__gte=since_index).order_by("index")[:limit])
    rows = Event.objects.filter(id__in=[leaf.event_id for leaf in places], verb__in=list(verbs)).in_bulk()
    found = [_view(rows[leaf.event_id], leaf) for leaf in places if leaf.event_id in rows]
    return found, places[-1].index + 1 if places else since_index


def newest_page(
    *,
    before_index: int | None = None,
    limit: int = 50,
    verb: str | None = None,
    actor: UUID | None = None,
    subject: UUID | None = None,
) -> list[EventView]:
    """Up to `limit` events below `before_index` (None: from the end), the newest first. Filters as in `events_page`."""
    matching = _matching(verb=verb, actor=actor, subject=subject, request_id=None)
    leaves = Leaf.objects.order_by("-index")
    if before_index is not None:
        leaves = leaves.filter(index__lt=before_index)
    if matching is not None:
        leaves = leaves.filter(event_id__in=matching.values("id"))
    return _joined(list(leaves[:limit]))


def newest_of(subject_ids: Iterable[UUID], *, verbs: Iterable[str], since: datetime, limit: int) -> list[EventView]:
    """The newest events with one of `verbs` about these subjects after `since`, the newest first."""
    rows = Event.objects.filter(subject_id__in=list(subject_ids), verb__in=list(verbs), at__gt=since)
    return by_ids(list(rows.order_by("-at", "-id").values_list("id", flat=True)[:limit]))[::-1]


def event(event_id: UUID) -> EventView:
    """One event, placed or not; raise EventMissing."""
    row = Event.objects.filter(id=event_id).first()
    if row is None:
        raise EventMissing
    return _view(row, Leaf.objects.filter(event_id=event_id).first())


def history_of(subjects: Iterable[tuple[str, UUID]]) -> list[EventView]:
    """Every event of these subjects, oldest first: in the log's order, then what has no place yet."""
    wanted = Q(pk__in=[])
    for kind, key in subjects:
        wanted |= Q(subject_type=kind, subject_id=key)
    return by_ids(list(Event.objects.filter(wanted).values_list("id", flat=True)))


def by_ids(event_ids: Sequence[UUID]) -> list[EventView]:
    """These events, in the log's order, then what has no place yet by time; unknown ids are left out."""
    places = {leaf.event_id: leaf for leaf in Leaf.objects.filter(event_id__in=event_ids)}
    views = [_view(row, places.get(row.id)) for row in Event.objects.filter(id__in=event_ids)]
    return sorted(views, key=lambda one: (one.index is None, one.index or 0, one.at, one.id))


def ids_where(verb: str) -> list[UUID]:
    """The events of one verb."""
    return list(Event.objects.filter(verb=verb).order_by("id").values_list("id", flat=True))


def facts_until(verb: str, subject_ids: Iterable[UUID], index: int) -> list[tuple[UUID, dict[str, Any]]]:
    """(subject, facts) of every event of one verb about these subjects up to a log index, in the log's order; two queries."""
    rows = {row.id: row for row in Event.objects.filter(verb=verb, subject_id__in=list(subject_ids))}
    placed = Leaf.objects.filter(event_id__in=rows, index__lte=index).order_by("index").values_list("event_id", flat=True)
    return [(rows[event].subject_id, strict_json.loads(bytes(rows[event].body))["facts"]) for event in placed]


def _matching(*, verb: str | None, actor: UUID | None, subject: UUID | None, request_id: str | None) -> QuerySet[Event] | None:
    conditions: dict[str, Any] = {"actor_ref": actor, "subject_id": subject, "request_id": request_id}
    conditions["verb__startswith" if verb and verb.endswith(".") else "verb"] = verb
    asked = {name: value for name, value in conditions.items() if value is not None}
    return Event.objects.filter(**asked) if asked else None


def _joined(leaves: list[Leaf]) -> list[EventView]:
    rows = Event.objects.in_bulk([leaf.event_id for leaf in leaves])
    return [_view(rows[leaf.event_id], leaf) for leaf in leaves if leaf.event_id in rows]


def _view(row: Event, leaf: Leaf | None) -> EventView:
    return EventView(
        id=row.id,
        index=None if leaf is None else leaf.index,
        sequenced_at=None if leaf is None else leaf.sequenced_at,
        at=row.at,
        leaf_hash="sha256:" + bytes(row.leaf_hash).hex(),
        leaf=strict_json.loads(bytes(row.body)),
    )
