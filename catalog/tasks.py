"""The asynchronous edge: read the clock, call one service. Run from the worker's poller."""

from celery import shared_task

from catalog.services import search
from catalog.services.imports import batches
from foundation.clock import db_now

_FILES_AT_ONCE = 200  # then others get their turn


@shared_task(name="catalog.import_due")  # type: ignore[untyped-decorator]  # celery ships no types
def import_due(**_future_kwargs: object) -> int:
    """Go on with the import that has waited longest; how many files were applied."""
    batch = batches.claim_batch()
    if batch is None:
        return 0
    run, applied = batches.Run(batch), 0
    while applied < _FILES_AT_ONCE and run.apply_next(now=db_now()):
        applied += 1
    if applied == _FILES_AT_ONCE:
        batches.release_batch(batch=batch, now=db_now())
    return applied


@shared_task(name="catalog.refresh_words_due")  # type: ignore[untyped-decorator]  # celery ships no types
def refresh_words_due(**_future_kwargs: object) -> int:
    """Write anew what integrations are found by, where a team, system or data object is called something else now; how many."""
    return search.refresh_stale()
