"""What was seen in a slot is written down, and drift is told when it lasts."""

from datetime import datetime

from django.db import transaction

from audit.domain.actors import Actor
from audit.services.record import record
from foundation.clock import db_now
from runtime_adapters.contract import Observation as Found
from runtime_adapters.domain.drift import Look, Seen, Wanted, compare, fold
from runtime_adapters.domain.states import DeploymentState, Sync
from runtime_adapters.models import Deployment, Observation
from runtime_adapters.services import events, leases
from runtime_adapters.services.leases import Lease
from runtime_adapters.services.situations import Situation

WATCHED = frozenset({DeploymentState.SUCCEEDED, DeploymentState.UNHEALTHY, DeploymentState.ROLLED_BACK})
_AGREEING = frozenset({Sync.IN_SYNC, Sync.UNKNOWN})


def saw(situation: Situation, found: Found, *, lease: Lease) -> Seen:
    """Write what an adapter read back and return it as a plain value. Raises LeaseLost."""
    now = db_now()
    seen = Seen(
        present=found.present,
        digest=found.digest,
        generation=found.generation,
        content_hash=found.content_hash,
        native_revision=found.native_revision,
        started=found.started,
        complete=found.complete,
    )
    with transaction.atomic():
        leases.guard(lease)
        row = Observation.objects.filter(slot=situation.slot).first() or Observation(slot=situation.slot)
        row.result = "observed"
        write(row, seen, wanted=situation.plain.wanted, deployment=situation.deployment, now=now, actor=Actor.worker())
    return seen


def write(row: Observation, seen: Seen, *, wanted: Wanted, deployment: Deployment, now: datetime, actor: Actor) -> None:
    """Save the look and, for a settled slot, tell drift that lasts (and its end). The slot must be locked."""
    settled = DeploymentState(deployment.state) in WATCHED
    look = fold(Sync(row.sync), row.differing_looks, compare(wanted, seen)) if settled else _unjudged(wanted, seen, row)
    if seen.complete or seen.present:
        row.is_present, row.digest, row.content_hash = seen.present, seen.digest or "", seen.content_hash or ""
        row.timeline = seen.generation.timeline if seen.generation else None
        row.generation = seen.generation.n if seen.generation else None
        row.native_revision, row.is_started = (seen.native_revision or "")[:200], seen.started
    before = Sync(row.sync)
    row.differing_looks, row.received_at = look.looks, now
    if look.changed:
        row.sync, row.sync_since = look.reported.value, now
    row.save()
    if settled and look.changed and (before in _AGREEING) != (look.reported in _AGREEING):
        _tell(deployment, before, look.reported, seen, actor=actor, now=now)


def _unjudged(wanted: Wanted, seen: Seen, row: Observation) -> Look:
    """While a generation is on its way a difference is no drift; agreement may be told at once."""
    if compare(wanted, seen) is Sync.IN_SYNC:
        return Look(Sync.IN_SYNC, 0, Sync(row.sync) is not Sync.IN_SYNC)
    return Look(Sync.UNKNOWN, 0, Sync(row.sync) is not Sync.UNKNOWN)


def _tell(deployment: Deployment, before: Sync, after: Sync, seen: Seen, *, actor: Actor, now: datetime) -> None:
    verb = "runtime_adapters.drift.resolved" if after in _AGREEING else "runtime_adapters.drift.detected"
    known = {**events.deployment_facts(deployment), "observed_digest": seen.digest, "state": after.value, "previous_state": before.value}
    record(verb, subject=(events.SLOT, deployment.slot_id), actor=actor, at=now, facts=known)
