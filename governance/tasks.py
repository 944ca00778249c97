"""The asynchronous edge: read the clock, call one service. Each also runs from the worker's poller."""

from uuid import UUID

from celery import shared_task

from audit.domain.actors import Actor
from foundation.clock import db_now
from governance.services import escalations, expiries, notifier, settlement
from governance.services import review as review_services


@shared_task(name="governance.review")  # type: ignore[untyped-decorator]  # celery ships no types
def review(*, change_id: str, **_future_kwargs: object) -> None:
    """Run the checks of one request and judge it again."""
    number = review_services.number_of(UUID(change_id))
    if number is not None:
        review_services.review(number=number, actor=Actor.worker(), now=db_now())


@shared_task(name="governance.review_due")  # type: ignore[untyped-decorator]  # celery ships no types
def review_due(**_future_kwargs: object) -> int:
    """Look at every request that is due: checks, schedule, rebase, expiry."""
    return review_services.review_due(now=db_now(), actor=Actor.worker())


@shared_task(name="governance.settle_due")  # type: ignore[untyped-decorator]  # celery ships no types
def settle_due(**_future_kwargs: object) -> int:
    """Read ended deployments and close their changes."""
    return settlement.settle_due(now=db_now(), actor=Actor.worker())


@shared_task(name="governance.escalate_due")  # type: ignore[untyped-decorator]  # celery ships no types
def escalate_due(**_future_kwargs: object) -> int:
    """Tell somebody higher up about what nobody answers for, or has confirmed for too long."""
    return escalations.escalate_due(now=db_now(), actor=Actor.worker())


@shared_task(name="governance.notify_due")  # type: ignore[untyped-decorator]  # celery ships no types
def notify_due(**_future_kwargs: object) -> int:
    """Tell people of what the log has had since it was last read."""
    return notifier.notify_due(now=db_now())


@shared_task(name="governance.warn_due")  # type: ignore[untyped-decorator]  # celery ships no types
def warn_due(**_future_kwargs: object) -> int:
    """Tell teams of their connections that expire soon or have expired."""
    return expiries.warn_due(now=db_now(), actor=Actor.worker())
