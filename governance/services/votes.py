"""Cast a vote on exactly what was shown, and move the request if the votes now settle it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from accounts.domain.inputs import lines_of
from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.record import record
from governance.domain.ballots import Ballot, Choice
from governance.domain.errors import ContentMoved, NotEligible, NothingToRetract, ReasonNeeded, RequestClosed
from governance.domain.evaluation import Situation, eligible_for, evaluate
from governance.domain.lifecycle import VOTABLE
from governance.domain.requirements import Quorum
from governance.models import ChangeRequest, ChangeTarget, Vote
from governance.selectors import situations
from governance.selectors.change_requests import Known, effective_state, require_visible, targets_of
from governance.selectors.timelines import CHANGE
from governance.services import targets as target_services
from governance.services.dispatching import settle_verdict
from governance.services.transitions import locked

NEEDS_REASON = frozenset({Choice.REJECT, Choice.REQUEST_CHANGES})


def cast_vote(*, number: int, choice: Choice, shown: str, reason: str, actor: Actor, viewer: Viewer, now: datetime) -> ChangeRequest:
    """`cast`, for those who need no more than the request."""
    return cast(number=number, choice=choice, shown=shown, reason=reason, actor=actor, viewer=viewer, now=now)[0]


@transaction.atomic
def cast(
    *, number: int, choice: Choice, shown: str, reason: str, actor: Actor, viewer: Viewer, now: datetime
) -> tuple[ChangeRequest, Known]:
    """Record one vote and move the request if the votes now settle it; the last vote needed may dispatch, in this transaction.

    Saying again what one's latest vote on this content says changes nothing and answers the same.
    Also returns what it was judged on, this vote included.
    Raises: ChangeMissing (missing), RequestClosed (conflict), NotEligible (forbidden), ContentMoved (precondition),
    Invalid, ReasonNeeded (invalid), NothingToRetract (conflict).
    """
    require_visible(number, viewer)
    change = locked(number)
    _require_open(change, now)
    targets = list(targets_of([change]))
    _require_same_content(change, shown, targets)
    before = list(Vote.objects.filter(change=change).order_by("sequence"))
    situation = situations.situation_of(change, targets=targets, votes=before)
    seats = _seats_of(situation, actor, viewer)
    reason = lines_of("reason", reason, most=4000)
    latest = next((v for v in reversed(before) if (v.person_id, v.subject_digest) == (viewer.person_id, shown)), None)
    if latest is not None and (latest.value, latest.reason, latest.by_token) == (choice, reason, actor.type == "token"):
        return change, Known(situation, targets)
    _require_sensible(choice, reason, latest)
    ballot = _append(change, choice, reason, seats, sequence=len(before) + 1, actor=actor, viewer=viewer, now=now)
    decided = replace(situation, ballots=[*situation.ballots, ballot])  # the row is locked: nobody else's vote came between
    settle_verdict(change, evaluate(decided, now=now), actor=actor, now=now)
    return change, Known(decided, targets)


def _require_open(change: ChangeRequest, now: datetime) -> None:
    state = effective_state(change, now)
    if state not in VOTABLE:
        raise RequestClosed(f"The request is {state}; votes are over.")


def _require_same_content(change: ChangeRequest, shown: str, targets: Sequence[ChangeTarget]) -> None:
    if shown != change.subject_digest:
        raise ContentMoved("The request changed since you looked.", extra={"subject_digest": change.subject_digest})
    if target_services.has_moved(change, targets):
        raise ContentMoved("What runs today changed since you looked; the request is being compared anew.")


def _seats_of(situation: Situation, actor: Actor, viewer: Viewer) -> list[str]:
    """The quorums this person may sit on with this credential. Rights of an administrator give no seat."""
    if viewer.kind != "human":
        raise NotEligible("Only people vote.")
    by_token = actor.type == "token"
    quorums = [requirement for requirement in situation.requirements if isinstance(requirement, Quorum)]
    seats = [q for q in quorums if viewer.person_id in eligible_for(q, situation.members, situation.excluded)]
    if not seats:
        if viewer.person_id in situation.excluded:
            raise NotEligible("You asked for this change or wrote part of it: nobody judges their own work.")
        raise NotEligible("You are on none of the boards that decide this.")
    allowed = [q.name for q in seats if q.token_votes or not by_token]
    if not allowed:
        raise NotEligible("This decision needs you signed in to the portal: a token may not vote here.")
    return allowed


def _require_sensible(choice: Choice, reason: str, latest: Vote | None) -> None:
    if choice in NEEDS_REASON and not reason:
        raise ReasonNeeded("Say why: the requester has to know what to change.")
    if choice is Choice.RETRACT and (latest is None or latest.value == Choice.RETRACT):
        raise NothingToRetract("You have no vote on this content to take back.")


def _append(
    change: ChangeRequest, choice: Choice, reason: str, seats: list[str], *, sequence: int, actor: Actor, viewer: Viewer, now: datetime
) -> Ballot:
    vote = Vote.objects.create(
        change=change,
        revision=change.revision,
        subject_digest=change.subject_digest,
        user_id=viewer.user_id,
        person_id=viewer.person_id,
        value=choice,
        reason=reason,
        by_token=actor.type == "token",
        sequence=sequence,
        at=now,
    )
    facts = {
        "change": change.id,
        "number": change.number,
        "revision": change.revision,
        "subject_digest": vote.subject_digest,
        "person": viewer.person_id,
        "seats": seats,
    }
    verb = "governance.vote.retracted" if choice is Choice.RETRACT else "governance.vote.cast"
    if choice is not Choice.RETRACT:
        facts |= {"value": choice.value, "rendered_diff_digest": change.diff_digest or None}
    record(
        verb,
        subject=(CHANGE, change.id),
        actor=actor,
        at=now,
        facts=facts,
        texts={"reason": reason} if reason else None,
        policy_digest=change.policy_digest or None,
    )
    return Ballot(vote.person_id, choice, vote.subject_digest, vote.sequence, vote.by_token)
