"""What no policy can allow: sending new content where nobody answers for it. What runs keeps running, and may go back or end."""

from catalog.domain.ownership import Standing
from governance.domain.errors import NobodyAnswers, NoTeamAnswers
from governance.domain.lifecycle import Action


def barrier(standing: Standing, *, action: str, to_production: bool) -> type[NobodyAnswers | NoTeamAnswers] | None:
    """Why the integration may not be promoted, as the refusal to raise; None when it may.

    Only new content is held back: a rollback or a retirement never waits for an owner.
    """
    if action != Action.DEPLOY:
        return None
    if standing.is_orphan:
        return NobodyAnswers
    return NoTeamAnswers if to_production and standing.is_user_only else None
