"""What a decision or a send came to, written under the lease. An older epoch writes nothing; a superseded generation changes nothing."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from audit.domain.actors import Actor
from catalog.services import live
from foundation.clock import db_now
from foundation.due import backoff_s
from runtime_adapters.contract import AdapterError, ApplyResult, Concurrency, Mode
from runtime_adapters.domain.plan import Act, Last, Step
from runtime_adapters.domain.states import SETTLED, DeploymentState
from runtime_adapters.domain.words import sentence
from runtime_adapters.models import Attempt, Deployment, DesiredState, Observation, Runtime
from runtime_adapters.registry import adapter_class
from runtime_adapters.selectors.situations import first_good_run_at, permission_of
from runtime_adapters.services import events, leases
from runtime_adapters.services.leases import Lease
from runtime_adapters.services.situations import Situation, reach_of

FAILURES_BEFORE_PAUSE = 5
LONGEST_WISH_S = 3600.0
_FATAL = frozenset({"invalid-input", "unsupported", "quota-exceeded"})
_ON_THE_WAY = frozenset({DeploymentState.APPLIED, DeploymentState.VERIFYING})
_SETTLING = {Act.UNHEALTHY: DeploymentState.UNHEALTHY, Act.HALT: DeploymentState.HALTED, Act.CANCEL: DeploymentState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Begun:
    """A send whose attempt row is committed."""

    attempt_id: UUID
    started_at: datetime
    expected_revision: str | None


@contextmanager
def _locked(situation: Situation, lease: Lease) -> Iterator[Deployment]:
    """The deployment as it stands now, the slot locked and the lease proved. Raises LeaseLost."""
    with transaction.atomic():
        leases.guard(lease)
        rows = Deployment.objects.select_related("slot", "slot__runtime", "slot__environment", "release")
        yield rows.get(pk=situation.deployment.pk)


def begin(situation: Situation, step: Step, *, lease: Lease) -> Begun | Step:
    """Re-read the authorisation and write the attempt before anything is sent; a Step when it may not be sent any more."""
    now = db_now()
    with _locked(situation, lease) as deployment:
        if DeploymentState(deployment.state) in SETTLED:
            return Step(Act.REST, "superseded")
        refusal = permission_of(deployment.slot_id).refusal(deployment.digest, now)
        if refusal is not None:
            if refusal.until is None:
                events.settle(deployment, DeploymentState.CANCELLED, code=refusal.code, actor=Actor.worker(), now=now)
                return Step(Act.CANCEL, refusal.code)
            return Step(Act.WAIT, refusal.code, refusal.until)
        _close_lost(deployment, now)
        attempt = _new_attempt(deployment, lease, step.act.value, now)
        deployment.state, deployment.next_attempt_at, deployment.reason = DeploymentState.APPLYING, None, ""
        deployment.save(update_fields=["state", "next_attempt_at", "reason", "attempt_count"])
        return Begun(attempt.id, now, _expected_revision(deployment))


def sent(situation: Situation, begun: Begun, result: ApplyResult, *, lease: Lease) -> None:
    """The runtime answered yes: accepted, not yet believed."""
    now = db_now()
    with _locked(situation, lease) as deployment:
        _end(begun, result.outcome.value, "", dict(result.evidence), now)
        _reachable(deployment.slot.runtime, now)
        _attempted(deployment, begun, result.outcome.value, now, lease)
        if DeploymentState(deployment.state) in SETTLED:
            return
        if deployment.accepted_at is None:
            deployment.accepted_at = now
            deployment.save(update_fields=["accepted_at"])
            events.deployment_event("accepted", deployment, actor=Actor.worker(), at=now, attempts=deployment.attempt_count)


def send_failed(situation: Situation, begun: Begun, error: AdapterError, *, lease: Lease) -> None:
    """The send raised: unclear (look first), refused for now (back off), or refused for good (settle)."""
    now = db_now()
    with _locked(situation, lease) as deployment:
        outcome = Last.UNKNOWN.value if error.sent else error.code
        _end(begun, outcome, error.detail, {}, now)
        _attempted(deployment, begun, outcome, now, lease, error_code=error.code)
        if error.sent or error.retryable:
            _unreachable(deployment.slot.runtime, now)
        if DeploymentState(deployment.state) in SETTLED:
            return
        if error.sent:
            deployment.state, deployment.reason = DeploymentState.UNKNOWN, sentence("outcome-unknown", error.detail)
            deployment.save(update_fields=["state", "reason"])
        elif error.retryable:
            _pause(deployment, DeploymentState.RETRY_WAIT, error.code, error, now)
        else:
            state = DeploymentState.FAILED if error.code in _FATAL else DeploymentState.HALTED
            events.settle(deployment, state, code=error.code, detail=error.detail, actor=Actor.worker(), now=now, error_code=error.code)


def look_failed(situation: Situation, error: AdapterError, *, lease: Lease) -> Step:
    """The runtime could not be read. A look that fails changes no verdict about what is there."""
    now = db_now()
    with _locked(situation, lease) as deployment:
        _unreachable(deployment.slot.runtime, now)
        state = DeploymentState(deployment.state)
        if state in SETTLED or state in _ON_THE_WAY:
            _forget_sync(deployment, now)
            return Step(Act.WAIT, error.code)
        attempt = _new_attempt(deployment, lease, "observe", now)
        Attempt.objects.filter(pk=attempt.pk).update(ended_at=now, outcome=error.code, detail=error.detail[:500])
        deployment.save(update_fields=["attempt_count"])
        if not (error.retryable or error.sent):
            events.settle(
                deployment,
                DeploymentState.HALTED,
                code=error.code,
                detail=error.detail,
                actor=Actor.worker(),
                now=now,
                error_code=error.code,
            )
            return Step(Act.HALT, error.code)
        unclear = situation.plain.history.last in {Last.OPEN, Last.UNKNOWN} or state is DeploymentState.UNKNOWN
        _pause(deployment, DeploymentState.UNKNOWN if unclear else DeploymentState.RETRY_WAIT, error.code, error, now)
        return Step(Act.BACK_OFF, error.code)


def left_alone(situation: Situation, *, lease: Lease) -> Step:
    """A runtime that is switched off is neither asked nor sent anything: what was seen there grows old, what is on its way waits
    and says so, until its time is over."""
    now = db_now()
    with _locked(situation, lease) as deployment:
        _forget_sync(deployment, now)
        if DeploymentState(deployment.state) in SETTLED:
            return Step(Act.REST, "runtime-disabled")
        if deployment.give_up_at is not None and now >= deployment.give_up_at:
            _close_lost(deployment, now)
            events.settle(deployment, DeploymentState.HALTED, code="runtime-disabled", actor=Actor.worker(), now=now)
            return Step(Act.HALT, "runtime-disabled")
        deployment.reason = sentence("runtime-disabled")
        deployment.save(update_fields=["reason"])
        return Step(Act.WAIT, "runtime-disabled", deployment.give_up_at)


def reached(runtime: Runtime) -> None:
    """The runtime answered a look: earlier failures are over."""
    _reachable(runtime, db_now())


def carry_out(situation: Situation, step: Step, *, lease: Lease) -> bool:
    """Write what a step that sends nothing means; True when another decision may follow at once."""
    now = db_now()
    if step.act is Act.REST:
        _doubt_silent_agent(situation, now)
        return False
    with _locked(situation, lease) as deployment:
        if DeploymentState(deployment.state) in SETTLED:
            return False
        if step.act is Act.RECORD:
            _record(situation, deployment, step, now)
            return True
        if step.act is Act.SUCCEED:
            _succeed(deployment, step, now)
        elif step.act in _SETTLING:
            _close_lost(deployment, now)
            events.settle(deployment, _SETTLING[step.act], code=step.code, actor=Actor.worker(), now=now)
        elif step.act is Act.BACK_OFF:
            _back_off(deployment, step, now)
        elif step.act is Act.WAIT:
            _wait(deployment, step, now)
    return False


def next_check(slot_id: UUID, step: Step | None) -> datetime | None:
    """When to look at the slot again, from its row and the last step; None for a slot that nothing can be read from."""
    now = db_now()
    desired = DesiredState.objects.select_related("slot__runtime").get(slot_id=slot_id)
    deployment = Deployment.objects.get(slot_id=slot_id, timeline=desired.timeline, generation=desired.generation)
    regular = now + timedelta(seconds=settings.PORTOLAN_LOOK_EVERY_S)
    if DeploymentState(deployment.state) in SETTLED:
        reach = reach_of(desired.slot.runtime.kind)
        return regular if reach.can_look or reach.mode is Mode.PULL else None
    wishes = [deployment.next_attempt_at, step.until if step else None, regular]
    return max(now, min(wish for wish in wishes if wish is not None))


def _record(situation: Situation, deployment: Deployment, step: Step, now: datetime) -> None:
    _close_lost(deployment, now)
    _reachable(deployment.slot.runtime, now)
    by_look = situation.plain.reach.can_look
    started = by_look and Observation.objects.filter(slot_id=deployment.slot_id, is_started=True).exists()
    deployment.is_read_back, deployment.accepted_at = by_look, deployment.accepted_at or now
    deployment.recorded_at = deployment.recorded_at or (now if by_look else None)
    deployment.started_at = deployment.started_at or (now if started else None)
    deployment.state, deployment.next_attempt_at = DeploymentState.APPLIED, None
    deployment.reason = "" if by_look else sentence(step.code)
    deployment.save()
    verb = "recorded" if by_look else "accepted"
    known = {"observed_digest": deployment.digest or None, "attempts": deployment.attempt_count, "reason_code": step.code}
    events.deployment_event(verb, deployment, actor=Actor.worker(), at=now, **known)
    if started:
        events.deployment_event("started", deployment, actor=Actor.worker(), at=now)


def _succeed(deployment: Deployment, step: Step, now: datetime) -> None:
    if deployment.proven_at is None and deployment.release_id is not None:
        note_proof(deployment, now=now)
    reason = "" if deployment.is_read_back is not False else sentence("cannot-be-read-back")
    events.settle(deployment, DeploymentState.SUCCEEDED, code=step.code, actor=Actor.worker(), now=now)
    Deployment.objects.filter(pk=deployment.pk).update(reason=reason)
    slot = deployment.slot
    live.record_live(
        integration_id=slot.integration_id,
        environment_id=slot.environment_id,
        runtime_key=slot.runtime.slug_key,
        release_id=deployment.release_id,
        at=now,
    )


def note_proof(deployment: Deployment, *, now: datetime) -> bool:
    """Write `proven_at` once a good run of this very digest was reported. The slot must be locked."""
    if deployment.proven_at is not None or first_good_run_at(deployment) is None:
        return False
    deployment.proven_at = now
    fields = ["proven_at"]
    if deployment.started_at is None:  # a good run is proof of a start
        deployment.started_at = now
        fields.append("started_at")
    deployment.save(update_fields=fields)
    events.deployment_event("proven", deployment, actor=Actor.worker(), at=now)
    return True


def _back_off(deployment: Deployment, step: Step, now: datetime) -> None:
    _close_lost(deployment, now)
    if step.renew_key:
        DesiredState.objects.filter(slot_id=deployment.slot_id).update(apply_epoch=F("apply_epoch") + 1)
    unclear = step.code == "outcome-unknown"
    _pause(deployment, DeploymentState.UNKNOWN if unclear else DeploymentState.RETRY_WAIT, step.code, None, now)


def _wait(deployment: Deployment, step: Step, now: datetime) -> None:
    started = (
        deployment.started_at is None
        and deployment.state in {DeploymentState.APPLIED, DeploymentState.VERIFYING}
        and Observation.objects.filter(slot_id=deployment.slot_id, is_started=True, generation=deployment.generation).exists()
    )
    if started:
        deployment.started_at = now
        events.deployment_event("started", deployment, actor=Actor.worker(), at=now)
    if deployment.state == DeploymentState.APPLIED:
        deployment.state = DeploymentState.VERIFYING
    if deployment.state == DeploymentState.VERIFYING:
        deployment.gate_until = step.until
        note_proof(deployment, now=now)
    deployment.reason = sentence(step.code)
    deployment.save(update_fields=["state", "gate_until", "reason", "started_at"])


def _pause(deployment: Deployment, state: DeploymentState, code: str, error: AdapterError | None, now: datetime) -> None:
    wish = min(error.after_s, LONGEST_WISH_S) if error and error.after_s and error.after_s > 0 else 0.0
    delay = max(backoff_s(max(deployment.attempt_count, 1), rng=random), wish)
    later = now + timedelta(seconds=delay)
    deployment.state = state
    deployment.next_attempt_at = min(later, deployment.give_up_at) if deployment.give_up_at else later
    deployment.reason = sentence(code, error.detail if error else "")
    deployment.save(update_fields=["state", "next_attempt_at", "reason"])


def _new_attempt(deployment: Deployment, lease: Lease, step: str, now: datetime) -> Attempt:
    deployment.attempt_count += 1
    return Attempt.objects.create(deployment=deployment, number=deployment.attempt_count, epoch=lease.epoch, step=step, started_at=now)


def _end(begun: Begun, outcome: str, detail: str, evidence: dict[str, Any], now: datetime) -> None:
    Attempt.objects.filter(pk=begun.attempt_id).update(ended_at=now, outcome=outcome, detail=detail[:500], evidence=evidence)


def _close_lost(deployment: Deployment, now: datetime) -> None:
    """Attempts that a dead worker left open: their outcome is not known, whatever happens next."""
    deployment.attempts.filter(ended_at__isnull=True).update(ended_at=now, outcome="lost")


def _attempted(deployment: Deployment, begun: Begun, outcome: str, now: datetime, lease: Lease, error_code: str | None = None) -> None:
    spent = int((now - begun.started_at).total_seconds() * 1000)
    known = {"attempt": deployment.attempt_count, "epoch": lease.epoch, "result": outcome, "error_code": error_code, "duration_ms": spent}
    events.deployment_event("attempted", deployment, actor=Actor.worker(), at=now, **known)


def _expected_revision(deployment: Deployment) -> str | None:
    capabilities = adapter_class(deployment.slot.runtime.kind).spec.capabilities
    if Concurrency.CAS_REVISION not in capabilities.concurrency:
        return None
    found = Observation.objects.filter(slot_id=deployment.slot_id).values_list("native_revision", flat=True).first()
    return found or None


def _reachable(runtime: Runtime, now: datetime) -> None:
    if runtime.failures_in_row or runtime.paused_until:
        Runtime.objects.filter(pk=runtime.pk).update(failures_in_row=0, paused_until=None)
    Runtime.objects.filter(pk=runtime.pk).update(last_seen_at=now)


def _unreachable(runtime: Runtime, now: datetime) -> None:
    """Count a failure; after several in a row the runtime is left alone, longer each time."""
    Runtime.objects.filter(pk=runtime.pk).update(failures_in_row=F("failures_in_row") + 1)
    beyond = runtime.failures_in_row + 1 - FAILURES_BEFORE_PAUSE
    if beyond >= 0:
        pause = timedelta(seconds=min(5.0 * 2 ** min(beyond, 10), 120.0))
        Runtime.objects.filter(pk=runtime.pk).update(paused_until=now + pause)


def _doubt_silent_agent(situation: Situation, now: datetime) -> None:
    """An agent whose reports do not come any more vouches for nothing, even while it goes on fetching."""
    if situation.plain.reach.mode is Mode.PULL:
        _forget_sync(situation.deployment, now)


def _stale_after() -> timedelta:
    return timedelta(seconds=3 * settings.PORTOLAN_LOOK_EVERY_S)


def _forget_sync(deployment: Deployment, now: datetime) -> None:
    """What was last seen is too old to vouch for: say unknown, not in sync."""
    stale = Observation.objects.filter(slot_id=deployment.slot_id, received_at__lt=now - _stale_after()).exclude(sync="unknown")
    stale.update(sync="unknown", sync_since=now, differing_looks=0)
