"""Move a locked request along the table, and write the move down."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from audit.domain.actors import Actor
from audit.services.record import record
from governance.domain.errors import ChangeMissing, RequestClosed
from governance.domain.lifecycle import TERMINAL, UNDISPATCHED, Event, State, advance
from governance.models import ChangeRequest
from governance.selectors.change_requests import effective_state
from governance.selectors.timelines import CHANGE

VERB_OF = {
    State.DRAFT: "governance.change.returned",
    State.APPROVED: "governance.change.approved",
    State.SCHEDULED: "governance.change.scheduled",
    State.DISPATCHED: "governance.change.dispatched",
    State.COMPLETED: "governance.change.completed",
    State.PARTIAL: "governance.change.partial",
    State.FAILED: "governance.change.failed",
    State.REJECTED: "governance.change.rejected",
    State.WITHDRAWN: "governance.change.withdrawn",
    State.EXPIRED: "governance.change.expired",
    State.SUPERSEDED: "governance.change.superseded",
    State.OPEN: "governance.change.reopened",
}


def locked(number: int) -> ChangeRequest:
    """The request, its row locked until the transaction ends. Raises ChangeMissing.

    Lock first, read afterwards: after a wait PostgreSQL re-reads only the locked row, so a join in the locking statement
    would pair the new row with the release that it had before.
    """
    key = ChangeRequest.objects.select_for_update().filter(number=number).values_list("pk", flat=True).first()
    if key is None:
        raise ChangeMissing(f"There is no change request {number}.")
    return ChangeRequest.objects.select_related("requester", "integration__team", "release", "caused_by").get(pk=key)


def require_undispatched(change: ChangeRequest, now: datetime) -> None:
    """Raise RequestClosed when the request was sent, has ended, or is past its time although nobody wrote that down yet."""
    state = effective_state(change, now)
    if state not in UNDISPATCHED:
        raise RequestClosed(f"The request is {state}.")


def move(
    change: ChangeRequest,
    event: Event,
    *,
    actor: Actor,
    now: datetime,
    verb: str | None = None,
    facts: Mapping[str, Any] | None = None,
    texts: Mapping[str, Any] | None = None,
) -> None:
    """Advance the state, save, and record the event that names the new state."""
    previous = State(change.state)
    change.state = advance(previous, event)
    change.version += 1
    if change.state in TERMINAL:
        change.closed_at, change.next_check_at = now, None
    change.save()
    record(
        verb or VERB_OF[State(change.state)],
        subject=(CHANGE, change.id),
        actor=actor,
        at=now,
        version=change.version,
        policy_digest=change.policy_digest or None,
        facts={**base_facts(change), "previous_state": previous.value, **(facts or {})},
        texts=texts,
    )


def base_facts(change: ChangeRequest) -> dict[str, Any]:
    """What every event about a request says of it."""
    return {
        "number": change.number,
        "revision": change.revision,
        "action": str(change.action),
        "integration": change.integration_id,
        "subject_digest": change.subject_digest or None,
        "release_digest": change.release_digest or None,
        "state": str(change.state),
    }
