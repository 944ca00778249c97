"""Expiry is computed from the clock on every read; the sweeper only tidies up afterwards."""

from datetime import datetime

from governance.domain.lifecycle import State

EXECUTABLE = (State.APPROVED, State.SCHEDULED)


def has_expired(
    state: State, *, review_until: datetime | None, execute_until: datetime | None, not_after: datetime | None, now: datetime
) -> bool:
    """Whether a request in `state` is past its time: review time while open, execution time or window once approved."""
    if state is State.OPEN:
        limits = [review_until, not_after]
    elif state in EXECUTABLE:
        limits = [execute_until, not_after]
    else:
        return False
    return any(limit is not None and now >= limit for limit in limits)
