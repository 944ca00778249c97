"""The gate's own rule, whatever the policies say: nothing new is sent where nobody answers for it."""

from collections.abc import Iterable

from accounts.selectors import people
from catalog.models import Environment
from catalog.selectors import owners
from foundation.errors import DomainError
from governance.domain.promotion import barrier
from governance.models import ChangeRequest

NAMED = 5


def refusal(change: ChangeRequest, environments: Iterable[Environment]) -> DomainError | None:
    """Why the request may not go on to these environments, saying who can unblock it; None when nothing is in the way. One statement."""
    to_production = any(environment.is_production for environment in environments)
    found = barrier(owners.standing_of(change.integration_id), action=change.action, to_production=to_production)
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
