"""Load everything a verdict rests on, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from catalog.models import Environment
from governance.domain.ballots import Ballot, Choice
from governance.domain.evaluation import CheckOutcome, Evaluation, Situation, evaluate
from governance.domain.lifecycle import ChangeClass
from governance.domain.requirements import Quorum, Requirement, asked_of, joined, parse_requirements
from governance.models import ChangeRequest, ChangeTarget, CheckResult, Policy, Vote
from governance.models import Requirement as RequirementRow
from governance.selectors.boards import active_members
from governance.selectors.policies import bound_to_each


def situation_of(change: ChangeRequest, *, targets: Iterable[ChangeTarget] | None = None, votes: Iterable[Vote] | None = None) -> Situation:
    """The situation of a submitted request as of now: current members, the stricter of then's and now's rules.

    Who has read all its targets (with their environments) or votes (in order) already may hand them on.
    """
    return situations_of([change], targets=targets, votes=votes)[change.id]


def situations_of(
    changes: Collection[ChangeRequest], *, targets: Iterable[ChangeTarget] | None = None, votes: Iterable[Vote] | None = None
) -> dict[UUID, Situation]:
    """The same for many requests: the number of queries does not grow with them."""
    requirements = requirements_of(changes, targets=targets)
    members = active_members({board for asked in requirements.values() for board in boards_of(asked)})
    ballots: dict[UUID, list[Ballot]] = defaultdict(list)
    for v in Vote.objects.filter(change__in=changes).order_by("sequence") if votes is None else votes:
        ballots[v.change_id].append(Ballot(v.person_id, Choice(v.value), v.subject_digest, v.sequence, v.by_token))
    checks: dict[UUID, dict[str, CheckOutcome]] = defaultdict(dict)
    for r in CheckResult.objects.filter(change__in=changes).order_by("at", "id"):
        checks[r.change_id][r.name] = CheckOutcome(r.passed, r.subject_digest, r.detail, r.valid_until)
    return {
        change.id: Situation(
            digest=change.subject_digest,
            requirements=requirements[change.id],
            ballots=ballots[change.id],
            members={board: members[board] for board in boards_of(requirements[change.id])},
            excluded=excluded_from(change),
            checks=checks[change.id],
        )
        for change in changes
    }


def requirements_of(
    changes: Collection[ChangeRequest], *, targets: Iterable[ChangeTarget] | None = None
) -> dict[UUID, tuple[Requirement, ...]]:
    """`effective_requirements` of many requests in a fixed number of queries."""
    snapshots: dict[UUID, list[object]] = defaultdict(list)
    for row in RequirementRow.objects.filter(change__in=changes).order_by("position", "id"):
        snapshots[row.change_id].append(row.spec)
    environments: dict[UUID, dict[UUID, Environment]] = defaultdict(dict)
    if targets is None:
        targets = ChangeTarget.objects.filter(change__in=changes).select_related("slot__environment").defer("payload")
    for target in targets:
        environments[target.change_id][target.slot.environment_id] = target.slot.environment
    current = bound_to_each({change.id: list(environments[change.id].values()) for change in changes})
    return {change.id: _effective(change, snapshots[change.id], current[change.id]) for change in changes}


def _effective(change: ChangeRequest, specs: list[object], policies: Iterable[Policy]) -> tuple[Requirement, ...]:
    if change.change_class == ChangeClass.ROLLBACK and change.requester_id is None:
        return ()
    current: tuple[Requirement, ...] = ()
    for policy in policies:
        current = joined(current, parse_requirements(policy.requirements))
    snapshot = parse_requirements(specs) if specs else ()
    return joined(snapshot, asked_of(current, action=change.action, change_class=change.change_class))


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
    return requirements_of([change])[change.id]


def check_outcomes(change: ChangeRequest) -> dict[str, CheckOutcome]:
    """Each check's latest finding."""
    rows = CheckResult.objects.filter(change=change).order_by("at", "id")
    return {r.name: CheckOutcome(r.passed, r.subject_digest, r.detail, r.valid_until) for r in rows}
