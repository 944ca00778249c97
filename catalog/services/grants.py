"""Letting a person or a team into an integration: to see it, or to propose releases of it too."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.domain.errors import Invalid
from accounts.domain.viewers import Viewer
from accounts.models import User
from accounts.selectors import people, teams
from accounts.services import access
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.rights import require_editor
from catalog.models import Integration
from catalog.selectors.grants import PERMISSIONS, rights_of
from catalog.services.integrations import SUBJECT, lock_visible
from foundation.errors import FieldError

_Holder = User | Group


@transaction.atomic
def add_grant(
    *, integration: str, right: str, user: str | None = None, team: str | None = None, actor: Actor, viewer: Viewer, now: datetime
) -> bool:
    """Grant `view` or `propose` to one user name or one team slug; False when it was granted.

    Raises: IntegrationMissing, NotYourIntegration, PersonMissing, TeamMissing, Invalid (422).
    """
    owner = lock_visible(integration, viewer)
    require_editor(viewer, owner.team_id)
    if right not in PERMISSIONS:
        raise Invalid(errors=[FieldError("/right", "not-a-choice", f"Choose one of: {', '.join(sorted(PERMISSIONS))}.")])
    holder, facts = _holder(user, team)
    if right in rights_of(owner, holder):
        return False
    access.grant(permission=PERMISSIONS[right], to=holder, obj=owner)
    _record("added", owner, {**facts, "right": right}, actor, now)
    return True


@transaction.atomic
def remove_grant(
    *, integration: str, user: str | None = None, team: str | None = None, actor: Actor, viewer: Viewer, now: datetime
) -> bool:
    """Take back all that was granted to one user or team; False when there was nothing. Views of voters are not touched."""
    owner = lock_visible(integration, viewer)
    require_editor(viewer, owner.team_id)
    holder, facts = _holder(user, team)
    held = rights_of(owner, holder)
    for right in held:
        access.withdraw(permission=PERMISSIONS[right], of=holder, obj=owner)
        _record("removed", owner, {**facts, "right": right}, actor, now)
    return bool(held)


def _holder(user: str | None, team: str | None) -> tuple[_Holder, dict[str, Any]]:
    if (user is None) == (team is None):
        raise Invalid(errors=[FieldError("", "user-or-team", "Name either a user or a team.")])
    if user is not None:
        account = people.by_username(user)
        return account, {"user": account.pk, "person": account.person_id}
    group = teams.team_by_slug(str(team))
    return group.group, {"team": group.id}


def _record(verb: str, owner: Integration, facts: dict[str, Any], actor: Actor, now: datetime) -> None:
    facts = {"integration": owner.id, **facts}
    record(f"catalog.grant.{verb}", subject=(SUBJECT, owner.id), actor=actor, at=now, facts=facts)
