"""Go back: by itself when a release fails its health gate, or by a person's request with a reduced gate."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.models import Release
from catalog.selectors import releases as release_selectors
from governance.domain.errors import NothingToRollBackTo
from governance.domain.evaluation import Evaluation, Verdict
from governance.domain.lifecycle import Action, ChangeClass, Event, State
from governance.models import ChangeRequest
from governance.selectors.timelines import CHANGE
from governance.services import change_requests, dispatching
from governance.services import targets as target_services
from governance.services.transitions import base_facts, move
from runtime_adapters.models import Deployment, Slot
from runtime_adapters.selectors import deployments as deployment_selectors
from runtime_adapters.services import deployments

PRE_AUTHORISED = "Rolled back automatically: the release failed its health gate."


@transaction.atomic
def roll_back(deployment: Deployment, *, failed: ChangeRequest, actor: Actor, now: datetime) -> ChangeRequest | None:
    """Put the newest release that succeeded on the slot back, as a change of its own; None when there is none, or a newer change.

    Pre-authorised by the environment. The failed content is quarantined on the slot: only a new approval brings it back.
    The caller makes sure that a rollback is never rolled back.
    """
    Slot.objects.select_for_update(no_key=True).get(pk=deployment.slot_id)
    target = deployment_selectors.rollback_target(deployment.slot_id, excluding=deployment.digest)
    deployments.quarantine(slot_id=deployment.slot_id, digest=deployment.digest, actor=actor, now=now)
    if target is None or target.release is None or not _is_newest(deployment):
        return None
    change = _prepare(deployment.slot, target.release, failed, now)
    _submit(change, restores=target, replaces=deployment, actor=actor, now=now)
    ready = Evaluation(Verdict.READY, ())
    change.approved_at = now
    move(change, Event.READY, actor=actor, now=now)
    if not dispatching.dispatch_locked(change, ready, actor=actor, now=now):
        return None
    deployments.mark_rolled_back(deployment_id=deployment.id, actor=actor, now=now)
    return change


def _is_newest(deployment: Deployment) -> bool:
    """Whether the slot still holds this generation: what somebody approved since then is not undone."""
    desired = deployment_selectors.desired_of([deployment.slot_id])[deployment.slot_id]
    return (desired.timeline, desired.generation) == (deployment.timeline, deployment.generation)


def _prepare(slot: Slot, release: Release, failed: ChangeRequest, now: datetime) -> ChangeRequest:
    change = ChangeRequest.objects.create(
        number=change_requests.next_number(),
        action=Action.ROLLBACK,
        change_class=ChangeClass.ROLLBACK,
        integration=failed.integration,
        release=release,
        release_digest=release.digest,
        state=State.DRAFT,
        requester=None,
        reason=PRE_AUTHORISED,
        caused_by=failed,
        created_at=now,
        submitted_at=now,
    )
    target_services.write_targets(change, [slot])
    change.subject_digest = target_services.digest_of_change(change)
    change.diff_digest = target_services.diff_digest(change)
    return change


def _submit(change: ChangeRequest, *, restores: Deployment, replaces: Deployment, actor: Actor, now: datetime) -> None:
    subject = (CHANGE, change.id)
    record(
        "governance.rollback.triggered",
        subject=subject,
        actor=actor,
        at=now,
        version=change.version,
        facts={
            **base_facts(change),
            "change": replaces.change_id,
            "restores": restores.id,
            "replaces": replaces.id,
            "slot": replaces.slot_id,
            "reason_code": replaces.state,
        },
        texts={"reason": change.reason},
    )
    facts = change_requests.submission_facts(change, (), origin="automatic-rollback")
    move(change, Event.SUBMIT, actor=actor, now=now, verb="governance.change.submitted", facts=facts)


@transaction.atomic
def request_rollback(*, slot_id: UUID, to_release: str | None, reason: str, actor: Actor, viewer: Viewer, now: datetime) -> ChangeRequest:
    """Ask to go back on one slot: to the release named, else to the newest that succeeded there before.

    A release that never succeeded there is an ordinary change (class normal, the whole gate); one that did passes the
    reduced gate, unless the slot was emptied since: what was taken out comes back as an ordinary change. Raises NothingToRollBackTo.
    """
    slot = deployment_selectors.slot_visible_to(slot_id, viewer)
    change_requests.require_proposer(slot.integration, viewer)
    desired = deployment_selectors.desired_of([slot.id]).get(slot.id)
    current = desired.digest if desired else ""
    target = deployment_selectors.rollback_target(slot.id, excluding=current)
    version = to_release or (target.release.version if target and target.release else None)
    if version is None:
        raise NothingToRollBackTo("No other release has succeeded on this slot.")
    wanted = release_selectors.get(slot.integration, version)
    proven = deployment_selectors.succeeded_before(slot.id, wanted.digest)
    return change_requests.draft_and_submit(
        action=Action.ROLLBACK if proven and current else Action.DEPLOY,
        integration=slot.integration.slug,
        release=version,
        targets=[{"environment": slot.environment.slug, "runtime": slot.runtime.slug}],
        reason=reason,
        actor=actor,
        viewer=viewer,
        now=now,
    )
