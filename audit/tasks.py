"""The worker's edge: read the clock, sequence, sign."""

from celery import shared_task

from audit.services import registry, sequence, sign
from foundation.clock import db_now

SEQUENCE_EVERY_S = 0.5  # the poll alone keeps the log's lag within the promise; nothing wakes the sequencer


@shared_task(name="audit.sequence")  # type: ignore[untyped-decorator]
def run_sequencer(**_future_kwargs: object) -> int:
    """Place everything that waits, sign the new head, and now and then say that it is still the newest; return how many were placed."""
    now = db_now()
    registry.publish_registry(now)
    placed = sequence.sequence_all(now)
    sign.sign_latest(now)
    sign.beat(now)
    return placed
