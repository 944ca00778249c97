"""The asynchronous edge: read the clock, call one service. Run from the worker's poller."""

from celery import shared_task

from catalog.models import BulkBatch, ImportBatch
from catalog.models.queued import QueuedBatch
from catalog.services import queue, search, sheets
from catalog.services.imports import batches as imports
from foundation.clock import db_now

_FILES_AT_ONCE, _CHUNKS_AT_ONCE = 200, 5  # then others get their turn


@shared_task(name="catalog.import_due")  # type: ignore[untyped-decorator]  # celery ships no types
def import_due(**_future_kwargs: object) -> int:
    """Go on with the import that has waited longest; how many files were applied."""
    return _gone_on(ImportBatch, imports.Run, _FILES_AT_ONCE)


@shared_task(name="catalog.apply_sheets_due")  # type: ignore[untyped-decorator]  # celery ships no types
def apply_sheets_due(**_future_kwargs: object) -> int:
    """Go on with the sheet that has waited longest; how many chunks were applied."""
    return _gone_on(BulkBatch, sheets.Run, _CHUNKS_AT_ONCE)


def _gone_on(model: type[QueuedBatch], way: type[imports.Run] | type[sheets.Run], most: int) -> int:
    batch = queue.claim_batch(model)
    if batch is None:
        return 0
    run, applied = way(batch), 0
    while applied < most and run.apply_next(now=db_now()):
        applied += 1
    if applied == most:
        queue.release_batch(model, batch, now=db_now())
    return applied


@shared_task(name="catalog.refresh_words_due")  # type: ignore[untyped-decorator]  # celery ships no types
def refresh_words_due(**_future_kwargs: object) -> int:
    """Write anew what integrations are found by, where a team, system or data object is called something else now; how many."""
    return search.refresh_stale()
