"""What agents report about their slots. Sequence numbers order it; an old generation never changes a newer one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.secrets import secret_in_text
from catalog.services import clocks
from runtime_adapters.contract import Generation
from runtime_adapters.domain.drift import Seen, Wanted
from runtime_adapters.domain.states import SETTLED, DeploymentState
from runtime_adapters.models import Deployment, DesiredState, Observation, Runtime, Slot
from runtime_adapters.services import events, looks
from runtime_adapters.wakeups import wake_reconciler


@dataclass(frozen=True, slots=True)
class Reported:
    """One item of a report. `result`: recorded (written), started (running), failed (could not be brought up)."""

    slot: UUID
    generation: Generation
    digest: str
    native_revision: str
    content_hash: str
    seq: int
    result: str
    reason: str = ""

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Reported":
        return cls(
            slot=item["slot"],
            generation=Generation(item["generation"]["timeline"], item["generation"]["n"]),
            digest=item.get("digest", ""),
            native_revision=_unless_secret(item.get("native_revision") or "", ""),
            content_hash=item.get("content_hash") or "",
            seq=item["seq"],
            result=item["result"],
            reason=_unless_secret(item.get("reason") or "", "Withheld: the reason held something in the shape of a secret."),
        )


def _unless_secret(said: str, instead: str) -> str:
    """What the agent said, unless it holds something in the shape of a secret: that is never kept."""
    return instead if secret_in_text(said) else said


def receive(*, runtime: Runtime, reported: Sequence[Reported], actor: Actor, now: datetime) -> dict[str, Any]:
    """Take a report item by item, each slot in a transaction of its own; return what was accepted, ignored and refused."""
    accepted, ignored, refused = 0, 0, []
    heard: list[UUID] = []
    for index, item in enumerate(reported):
        outcome = _one(runtime, item, actor=actor, now=now)
        if outcome == "accepted":
            accepted += 1
            heard.append(item.slot)
        elif outcome == "ignored":
            ignored += 1
        else:
            refused.append({"index": index, "pointer": f"/observations/{index}/slot", "code": outcome})
    Runtime.objects.filter(pk=runtime.pk).update(last_seen_at=now)
    clocks.note_observed(Slot.objects.filter(pk__in=heard).values_list("integration_id", flat=True), at=now)
    return {"accepted": accepted, "ignored": ignored, "refused": refused}


@transaction.atomic
def _one(runtime: Runtime, item: Reported, *, actor: Actor, now: datetime) -> str:
    slot = Slot.objects.select_for_update(no_key=True).filter(pk=item.slot, runtime=runtime).first()
    if slot is None:
        return "not-your-slot"
    desired = DesiredState.objects.filter(slot=slot).first()
    if desired is None:
        return "nothing-desired"
    row = Observation.objects.filter(slot=slot).first() or Observation(slot=slot, received_at=now)
    if item.seq <= row.source_seq:
        return "ignored"
    before = _said(row)
    row.source_seq, row.result, row.reported_at = item.seq, item.result, now
    generations = Generation(desired.timeline, desired.generation)
    deployment = Deployment.objects.select_related("slot", "slot__runtime", "slot__environment", "release").get(
        slot=slot, timeline=desired.timeline, generation=desired.generation
    )
    wanted = Wanted(generations, desired.digest, desired.content_hash)
    seen = _seen(item, row)
    looks.write(row, seen, wanted=wanted, deployment=deployment, now=now, actor=actor)
    if before != _said(row) or _fails(deployment, item):
        _told(deployment, item, actor=actor, now=now)
    if item.generation == generations and item.digest == desired.digest:
        _advance(deployment, item, wanted=wanted, actor=actor, now=now)
    Slot.objects.filter(pk=slot.pk).update(next_check_at=now)
    wake_reconciler(slot.pk)
    return "accepted"


def _said(row: Observation) -> tuple[object, ...]:
    """What an agent says of its slot: saying it again, every few seconds, is not news."""
    return row.result, row.digest, row.timeline, row.generation


def _fails(deployment: Deployment, item: Reported) -> bool:
    """Whether this very word ends the deployment."""
    return item.result == "failed" and deployment.recorded_at is None and DeploymentState(deployment.state) not in SETTLED


def _seen(item: Reported, row: Observation) -> Seen:
    """A failed item does not hold its generation: what was there before may still be, so the look is incomplete."""
    if item.result == "failed":
        return Seen(present=False, complete=False)
    same = (row.timeline, row.generation) == (item.generation.timeline, item.generation.n)
    started = True if item.result == "started" else (row.is_started if same else None)
    return Seen(
        present=bool(item.digest),
        digest=item.digest or None,
        generation=item.generation,
        content_hash=item.content_hash or None,
        native_revision=item.native_revision or None,
        started=started,
    )


def _told(deployment: Deployment, item: Reported, *, actor: Actor, now: datetime) -> None:
    if DeploymentState(deployment.state) in SETTLED and item.result != "failed":
        return  # what a settled slot repeats is not news; drift is told by the look
    facts = {"observed_digest": item.digest or None, "result": item.result, "generation": item.generation.n}
    texts = {"reason": item.reason} if item.reason else {}
    known = {**events.deployment_facts(deployment), **facts}
    record(
        "runtime_adapters.observation.received", subject=(events.SLOT, deployment.slot_id), actor=actor, at=now, facts=known, texts=texts
    )


def _advance(deployment: Deployment, item: Reported, *, wanted: Wanted, actor: Actor, now: datetime) -> None:
    """Move the newest generation on by its own report. A settled one is not revived by late words."""
    if DeploymentState(deployment.state) in SETTLED:
        return
    if item.result == "failed":
        if deployment.recorded_at is None:
            events.settle(deployment, DeploymentState.FAILED, code="agent-failed", detail=item.reason, actor=actor, now=now)
        return
    if item.content_hash and wanted.content_hash and item.content_hash != wanted.content_hash:
        return  # it holds something else under our mark: not recorded
    verbs = []
    if deployment.accepted_at is None:
        deployment.accepted_at = now
    if deployment.recorded_at is None:
        deployment.recorded_at, deployment.is_read_back = now, True
        deployment.state, deployment.reason = DeploymentState.APPLIED, ""
        verbs.append("recorded")
    if item.result == "started" and deployment.started_at is None:
        deployment.started_at = now
        verbs.append("started")
    deployment.save()
    for verb in verbs:
        events.deployment_event(verb, deployment, actor=actor, at=now, observed_digest=item.digest or None)
    deployment.attempts.filter(ended_at__isnull=True).update(ended_at=now, outcome="applied")
