"""Which teams rely on an integration, who of them can be told, and who has acknowledged that it goes."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from accounts.domain.viewers import Viewer
from accounts.models import Membership, Team
from catalog.domain.consumers import KINDS, Tie, consumers, relying
from catalog.domain.lifecycle import StageKind
from catalog.models import Component, Integration, Relation, System
from catalog.selectors import lifecycles
from governance.models import Acknowledgement


@dataclass(frozen=True, slots=True)
class Consumer:
    """A team that relies on an integration. `is_shown`: the viewer may know, because they see what of it relies on it."""

    team_id: UUID
    slug: str
    title: str
    people: tuple[UUID, ...]  # active accounts of human members
    has_acknowledged: bool
    is_shown: bool


def consumers_of(integration: Integration, viewer: Viewer) -> list[Consumer]:
    """Every consuming team, by title, in a fixed number of queries.

    What relies on it may be hidden from the viewer: such a team is in the list with `is_shown` False, for rules to count; never show it.
    """
    ties = _ties(integration.id)
    ids = relying(integration.id, ties)
    if not ids:
        return []
    owners, shown = _owners(ids, viewer)
    wanted = consumers(integration.id, integration.team_id, ties, owners)
    seen = consumers(integration.id, integration.team_id, ties, {one: team for one, team in owners.items() if one in shown})
    people = _people(wanted)
    acknowledged = set(Acknowledgement.objects.filter(integration=integration).values_list("team_id", flat=True))
    return [
        Consumer(team.id, team.slug, team.title, tuple(people.get(team.id, ())), team.id in acknowledged, team.id in seen)
        for team in Team.objects.filter(pk__in=wanted).order_by("title", "id")
    ]


def _ties(integration: UUID) -> list[Tie]:
    own = Q(source_id=integration, target_kind__in=KINDS) | Q(target_id=integration, source_kind__in=KINDS)
    return [Tie(*row) for row in Relation.objects.filter(own).values_list("type", "source_id", "target_id")]


def _owners(ids: frozenset[UUID], viewer: Viewer) -> tuple[dict[UUID, UUID | None], set[UUID]]:
    """(entity → team of what is still in use, those the viewer may see). An integration at its end relies on nothing."""
    rows = list(Integration.objects.filter(pk__in=ids, tombstoned_at__isnull=True).only("team_id", "stage", "lifecycle"))
    models = lifecycles.by_number({row.lifecycle for row in rows})
    owners: dict[UUID, UUID | None] = {row.id: row.team_id for row in rows if models[row.lifecycle].kind(row.stage) is not StageKind.FINAL}
    shown = set(Integration.objects.visible_to(viewer).filter(pk__in=owners).values_list("id", flat=True))
    for model in (System, Component):
        found = dict(model._default_manager.filter(pk__in=ids, tombstoned_at__isnull=True).values_list("id", "team_id"))  # noqa: SLF001 - Django's public name for it
        owners |= found
        shown |= set(found)  # landscape: everybody signed in sees it
    return owners, shown


def _people(teams: frozenset[UUID]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    members = Membership.objects.filter(team_id__in=teams, user__is_active=True, user__kind="human")
    for team, user in members.order_by("user_id").values_list("team_id", "user_id"):
        found.setdefault(team, []).append(user)
    return found
