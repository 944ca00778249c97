"""Who answers for integrations: the rule of `catalog.domain.ownership` for rows, and the same rule in SQL for lists."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Case, Exists, F, Func, OuterRef, Q, QuerySet, Value, When
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
    named = Q(*[Q(**{column: user_id}) for column in OWNER_COLUMNS], _connector=Q.OR)
    return Integration.objects.filter(named | Q(co_owners__contains=[user_id]), tombstoned_at__isnull=True).order_by("slug_key", "id")


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
