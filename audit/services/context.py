"""What a command carries along without passing it: the request id, and the first event it recorded."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from audit.models import forget_upcoming, upcoming_event_id

__all__ = ["command_context", "first_event_id", "note_event", "request_id", "upcoming_event_id"]

_WORD = re.compile(r"[A-Za-z0-9_.:+/-]{1,128}\Z")

_request_id: ContextVar[str] = ContextVar("audit_request_id", default="")
_first: ContextVar[UUID | None] = ContextVar("audit_first_event", default=None)


@contextmanager
def command_context(*, request_id: str = "") -> Iterator[None]:
    """One command begins: its events share `request_id`; what an earlier command left behind is forgotten.

    A request id that is not a machine word (letters, digits, `_.:+/-`, at most 128) is not recorded.
    """
    known = _request_id.set(request_id if _WORD.match(request_id) else "")
    first = _first.set(None)
    forget_upcoming()
    try:
        yield
    finally:
        forget_upcoming()
        _first.reset(first)
        _request_id.reset(known)


def request_id() -> str:
    """The current command's request id, or an empty text."""
    return _request_id.get()


def first_event_id() -> UUID | None:
    """The first event that the current command recorded: the answer's `Audit-Event`."""
    return _first.get()


def note_event(event_id: UUID) -> None:
    """Remember the command's first event."""
    if _first.get() is None:
        _first.set(event_id)
