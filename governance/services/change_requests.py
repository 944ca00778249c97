"""Ask for a change, edit it, take it back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.domain.inputs import lines_of
from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.models import Integration
from catalog.selectors import integrations as integration_selectors
from catalog.selectors import releases as release_selectors
from catalog.services import judges
from governance.domain.errors import ChangeMissing, NoPolicy, NotAllowed, Unsatisfiable, VersionMoved
from governance.domain.evaluation import Situation, shortfall
from governance.domain.lifecycle import UNDISPATCHED, Action, ChangeClass, Event, State
from governance.domain.requirements import Quorum, Requirement, as_spec, asked_of, joined, parse_requirements
from governance.models import ChangeRequest, ChangeTarget, Policy
from governance.models import Requirement as RequirementRow
from governance.selectors import boards as board_selectors
from governance.selectors import policies as policy_selectors
from governance.selectors import situations
from governance.selectors.change_requests import get_visible
from governance.selectors.timelines import CHANGE
from governance.services import preconditions, promotion
from governance.services import targets as target_services
from governance.services.transitions import base_facts, locked, move, require_undispatched
from governance.wakeups import wake_checks
from runtime_adapters.models import Slot

TargetSpec = Mapping[str, str]


def require_proposer(integration: Integration, viewer: Viewer) -> None:
    """Members of the owning team (and of teams above it) and administrators ask for changes."""
    if not (viewer.is_administrator or integration.team_id in viewer.team_ids):
        raise NotAllowed("Only the owning team and administrators ask for changes of this integration.")


@transaction.atomic
def draft_and_submit(
    *,
    action: str = Action.DEPLOY,
    integration: str,
    release: str | None = None,
    targets: Sequence[TargetSpec],
    reason: str,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> ChangeRequest:
    """Freeze what is asked for, copy what it must satisfy, and open it for votes and checks.

    A retirement names no release: it takes out what stands in its targets. `targets`: ``[{"environment": slug, "runtime": slug}]``.
    Raises InvalidChange, NoPolicy, Unsatisfiable (invalid), NotAllowed (forbidden), and what the catalog raises for an integration
    or release that the viewer cannot see.
    """
    subject = integration_selectors.get_visible(integration, viewer)
    require_proposer(subject, viewer)
    preconditions.require_in_use(subject, action=action)
    wanted = preconditions.wanted_release(subject, release, action=action)
    words = lines_of("reason", reason, most=4000)
    change_class = ChangeClass.ROLLBACK if action == Action.ROLLBACK else ChangeClass.NORMAL
    change = ChangeRequest(
        number=next_number(),
        action=action,
        change_class=change_class,
        integration=subject,
        release=wanted,
        release_digest=wanted.digest if wanted else "",
        state=State.DRAFT,
        requester_id=viewer.user_id,
        reason=words,
        not_before=not_before,
        not_after=not_after,
        created_at=now,
    )
    preconditions.require_window(change, now)
    slots = _slots_for(change, targets, actor=actor, now=now)
    change.save(force_insert=True)
    _record_draft(change, len(slots), actor=actor, now=now)
    target_services.write_targets(change, slots)
    target_services.require_proven(change)
    submit(change, actor=actor, now=now)
    return change


def _slots_for(change: ChangeRequest, targets: Sequence[TargetSpec], *, actor: Actor, now: datetime) -> list[Slot]:
    if change.action == Action.RETIRE:
        return target_services.slots_to_empty(change.integration, targets)
    return target_services.open_slots(change.integration, targets, actor=actor, now=now)


def next_number() -> int:
    """The next number of a change request: from a sequence, so numbers may have holes but never repeat."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('governance_change_number')")
        row = cursor.fetchone()
    return int(row[0])


def _record_draft(change: ChangeRequest, slots: int, *, actor: Actor, now: datetime) -> None:
    record(
        "governance.change.drafted",
        subject=(CHANGE, change.id),
        actor=actor,
        at=now,
        version=change.version,
        facts={**base_facts(change), "requester": change.requester.person_id if change.requester else None, "targets": slots},
        texts={"reason": change.reason},
    )


