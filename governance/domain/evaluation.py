"""The gate: may this go ahead, and if not, who or what can change that. Pure: the same situation, the same verdict."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from governance.domain.ballots import Ballot, Choice, latest_on
from governance.domain.matching import assign
from governance.domain.requirements import Check, Enforcement, Quorum, Requirement


class Status(StrEnum):
    SATISFIED = "satisfied"
    WAITING = "waiting"
    FAILED = "failed"


class Verdict(StrEnum):
    READY = "ready"
    BLOCKED = "blocked"
    VETOED = "vetoed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The latest finding of one check. It counts only for `digest` and, when given, before `valid_until`."""

    passed: bool
    digest: str
    detail: str = ""
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything the verdict rests on. `members`: board slug → its active human persons, as of now."""

    digest: str
    requirements: Sequence[Requirement]
    ballots: Iterable[Ballot] = ()
    members: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    excluded: frozenset[UUID] = frozenset()
    checks: Mapping[str, CheckOutcome] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RequirementStatus:
    """How one requirement stands. `counted`: the persons in its seats. `unblockers`: persons whose approval would fill one."""

    requirement: Requirement
    status: Status
    counted: frozenset[UUID] = frozenset()
    missing: int = 0
    unblockers: frozenset[UUID] = frozenset()
    detail: str = ""
    next_change_at: datetime | None = None

    @property
    def blocks(self) -> bool:
        """An advisory requirement warns; it never blocks."""
        return self.status is not Status.SATISFIED and self.requirement.enforcement is not Enforcement.ADVISORY


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The verdict with its reasons."""

    verdict: Verdict
    statuses: tuple[RequirementStatus, ...]

    @property
    def blockers(self) -> tuple[RequirementStatus, ...]:
        return tuple(status for status in self.statuses if status.blocks)

    @property
    def who_can_unblock(self) -> frozenset[UUID]:
        return frozenset().union(*(status.unblockers for status in self.blockers))


def eligible_for(quorum: Quorum, members: Mapping[str, frozenset[UUID]], excluded: frozenset[UUID]) -> frozenset[UUID]:
    """Return the persons who may sit on the quorum: active members of its boards who did not write what they would judge."""
    return frozenset().union(*(members.get(board, frozenset()) for board in quorum.boards)) - excluded


def evaluate(situation: Situation, *, now: datetime) -> Evaluation:
    """Judge one content. Ballots on other digests, of excluded or of inactive persons do not count.

    A person fills at most one seat of all quorums together: READY needs distinct persons for all seats (a maximum matching,
    in which an advisory quorum never takes a person from one that blocks).
    """
    quorums = [requirement for requirement in situation.requirements if isinstance(requirement, Quorum)]
    pools = {quorum.name: eligible_for(quorum, situation.members, situation.excluded) for quorum in quorums}
    latest = latest_on(situation.ballots, digest=situation.digest)
    approving = {quorum.name: _approving(quorum, pools[quorum.name], latest) for quorum in quorums}
    by_weight = sorted(quorums, key=lambda quorum: quorum.enforcement is Enforcement.ADVISORY)
    seats = assign({quorum.name: (quorum.needs, approving[quorum.name]) for quorum in by_weight})
    statuses = tuple(
        _check_status(requirement, situation, now)
        if isinstance(requirement, Check)
        else _quorum_status(requirement, pools, latest, approving, seats)
        for requirement in situation.requirements
    )
    return Evaluation(_verdict(quorums, pools, latest, statuses), statuses)


def _may_count(quorum: Quorum, ballot: Ballot) -> bool:
    return quorum.token_votes or not ballot.by_token


def _approving(quorum: Quorum, pool: frozenset[UUID], latest: Mapping[UUID, Ballot]) -> frozenset[UUID]:
    return frozenset(
        person for person, ballot in latest.items() if person in pool and ballot.choice is Choice.APPROVE and _may_count(quorum, ballot)
    )


Persons = Mapping[str, frozenset[UUID]]


def _quorum_status(quorum: Quorum, pools: Persons, latest: Mapping[UUID, Ballot], approving: Persons, seats: Persons) -> RequirementStatus:
    pool, seated = pools[quorum.name], seats[quorum.name]
    missing = quorum.needs - len(seated)
    if missing <= 0:
        return RequirementStatus(quorum, Status.SATISFIED, seated)
    vetoed = quorum.veto and any(latest[p].choice is Choice.REJECT and _may_count(quorum, latest[p]) for p in pool if p in latest)
    unblockers = _who_could_fill(quorum.name, pools, approving, seats)
    status = Status.FAILED if vetoed else Status.WAITING
    return RequirementStatus(quorum, status, seated, missing, unblockers, "rejected" if vetoed else "")


def _who_could_fill(name: str, pools: Persons, approving: Persons, seats: Persons) -> frozenset[UUID]:
    """Everybody whose approval would fill an empty seat of the quorum, be it by letting somebody seated elsewhere move over.

    These are the ends of the alternating paths from the empty seat (Berge): nobody else can help.
    """
    reached, waiting = {name}, [name]
    found: set[UUID] = set()
    while waiting:
        current = waiting.pop()
        found |= pools[current] - approving[current]
        for other, seated in seats.items():
            if other not in reached and seated & pools[current]:
                reached.add(other)
                waiting.append(other)
    return frozenset(found)


def _check_status(check: Check, situation: Situation, now: datetime) -> RequirementStatus:
    outcome = situation.checks.get(check.check)
    if outcome is None or outcome.digest != situation.digest:
        return RequirementStatus(check, Status.WAITING, missing=1, detail="The check has not run on this content yet.", next_change_at=now)
    if outcome.valid_until is not None and now >= outcome.valid_until:
        return RequirementStatus(check, Status.WAITING, missing=1, detail="The check's evidence has run out.", next_change_at=now)
    if not outcome.passed:
        return RequirementStatus(check, Status.FAILED, missing=1, detail=outcome.detail)
    return RequirementStatus(check, Status.SATISFIED, detail=outcome.detail)


def _verdict(
    quorums: Sequence[Quorum],
    pools: Mapping[str, frozenset[UUID]],
    latest: Mapping[UUID, Ballot],
    statuses: Sequence[RequirementStatus],
) -> Verdict:
    said: dict[str, set[Choice]] = {
        quorum.name: {latest[p].choice for p in pools[quorum.name] if p in latest and _may_count(quorum, latest[p])}
        for quorum in quorums
        if quorum.enforcement is not Enforcement.ADVISORY
    }
    if any(quorum.veto and Choice.REJECT in said.get(quorum.name, ()) for quorum in quorums):
        return Verdict.VETOED
    if any(Choice.REQUEST_CHANGES in choices for choices in said.values()):
        return Verdict.RETURNED
    return Verdict.BLOCKED if any(status.blocks for status in statuses) else Verdict.READY


def shortfall(situation: Situation) -> dict[str, int]:
    """Return, per quorum that could not be filled even if everybody eligible approved, the seats that would stay empty."""
    quorums = [r for r in situation.requirements if isinstance(r, Quorum) and r.enforcement is not Enforcement.ADVISORY]
    seats = assign({q.name: (q.needs, eligible_for(q, situation.members, situation.excluded)) for q in quorums})
    return {q.name: q.needs - len(seats[q.name]) for q in quorums if len(seats[q.name]) < q.needs}
