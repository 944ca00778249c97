"""Draw the conclusions that are due: always from the readings themselves, never by adding to the last conclusion."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from audit.domain.actors import Actor
from audit.services.record import record
from catalog.services import clocks
from runtime_adapters.domain.health import RECENT, Conclusion, Expected, Reading, conclude
from runtime_adapters.domain.states import DeploymentState, Health
from runtime_adapters.domain.words import sentence
from runtime_adapters.models import Deployment, Expectation, HealthReading, HealthState, Slot
from runtime_adapters.selectors.health import due_states
from runtime_adapters.selectors.situations import standing_in
from runtime_adapters.services import events
from runtime_adapters.services.outcomes import note_proof
from runtime_adapters.wakeups import wake_reconciler

COUNTED = timedelta(hours=24)
SUMMED = ("runs_succeeded", "runs_failed", "records_read", "records_written", "records_failed")
_JUDGED = (DeploymentState.APPLIED, DeploymentState.VERIFYING)


def fold_due(*, now: datetime, limit: int = 200) -> int:
    """Fold every state that is due, each in a transaction of its own; return how many were folded."""
    return sum(fold(state_id=state_id, now=now) for state_id in due_states(now, limit))


@transaction.atomic
def fold(*, state_id: UUID, now: datetime) -> bool:
    """Conclude anew for one slot and release; False when another worker is at it or it is not due any more.

    Slot first, then the state, as everybody locks. The row is locked before the readings are read, so a reading that comes meanwhile
    marks it due again.
    """
    if not Slot.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=_slot_of(state_id)).exists():
        return False
    rows = HealthState.objects.select_for_update(skip_locked=True, of=("self",)).select_related("slot")
    state = rows.filter(pk=state_id, due_at__lte=now).first()
    if state is None:
        return False
    concluded = _conclude(state, now)
    _sum_up(state, now)
    before = state.state
    if concluded.state.value != before:
        state.state, state.since = concluded.state.value, now
    state.reason, state.due_at = sentence(concluded.code)[:300], concluded.due_at
    state.save()
    _move_clocks(state)
    if concluded.state.value != before:
        _tell(state, Health(before), concluded, now)
    _judge_again(state, now)
    return True


def _slot_of(state_id: UUID) -> QuerySet[Any]:
    return HealthState.objects.filter(pk=state_id).values("slot_id")


def _conclude(state: HealthState, now: datetime) -> Conclusion:
    standing = standing_in(state.slot_id)
    came = (standing.recorded_at or standing.accepted_at) if standing and standing.release_id == state.release_id else None
    expectation = Expectation.objects.filter(integration=state.integration_id, environment=state.environment_id).first()
    expected = Expected(expectation.every_s, expectation.grace_s) if expectation else None
    return conclude(_readings(state), expected=expected, since=came or state.since, is_live=came is not None, now=now)


def _readings(state: HealthState) -> list[Reading]:
    """The newest runs, and the newest word."""
    rows = HealthReading.objects.filter(slot=state.slot_id, release=state.release_id).order_by("-window_end", "-key")
    runs = rows.filter(Q(runs_succeeded__gt=0) | Q(runs_failed__gt=0))
    found = [*runs[:RECENT], *rows[:1]]
    return [Reading(row.key, row.window_end, row.runs_succeeded, row.runs_failed, row.runs_started) for row in found]


def _sum_up(state: HealthState, now: datetime) -> None:
    """Counts of the last 24 hours, and the newest moments."""
    rows = HealthReading.objects.filter(slot=state.slot_id, release=state.release_id)
    sums = rows.filter(window_end__gt=now - COUNTED).aggregate(**{f"total_{name}": Sum(name) for name in SUMMED})
    for name in SUMMED:
        setattr(state, name, sums[f"total_{name}"] or 0)
    newest = rows.order_by("-window_end").values_list("window_end", flat=True)
    state.last_reading_at = newest.first()
    state.last_success_at = newest.filter(runs_succeeded__gt=0).first()


def _move_clocks(state: HealthState) -> None:
    """What the catalog keeps of all this: when it was last heard of, and when it last succeeded."""
    if state.last_reading_at is not None:
        clocks.note_observed([state.integration_id], at=state.last_reading_at)
    if state.last_success_at is not None:
        clocks.note_success([state.integration_id], at=state.last_success_at)


def _tell(state: HealthState, before: Health, concluded: Conclusion, now: datetime) -> None:
    facts = {
        "integration": state.integration_id,
        "environment": state.environment_id,
        "release": state.release_id,
        "state": concluded.state.value,
        "previous_state": before.value,
        "reason_code": concluded.code,
        "since": state.since,
    }
    record("health.state.changed", subject=(events.SLOT, state.slot_id), actor=Actor.system("health"), at=now, facts=facts)


def _judge_again(state: HealthState, now: datetime) -> None:
    """New evidence may prove the newest deployment, or settle its gate."""
    newest = Deployment.objects.filter(slot=state.slot_id).order_by("-timeline", "-generation").first()
    if newest is None or newest.release_id != state.release_id:
        return
    if newest.state in _JUDGED:
        Slot.objects.filter(pk=state.slot_id).update(next_check_at=now)
        wake_reconciler(state.slot_id)
    elif newest.proven_at is None and newest.recorded_at is not None and state.last_success_at is not None:
        note_proof(Deployment.objects.select_related("slot").get(pk=newest.pk), now=now)
