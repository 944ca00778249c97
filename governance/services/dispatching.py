"""From verdict to desired state, in the transaction that decides."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from governance.domain.errors import NotReady, RequestClosed
from governance.domain.evaluation import Evaluation, Verdict
from governance.domain.lifecycle import Action, ChangeClass, Event, State
from governance.models import ChangeRequest, ChangeTarget, Policy
from governance.selectors import situations
from governance.selectors.change_requests import get_visible
from governance.services import promotion
from governance.services import targets as target_services
from governance.services.change_requests import close_view, require_proposer
from governance.services.transitions import locked, move, require_undispatched
from runtime_adapters.domain.errors import SlotQuarantined
from runtime_adapters.models import Slot
from runtime_adapters.services import deployments

DEFAULT_EXECUTION_TTL_S = 7 * 86400


def settle_verdict(change: ChangeRequest, evaluation: Evaluation, *, actor: Actor, now: datetime) -> None:
    """Move a locked, undispatched request to where the verdict puts it; dispatch when nothing holds it back."""
    state = State(change.state)
    if evaluation.verdict is Verdict.VETOED:
        move(change, Event.VETOED, actor=actor, now=now)
        close_view(change)
    elif evaluation.verdict is Verdict.RETURNED:
        move(change, Event.RETURNED, actor=actor, now=now)
    elif evaluation.verdict is Verdict.READY and state is State.OPEN:
        change.approved_at = now
        change.execute_until = now + timedelta(seconds=_execution_ttl_s(change))
        move(change, Event.READY, actor=actor, now=now)
        _proceed(change, evaluation, actor=actor, now=now)
    elif evaluation.verdict is Verdict.READY:
        _proceed(change, evaluation, actor=actor, now=now)
    elif state is not State.OPEN:
        change.approved_at = change.execute_until = None
        move(change, Event.VERDICT_FELL, actor=actor, now=now)


def _execution_ttl_s(change: ChangeRequest) -> int:
    slugs = [entry["slug"] for entry in change.policy_snapshot]
    times = Policy.objects.filter(slug__in=slugs).values_list("execution_ttl_s", flat=True)
    return min(times, default=DEFAULT_EXECUTION_TTL_S)


def _proceed(change: ChangeRequest, evaluation: Evaluation, *, actor: Actor, now: datetime) -> None:
    """Approved: schedule it for its window, send it now, or leave it for a person to send."""
    if change.not_before is not None and now < change.not_before:
        change.next_check_at = change.not_before
        if change.state == State.APPROVED:
            move(change, Event.SCHEDULE, actor=actor, now=now, facts={"scheduled_for": change.not_before})
        return
    targets = list(change.targets.select_related("slot__environment"))
    if all(target.slot.environment.dispatches_automatically for target in targets):
        dispatch_locked(change, evaluation, targets=targets, actor=actor, now=now)


def dispatch_locked(
    change: ChangeRequest, evaluation: Evaluation, *, targets: list[ChangeTarget] | None = None, actor: Actor, now: datetime
) -> bool:
    """Write what should run, for every slot, in this transaction: slots locked in id order, the base compared under the lock.

    False when a slot no longer holds what the voters saw being replaced, or refuses the content, or nobody answers for it any
    more: the request then stays approved, says why, and the review task compares anew. `targets` with their environments, if read already.
    """
    if targets is None:
        targets = list(change.targets.select_related("slot__environment"))
    list(Slot.objects.select_for_update(no_key=True).filter(id__in=[target.slot_id for target in targets]).order_by("id"))
    if unowned := promotion.refusal(change, [target.slot.environment for target in targets]):
        return _held_back(change, str(unowned)[:200], now)
    if change.requester_id is not None and (closed := target_services.closed_targets(change)):
        return _held_back(change, f"Not in use there any more: {', '.join(closed)}."[:200], now)
    if target_services.has_moved(change):
        return _held_back(change, "What runs there, or the runtime itself, changed meanwhile.", now)
    try:
        with transaction.atomic():
            sent = _write_desired(change, actor=actor, now=now)
    except SlotQuarantined as error:
        return _held_back(change, str(error)[:200], now)
    change.dispatched_at, change.next_check_at, change.stale_reason = now, None, ""
    approvers = sorted({person for status in evaluation.statuses for person in status.counted}, key=str)
    move(change, Event.DISPATCH, actor=actor, now=now, facts={"deployments": sent, "approvers": approvers})
    close_view(change)
    return True


def _held_back(change: ChangeRequest, why: str, now: datetime) -> bool:
    change.stale_reason, change.next_check_at = why, now
    change.save(update_fields=["stale_reason", "next_check_at"])
    return False


def _write_desired(change: ChangeRequest, *, actor: Actor, now: datetime) -> list[object]:
    """A new generation for every slot: the release, or with a retirement nothing."""
    limits = [limit for limit in (change.execute_until, change.not_after) if limit is not None]
    not_after, targets = min(limits, default=None), change.targets.order_by("slot_id")
    if change.action == Action.RETIRE:
        return [
            deployments.clear_desired(slot_id=target.slot_id, change_id=change.id, not_after=not_after, actor=actor, now=now).id
            for target in targets
        ]
    assert change.release_id is not None  # noqa: S101 - a deployment or rollback always names a release
    release_id = change.release_id
    return [
        deployments.set_desired(
            slot_id=target.slot_id,
            release_id=release_id,
            payload=target.payload or {},
            payload_digest=target.payload_digest,
            content_hash=target.content_hash,
            change_id=change.id,
            cause="rollback" if change.change_class == ChangeClass.ROLLBACK else "change",
            not_after=not_after,
            actor=actor,
            now=now,
        ).id
        for target in targets
    ]


@transaction.atomic
def dispatch(*, number: int, actor: Actor, viewer: Viewer, now: datetime) -> ChangeRequest:
    """Send an approved request by hand, where the environment does not send by itself. The gate is judged again."""
    get_visible(number, viewer)
    change = locked(number)
    if not viewer.is_operator:
        require_proposer(change.integration, viewer)
    if change.state not in {State.APPROVED, State.SCHEDULED}:
        raise RequestClosed(f"The request is {change.state}.")
    require_undispatched(change, now)
    if change.not_before is not None and now < change.not_before:
        raise NotReady("The window has not opened yet.", extra={"not_before": change.not_before.isoformat()})
    evaluation = situations.evaluation_of(change, now=now)
    if evaluation.verdict is not Verdict.READY:
        raise NotReady("The gate is not open any more.", extra={"blockers": [s.requirement.name for s in evaluation.blockers]})
    if not dispatch_locked(change, evaluation, actor=actor, now=now):
        raise NotReady(change.stale_reason)
    return change
