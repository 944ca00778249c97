"""The states of a change request and the only moves between them (`docs/architecture.md` shows the same table)."""

from enum import StrEnum

from foundation.errors import DomainError, Kind


class Action(StrEnum):
    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    RETIRE = "retire"


class ChangeClass(StrEnum):
    STANDARD = "standard"
    NORMAL = "normal"
    EMERGENCY = "emergency"
    ROLLBACK = "rollback"


class State(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    DISPATCHED = "dispatched"
    PARTIAL = "partial"
    COMPLETED = "completed"
    FAILED = "failed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class Event(StrEnum):
    SUBMIT = "submit"
    READY = "ready"
    VETOED = "vetoed"
    RETURNED = "returned"
    VERDICT_FELL = "verdict_fell"
    CONTENT_MOVED = "content_moved"
    SCHEDULE = "schedule"
    DISPATCH = "dispatch"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"
    ALL_SUCCEEDED = "all_succeeded"
    SOME_FAILED = "some_failed"
    ALL_FAILED = "all_failed"
    RESUME = "resume"


TERMINAL = frozenset({State.COMPLETED, State.FAILED, State.REJECTED, State.WITHDRAWN, State.EXPIRED, State.SUPERSEDED})
VOTABLE = frozenset({State.OPEN, State.APPROVED, State.SCHEDULED})
UNDISPATCHED = frozenset({State.DRAFT, State.OPEN, State.APPROVED, State.SCHEDULED})

TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.DRAFT, Event.SUBMIT): State.OPEN,
    (State.DRAFT, Event.WITHDRAW): State.WITHDRAWN,
    (State.OPEN, Event.READY): State.APPROVED,
    (State.OPEN, Event.CONTENT_MOVED): State.OPEN,
    **{(state, Event.VETOED): State.REJECTED for state in VOTABLE},
    **{(state, Event.RETURNED): State.DRAFT for state in VOTABLE},
    **{(state, Event.WITHDRAW): State.WITHDRAWN for state in VOTABLE},
    **{(state, Event.EXPIRE): State.EXPIRED for state in VOTABLE},
    **{(state, Event.SUPERSEDE): State.SUPERSEDED for state in VOTABLE},
    **{(state, Event.VERDICT_FELL): State.OPEN for state in (State.APPROVED, State.SCHEDULED)},
    **{(state, Event.CONTENT_MOVED): State.OPEN for state in (State.APPROVED, State.SCHEDULED)},
    (State.APPROVED, Event.SCHEDULE): State.SCHEDULED,
    (State.APPROVED, Event.DISPATCH): State.DISPATCHED,
    (State.SCHEDULED, Event.DISPATCH): State.DISPATCHED,
    (State.DISPATCHED, Event.ALL_SUCCEEDED): State.COMPLETED,
    (State.DISPATCHED, Event.SOME_FAILED): State.PARTIAL,
    (State.DISPATCHED, Event.ALL_FAILED): State.FAILED,
    (State.DISPATCHED, Event.SUPERSEDE): State.SUPERSEDED,
    (State.PARTIAL, Event.RESUME): State.DISPATCHED,
    (State.PARTIAL, Event.SUPERSEDE): State.SUPERSEDED,
}


class IllegalTransition(DomainError):
    """The request is in a state from which this cannot happen."""

    kind, code = Kind.CONFLICT, "illegal-transition"


def advance(state: State, event: Event) -> State:
    """Return the state that follows; raise IllegalTransition when the table has no such row."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(f"A change request that is {state} cannot {event.replace('_', ' ')}.") from None
