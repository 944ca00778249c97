"""What a pulling runtime should hold, signed: its agent believes the key, not the connection."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from django.db import transaction
from django.db.models import QuerySet

from audit.domain import dsse
from audit.domain.actors import Actor
from audit.domain.errors import NotSignedYet
from audit.selectors.log import log_head
from audit.services import keys
from catalog.models import Release
from foundation.canonical import jcs, packed, sha256_digest
from runtime_adapters import registry
from runtime_adapters.contract import Generation, Marks, SlotRef
from runtime_adapters.domain.permission import Permission
from runtime_adapters.domain.states import SETTLED, DeploymentState
from runtime_adapters.models import Attempt, Deployment, DesiredState, Runtime, Slot
from runtime_adapters.selectors.situations import permission_from
from runtime_adapters.services import events
from runtime_adapters.services.rendering import rendered_as_approved

PAYLOAD_TYPE = "application/vnd.portolan.desired+json"
KEY_NAME = "desired_signing.key"
VALID_FOR = timedelta(hours=1)
REISSUED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One slot's desired state and what governance allows now."""

    desired: DesiredState
    permission: Permission
    is_refused: bool

    @property
    def key(self) -> tuple[UUID, int, int]:
        """The generation."""
        return self.desired.slot_id, self.desired.timeline, self.desired.generation

    @property
    def vector(self) -> list[Any]:
        """What the entity tag covers: the generation and the authorisation."""
        allowed = self.permission
        return [
            str(self.desired.slot_id),
            self.desired.timeline,
            self.desired.generation,
            self.desired.digest,
            _rfc3339(allowed.not_after),
            self.is_refused,
        ]


@dataclass(frozen=True, slots=True)
class Feed:
    """The entity tag, and what is behind it."""

    runtime: Runtime
    entries: tuple[_Entry, ...]
    issued_at: datetime
    etag: str


def feed_of(*, runtime: Runtime, now: datetime) -> Feed:
    """The runtime's desired states, with the strong entity tag over their generations and authorisations."""
    rows = DesiredState.objects.filter(slot__runtime=runtime).select_related("slot__authorisation").defer("payload")
    held = _recorded(runtime)
    entries = tuple(_entry(row, (row.slot_id, row.timeline, row.generation) in held, now) for row in rows.order_by("slot_id"))
    issued_at = _floor(now)
    vector = [runtime.slug, _rfc3339(issued_at), *(entry.vector for entry in entries)]
    return Feed(runtime, entries, issued_at, f'"{sha256_digest(packed(vector)).removeprefix("sha256:")}"')


@transaction.atomic
def deliver(*, feed: Feed, actor: Actor, now: datetime) -> bytes:
    """The signed envelope. Fetching it is what "accepted" means for a pulling runtime."""
    slots = _told_all(feed)
    unaccepted = _unaccepted(feed.runtime)
    for entry in feed.entries:
        if entry.key in unaccepted and not entry.is_refused:
            _accepted(entry.desired, actor=actor, now=now)
    payload = {
        "runtime": feed.runtime.slug,
        "issued_at": _rfc3339(feed.issued_at),
        "not_after": _rfc3339(feed.issued_at + VALID_FOR),
        "log_head": _log_head(),
        "slots": slots,
    }
    return dsse.sealed(PAYLOAD_TYPE, jcs(payload), keys.signing_key(KEY_NAME))


def touch(*, runtime: Runtime, now: datetime) -> None:
    """The runtime was heard of; written at most every ten seconds."""
    if runtime.last_seen_at is None or now - runtime.last_seen_at > timedelta(seconds=10):
        Runtime.objects.filter(pk=runtime.pk).update(last_seen_at=now, failures_in_row=0)


def public_key_pem() -> str:
    """The key that agents pin, as SubjectPublicKeyInfo PEM."""
    public = keys.signing_key(KEY_NAME).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def public_key_id() -> str:
    """SHA-256 of the raw public key, as envelopes name it."""
    return dsse.key_id(keys.signing_key(KEY_NAME).public_key().public_bytes_raw())


