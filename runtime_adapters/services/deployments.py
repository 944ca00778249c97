"""What should run where: the only writers of desired state, called by governance inside its own transactions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from audit.domain.actors import Actor
from audit.services.record import next_version, record
from catalog.models import Release
from runtime_adapters.domain.errors import NoSuchDeployment, NoSuchSlot, NotResumable, SlotQuarantined
from runtime_adapters.domain.states import DeploymentState
from runtime_adapters.models import Authorisation, Deployment, DesiredState, Expectation, HealthState, Slot, Timeline
from runtime_adapters.models.desired import Cause
from runtime_adapters.services import events
from runtime_adapters.services.rendering import Rendered, render
from runtime_adapters.wakeups import wake_reconciler

__all__ = [
    "Rendered",
    "authorise",
    "bump_timeline",
    "clear_desired",
    "mark_rolled_back",
    "mark_settlement_read",
    "open_slot",
    "quarantine",
    "render",
    "resume",
    "set_desired",
]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a new generation should be."""

    release: Release | None
    payload: Mapping[str, Any] | None
    payload_digest: str
    content_hash: str
    change_id: UUID
    cause: Cause

    @property
    def digest(self) -> str:
        return self.release.digest if self.release else ""


@transaction.atomic
def open_slot(*, integration_id: UUID, environment_id: UUID, runtime_id: UUID, actor: Actor, now: datetime) -> Slot:
    """The slot of an integration on a runtime in an environment, made on first use."""
    slot, made = Slot.objects.get_or_create(
        integration_id=integration_id, environment_id=environment_id, runtime_id=runtime_id, defaults={"created_at": now}
    )
    if made:
        facts = {"integration": integration_id, "environment": environment_id, "runtime": runtime_id}
        record("runtime_adapters.slot.opened", subject=(events.SLOT, slot.id), actor=actor, at=now, facts=facts, version=1)
    return slot


