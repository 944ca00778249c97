"""Organisation-wide rights. None of them gives a vote."""

from datetime import datetime

from django.db import transaction

from accounts.domain.errors import Invalid
from accounts.domain.roles import Role
from accounts.models import RoleGrant, User
from accounts.services.rows import save_row
from accounts.services.users import SUBJECT, require_other_administrator
from audit.domain.actors import Actor
from audit.services.record import record
from foundation.errors import FieldError

_STAFF = (Role.ADMINISTRATOR, Role.OPERATOR)


@transaction.atomic
def grant_role(*, user: User, role: str, actor: Actor, now: datetime) -> bool:
    """Give `user` a role; False when it had it. Administrators and operators may open the operator's site."""
    _check(role)
    _, added = RoleGrant.objects.get_or_create(user=user, role=role, defaults={"granted_at": now})
    if added:
        _keep_staff(user, actor, now)
        record("accounts.role.granted", subject=(SUBJECT, user.id), actor=actor, at=now, facts=_facts(user, role), version=user.version)
    return added


@transaction.atomic
def revoke_role(*, user: User, role: str, actor: Actor, now: datetime) -> bool:
    """Take a role away; False when there was none. Raises LastAdministrator (409)."""
    _check(role)
    if role == Role.ADMINISTRATOR and user.is_active and user.role_grants.filter(role=role).exists():
        require_other_administrator(user)
    removed, _ = RoleGrant.objects.filter(user=user, role=role).delete()
    if removed:
        _keep_staff(user, actor, now)
        record("accounts.role.revoked", subject=(SUBJECT, user.id), actor=actor, at=now, facts=_facts(user, role), version=user.version)
    return bool(removed)


def _facts(user: User, role: str) -> dict[str, object]:
    return {"role": role, "user": user.id, "person": user.person_id}


def _check(role: str) -> None:
    if role not in set(Role):
        raise Invalid(errors=[FieldError("/role", "not-a-choice", f"Choose one of: {', '.join(Role)}.")])


def _keep_staff(user: User, actor: Actor, now: datetime) -> None:
    """A role change is a change of the account: its version moves with it."""
    User.objects.select_for_update().get(pk=user.pk)
    user.refresh_from_db()
    user.is_staff = user.role_grants.filter(role__in=_STAFF).exists()
    user.version += 1
    save_row(user, actor=actor, now=now)