def _recorded(runtime: Runtime) -> set[tuple[UUID, int, int]]:
    """The generations that the runtime already holds: a freeze or an expiry does not take those away."""
    rows = Deployment.objects.filter(slot__runtime=runtime, recorded_at__isnull=False)
    return set(rows.values_list("slot_id", "timeline", "generation"))


def _unaccepted(runtime: Runtime) -> set[tuple[UUID, int, int]]:
    """Generations that were never fetched: only those need a lock and a look."""
    rows = Deployment.objects.filter(slot__runtime=runtime, accepted_at__isnull=True)
    return set(rows.values_list("slot_id", "timeline", "generation"))


def _entry(desired: DesiredState, is_held: bool, now: datetime) -> _Entry:
    row = getattr(desired.slot, "authorisation", None)
    permission = permission_from(row) if row else Permission("", revoked=True)
    if is_held:
        permission = Permission(permission.digest, None, permission.revoked)
    is_quarantined = desired.digest in desired.quarantined  # an agent that lost its folder must not bring it back
    return _Entry(desired, permission, is_quarantined or permission.refusal(desired.digest, now) is not None)


def _told_all(feed: Feed) -> list[dict[str, Any]]:
    """Every slot as the agent reads it; what names and releases are does not change after the tag was made."""
    present = [entry.desired for entry in feed.entries if entry.desired.digest]
    places = {row[0]: SlotRef(*row) for row in _places(feed.runtime)}
    releases = Release.objects.in_bulk({desired.release_id for desired in present})
    payloads: dict[UUID, Any] = {}
    adapter: Any = registry.create(feed.runtime.kind, feed.runtime.config) if present else None
    for desired in present:
        release = desired.release = releases.get(desired.release_id)
        generation = Generation(desired.timeline, desired.generation)
        marks = Marks(places[desired.slot_id], desired.digest, generation, release.version if release else "")
        payloads[desired.slot_id] = dict(rendered_as_approved(adapter, desired, marks))
    return [_told(entry, places[entry.desired.slot_id], payloads.get(entry.desired.slot_id)) for entry in feed.entries]


def _places(runtime: Runtime) -> QuerySet[Any]:
    return Slot.objects.filter(runtime=runtime).values_list("id", "integration__slug", "environment__slug")


def _told(entry: _Entry, place: SlotRef, payload: dict[str, Any] | None) -> dict[str, Any]:
    desired = entry.desired
    return {
        "slot": str(desired.slot_id),
        "integration": place.integration,
        "environment": place.environment,
        "generation": {"timeline": desired.timeline, "n": desired.generation},
        "digest": desired.digest,
        "state": "present" if desired.digest else "absent",
        "payload": payload,
        "payload_digest": desired.payload_digest,
        "not_after": _rfc3339(entry.permission.not_after),
        "revoked": entry.is_refused,
    }


def _accepted(delivered: DesiredState, *, actor: Actor, now: datetime) -> None:
    """Mark the delivered generation accepted, once, unless a newer one came meanwhile."""
    Slot.objects.select_for_update(no_key=True).get(pk=delivered.slot_id)
    rows = Deployment.objects.select_related("slot").filter(slot_id=delivered.slot_id, accepted_at__isnull=True)
    deployment = rows.filter(timeline=delivered.timeline, generation=delivered.generation).first()
    if deployment is None or DeploymentState(deployment.state) in SETTLED:
        return
    deployment.attempt_count += 1
    deployment.accepted_at, deployment.state = now, DeploymentState.APPLYING
    deployment.save(update_fields=["attempt_count", "accepted_at", "state"])
    Attempt.objects.create(
        deployment=deployment, number=deployment.attempt_count, epoch=deployment.slot.lease_epoch, step="pull", started_at=now
    )
    events.deployment_event("accepted", deployment, actor=actor, at=now, attempt=deployment.attempt_count)


def _log_head() -> str:
    """The newest signed head, which the agent keeps: a log cut back later is found against it."""
    try:
        return log_head().note
    except NotSignedYet:
        return ""


def _floor(now: datetime) -> datetime:
    every = int(REISSUED_EVERY.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // every * every, UTC)


def _rfc3339(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
