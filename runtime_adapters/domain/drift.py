"""Whether a runtime still holds what it should."""

from dataclasses import dataclass

from runtime_adapters.contract import Generation
from runtime_adapters.domain.states import Sync

LOOKS_NEEDED = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """What should be in the slot. An empty digest: nothing."""

    generation: Generation
    digest: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What is in the slot. None means that the runtime cannot tell; `complete` False means that this look could not."""

    present: bool
    digest: str | None = None
    generation: Generation | None = None
    content_hash: str | None = None
    native_revision: str | None = None
    started: bool | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """The conclusion after one more look: `reported` is what people are told, `looks` how many in a row differed."""

    reported: Sync
    looks: int
    changed: bool


def agrees(wanted: Wanted, seen: Seen) -> bool:
    """Whether the read-back proves the generation: our mark and, where the runtime shows it, the content."""
    if not wanted.digest:
        return seen.complete and not seen.present
    if not (seen.present and seen.digest == wanted.digest):
        return False
    if seen.generation is not None and seen.generation != wanted.generation:
        return False
    return seen.content_hash is None or seen.content_hash == wanted.content_hash


def compare(wanted: Wanted | None, seen: Seen) -> Sync:
    """One look, without memory."""
    if not seen.complete and not seen.present:
        return Sync.UNKNOWN
    if wanted is None or not wanted.digest:
        return Sync.EXTRA if seen.present else Sync.IN_SYNC
    if not seen.present:
        return Sync.MISSING
    return Sync.IN_SYNC if agrees(wanted, seen) else Sync.DRIFTED


def fold(before: Sync, looks_before: int, now_seen: Sync) -> Look:
    """Report a difference only at the second look in a row; agreement and ignorance are reported at once."""
    if now_seen in {Sync.IN_SYNC, Sync.UNKNOWN}:
        return Look(now_seen, 0, now_seen != before)
    looks = looks_before + 1
    if looks < LOOKS_NEEDED:
        return Look(before, looks, False)
    return Look(now_seen, looks, now_seen != before)
