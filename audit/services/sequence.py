"""The sequencer: gives waiting events their dense places in the log, in one transaction per batch.

Producers never wait for it. Presence in the outbox means unsequenced, so a transaction that commits late is only placed
later, never lost. Two sequencers cannot fork the log: an advisory lock admits one, and keys and a trigger refuse the other.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from audit.domain import merkle, tiles
from audit.models import Checkpoint, Event, Leaf, Pending, Tile
from audit.selectors import log
from audit.services import keys

BATCH = 2048
_LOCK = 0x706F72746F6C616E  # "portolan"


@transaction.atomic
def sequence_once(now: datetime, batch: int = BATCH) -> int:
    """Place up to `batch` waiting events and write tiles and an unsigned checkpoint; return how many were placed.

    Returns 0 when nothing waits or another sequencer is at work. `now` becomes `sequenced_at`, which never decreases.
    """
    if not _only_one():
        return 0
    waiting = list(Pending.objects.order_by("id").values_list("event_id", flat=True)[:batch])
    hashes = dict(Event.objects.filter(id__in=waiting).values_list("id", "leaf_hash"))
    waiting = [event_id for event_id in waiting if event_id in hashes]  # an event that was taken away stays visible as lag
    if not waiting:
        return 0
    size, moment = _end_of_log(now)
    fresh = [bytes(hashes[event_id]) for event_id in waiting]
    root = _grow(size, fresh)
    _write_leaves(size, waiting, fresh, moment)
    Checkpoint.objects.create(size=size + len(fresh), root=root, origin=keys.log_origin(), created_at=moment)
    Pending.objects.filter(event_id__in=waiting).delete()
    return len(fresh)


def sequence_all(now: datetime) -> int:
    """Place everything that waits at the moment; return how many events were placed."""
    placed = 0
    while count := sequence_once(now):
        placed += count
    return placed


def _only_one() -> bool:
    """The lock ends with the transaction, so a killed or paused sequencer cannot keep it beyond its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _end_of_log(now: datetime) -> tuple[int, datetime]:
    last = Leaf.objects.order_by("-index").values_list("index", "sequenced_at").first()
    return (0, now) if last is None else (last[0] + 1, max(now, last[1]))


def _grow(size: int, fresh: Sequence[bytes]) -> bytes:
    """Append to the edge, write every tile that becomes full, and return the new root."""
    full: list[Tile] = []
    level, added, entries_before, edges = 0, list(fresh), size, []
    while added or entries_before:
        index, offset = divmod(entries_before, tiles.WIDTH)
        edge = (log.entries_of(level, index) if offset else []) + added
        added = []
        while len(edge) >= tiles.WIDTH:
            head, edge = edge[: tiles.WIDTH], edge[tiles.WIDTH :]
            added.append(merkle.perfect_root(head))
            full.append(Tile(level=level, index=index, data=b"".join(head), root=added[-1]))
            index += 1
        edges.append(edge)
        entries_before >>= tiles.HEIGHT
        level += 1
    Tile.objects.bulk_create(full)
    return merkle.root_of_peaks([peak for edge in reversed(edges) for peak in merkle.peaks(edge)])


def _write_leaves(size: int, event_ids: Sequence[UUID], hashes: Sequence[bytes], moment: datetime) -> None:
    """One statement, so that the density trigger sees the whole batch."""
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO audit_leaf ("index", event_id, leaf_hash, sequenced_at) '
            "SELECT %s + place - 1, event_id, leaf_hash, %s "
            "FROM unnest(%s::uuid[], %s::bytea[]) WITH ORDINALITY AS waiting(event_id, leaf_hash, place)",
            [size, moment, list(event_ids), list(hashes)],
        )
