"""Bring one slot to what is desired: look, decide, act once. No lock and no transaction while the network answers."""

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from foundation.clock import db_now
from runtime_adapters.contract import (
    AdapterError,
    ApplyRequest,
    ApplyResult,
    InvalidInput,
    Marks,
    Observation,
    OutcomeUnknown,
    RemoveRequest,
    Unavailable,
)
from runtime_adapters.domain.plan import Act, Step, next_step
from runtime_adapters.services import leases, looks, outcomes
from runtime_adapters.services.adapters import adapter_of, call_context, tamed
from runtime_adapters.services.leases import Lease, LeaseLost
from runtime_adapters.services.rendering import idempotency_key, rendered_as_approved
from runtime_adapters.services.situations import Situation, situation_of

MAX_TURNS = 8
_log = logging.getLogger(__name__)


def reconcile(*, slot_id: UUID) -> Step | None:
    """Take turns on the slot until it has to wait; return the last step, or None when somebody else holds the slot.

    When to look again is written on the slot. A worker that dies leaves the slot due; its lease runs out and the next
    one looks before it acts.
    """
    lease = leases.acquire(slot_id)
    if lease is None:
        return None
    step: Step | None = None
    try:
        for _ in range(MAX_TURNS):
            situation = situation_of(slot_id)
            if situation is None:
                leases.release(lease, next_check_at=None)
                return None
            lease = leases.renew(lease)
            step, again = _turn(situation, lease)
            if not again:
                break
        leases.release(lease, next_check_at=outcomes.next_check(slot_id, step))
    except LeaseLost:
        _log.warning("lease lost", extra={"slot": str(slot_id), "epoch": lease.epoch})
        return None
    except Exception:
        leases.release(lease, next_check_at=db_now() + timedelta(seconds=settings.PORTOLAN_LOOK_EVERY_S))
        raise
    return step


def _turn(situation: Situation, lease: Lease) -> tuple[Step, bool]:
    """One decision carried out. The second value: whether another turn may follow at once."""
    if not situation.slot.runtime.is_enabled:
        return outcomes.left_alone(situation, lease=lease), False
    step = next_step(situation.plain, None, db_now())
    if step.act is Act.OBSERVE:
        try:
            found = _look(situation, lease)
        except AdapterError as error:
            return outcomes.look_failed(situation, error, lease=lease), False
        seen = looks.saw(situation, found, lease=lease)
        outcomes.reached(situation.slot.runtime)
        step = next_step(situation.plain, seen, db_now())
    if step.act in {Act.APPLY, Act.REMOVE}:
        return _send(situation, step, lease)
    return step, outcomes.carry_out(situation, step, lease=lease)


def _look(situation: Situation, lease: Lease) -> Observation:
    with adapter_of(situation.slot.runtime) as adapter, tamed(Unavailable):
        return adapter.observe([situation.ref], call_context(lease.remaining_s()))[0]


def _send(situation: Situation, step: Step, lease: Lease) -> tuple[Step, bool]:
    """Write the attempt, send, write its end. Between the two the row says APPLYING: a successor knows to look first."""
    lease = leases.renew(lease)
    begun = outcomes.begin(situation, step, lease=lease)
    if isinstance(begun, Step):
        return begun, False
    try:
        result = _apply(situation, begun, lease) if step.act is Act.APPLY else _remove(situation, begun, lease)
    except AdapterError as error:
        outcomes.send_failed(situation, begun, error, lease=lease)
        return Step(Act.BACK_OFF, error.code), error.sent  # what may have been sent is looked at right away
    outcomes.sent(situation, begun, result, lease=lease)
    return step, True


def _apply(situation: Situation, begun: outcomes.Begun, lease: Lease) -> ApplyResult:
    desired, release = situation.desired, situation.desired.release
    marks = Marks(situation.ref, desired.digest, situation.generation, release.version if release else "")
    with adapter_of(situation.slot.runtime) as adapter:
        with tamed(InvalidInput):
            payload = rendered_as_approved(adapter, desired, marks)
        request = ApplyRequest(
            slot=situation.ref,
            digest=desired.digest,
            generation=situation.generation,
            payload=payload,
            idempotency_key=idempotency_key(desired),
            release_label=marks.release_label,
            fence=lease.epoch,
            expected_revision=begun.expected_revision,
        )
        with tamed(OutcomeUnknown):
            return adapter.apply(request, call_context(lease.remaining_s()))


def _remove(situation: Situation, begun: outcomes.Begun, lease: Lease) -> ApplyResult:
    request = RemoveRequest(
        slot=situation.ref,
        generation=situation.generation,
        idempotency_key=idempotency_key(situation.desired),
        fence=lease.epoch,
        expected_revision=begun.expected_revision,
    )
    with adapter_of(situation.slot.runtime) as adapter, tamed(OutcomeUnknown):
        return adapter.remove(request, call_context(lease.remaining_s()))
