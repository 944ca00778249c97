"""Turning an account into the one who looks and the one who acts."""

from collections.abc import Iterable

from django.db import connection

from accounts.domain.roles import Scope
from accounts.domain.viewers import Viewer
from accounts.models import Token, User
from audit.domain.actors import Actor

# Roles, teams with all teams below them, and permission groups of one account, in one statement.
_RIGHTS = """
SELECT
  ARRAY(SELECT role FROM accounts_rolegrant WHERE user_id = %(user)s),
  ARRAY(
    WITH RECURSIVE below(id) AS (
      SELECT team_id FROM accounts_membership WHERE user_id = %(user)s
      UNION
      SELECT team.id FROM accounts_team team JOIN below ON team.parent_id = below.id
    ) SELECT id FROM below
  ),
  ARRAY(SELECT group_id FROM accounts_user_groups WHERE user_id = %(user)s)
"""
_UNDER_ADMIN = frozenset(scope.value for scope in Scope) - {"changes:vote", "runtime:pull", "runtime:report"}
_RUNTIME_SCOPES = frozenset({Scope.RUNTIME_PULL.value, Scope.RUNTIME_REPORT.value})


def viewer_of(user: User, scopes: Iterable[str] | None = None) -> Viewer:
    """Everything that decides what `user` may see; one query. `scopes` are the token's, None for a session."""
    with connection.cursor() as cursor:
        cursor.execute(_RIGHTS, {"user": user.pk})
        roles, teams, groups = cursor.fetchone()
    return Viewer(
        user_id=user.pk,
        person_id=user.person_id,
        display_name=user.display_name,
        kind=user.kind,
        roles=frozenset(roles),
        team_ids=frozenset(teams),
        group_ids=frozenset(groups),
        scopes=None if scopes is None else _whole(frozenset(scopes)),
    )


def sees_all(user: User) -> bool:
    """Whether every integration is visible to the account."""
    return viewer_of(user).sees_all


def _whole(scopes: frozenset[str]) -> frozenset[str]:
    """`admin` stands for every scope but the vote and the runtimes' own: those must be named."""
    return scopes | _UNDER_ADMIN if Scope.ADMIN in scopes else scopes


def actor_of(user: User, *, token: Token | None = None, method: str) -> Actor:
    """Who acts, for the log: the user, one of his tokens, or a runtime's service account. `method` is a machine word."""
    auth = {"method": method}
    if token is None:
        return Actor(type="user", ref=user.pk, person_id=user.person_id, auth=auth)
    if set(token.scopes) <= _RUNTIME_SCOPES:
        return Actor(type="runtime", ref=token.pk, person_id=user.person_id, on_behalf_of=user.pk, auth=auth)
    return Actor(type="token", ref=token.pk, person_id=user.person_id, on_behalf_of=user.pk, auth=auth)
