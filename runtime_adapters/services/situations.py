"""Everything a decision about one slot rests on, read at once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, Sum

from runtime_adapters.contract import Concurrency, Generation, Mode, SlotRef
from runtime_adapters.domain import drift, permission, plan
from runtime_adapters.domain.gate import Gate
from runtime_adapters.domain.states import DeploymentState
from runtime_adapters.models import Attempt, Authorisation, Deployment, DesiredState, Expectation, HealthReading, Observation, Slot
from runtime_adapters.registry import adapter_class

SENDS = ("apply", "remove", "pull")


@dataclass(frozen=True, slots=True)
class Situation:
    """The rows, and the same as plain values for the plan."""

    slot: Slot
    desired: DesiredState
    deployment: Deployment
    observation: Observation | None
    plain: plan.Situation

    @property
    def ref(self) -> SlotRef:
        return SlotRef(self.slot.id, self.slot.integration.slug, self.slot.environment.slug)

    @property
    def generation(self) -> Generation:
        return Generation(self.desired.timeline, self.desired.generation)


def situation_of(slot_id: UUID) -> Situation | None:
    """The slot's present situation, or None when nothing was ever desired there."""
    rows = DesiredState.objects.select_related("slot__runtime", "slot__integration", "slot__environment", "slot__observation", "release")
    desired = rows.filter(slot_id=slot_id).first()
    if desired is None:
        return None
    deployment = Deployment.objects.get(slot_id=slot_id, timeline=desired.timeline, generation=desired.generation)
    slot = desired.slot
    return Situation(slot, desired, deployment, getattr(slot, "observation", None), _plain(slot, desired, deployment))


def permission_of(slot_id: UUID) -> permission.Permission:
    """What governance allows now. No row allows nothing."""
    row = Authorisation.objects.filter(slot_id=slot_id).first()
    if row is None:
        return permission.Permission(digest="", revoked=True)
    return permission_from(row)


def permission_from(row: Authorisation) -> permission.Permission:
    """The authorisation row as a plain value."""
    return permission.Permission(row.digest, row.not_after, row.revoked_at is not None, permission.intervals(row.closed_intervals))


def _plain(slot: Slot, desired: DesiredState, deployment: Deployment) -> plan.Situation:
    state = DeploymentState(deployment.state)
    wanted = drift.Wanted(Generation(desired.timeline, desired.generation), desired.digest, desired.content_hash)
    verifying = state in {DeploymentState.APPLIED, DeploymentState.VERIFYING}
    return plan.Situation(
        wanted=wanted,
        history=_history(desired, deployment),
        permission=permission_of(slot.id),
        reach=reach_of(slot.runtime.kind),
        quarantined=frozenset(desired.quarantined),
        gate=gate_of(slot, deployment) if verifying else None,
        paused_until=slot.runtime.paused_until,
    )


def _history(desired: DesiredState, deployment: Deployment) -> plan.History:
    sent = Attempt.objects.filter(deployment=deployment, step__in=SENDS).order_by("-number").first()
    return plan.History(
        state=DeploymentState(deployment.state),
        last=plan.Last.NONE if sent is None else last_of(sent),
        last_sent_at=sent.started_at if sent else None,
        key_renewals=desired.apply_epoch - 1,
        accepted=deployment.accepted_at is not None,
        started=deployment.started_at is not None,
        next_attempt_at=deployment.next_attempt_at,
        give_up_at=deployment.give_up_at,
    )


def last_of(attempt: Attempt) -> plan.Last:
    """How a send ended; an attempt nobody closed is open, one closed by a successor is unknown."""
    if attempt.ended_at is None:
        return plan.Last.OPEN
    if attempt.outcome == "lost":
        return plan.Last.UNKNOWN
    try:
        return plan.Last(attempt.outcome)
    except ValueError:
        return plan.Last.NOT_SENT


def reach_of(kind: str) -> plan.Reach:
    """What the adapter of this kind can do."""
    capabilities = adapter_class(kind).spec.capabilities
    return plan.Reach(
        mode=capabilities.mode,
        observe=capabilities.observe,
        idempotent=Concurrency.IDEMPOTENCY_KEY in capabilities.concurrency,
        tells_started=capabilities.started and capabilities.mode is Mode.PUSH,
    )


def gate_of(slot: Slot, deployment: Deployment) -> Gate | None:
    """The environment's gate with this deployment's own runs counted, or None where there is none or nothing runs."""
    environment = slot.environment
    if environment.soak_s == 0 or deployment.release_id is None:
        return None
    good, failed = runs_since(deployment)
    expectation = Expectation.objects.filter(integration_id=slot.integration_id, environment_id=slot.environment_id).first()
    return Gate(
        recorded_at=deployment.recorded_at or deployment.accepted_at or deployment.requested_at,
        soak_s=environment.soak_s,
        good_needed=environment.gate_good_runs,
        failed_allowed=environment.gate_failed_runs,
        good=good,
        failed=failed,
        expected_every_s=expectation.every_s + expectation.grace_s if expectation else None,
    )


def evidence_for(deployment: Deployment) -> Q:
    """The readings that count for a deployment: of its release, about a time after it came, and received after that."""
    since = deployment.recorded_at or deployment.accepted_at or deployment.requested_at
    return Q(slot_id=deployment.slot_id, release_id=deployment.release_id, received_at__gte=deployment.requested_at, window_end__gte=since)


def runs_since(deployment: Deployment) -> tuple[int, int]:
    """(good, failed) runs of the deployment's own digest since it was recorded."""
    sums = HealthReading.objects.filter(evidence_for(deployment)).aggregate(good=Sum("runs_succeeded"), failed=Sum("runs_failed"))
    return sums["good"] or 0, sums["failed"] or 0


def first_good_run_at(deployment: Deployment) -> datetime | None:
    """When the first window with a good run of this digest ended, or None."""
    good = HealthReading.objects.filter(evidence_for(deployment), runs_succeeded__gt=0).order_by("window_end")
    return good.values_list("window_end", flat=True).first()
