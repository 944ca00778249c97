"""Load everything a verdict rests on, in a fixed number of queries."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from catalog.models import Environment
from governance.domain.ballots import Ballot, Choice
from governance.domain.evaluation import CheckOutcome, Evaluation, Situation, evaluate
from governance.domain.lifecycle import ChangeClass
from governance.domain.requirements import Quorum, Requirement, joined, parse_requirements, reduced
from governance.models import ChangeRequest, CheckResult, Vote
from governance.selectors.boards import active_members
from governance.selectors.policies import bound_to


def situation_of(change: ChangeRequest) -> Situation:
    """The situation of a submitted request as of now: current members, the stricter of then's and now's rules."""
    requirements = effective_requirements(change)
    return Situation(
        digest=change.subject_digest,
        requirements=requirements,
        ballots=ballots_of(change),
        members=active_members(boards_of(requirements)),
        excluded=excluded_from(change),
        checks=check_outcomes(change),
    )


def evaluation_of(change: ChangeRequest, *, now: datetime) -> Evaluation:
    """The verdict on the request at `now`."""
    return evaluate(situation_of(change), now=now)


def excluded_from(change: ChangeRequest) -> frozenset[UUID]:
    """Nobody judges their own work: the requester's person and every contributor's."""
    own = {change.requester.person_id} if change.requester else set()
    return frozenset(own | set(change.contributors))


def boards_of(requirements: Iterable[Requirement]) -> set[str]:
    """Every board that any quorum names."""
    return {board for requirement in requirements if isinstance(requirement, Quorum) for board in requirement.boards}


def effective_requirements(change: ChangeRequest) -> tuple[Requirement, ...]:
    """The snapshot taken at submission joined with what every policy that covers a target asks today.

    An automatic rollback was authorised beforehand by its environment: nobody is asked.
    """
    if change.change_class == ChangeClass.ROLLBACK and change.requester_id is None:
        return ()
    specs = [row.spec for row in change.requirements.all()]
    snapshot = parse_requirements(specs) if specs else ()
    environments = Environment.objects.filter(pk__in=change.targets.values("slot__environment_id"))
    current: tuple[Requirement, ...] = ()
    for policy in bound_to(environments):
        current = joined(current, parse_requirements(policy.requirements))
    return joined(snapshot, reduced(current) if change.change_class == ChangeClass.ROLLBACK else current)


def ballots_of(change: ChangeRequest) -> list[Ballot]:
    """Every vote on the request, oldest first."""
    rows = Vote.objects.filter(change=change).order_by("sequence")
    return [Ballot(v.person_id, Choice(v.value), v.subject_digest, v.sequence, v.by_token) for v in rows]


def check_outcomes(change: ChangeRequest) -> dict[str, CheckOutcome]:
    """Each check's latest finding."""
    rows = CheckResult.objects.filter(change=change).order_by("at", "id")
    return {r.name: CheckOutcome(r.passed, r.subject_digest, r.detail, r.valid_until) for r in rows}
