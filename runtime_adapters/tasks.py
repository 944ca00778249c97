"""What the worker runs: the clock, and one call each. Late, lost and repeated calls do no harm."""

import logging
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from celery import shared_task
from django.db import connection

from foundation.clock import db_now
from runtime_adapters.selectors.deployments import due_slots
from runtime_adapters.services import health
from runtime_adapters.services.reconcile import reconcile

SIDE_BY_SIDE = 4  # one runtime that hangs does not hold up the others
_log = logging.getLogger(__name__)


@shared_task(name="runtime_adapters.reconcile")  # type: ignore[untyped-decorator]
def reconcile_slot(*, slot_id: str, **_future: object) -> None:
    """Look at one slot."""
    reconcile(slot_id=UUID(slot_id))


@shared_task(name="runtime_adapters.reconcile_due")  # type: ignore[untyped-decorator]
def reconcile_due(**_future: object) -> int:
    """Look at every slot that is due; return how many. The poller needs nothing else to bring all work to an end."""
    slots = due_slots(db_now())
    if len(slots) == 1:
        _attended(slots[0])
    elif slots:
        with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE, thread_name_prefix="reconcile") as pool:
            list(pool.map(_in_thread, slots))
    return len(slots)


@shared_task(name="runtime_adapters.fold_health_due")  # type: ignore[untyped-decorator]
def fold_health_due(**_future: object) -> int:
    """Draw every conclusion about health that is due; return how many."""
    return health.fold_due(now=db_now())


def _in_thread(slot_id: UUID) -> None:
    try:
        _attended(slot_id)
    finally:
        connection.close()


def _attended(slot_id: UUID) -> None:
    """One slot's trouble is its own: it is logged, and the slot comes up again."""
    try:
        reconcile(slot_id=slot_id)
    except Exception:  # noqa: BLE001 - the loop goes on whatever one slot does
        _log.exception("reconcile failed", extra={"slot": str(slot_id)})
