"""A consuming team says that it knows of a deprecation and has moved away, or will."""

from datetime import datetime

from django.db import transaction

from accounts.domain.viewers import Viewer
from accounts.selectors import teams
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.lifecycle import StageKind
from catalog.selectors import lifecycles
from catalog.services.integrations import lock_visible
from foundation.errors import FieldError
from governance.domain.errors import NotAConsumer, NotLeaving, NotYourTeam
from governance.models import Acknowledgement
from governance.selectors.consumers import consumers_of


@transaction.atomic
def acknowledge(*, slug: str, team: str, actor: Actor, viewer: Viewer, now: datetime) -> Acknowledgement:
    """Acknowledge the deprecation for `team`, by one of its members (of a team above it, too). Saying it twice is the same as once.

    Raises: IntegrationMissing, TeamMissing (404), NotYourTeam (403), NotLeaving (409), NotAConsumer (422).
    """
    integration = lock_visible(slug, viewer)
    found = teams.team_by_slug(team)
    if found.id not in viewer.team_ids:
        raise NotYourTeam
    if lifecycles.lifecycle_of(integration).kind(integration.stage) is not StageKind.LEAVING:
        raise NotLeaving
    known = Acknowledgement.objects.filter(integration=integration, team=found).select_related("team", "by").first()
    if known is not None:
        return known
    if found.id not in {consumer.team_id for consumer in consumers_of(integration, viewer)}:
        raise NotAConsumer(errors=[FieldError("/team", "not-a-consumer", "No relation says that something of this team relies on it.")])
    made = Acknowledgement.objects.create(integration=integration, team=found, by_id=viewer.user_id, at=now)
    facts = {"integration": integration.id, "team": found.id}
    record("governance.deprecation.acknowledged", subject=("catalog.integration", integration.id), actor=actor, at=now, facts=facts)
    return made
