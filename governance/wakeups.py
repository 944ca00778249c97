"""How a service starts what it must not import: a task's name and an id."""

from uuid import UUID

from foundation import carrier


def wake_checks(change_id: UUID) -> None:
    """Ask a worker to run the request's checks after commit. Losing this is harmless: the poller finds due requests."""
    carrier.wake("governance.review", change_id=str(change_id))
