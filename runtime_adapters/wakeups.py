"""Hints to whoever waits: a name and ids, after commit. Losing one is harmless, the rows are the queue."""

from uuid import UUID

from django.conf import settings

from foundation import carrier


def wake_reconciler(slot_id: UUID) -> None:
    """Ask a worker to look at the slot; the poller finds due slots anyway."""
    carrier.wake("runtime_adapters.reconcile", slot_id=str(slot_id))


def wake_governance(deployment_id: UUID) -> None:
    """Tell whoever dispatched that a deployment settled."""
    if settings.PORTOLAN_WAKE_ON_DEPLOYMENT:
        carrier.wake(settings.PORTOLAN_WAKE_ON_DEPLOYMENT, deployment_id=str(deployment_id))