def submit(change: ChangeRequest, *, actor: Actor, now: datetime) -> None:
    """DRAFT → OPEN: requirements copied, contributors fixed, satisfiable or refused; votes bind to the digest from here on.

    Raises NobodyAnswers, NoTeamAnswers (conflict), NoPolicy, Unsatisfiable (invalid).
    """
    targets = list(change.targets.select_related("slot__environment"))
    environments = [target.slot.environment for target in targets]
    promotion.require_promotable(change, environments)
    if uncovered := policy_selectors.uncovered(environments):
        names = ", ".join(environment.title for environment in uncovered)
        raise NoPolicy(f"No policy covers {names}: nothing may be deployed where nobody has to agree.")
    policies = policy_selectors.bound_to(environments)
    requirements = _copied(change, policies)
    change.contributors = sorted(_contributors(change, targets), key=str)
    change.policy_snapshot = [{"slug": p.slug, "version": p.version, "id": str(p.id)} for p in policies]
    change.policy_digest = target_services.policy_digest(requirements)
    change.subject_digest = target_services.digest_of_change(change)
    change.diff_digest = target_services.diff_digest(change)
    change.submitted_at = change.next_check_at = now
    change.review_until = now + timedelta(seconds=min((p.review_ttl_s for p in policies), default=14 * 86400))
    change.execute_until = None
    _require_satisfiable(change, requirements)
    move(change, Event.SUBMIT, actor=actor, now=now, verb="governance.change.submitted", facts=submission_facts(change, requirements))
    judges.open_view(integration_id=change.integration_id, group_ids=judging_groups(requirements), user_ids=[])
    wake_checks(change.id)


def submission_facts(change: ChangeRequest, requirements: Sequence[Requirement], *, origin: str = "person") -> dict[str, Any]:
    """What an outsider needs to re-count the votes: who may not vote, and how many seats each quorum has."""
    return {
        "requester": change.requester.person_id if change.requester else change.id,
        "contributors": change.contributors,
        "quorums": [f"{r.name}:{r.needs}" for r in requirements if isinstance(r, Quorum)],
        "requirements_digest": change.policy_digest or None,
        "policies": [entry["id"] for entry in change.policy_snapshot],
        "expires_at": change.review_until,
        "origin": origin,
    }


def judging_groups(requirements: Sequence[Requirement]) -> list[int]:
    """The permission groups of everybody who may vote."""
    return board_selectors.board_groups(situations.boards_of(requirements))


def _copied(change: ChangeRequest, policies: Sequence[Policy]) -> tuple[Requirement, ...]:
    """The strictest of all bound policies, as rows of this request."""
    change.requirements.all().delete()
    requirements: tuple[Requirement, ...] = ()
    origin: dict[str, str] = {}
    for policy in policies:
        parsed = parse_requirements(policy.requirements)
        requirements = joined(requirements, parsed)
        origin.update({r.name: policy.slug for r in parsed})
    requirements = asked_of(requirements, action=change.action, change_class=change.change_class)
    RequirementRow.objects.bulk_create(
        RequirementRow(
            change=change,
            name=r.name,
            kind="quorum" if isinstance(r, Quorum) else "check",
            needs=r.needs if isinstance(r, Quorum) else None,
            spec=as_spec(r),
            policy_slug=origin[r.name],
            position=position,
        )
        for position, r in enumerate(requirements)
    )
    return requirements


def _contributors(change: ChangeRequest, targets: Iterable[ChangeTarget]) -> set[Any]:
    """Everybody who wrote content since what runs today, wherever the change goes."""
    persons: set[Any] = set(change.contributors)
    if change.release is None:
        return persons
    for target in targets:
        persons |= release_selectors.contributors_since(change.integration_id, target.slot.environment_id, change.release)
    return persons


def _require_satisfiable(change: ChangeRequest, requirements: Sequence[Requirement]) -> None:
    situation = Situation(
        digest=change.subject_digest,
        requirements=requirements,
        members=board_selectors.active_members(situations.boards_of(requirements)),
        excluded=situations.excluded_from(change),
    )
    if short := shortfall(situation):
        lines = [f"{name} lacks {seats} eligible {'person' if seats == 1 else 'people'}" for name, seats in short.items()]
        raise Unsatisfiable(
            f"Not enough people may approve this: {'; '.join(lines)}. Requester and authors never count.", extra={"shortfall": short}
        )


