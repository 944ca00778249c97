"""Read change requests: who sees which, what waits for whom, and everything a decision rests on."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.domain.viewers import Viewer
from accounts.models import User
from catalog.models.integration import visible_q
from governance.domain.ballots import Choice
from governance.domain.differences import Statement
from governance.domain.errors import ChangeMissing
from governance.domain.evaluation import Evaluation, RequirementStatus, Situation, Status, eligible_for, evaluate
from governance.domain.expiry import has_expired
from governance.domain.lifecycle import UNDISPATCHED, VOTABLE, Action, State
from governance.domain.requirements import Check, Quorum
from governance.models import BoardMember, ChangeRequest, ChangeTarget, Vote
from governance.selectors import situations
from governance.selectors.contents import payload_of, statements_of


def visible_to(viewer: Viewer) -> QuerySet[ChangeRequest]:
    """A change request shares its integration's visibility."""
    rows = ChangeRequest.objects.filter(visible_q(viewer, "integration__"))
    return rows.select_related("integration__team", "release", "requester", "caused_by").order_by("-number")


def get_visible(number: int, viewer: Viewer) -> ChangeRequest:
    """The request, or ChangeMissing when there is none that the viewer may see."""
    change = visible_to(viewer).filter(number=number).first()
    if change is None:
        raise ChangeMissing(f"There is no change request {number}.")
    return change


def require_visible(number: int, viewer: Viewer) -> None:
    """Raise ChangeMissing like `get_visible`, for those who read the request later, under its lock."""
    if not ChangeRequest.objects.filter(visible_q(viewer, "integration__"), number=number).exists():
        raise ChangeMissing(f"There is no change request {number}.")


def effective_state(change: ChangeRequest, now: datetime) -> State:
    """The state as of `now`: an expired request reads as expired although no sweeper has written it down."""
    state = State(change.state)
    expired = has_expired(state, review_until=change.review_until, execute_until=change.execute_until, not_after=change.not_after, now=now)
    return State.EXPIRED if expired else state


def waiting_for(viewer: Viewer, now: datetime) -> list[ChangeRequest]:
    """Open requests on which this person's vote would count and has not been cast, oldest first."""
    boards = set(BoardMember.objects.filter(user_id=viewer.user_id).values_list("board__slug", flat=True))
    if not boards or viewer.kind != "human":
        return []
    rows = visible_to(viewer).filter(state__in=VOTABLE, requirements__kind="quorum").exclude(state=State.SCHEDULED).distinct()
    rows = rows.exclude(contributors__contains=[viewer.person_id]).exclude(requester__person_id=viewer.person_id)
    open_now = [change for change in rows.order_by("number") if effective_state(change, now) in VOTABLE]
    return _unvoted(open_now, viewer, boards)


def _unvoted(changes: list[ChangeRequest], viewer: Viewer, boards: set[str]) -> list[ChangeRequest]:
    """Those in which the viewer has a seat and has not decided, in two queries and those of the requirements."""
    requirements = situations.requirements_of(changes)
    seated = [c for c in changes if any(boards & set(r.boards) for r in requirements[c.id] if isinstance(r, Quorum))]
    latest: dict[tuple[UUID, str], str] = {}
    for vote in Vote.objects.filter(change__in=seated, person_id=viewer.person_id).order_by("sequence"):
        latest[vote.change_id, vote.subject_digest] = vote.value
    return [c for c in seated if latest.get((c.id, c.subject_digest)) in {None, Choice.RETRACT, Choice.ABSTAIN}]


def requested_by(viewer: Viewer) -> QuerySet[ChangeRequest]:
    """The viewer's own requests, newest first."""
    return visible_to(viewer).filter(requester_id=viewer.user_id)


def of_integration(integration_id: UUID, viewer: Viewer) -> QuerySet[ChangeRequest]:
    """An integration's requests, newest first."""
    return visible_to(viewer).filter(integration_id=integration_id)


@dataclass(frozen=True, slots=True)
class Unblocker:
    """Somebody, or something, that can move a requirement."""

    name: str
    is_person: bool


@dataclass(frozen=True, slots=True)
class RequirementView:
    """One requirement as people read it. `next_change_at` is when the system looks again by itself."""

    name: str
    kind: str
    status: str
    enforcement: str
    needs: int
    have: int
    boards: tuple[str, ...]
    detail: str
    approved_by: tuple[str, ...]
    who_can_unblock: tuple[Unblocker, ...]
    next_change_at: datetime | None


