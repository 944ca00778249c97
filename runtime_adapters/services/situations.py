"""Everything a decision about one slot rests on, read at once."""

from dataclasses import dataclass
from uuid import UUID

from runtime_adapters.contract import Concurrency, Generation, Mode, SlotRef
from runtime_adapters.domain import drift, plan
from runtime_adapters.domain.states import DeploymentState
from runtime_adapters.models import Attempt, Deployment, DesiredState, Observation, Slot
from runtime_adapters.registry import adapter_class
from runtime_adapters.selectors.situations import gate_of, last_of, permission_of

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


def reach_of(kind: str) -> plan.Reach:
    """What the adapter of this kind can do."""
    capabilities = adapter_class(kind).spec.capabilities
    return plan.Reach(
        mode=capabilities.mode,
        observe=capabilities.observe,
        idempotent=Concurrency.IDEMPOTENCY_KEY in capabilities.concurrency,
        tells_started=capabilities.started and capabilities.mode is Mode.PUSH,
    )
