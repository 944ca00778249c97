"""Reading accounts, their roles and their tokens."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from accounts.domain.errors import PersonMissing
from accounts.domain.roles import Role
from accounts.models import Membership, RoleGrant, Token, User
from accounts.models.user import UserKind
from foundation.text import slug_key

OFFERED = 300
_ROLES = Prefetch("role_grants", RoleGrant.objects.order_by("role"))
_TEAMS = Prefetch("memberships", Membership.objects.select_related("team").order_by("team__slug_key"))


def users() -> QuerySet[User]:
    """All accounts with roles and teams, in the order of their names."""
    return User.objects.prefetch_related(_ROLES, _TEAMS).order_by("username_key", "id")


def offered(team_ids: Collection[UUID], limit: int = OFFERED) -> list[tuple[str, str]]:
    """(user name, name) of active people to choose from, the members of `team_ids` first, by name; at most `limit`."""
    active, order = User.objects.filter(is_active=True, kind=UserKind.HUMAN), ["display_name", "id"]
    if team_ids:  # with none Django folds the question into a constant, by which no database sorts
        near = Membership.objects.filter(team_id__in=team_ids, user=OuterRef("pk"))
        active, order = active.annotate(is_near=Exists(near)), ["-is_near", *order]
    return list(active.order_by(*order).values_list("username", "display_name")[:limit])


def by_username(username: str) -> User:
    """The account of any spelling of the name. Raises PersonMissing."""
    user = User.objects.filter(username_key=_key(username)).first()
    if user is None:
        raise PersonMissing
    return user


def detail_of(username: str) -> User:
    """The same account with roles and teams at hand. Raises PersonMissing."""
    user = users().filter(username_key=_key(username)).first()
    if user is None:
        raise PersonMissing
    return user


def _key(username: str) -> str:
    """The key of a name that came from outside. Raises PersonMissing for what the database could not even look for."""
    if "\0" in username:
        raise PersonMissing
    return slug_key(username)


def by_usernames(usernames: Iterable[str]) -> dict[str, User]:
    """Active accounts by the key of their user name (`foundation.text.slug_key`), in one query."""
    keys = {slug_key(name) for name in usernames}
    return {user.username_key: user for user in User.objects.filter(username_key__in=keys, is_active=True)} if keys else {}


def remembered(usernames: Iterable[str]) -> dict[str, User]:
    """Accounts by the key of their user name, those switched off among them: what they did still has their name."""
    keys = {slug_key(name) for name in usernames}
    return {user.username_key: user for user in User.objects.filter(username_key__in=keys)} if keys else {}


def by_ids(ids: Collection[UUID]) -> dict[UUID, User]:
    """Accounts by id, in one query."""
    return User.objects.in_bulk(list(ids)) if ids else {}


def tokens_of(user_id: UUID) -> QuerySet[Token]:
    """The account's tokens that still work or once did, newest first. The secret is not among what can be read."""
    return Token.objects.filter(user_id=user_id).defer("secret_hash").order_by("-created_at", "id")


def administrators() -> QuerySet[User]:
    """Active people who administer the organisation, by name."""
    return User.objects.filter(role_grants__role=Role.ADMINISTRATOR, is_active=True, kind="human").order_by("username_key", "id")
