"""What is known of a deployment on its way: what may be sent, how the last send ended, what its runs say."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, Sum

from runtime_adapters.domain import permission, plan
from runtime_adapters.domain.gate import Gate
from runtime_adapters.domain.states import DeploymentState
from runtime_adapters.models import Attempt, Authorisation, Deployment, Expectation, HealthReading, Slot

# Deployments that came to stand in their slot: read back, or where that cannot be done taken at the runtime's word.
ARRIVED = Q(recorded_at__isnull=False) | Q(is_read_back=False) | Q(state=DeploymentState.SUCCEEDED)


def standing_in(slot_id: UUID) -> Deployment | None:
    """What runs in the slot as far as is known: the newest generation that arrived, whatever is on its way or failed to."""
    return Deployment.objects.filter(ARRIVED, slot_id=slot_id).order_by("-timeline", "-generation").first()


def permission_of(slot_id: UUID) -> permission.Permission:
    """What governance allows now. No row allows nothing."""
    row = Authorisation.objects.filter(slot_id=slot_id).first()
    if row is None:
        return permission.Permission(digest="", revoked=True)
    return permission_from(row)


def permission_from(row: Authorisation) -> permission.Permission:
    """The authorisation row as a plain value."""
    return permission.Permission(row.digest, row.not_after, row.revoked_at is not None, permission.intervals(row.closed_intervals))


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
