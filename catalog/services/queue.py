"""What all batches in the background share: a row that one worker leases, goes on with, and leaves to others when it dies."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from catalog.models.queued import QueuedBatch
from foundation.due import claim

LEASE_S = 60
MAX_ATTEMPTS = 3
OPEN = (QueuedBatch.State.QUEUED, QueuedBatch.State.RUNNING)


def claim_batch(model: type[QueuedBatch]) -> UUID | None:
    """The batch that has waited longest, leased to the caller."""
    found = claim(model.objects.filter(state__in=OPEN), column="next_check_at", limit=1, lease_s=LEASE_S)
    return UUID(str(found[0])) if found else None


@transaction.atomic
def release_batch(model: type[QueuedBatch], batch: UUID, *, now: datetime) -> None:
    """Let any worker go on with it at once."""
    model.objects.filter(pk=batch, state__in=OPEN).update(next_check_at=now)


def goes_on(batch: QueuedBatch, *, now: datetime, lease_s: float = LEASE_S) -> bool:
    """Renew the lease, unless somebody cancelled."""
    held = type(batch).objects.filter(pk=batch.pk, state__in=OPEN)
    return bool(held.update(state=QueuedBatch.State.RUNNING, next_check_at=now + timedelta(seconds=lease_s)))


def close(batch: QueuedBatch, *, now: datetime) -> bool:
    """Note that it is done; False when it was over already."""
    held = type(batch).objects.filter(pk=batch.pk, state__in=OPEN)
    return bool(held.update(state=QueuedBatch.State.DONE, finished_at=now, next_check_at=None))


def cancel(batch: QueuedBatch, *, now: datetime) -> None:
    """End it before its next step."""
    batch.state, batch.finished_at, batch.next_check_at = QueuedBatch.State.CANCELLED, now, None
    batch.save(update_fields=["state", "finished_at", "next_check_at"])
