"""Reading the log: its head, its tiles, its proofs. Every answer is derived from the stored leaves and full tiles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from audit.domain import merkle, tiles
from audit.domain.errors import EventMissing, NotSignedYet, TileMissing
from audit.models import Checkpoint, Event, Heartbeat, Leaf, Pending, Tile


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The newest signed head: size, root and the C2SP note that says so."""

    size: int
    root: bytes
    note: str
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an event stands in the log."""

    index: int
    leaf_hash: bytes
    sequenced_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an audit path: the sibling on the `left` or `right`, and the hash that joining it gives."""

    side: str
    sibling: bytes
    result: bytes


@dataclass(frozen=True, slots=True)
class Lag:
    """What waits: events without a place, and leaves that no signed head covers."""

    unsequenced: int
    unsigned: int


def log_size() -> int:
    """How many leaves the log has, signed or not."""
    last = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    return 0 if last is None else last + 1


def newest_head() -> SignedHead | None:
    """The newest signed head; None before the first."""
    row = Checkpoint.objects.filter(signed_note__isnull=False).order_by("-size").first()
    if row is None:
        return None
    return SignedHead(size=row.size, root=bytes(row.root), note=row.signed_note or "", signed_at=row.signed_at)


def log_head() -> SignedHead:
    """The newest signed head; raise NotSignedYet while there is none."""
    head = newest_head()
    if head is None:
        raise NotSignedYet(retry_after_s=2)
    return head


def published_note() -> str:
    """The newest signed head with the log's own timed cosignature, when there is one under this head. Raises NotSignedYet."""
    head = log_head()
    alive = Heartbeat.objects.filter(size=head.size).values_list("line", flat=True).first()
    return head.note + (alive or "")


def lag() -> Lag:
    """How far the sequencer and the signer are behind."""
    signed = Checkpoint.objects.filter(signed_note__isnull=False).order_by("-size").values_list("size", flat=True).first() or 0
    return Lag(unsequenced=Pending.objects.count(), unsigned=log_size() - signed)


def placed(event_ids: Sequence[UUID]) -> dict[UUID, Placed]:
    """The places of those events that have one."""
    rows = Leaf.objects.filter(event_id__in=event_ids)
    return {row.event_id: Placed(row.index, bytes(row.leaf_hash), row.sequenced_at) for row in rows}


def node_reader() -> merkle.Node:
    """Reads hashes of perfect subtrees from stored tiles and leaves; remembers what it read, so make one per answer."""
    hashes = lru_cache(maxsize=512)(entries_of)

    def node(level: int, index: int) -> bytes:
        tile_level, inside = divmod(level, tiles.HEIGHT)
        first = index << inside
        entries = hashes(tile_level, first // tiles.WIDTH)
        start = first % tiles.WIDTH
        return merkle.perfect_root(entries[start : start + (1 << inside)])

    return node


def entries_of(level: int, index: int) -> list[bytes]:
    """The hashes that a tile has now: 256 when it is full, fewer at the growing edge."""
    full = Tile.objects.filter(level=level, index=index).values_list("data", flat=True).first()
    if full is not None:
        data = bytes(full)
        return [data[at : at + 32] for at in range(0, len(data), 32)]
    low, high = index * tiles.WIDTH, (index + 1) * tiles.WIDTH
    if level == 0:
        leaves = Leaf.objects.filter(index__gte=low, index__lt=high).order_by("index").values_list("leaf_hash", flat=True)
        return [bytes(row) for row in leaves]
    below = Tile.objects.filter(level=level - 1, index__gte=low, index__lt=high).order_by("index").values_list("root", flat=True)
    return [bytes(row) for row in below]


def root_at(size: int) -> bytes:
    """The root over the first `size` leaves."""
    return merkle.range_hash(node_reader(), 0, size)


def inclusion_proofs(indices: Sequence[int], size: int) -> dict[int, list[bytes]]:
    """Audit paths of several leaves in one tree."""
    node = node_reader()
    return {index: merkle.inclusion_proof(node, index, size) for index in indices}


def inclusion_steps(leaf_hash: bytes, index: int, size: int) -> list[Step]:
    """The audit path of one leaf, step by step up to the root (RFC 9162, 2.1.3.2)."""
    at, last, found = index, size - 1, leaf_hash
    steps = []
    for sibling in inclusion_proofs([index], size)[index]:
        is_left = bool(at & 1) or at == last
        found = merkle.hash_node(sibling, found) if is_left else merkle.hash_node(found, sibling)
        if is_left:
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
        steps.append(Step("left" if is_left else "right", sibling, found))
    return steps


def consistency_proof(old: int, new: int) -> list[bytes]:
    """The proof that the head of `new` leaves continues the one of `old` leaves."""
    return merkle.consistency_proof(node_reader(), old, new)


def tile_bytes(level: int, path: str) -> bytes:
    """A hash tile by its path, cut to the asked width; raise TileMissing where the signed log has none."""
    index, width = _served(level, path)
    return b"".join(entries_of(level, index)[:width])


def bundle_bytes(path: str) -> bytes:
    """An entry bundle by its path; raise TileMissing where the signed log has none."""
    index, width = _served(0, path)
    return tiles.bundle(bodies_from(index * tiles.WIDTH, width))


def bodies_from(start: int, count: int) -> list[bytes]:
    """The leaves' bytes in log order. A body that is gone from the database is empty here, so that verification names its index."""
    places = list(Leaf.objects.filter(index__gte=start, index__lt=start + count).order_by("index").values_list("event_id", flat=True))
    bodies = dict(Event.objects.filter(id__in=places).values_list("id", "body"))
    return [bytes(bodies.get(event_id, b"")) for event_id in places]


def body_of(event_id: UUID) -> bytes:
    """The final bytes of one event; raise EventMissing."""
    found = Event.objects.filter(id=event_id).values_list("body", flat=True).first()
    if found is None:
        raise EventMissing
    return bytes(found)


def _served(level: int, path: str) -> tuple[int, int]:
    """Only what a signed head covers is served: an unsigned edge could still be lost in a crash of the disk."""
    index, width = tiles.parse_index(path)
    if not 0 <= level <= tiles.MAX_LEVEL or width > tiles.width_at(level, index, log_head().size):
        raise TileMissing
    return index, width
