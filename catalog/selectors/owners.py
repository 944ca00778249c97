"""Who answers for integrations: the rule of `catalog.domain.ownership` for rows, and the same rule in SQL for lists."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Case, Count, Exists, F, Func, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from accounts.domain.viewers import Viewer
from accounts.models import User
from accounts.selectors import teams
from catalog.domain.ownership import PERSONAL, Account, Owners, Standing, TierRules, missing_roles
from catalog.domain.vocabulary import OwnerRole
from catalog.models import Integration
from catalog.models.integration import IntegrationQuerySet
from catalog.selectors import integrations, lifecycles

OWNER_COLUMNS = tuple(PERSONAL.values())
# The rule for one integration. The lists below ask for all answering people at once instead, which is cheaper from some dozens on.
_STANDING = """
WITH RECURSIVE above(id, parent_id) AS (
  SELECT team.id, team.parent_id FROM accounts_team team
    JOIN catalog_integration integration ON integration.team_id = team.id WHERE integration.id = %(integration)s
  UNION
  SELECT team.id, team.parent_id FROM accounts_team team JOIN above ON team.id = above.parent_id
)
SELECT
  EXISTS (SELECT 1 FROM accounts_user person WHERE person.is_active AND person.kind = 'human' AND person.id = ANY (
    ARRAY[technical_owner_id, business_owner_id, on_call_id, data_steward_id] || co_owners)),
  EXISTS (SELECT 1 FROM accounts_membership member
    JOIN above ON above.id = member.team_id JOIN accounts_user person ON person.id = member.user_id
    WHERE person.is_active AND person.kind = 'human')
FROM catalog_integration WHERE id = %(integration)s
"""


@dataclass(frozen=True, slots=True)
class Load:
    """How many integrations a team owns; of those in use, how many are orphans, and how many only lack a role."""

    integrations: int
    orphans: int
    gaps: int


class _IsOneOf(Func):
    """`id = ANY(array)`: membership in an array column of the outer row."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def _answering() -> QuerySet[User]:
    return User.objects.filter(is_active=True, kind="human")


def named_q() -> Q:
    """Somebody active answers in their own name: by a role or as co-owner."""
    by_role = Q(*[Q(**{f"{column}__in": _answering().values("pk")}) for column in OWNER_COLUMNS], _connector=Q.OR)
    return by_role | (~Q(co_owners=[]) & Q(Exists(_answering().filter(_IsOneOf(F("pk"), OuterRef("co_owners"))))))


def staffed_q() -> Q:
    """Somebody active is in the owning team or in a team above it."""
    return Q(team__in=RawSQL(teams.STAFFED, ()))  # noqa: S611 - a constant


def orphan_q() -> Q:
    """Nobody active answers for it."""
    return ~staffed_q() & ~named_q()


def lacking_q(rules: Mapping[int, TierRules]) -> Q:
    """Nobody answers in some role that its tier asks for."""
    return Q(*[Q(tier=tier) & Q(*map(_vacant, asked.owner_roles), _connector=Q.OR) for tier, asked in rules.items()], _connector=Q.OR)


def _vacant(role: OwnerRole) -> Q:
    if role is OwnerRole.ACCOUNTABLE_TEAM:
        return ~staffed_q()
    column = PERSONAL[role]
    return Q(**{f"{column}__isnull": True}) | ~Q(**{f"{column}__in": _answering().values("pk")})


def orphans_visible_to(viewer: Viewer) -> IntegrationQuerySet:
    """Integrations without anybody active to answer for them; what has ended is left out."""
    return integrations.integrations_visible_to(viewer).filter(orphan_q()).exclude(lifecycles.final_q())


def gaps_visible_to(viewer: Viewer, rules: Mapping[int, TierRules]) -> QuerySet[Integration]:
    """Orphans, and integrations in which a role that their tier asks for is empty, each told apart by `is_orphan`; none that has ended."""
    rows = integrations.integrations_visible_to(viewer).filter(orphan_q() | lacking_q(rules)).exclude(lifecycles.final_q())
    return rows.annotate(is_orphan=_told(orphan_q()))


