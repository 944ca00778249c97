"""What the runtime side writes into the log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from audit.domain.actors import Actor
from audit.services.record import record
from runtime_adapters.domain.states import DeploymentState
from runtime_adapters.domain.words import sentence
from runtime_adapters.models import Deployment, Slot
from runtime_adapters.wakeups import wake_governance

DEPLOYMENT = "runtime_adapters.deployment"
SLOT = "runtime_adapters.slot"
RUNTIME = "runtime_adapters.runtime"

_VERB_OF = {
    DeploymentState.SUCCEEDED: "runtime_adapters.deployment.succeeded",
    DeploymentState.UNHEALTHY: "runtime_adapters.deployment.unhealthy",
    DeploymentState.FAILED: "runtime_adapters.deployment.failed",
    DeploymentState.HALTED: "runtime_adapters.deployment.halted",
    DeploymentState.SUPERSEDED: "runtime_adapters.deployment.superseded",
    DeploymentState.CANCELLED: "runtime_adapters.deployment.cancelled",
    DeploymentState.ROLLED_BACK: "runtime_adapters.deployment.rolled_back",
}


def slot_facts(slot: Slot) -> dict[str, Any]:
    """Who and where, by id."""
    return {"slot": slot.id, "runtime": slot.runtime_id, "integration": slot.integration_id, "environment": slot.environment_id}


def deployment_facts(deployment: Deployment) -> dict[str, Any]:
    """What one generation is about."""
    return {
        **slot_facts(deployment.slot),
        "change": deployment.change_id,
        "release": deployment.release_id,
        "release_digest": deployment.digest or None,
        "generation": deployment.generation,
    }


def deployment_event(verb: str, deployment: Deployment, *, actor: Actor, at: datetime, **facts: Any) -> UUID:
    """Record `runtime_adapters.deployment.<verb>`."""
    known = {**deployment_facts(deployment), **facts}
    return record(f"{DEPLOYMENT}.{verb}", subject=(DEPLOYMENT, deployment.id), actor=actor, at=at, facts=known)


def settle(
    deployment: Deployment, state: DeploymentState, *, code: str, actor: Actor, now: datetime, detail: str = "", **facts: Any
) -> None:
    """End a deployment: state, reason, time, event, and a hint to whoever dispatched it. The slot must be locked."""
    before = deployment.state
    deployment.state, deployment.reason = state.value, sentence(code, detail)
    deployment.settled_at, deployment.next_attempt_at = now, None
    deployment.save(update_fields=["state", "reason", "settled_at", "next_attempt_at"])
    known = {**deployment_facts(deployment), "state": state.value, "previous_state": before, "reason_code": code, **facts}
    texts = {"reason": deployment.reason} if detail else {}
    record(_VERB_OF[state], subject=(DEPLOYMENT, deployment.id), actor=actor, at=now, facts=known, texts=texts)
    if settings.PORTOLAN_WAKE_ON_DEPLOYMENT:
        wake_governance(deployment.id)
