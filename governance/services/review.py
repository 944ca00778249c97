"""Look at a request again: rebase it, run its checks, let time pass. Level-based: the row says when it is due."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from audit.domain.actors import Actor
from governance.domain.lifecycle import UNDISPATCHED, VOTABLE, Event, State
from governance.models import ChangeRequest, ChangeTarget
from governance.selectors import situations
from governance.selectors.change_requests import effective_state
from governance.services import targets as target_services
from governance.services.change_requests import close_view, reopen
from governance.services.checks import run_checks
from governance.services.dispatching import settle_verdict
from governance.services.transitions import locked, move
from runtime_adapters.models import DesiredState

LOOK_AGAIN_S = 300
_log = logging.getLogger(__name__)


@transaction.atomic
def review(*, number: int, actor: Actor, now: datetime) -> None:
    """Expire, supersede, rebase or re-judge one undispatched request, and write down when to look again."""
    change = locked(number)
    if change.state not in VOTABLE:
        if change.next_check_at is not None:
            ChangeRequest.objects.filter(pk=change.pk).update(next_check_at=None)
        return
    if effective_state(change, now) is State.EXPIRED:
        move(change, Event.EXPIRE, actor=actor, now=now)
        close_view(change)
        return
    if newer := _overtaken_by(change):
        move(change, Event.SUPERSEDE, actor=actor, now=now, facts={"superseded_by": newer})
        close_view(change)
        return
    if target_services.has_moved(change):
        target_services.rewrite_payloads(change)
        reopen(change, actor=actor, now=now, origin="rebase")
    run_checks(change, actor=actor, now=now)
    settle_verdict(change, situations.evaluation_of(change, now=now), actor=actor, now=now)
    if change.state in VOTABLE:
        ChangeRequest.objects.filter(pk=change.pk).update(next_check_at=_next_look(change, now))


def _overtaken_by(change: ChangeRequest) -> UUID | None:
    """A newer request of a person that was sent to one of the same slots: what this one asks for is history.

    An automatic rollback overtakes nothing; it moves the base, and the request is compared anew. What another request has taken out,
    be it an older one, can neither be taken out again nor go back.
    """
    slots = change.targets.values("slot_id")
    newer = ChangeRequest.objects.filter(
        number__gt=change.number, dispatched_at__isnull=False, requester__isnull=False, targets__slot_id__in=slots
    )
    return newer.order_by("number").values_list("id", flat=True).first() or target_services.emptied_by(change)


def _next_look(change: ChangeRequest, now: datetime) -> datetime:
    limits = [change.not_after, change.execute_until or change.review_until, now + timedelta(seconds=LOOK_AGAIN_S)]
    if change.not_before and now < change.not_before:
        limits.append(change.not_before)
    return max(now + timedelta(seconds=1), min(limit for limit in limits if limit is not None))


def due_numbers(now: datetime, limit: int = 100) -> list[int]:
    """Requests to look at: due by their row, or with a slot that moved under them."""
    moved = DesiredState.objects.filter(generation__gt=0).values("slot_id")
    due = ChangeRequest.objects.filter(Q(next_check_at__lte=now), state__in=VOTABLE).order_by("next_check_at")
    numbers = list(due.values_list("number", flat=True)[:limit])
    overtaken = (
        ChangeTarget.objects.filter(change__state__in=VOTABLE, slot_id__in=moved)
        .filter(slot__desired__generation__gt=F("base_generation"))
        .exclude(slot__desired__digest=F("base_digest"))
        .values_list("change__number", flat=True)[:limit]
    )
    return list(dict.fromkeys([*numbers, *overtaken]))


def review_due(*, now: datetime, actor: Actor) -> int:
    """Look at every due request, each in its own transaction; return how many. One that cannot be judged waits its turn again."""
    numbers = due_numbers(now)
    for number in numbers:
        try:
            review(number=number, actor=actor, now=now)
        except Exception:  # noqa: BLE001 - one bad row must not keep the others waiting
            _log.exception("a request could not be reviewed", extra={"number": number})
            later = now + timedelta(seconds=LOOK_AGAIN_S)
            ChangeRequest.objects.filter(number=number).update(next_check_at=later)
    return len(numbers)


def number_of(change_id: UUID) -> int | None:
    """The number of an undispatched request, or None when it is past reviewing."""
    return ChangeRequest.objects.filter(pk=change_id, state__in=UNDISPATCHED).values_list("number", flat=True).first()
