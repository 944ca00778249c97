"""Reading teams and who is in them."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from accounts.domain.errors import TeamMissing
from accounts.models import Membership, Team
from audit.selectors import events
from audit.selectors.events import EventView
from foundation.text import slug_key

TOLD = (
    "accounts.team.created",
    "accounts.team.updated",
    "accounts.membership.added",
    "accounts.membership.updated",
    "accounts.membership.removed",
)
_EVER = datetime.min.replace(tzinfo=UTC)

# Teams with an active human member, or below one that has: who stands above answers for what lies below.
STAFFED = """
WITH RECURSIVE staffed(id) AS (
  SELECT member.team_id FROM accounts_membership member JOIN accounts_user person ON person.id = member.user_id
   WHERE person.is_active AND person.kind = 'human'
  UNION
  SELECT team.id FROM accounts_team team JOIN staffed ON team.parent_id = staffed.id
) SELECT id FROM staffed
"""
_MEMBERS = Prefetch("memberships", Membership.objects.select_related("user").order_by("user__username_key"))


def teams() -> QuerySet[Team]:
    """All teams with their parents, by slug."""
    return Team.objects.select_related("parent").order_by("slug_key", "id")


def team_by_slug(slug: str) -> Team:
    """The team of any spelling of the slug. Raises TeamMissing."""
    team = teams().filter(slug_key=slug_key(slug)).first()
    if team is None:
        raise TeamMissing
    return team


def detail_of(slug: str) -> Team:
    """The same team with its members at hand. Raises TeamMissing."""
    team = teams().prefetch_related(_MEMBERS).filter(slug_key=slug_key(slug)).first()
    if team is None:
        raise TeamMissing
    return team


def by_ids(ids: Collection[UUID]) -> dict[UUID, Team]:
    """Teams by id, in one query."""
    return Team.objects.in_bulk(list(ids)) if ids else {}


def tree() -> list[tuple[Team, int]]:
    """Every team after the one it lies in, with its depth (0 at the top), brothers by slug; one query."""
    below: dict[UUID | None, list[Team]] = {}
    for team in teams():
        below.setdefault(team.parent_id, []).append(team)
    todo = [(team, 0) for team in reversed(below.get(None, []))]
    found = []
    while todo:
        team, depth = todo.pop()
        found.append((team, depth))
        todo.extend((child, depth + 1) for child in reversed(below.get(team.pk, [])))
    return found


def history_of(team: Team, limit: int) -> list[EventView]:
    """What was changed about the team and who came and went, the newest first. Any signed-in person may know it."""
    return events.newest_of([team.pk], verbs=TOLD, since=_EVER, limit=limit)


def above(team_ids: Collection[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """Each of the teams with all teams above it, nearest first, itself at the start; one query over the (small) tree."""
    parents = dict(Team.objects.values_list("id", "parent_id")) if team_ids else {}
    return {team: _climb(team, parents) for team in team_ids}


def _climb(team: UUID, parents: Mapping[UUID, UUID | None]) -> tuple[UUID, ...]:
    chain: list[UUID] = []
    step: UUID | None = team
    while step is not None and step not in chain:
        chain.append(step)
        step = parents.get(step)
    return tuple(chain)


def active_members(team_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """By team, its active human members without those of the teams above; one query. A team without any is left out."""
    found: dict[UUID, set[UUID]] = {}
    active = Membership.objects.filter(team_id__in=team_ids, user__is_active=True, user__kind="human")
    for team, user in active.values_list("team_id", "user_id"):
        found.setdefault(team, set()).add(user)
    return {team: frozenset(users) for team, users in found.items()}


def members_with_above(team_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """By team, the active human members of it and of the teams above it; two queries."""
    chains = above(team_ids)
    members = active_members({team for chain in chains.values() for team in chain})
    return {team: frozenset().union(*(members.get(step, ()) for step in chain)) for team, chain in chains.items()}


def nearest_members(team_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """By team, its active human members; where it has none, those of the nearest team above that has. Two queries."""
    chains = above(team_ids)
    members = active_members({team for chain in chains.values() for team in chain})
    return {team: next((members[step] for step in chain if step in members), frozenset()) for team, chain in chains.items()}


def emptied_without(user_id: UUID) -> dict[UUID, frozenset[UUID]]:
    """Teams in which, and above which, nobody active would be left were this account off, each with the account's teams that hold it now.

    Three queries over the (small) tree; empty for an account that does not answer for anything.
    """
    answering = Membership.objects.filter(user__is_active=True, user__kind="human")
    own = set(answering.filter(user_id=user_id).values_list("team_id", flat=True))
    if not own:
        return {}
    staffed = set(answering.exclude(user_id=user_id).values_list("team_id", flat=True).distinct())
    parents = dict(Team.objects.values_list("id", "parent_id"))
    chains = {team: frozenset(_climb(team, parents)) for team in parents}
    return {team: frozenset(own & chain) for team, chain in chains.items() if own & chain and not staffed & chain}


def active_leads(team_id: UUID) -> list[UUID]:
    """Accounts of the active people who lead the team."""
    found = Membership.objects.filter(team_id=team_id, is_lead=True, user__is_active=True, user__kind="human")
    return list(found.order_by("since", "id").values_list("user_id", flat=True))