@dataclass(frozen=True, slots=True)
class TargetView:
    """One slot of the change: what it holds today, what it would hold, and the difference in words."""

    slot: UUID
    environment: str
    environment_title: str
    runtime: str
    runtime_title: str
    base_version: str
    base_digest: str
    payload_digest: str
    statements: tuple[Statement, ...]
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Known:
    """What a command on one request has read under its lock, and left as it is: its answer need not read it again."""

    situation: Situation
    targets: Sequence[ChangeTarget]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything one decision rests on, at one instant."""

    change: ChangeRequest
    state: State
    verdict: str
    requirements: tuple[RequirementView, ...]
    votes: tuple[Vote, ...]
    targets: tuple[TargetView, ...]
    my_seats: tuple[str, ...]
    my_vote: str
    is_mine: bool
    may_withdraw: bool
    redacted: bool

    @property
    def may_vote(self) -> bool:
        return bool(self.my_seats) and self.state in VOTABLE


def overview_of(change: ChangeRequest, viewer: Viewer, *, now: datetime, redacted: bool, known: Known | None = None) -> Overview:
    """Read the request with its verdict for one viewer. `redacted`: leave payloads and values of the difference out."""
    return overviews_of([change], viewer, now=now, redacted={change.id} if redacted else set(), known=known)[0]


def overviews_of(
    changes: Sequence[ChangeRequest], viewer: Viewer, *, now: datetime, redacted: Collection[UUID], known: Known | None = None
) -> list[Overview]:
    """The same for the rows of a list, in their order; the number of queries does not grow with them.

    `redacted` holds the ids of those whose content this viewer may not see. `known` is of the one request of the list.
    """
    read = list(targets_of(changes)) if known is None else known.targets
    found = situations.situations_of(changes, targets=read) if known is None else {changes[0].id: known.situation}
    evaluations = {key: evaluate(situation, now=now) for key, situation in found.items()}
    names = display_names(evaluations.values())
    votes: dict[UUID, list[Vote]] = defaultdict(list)
    for vote in Vote.objects.filter(change__in=changes).select_related("user").order_by("sequence"):
        votes[vote.change_id].append(vote)
    targets: dict[UUID, list[ChangeTarget]] = defaultdict(list)
    for target in read:
        targets[target.change_id].append(target)
    return [
        _overview(
            change,
            viewer,
            now=now,
            situation=found[change.id],
            evaluation=evaluations[change.id],
            names=names,
            votes=tuple(votes[change.id]),
            targets=tuple(_target_view(t, change, redacted=change.id in redacted) for t in targets[change.id]),
            redacted=change.id in redacted,
        )
        for change in changes
    ]


def _overview(
    change: ChangeRequest,
    viewer: Viewer,
    *,
    now: datetime,
    situation: Situation,
    evaluation: Evaluation,
    names: Mapping[UUID, str],
    votes: tuple[Vote, ...],
    targets: tuple[TargetView, ...],
    redacted: bool,
) -> Overview:
    seats = tuple(
        r.name
        for r in situation.requirements
        if isinstance(r, Quorum) and viewer.person_id in eligible_for(r, situation.members, situation.excluded)
    )
    mine = [v.value for v in votes if v.person_id == viewer.person_id and v.subject_digest == change.subject_digest]
    state = effective_state(change, now)
    owns = change.requester_id == viewer.user_id or viewer.is_administrator or change.integration.team_id in viewer.team_ids
    return Overview(
        change=change,
        state=state,
        verdict=evaluation.verdict.value,
        requirements=tuple(_requirement_view(s, change, names, state) for s in evaluation.statuses),
        votes=votes,
        targets=targets,
        my_seats=seats,
        my_vote=mine[-1] if mine else "",
        is_mine=viewer.person_id in situation.excluded,
        may_withdraw=owns and state in UNDISPATCHED,
        redacted=redacted,
    )


def display_names(evaluations: Iterable[Evaluation]) -> Mapping[UUID, str]:
    """Names of the persons that the evaluations speak of."""
    persons: set[UUID] = set()
    for evaluation in evaluations:
        for status in evaluation.statuses:
            persons |= status.counted | status.unblockers
    return names_of(persons)


def names_of(persons: Iterable[UUID]) -> dict[UUID, str]:
    """Display names by person; of several accounts an active one."""
    rows = User.objects.filter(person_id__in=set(persons), kind="human").order_by("is_active", "-created_at")
    return dict(rows.values_list("person_id", "display_name"))


def _named(persons: Iterable[UUID], names: Mapping[UUID, str]) -> list[str]:
    return sorted(names.get(person, str(person)) for person in persons)


def _requirement_view(status: RequirementStatus, change: ChangeRequest, names: Mapping[UUID, str], state: State) -> RequirementView:
    requirement = status.requirement
    is_quorum = isinstance(requirement, Quorum)
    unblockers = tuple(Unblocker(name, is_person=True) for name in _named(status.unblockers, names))
    if isinstance(requirement, Check) and status.status is not Status.SATISFIED:
        who = (
            "The check runs by itself" if status.status is Status.WAITING else f"{change.integration.team.title}, by mending what it found"
        )
        unblockers = (Unblocker(who, is_person=False),)
    return RequirementView(
        name=requirement.name,
        kind="quorum" if is_quorum else "check",
        status=status.status.value,
        enforcement=requirement.enforcement.value,
        needs=requirement.needs if isinstance(requirement, Quorum) else 1,
        have=len(status.counted) if is_quorum else int(status.status is Status.SATISFIED),
        boards=requirement.boards if isinstance(requirement, Quorum) else (),
        detail=status.detail,
        approved_by=tuple(_named(status.counted, names)),
        who_can_unblock=unblockers if state in VOTABLE and status.status is not Status.SATISFIED else (),
        next_change_at=change.next_check_at if status.status is not Status.SATISFIED and state in VOTABLE else None,
    )


def targets_of(changes: Sequence[ChangeRequest]) -> QuerySet[ChangeTarget]:
    """Their targets as they are shown, with slots, and without what would be sent."""
    rows = ChangeTarget.objects.filter(change__in=changes).select_related("slot__environment", "slot__runtime", "base_release")
    return rows.defer("payload", "base_release__manifest").order_by("slot__environment__rank", "slot__runtime__slug_key")


def _target_view(target: ChangeTarget, change: ChangeRequest, *, redacted: bool) -> TargetView:
    return TargetView(
        slot=target.slot_id,
        environment=target.slot.environment.slug,
        environment_title=target.slot.environment.title,
        runtime=target.slot.runtime.slug,
        runtime_title=target.slot.runtime.title,
        base_version=target.base_release.version if target.base_release else "",
        base_digest=target.base_digest,
        payload_digest=target.payload_digest,
        statements=tuple(statements_of(target, change, redacted=redacted)),
        old=None if redacted else payload_of(target.base_release),
        new=None if redacted or change.action == Action.RETIRE else payload_of(change.release),
    )