def with_missing(rows: Iterable[Integration], rules: Mapping[int, TierRules]) -> list[Integration]:
    """The rows, each with `missing`: the roles its tier asks for and nobody holds. Three queries, however many rows."""
    found = list(rows)
    answering = owners_of(found)
    for row in found:
        row.missing = [role.value for role in missing_roles(answering[row.id], rules[row.tier])]  # type: ignore[attr-defined]  # told, not kept
    return found


def owned_by(user_id: UUID) -> QuerySet[Integration]:
    """Integrations that name this account in a role or as co-owner, whoever looks."""
    return Integration.objects.filter(_naming_q(user_id), tombstoned_at__isnull=True).order_by("slug_key", "id")


def owned_by_visible_to(user_id: UUID, viewer: Viewer) -> IntegrationQuerySet:
    """Those of them that the viewer may see, each with its team, the most critical tier first."""
    return integrations.integrations_visible_to(viewer).filter(_naming_q(user_id)).order_by("tier", "slug_key", "id")


def roles_of(row: Integration, user_id: UUID) -> tuple[str, ...]:
    """In which roles the row names the account: `technical-owner` …, `co-owner`."""
    held = [role.value for role, column in PERSONAL.items() if getattr(row, f"{column}_id") == user_id]
    return (*held, "co-owner") if user_id in row.co_owners else tuple(held)


def loads_of(team_ids: Collection[UUID], viewer: Viewer, rules: Mapping[int, TierRules]) -> dict[UUID, Load]:
    """By team, what it owns of what the viewer may see, and how much of that wants an owner; two queries."""
    own = integrations.integrations_visible_to(viewer).filter(team_id__in=team_ids).order_by()
    counts = dict(own.values_list("team_id").annotate(Count("pk")))
    gaps: QuerySet[Any] = gaps_visible_to(viewer, rules).filter(team_id__in=team_ids).order_by()
    wanting = gaps.values_list("team_id", "is_orphan").annotate(Count("pk"))
    by_need = {(team, is_orphan): count for team, is_orphan, count in wanting}
    return {team: Load(counts.get(team, 0), by_need.get((team, True), 0), by_need.get((team, False), 0)) for team in team_ids}


def _naming_q(user_id: UUID) -> Q:
    named = Q(*[Q(**{column: user_id}) for column in OWNER_COLUMNS], _connector=Q.OR)
    return named | Q(co_owners__contains=[user_id])


def standing_of(integration_id: UUID) -> Standing:
    """Whether anybody answers for the integration now; one statement, which climbs from its team and looks people up by key."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"integration": integration_id})
        has_named, has_team = cursor.fetchone()
    return Standing(has_named=has_named, has_team=has_team)


def _told(condition: Q) -> Case:
    return Case(When(condition, then=Value(value=True)), default=Value(value=False), output_field=BooleanField())


def owners_of(rows: Iterable[Integration]) -> dict[UUID, Owners]:
    """By integration, everybody who could answer for it: three queries, however many rows."""
    found = list(rows)
    people = teams.members_with_above({row.team_id for row in found})
    named = {user for row in found for user in (*(getattr(row, f"{column}_id") for column in OWNER_COLUMNS), *row.co_owners) if user}
    answering = set(_answering().filter(pk__in=named).values_list("pk", flat=True)) if named else set()
    return {row.id: _owners(row, answering, people[row.team_id]) for row in found}


def _owners(row: Integration, answering: set[UUID], members: frozenset[UUID]) -> Owners:
    held = {role: getattr(row, f"{column}_id") for role, column in PERSONAL.items()}
    return Owners(
        by_role={role: Account(user, user in answering) for role, user in held.items() if user},
        co_owners=tuple(Account(user, user in answering) for user in row.co_owners),
        team=tuple(Account(user, answers=True) for user in sorted(members)),
    )
