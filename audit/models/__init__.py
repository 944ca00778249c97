"""Rows of the log. Written only by `audit.services`."""

from audit.models.disclosure import Disclosure, DisclosureKey
from audit.models.event import Event, Pending
from audit.models.log import Checkpoint, Heartbeat, Leaf, Tile
from audit.models.stamp import EventStamped, forget_upcoming, take_event_id, upcoming_event_id

__all__ = [
    "Checkpoint",
    "Disclosure",
    "DisclosureKey",
    "Event",
    "EventStamped",
    "Heartbeat",
    "Leaf",
    "Pending",
    "Tile",
    "forget_upcoming",
    "take_event_id",
    "upcoming_event_id",
]