@transaction.atomic
def set_desired(
    *,
    slot_id: UUID,
    release_id: UUID,
    payload: Mapping[str, Any],
    payload_digest: str,
    content_hash: str,
    change_id: UUID,
    cause: str,
    not_after: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> Deployment:
    """Make a release the slot's desired state: a new generation, authorised, its older ones superseded.

    Locks the slot; lock several in id order. Raises NoSuchSlot, SlotQuarantined.
    """
    slot = _locked(slot_id)
    release = Release.objects.get(pk=release_id)
    known = DesiredState.objects.filter(slot=slot).first()
    if known is not None and release.digest in known.quarantined:
        raise SlotQuarantined
    wanted = _Wanted(release, dict(payload), payload_digest, content_hash, change_id, Cause(cause))
    deployment = _new_generation(slot, known, wanted, actor=actor, now=now)
    _allow(slot, release.digest, not_after, now)
    _expect(slot, release, now)
    return deployment


@transaction.atomic
def clear_desired(
    *, slot_id: UUID, change_id: UUID, cause: str = "retire", not_after: datetime | None = None, actor: Actor, now: datetime
) -> Deployment:
    """Nothing should run in the slot any more: a new generation without a release, which the reconciler removes.

    Locks the slot; lock several in id order. Raises NoSuchSlot.
    """
    slot = _locked(slot_id)
    known = DesiredState.objects.filter(slot=slot).first()
    wanted = _Wanted(None, None, "", "", change_id, Cause(cause))
    deployment = _new_generation(slot, known, wanted, actor=actor, now=now)
    _allow(slot, "", not_after, now)
    _expect_nothing(slot)
    HealthState.objects.filter(slot=slot).update(due_at=now)
    return deployment


@transaction.atomic
def authorise(
    *,
    slot_id: UUID,
    digest: str,
    not_after: datetime | None,
    revoked_at: datetime | None,
    closed_intervals: Iterable[Any],
    actor: Actor,
    now: datetime,
) -> Authorisation:
    """Replace what may be sent for the slot: re-read before each send, and carried by pulled desired state.

    `closed_intervals`: pairs `[start, end]` (or `{"start", "end"}`) of RFC 3339 texts or datetimes, `end` None when open-ended.
    """
    slot = _locked(slot_id)
    row, _ = Authorisation.objects.update_or_create(
        slot=slot,
        defaults={
            "digest": digest,
            "not_after": not_after,
            "revoked_at": revoked_at,
            "closed_intervals": [_interval(item) for item in closed_intervals],
            "changed_at": now,
        },
    )
    desired = DesiredState.objects.filter(slot=slot).first()
    facts = {
        "slot": slot.id,
        "change": desired.change_id if desired else None,
        "generation": desired.generation if desired else None,
        "not_after": not_after,
        "revoked": revoked_at is not None,
        "closed_intervals": len(row.closed_intervals),
    }
    record("runtime_adapters.authorisation.changed", subject=(events.SLOT, slot.id), actor=actor, at=now, facts=facts)
    _due(slot, now)
    return row


@transaction.atomic
def quarantine(*, slot_id: UUID, digest: str, actor: Actor, now: datetime) -> None:
    """Never send this digest to the slot again. Naming it twice changes nothing."""
    slot = _locked(slot_id)
    desired = DesiredState.objects.get(slot=slot)
    if digest in desired.quarantined:
        return
    desired.quarantined = [*desired.quarantined, digest]
    desired.save(update_fields=["quarantined"])
    facts = {**events.slot_facts(slot), "release_digest": digest}
    record("runtime_adapters.slot.quarantined", subject=(events.SLOT, slot.id), actor=actor, at=now, facts=facts)
    _due(slot, now)


@transaction.atomic
def mark_rolled_back(*, deployment_id: UUID, actor: Actor, now: datetime) -> Deployment:
    """An unhealthy or halted deployment whose rollback was dispatched. Raises NoSuchDeployment."""
    deployment = _deployment(deployment_id)
    if deployment.state == DeploymentState.ROLLED_BACK:
        return deployment
    before, deployment.state = deployment.state, DeploymentState.ROLLED_BACK.value
    deployment.settled_at = deployment.settled_at or now
    deployment.save(update_fields=["state", "settled_at"])
    facts = {"state": deployment.state, "previous_state": before}
    events.deployment_event("rolled_back", deployment, actor=actor, at=now, **facts)
    return deployment


@transaction.atomic
def resume(*, deployment_id: UUID, actor: Actor, now: datetime) -> Deployment:
    """Try a halted deployment again, with a fresh budget and the same generation. Raises NotResumable."""
    deployment = _deployment(deployment_id)
    newest = DesiredState.objects.get(slot_id=deployment.slot_id)
    if deployment.state != DeploymentState.HALTED or (newest.timeline, newest.generation) != (deployment.timeline, deployment.generation):
        raise NotResumable
    deployment.state, deployment.reason = DeploymentState.QUEUED.value, ""
    deployment.settled_at = deployment.settlement_read_at = None
    deployment.next_attempt_at, deployment.give_up_at = now, _give_up_at(now)
    deployment.save()
    events.deployment_event("resumed", deployment, actor=actor, at=now, state=deployment.state)
    _due(deployment.slot, now)
    return deployment


def mark_settlement_read(*, ids: Iterable[UUID], now: datetime) -> int:
    """Governance has drawn its conclusion from these settled deployments."""
    return Deployment.objects.filter(id__in=list(ids), settled_at__isnull=False, settlement_read_at__isnull=True).update(
        settlement_read_at=now
    )


@transaction.atomic
def bump_timeline(*, actor: Actor, now: datetime) -> int:
    """After a restore: later generations outrank whatever the runtimes hold, and every slot is looked at again."""
    timeline = _timeline(lock=True)
    timeline.number += 1
    timeline.save(update_fields=["number"])
    facts = {"generation": timeline.number}
    record("runtime_adapters.timeline.raised", subject=("runtime_adapters.timeline", _TIMELINE), actor=actor, at=now, facts=facts)
    Slot.objects.filter(desired__isnull=False).update(next_check_at=now, lease_expires_at=None)
    return timeline.number


_TIMELINE = UUID("7b7c1a52-8d6b-5a57-9d0c-0d7a2f1f3e01")


def _new_generation(slot: Slot, known: DesiredState | None, wanted: _Wanted, *, actor: Actor, now: datetime) -> Deployment:
    timeline = _timeline().number
    number = known.generation + 1 if known else 1
    desired, _ = DesiredState.objects.update_or_create(
        slot=slot,
        defaults={
            "timeline": timeline,
            "generation": number,
            "release": wanted.release,
            "digest": wanted.digest,
            "payload": wanted.payload,
            "payload_digest": wanted.payload_digest,
            "content_hash": wanted.content_hash,
            "change_id": wanted.change_id,
            "cause": wanted.cause,
            "apply_epoch": 1,
            "set_at": now,
        },
    )
    deployment = Deployment.objects.create(
        slot=slot,
        timeline=timeline,
        generation=number,
        release=wanted.release,
        digest=wanted.digest,
        change_id=wanted.change_id,
        cause=wanted.cause,
        state=DeploymentState.QUEUED,
        requested_at=now,
        give_up_at=_give_up_at(now),
    )
    _supersede_older(deployment, actor=actor, now=now)
    verb = "runtime_adapters.desired.set" if wanted.release else "runtime_adapters.desired.cleared"
    facts = {**events.deployment_facts(deployment), "payload_digest": wanted.payload_digest or None}
    version = next_version((events.SLOT, slot.id))
    record(verb, subject=(events.SLOT, slot.id), actor=actor, at=now, facts=facts, version=version)
    events.deployment_event(
        "requested", deployment, actor=actor, at=now, state=deployment.state, payload_digest=desired.payload_digest or None
    )
    _due(slot, now)
    return deployment


def _supersede_older(newer: Deployment, *, actor: Actor, now: datetime) -> None:
    older = Deployment.objects.select_related("slot").filter(slot=newer.slot, settled_at__isnull=True).exclude(pk=newer.pk)
    for deployment in older:
        events.settle(deployment, DeploymentState.SUPERSEDED, code="superseded", actor=actor, now=now, replaced_by=newer.id)


def _allow(slot: Slot, digest: str, not_after: datetime | None, now: datetime) -> None:
    """Authorise the new digest; freezes that governance told of stay in force."""
    fresh = {"digest": digest, "not_after": not_after, "revoked_at": None, "changed_at": now}
    Authorisation.objects.update_or_create(slot=slot, defaults=fresh)


def _expect(slot: Slot, release: Release, now: datetime) -> None:
    """How often the release's manifest promises a run; none promised means that silence is merely unknown."""
    where: dict[str, Any] = {"integration_id": slot.integration_id, "environment_id": slot.environment_id}
    health = release.manifest.get("health") or {}
    if health.get("every_s"):
        promised = {"every_s": int(health["every_s"]), "grace_s": int(health.get("grace_s", 0))}
        Expectation.objects.update_or_create(**where, defaults=promised)
    else:
        Expectation.objects.filter(**where).delete()
    HealthState.objects.get_or_create(slot=slot, release=release, defaults={**where, "since": now, "reason": "Nothing was reported yet."})
    HealthState.objects.filter(slot=slot).update(due_at=now)


def _expect_nothing(slot: Slot) -> None:
    """No run is expected any more, unless the integration still runs beside it on another runtime of the environment."""
    where = {"integration_id": slot.integration_id, "environment_id": slot.environment_id}
    beside = DesiredState.objects.filter(release__isnull=False, **{f"slot__{name}": key for name, key in where.items()})
    if not beside.exclude(slot=slot).exists():
        Expectation.objects.filter(**where).delete()


def _due(slot: Slot, now: datetime) -> None:
    Slot.objects.filter(pk=slot.pk).update(next_check_at=now)
    wake_reconciler(slot.pk)


def _locked(slot_id: UUID) -> Slot:
    rows = Slot.objects.select_for_update(of=("self",), no_key=True).select_related("runtime", "integration", "environment")
    slot = rows.filter(pk=slot_id).first()
    if slot is None:
        raise NoSuchSlot
    return slot


def _deployment(deployment_id: UUID) -> Deployment:
    """The deployment with its slot locked first, as everybody else locks."""
    slot_id = Deployment.objects.filter(pk=deployment_id).values_list("slot_id", flat=True).first()
    if slot_id is None:
        raise NoSuchDeployment
    _locked(slot_id)
    return Deployment.objects.select_related("slot", "slot__runtime").get(pk=deployment_id)


def _timeline(*, lock: bool = False) -> Timeline:
    Timeline.objects.get_or_create(pk=1)
    rows = Timeline.objects.select_for_update() if lock else Timeline.objects
    return rows.get(pk=1)


def _give_up_at(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.PORTOLAN_GIVE_UP_AFTER_S)


def _interval(item: Any) -> dict[str, str | None]:
    start, end = (item["start"], item.get("end")) if isinstance(item, Mapping) else (item[0], item[1])
    return {"start": _text(start), "end": None if end is None else _text(end)}


def _text(moment: datetime | str) -> str:
    return moment.isoformat() if isinstance(moment, datetime) else moment
