"""The history of things in words: events with the texts beside them, for pages whose visibility was already decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from audit.selectors import events
from audit.selectors.events import EventView
from audit.services import disclose


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event and the texts that still exist; an erased text is named in `erased`."""

    event: EventView
    texts: dict[str, Any]
    erased: tuple[str, ...]


def timeline_of(subjects: Iterable[tuple[str, UUID]]) -> list[TimelineEntry]:
    """Every event of these subjects with its texts, oldest first. The caller has decided that the viewer may see them."""
    return told(events.history_of(subjects))


def told(found: list[EventView]) -> list[TimelineEntry]:
    """These events with their texts."""
    texts = disclose.texts_of([event.id for event in found])
    return [_entry(event, {text.path: text.value for text in texts.get(event.id, [])}) for event in found]


def _entry(event: EventView, texts: dict[str, Any]) -> TimelineEntry:
    return TimelineEntry(event=event, texts=texts, erased=tuple(sorted(set(event.leaf["commitments"]) - set(texts))))
