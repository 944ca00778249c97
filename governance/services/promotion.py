"""The gate's own rule, whatever the policies say: nothing new is sent where nobody answers for it."""

from collections.abc import Iterable

from accounts.selectors import people
from catalog.models import Environment
from catalog.selectors import owners
from foundation.errors import DomainError
from governance.domain.lifecycle import Action
from governance.domain.promotion import barrier
from governance.models import ChangeRequest
from runtime_adapters.selectors import deployments

NAMED = 5


def refusal(change: ChangeRequest, environments: Iterable[Environment]) -> DomainError | None:
    """Why the request may not go on to these environments, saying who can unblock it; None when nothing is in the way.

    One statement, and two more for a rollback that a person asked for.
    """
    to_production = any(environment.is_production for environment in environments)
    action = Action.DEPLOY if _goes_forward(change) else change.action
    found = barrier(owners.standing_of(change.integration_id), action=action, to_production=to_production)
    if found is None:
        return None
    who = people.administrators()[:NAMED]
    names = ", ".join(user.display_name for user in who)
    return found(f"{found().detail} Can unblock: {names}." if names else "", extra={"who_can_unblock": [user.username for user in who]})


def require_promotable(change: ChangeRequest, environments: Iterable[Environment]) -> None:
    """Raise NobodyAnswers or NoTeamAnswers (conflict)."""
    found = refusal(change, environments)
    if found is not None:
        raise found


def _goes_forward(change: ChangeRequest) -> bool:
    """Whether what is called a rollback brings a newer version than the one that stands: a promotion by another name.

    What the health gate undoes by itself is no promotion, whichever way the versions go.
    """
    if change.action != Action.ROLLBACK or change.requester_id is None or change.release is None:
        return False
    standing = deployments.desired_of(change.targets.values_list("slot_id", flat=True)).values()
    return any(row.release is not None and row.release.version_sort < change.release.version_sort for row in standing)
