"""The event that a command is about to record, known before it is written so that history rows can name it."""

from contextvars import ContextVar
from uuid import UUID

from django.db import models

from foundation.ids import uuid7

_upcoming: ContextVar[UUID | None] = ContextVar("audit_upcoming_event", default=None)


def upcoming_event_id() -> UUID:
    """The id that the next recorded event will have; stays the same until that event is recorded."""
    waiting = _upcoming.get()
    if waiting is None:
        waiting = uuid7()
        _upcoming.set(waiting)
    return waiting


def take_event_id() -> UUID:
    """Use up the upcoming id: the caller records an event under it now."""
    taken = upcoming_event_id()
    _upcoming.set(None)
    return taken


def forget_upcoming() -> None:
    """Start afresh: a new command, or one that failed, must not inherit an id."""
    _upcoming.set(None)


class EventStamped(models.Model):
    """Base of every history row: names the log event of the change it keeps. Save first, then record."""

    event_id = models.UUIDField(default=upcoming_event_id, editable=False, db_index=True)

    class Meta:
        abstract = True