@transaction.atomic
def edit(
    *, number: int, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime
) -> ChangeRequest:
    """Change reason, release or window of an undispatched request. New content voids the votes; the same content keeps them.

    `changes` may hold reason, release (a version), not_before, not_after. Whoever edits becomes a contributor.
    """
    get_visible(number, viewer)
    change = locked(number)
    require_proposer(change.integration, viewer)
    require_undispatched(change, now)
    if expected_version is not None and change.version != expected_version:
        raise VersionMoved(f"The request is at version {change.version}.", extra={"version": change.version})
    _apply(change, changes, now)
    change.contributors = sorted({*change.contributors, viewer.person_id}, key=str)
    target_services.rewrite_payloads(change)
    target_services.require_proven(change)
    digest = target_services.digest_of_change(change)
    if digest == change.subject_digest and change.state != State.DRAFT:
        _record_same_content(change, changes, actor=actor, now=now)
    elif change.state == State.DRAFT:
        change.revision += 1
        submit(change, actor=actor, now=now)
    else:
        reopen(change, actor=actor, now=now, origin="edit")
        _require_satisfiable(change, situations.effective_requirements(change))
    return change


def _apply(change: ChangeRequest, changes: Mapping[str, Any], now: datetime) -> None:
    if "reason" in changes:
        change.reason = lines_of("reason", changes["reason"], most=4000)
    for name in ("not_before", "not_after"):
        if name in changes:
            setattr(change, name, changes[name])
    if "release" in changes:
        change.release = preconditions.wanted_release(change.integration, changes["release"], action=change.action)
        change.release_digest = change.release.digest if change.release else ""
    preconditions.require_window(change, now)


def _record_same_content(change: ChangeRequest, changes: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    change.version += 1
    change.next_check_at = now
    change.save()
    wake_checks(change.id)
    record(
        "governance.change.updated",
        subject=(CHANGE, change.id),
        actor=actor,
        at=now,
        version=change.version,
        facts={**base_facts(change), "changed": sorted(changes)},
        texts={"reason": change.reason},
    )


def reopen(change: ChangeRequest, *, actor: Actor, now: datetime, origin: str) -> None:
    """The content moved: a new revision is open, earlier votes are on another digest, checks run again.

    Who wrote the content is asked anew: nobody judges the release that an edit put in, or what a new base adds, if they wrote it.
    """
    requirements = situations.effective_requirements(change)
    change.revision += 1
    change.contributors = sorted(_contributors(change, change.targets.select_related("slot")), key=str)
    change.policy_digest = target_services.policy_digest(requirements)
    change.subject_digest = target_services.digest_of_change(change)
    change.diff_digest = target_services.diff_digest(change)
    change.execute_until = change.approved_at = None
    change.next_check_at = now
    facts = submission_facts(change, requirements, origin=origin)
    move(change, Event.CONTENT_MOVED, actor=actor, now=now, verb="governance.change.submitted", facts=facts)
    wake_checks(change.id)


@transaction.atomic
def withdraw(*, number: int, reason: str, actor: Actor, viewer: Viewer, now: datetime) -> ChangeRequest:
    """Take an undispatched request back; the requester and the owning team may. An event of its own, never a vote."""
    get_visible(number, viewer)
    change = locked(number)
    if viewer.user_id != change.requester_id:
        require_proposer(change.integration, viewer)
    require_undispatched(change, now)
    words = lines_of("reason", reason, most=4000)
    move(change, Event.WITHDRAW, actor=actor, now=now, texts={"reason": words} if words else None)
    close_view(change)
    return change


def close_view(change: ChangeRequest) -> None:
    """Judges see what they judge as long as they may vote; another open request of the integration keeps their view."""
    requirements = situations.effective_requirements(change)
    others = ChangeRequest.objects.filter(integration_id=change.integration_id, state__in=UNDISPATCHED).exclude(pk=change.pk)
    kept = {group for other in others for group in judging_groups(situations.effective_requirements(other))}
    gone = [group for group in judging_groups(requirements) if group not in kept]
    judges.close_view(integration_id=change.integration_id, group_ids=gone, user_ids=[])


__all__ = ["ChangeMissing", "close_view", "draft_and_submit", "edit", "reopen", "require_proposer", "submit", "withdraw"]
