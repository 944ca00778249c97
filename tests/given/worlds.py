"""Random worlds of permissions, made in bulk: teams in a tree, people in them, integrations of every visibility, grants.

Made behind the services' back, because hundreds of them are wanted; what is written is what the services write.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission

from accounts.models import Membership, RoleGrant, Team, User
from accounts.services.rows import create_rows
from audit.domain.actors import Actor
from catalog.domain.vocabulary import EntityKind
from catalog.models import (
    DataObject,
    Domain,
    FlowEndpoint,
    Integration,
    IntegrationGroupObjectPermission,
    IntegrationUserObjectPermission,
    Name,
    System,
)
from catalog.services.endpoints import carried
from catalog.services.search import note_carried, search_words

TAGS, FIELDS, STAGES = ("blue", "green", "red"), ("email", "phone", "Größe"), ("proposed", "live", "custom")


@dataclass
class World:
    """What there is, and who may see what (`seers`: slug → user names) as decided by hand, not by the rule in the code."""

    dice: random.Random
    now: datetime
    people: dict[str, User]
    teams: list[Team] = field(default_factory=list)
    systems: list[System] = field(default_factory=list)
    items: list[DataObject] = field(default_factory=list)
    integrations: list[Integration] = field(default_factory=list)
    ends: list[FlowEndpoint] = field(default_factory=list)
    members: dict[Any, set[str]] = field(default_factory=dict)
    seers: dict[str, set[str]] = field(default_factory=dict)

    def seen_by(self, name: str) -> list[str]:
        """Slugs, in order."""
        return sorted(slug for slug, names in self.seers.items() if name in names)


def people_of_worlds(now: datetime) -> dict[str, User]:
    """The accounts that all worlds share: five without and two with a role."""
    names = ("ann", "bob", "cem", "dia", "eve", "aud", "root")
    made = [User(username=name, username_key=name, display_name=name, password="!", created_at=now) for name in names]
    users = {user.username: user for user in User.objects.bulk_create(made)}
    RoleGrant.objects.create(user=users["aud"], role="auditor", granted_at=now)
    RoleGrant.objects.create(user=users["root"], role="administrator", granted_at=now)
    return users


def random_world(seed: int, people: dict[str, User], now: datetime, *, size: int = 8) -> World:
    """One world; the same for the same seed."""
    world = World(random.Random(seed), now, people)
    _teams(world)
    _landscape(world)
    _integrations(world, size)
    _grants(world)
    return world


def _teams(world: World) -> None:
    groups = Group.objects.bulk_create([Group(name=f"team:{n}") for n in range(4)])
    for n, group in enumerate(groups):
        parent = world.dice.choice([None, *world.teams])
        world.teams.append(Team(slug=f"t{n}", slug_key=f"t{n}", title=f"Team {n}", parent=parent, group=group))
    Team.objects.bulk_create(world.teams)
    places = [(team, name) for team in world.teams for name in world.dice.sample(["ann", "bob", "cem", "dia"], world.dice.randint(0, 2))]
    Membership.objects.bulk_create([Membership(team=team, user=world.people[name], since=world.now) for team, name in places])
    through = User.groups.through
    through.objects.bulk_create([through(user_id=world.people[name].pk, group_id=team.group_id) for team, name in places])
    world.members = {team.pk: {name for at, name in places if at is team} for team in world.teams}


def _landscape(world: World) -> None:
    domains = [Domain(slug="top", slug_key="top", title="Top"), Domain(slug="sub", slug_key="sub", title="Sub")]
    domains[1].parent = domains[0]
    Domain.objects.bulk_create(domains)
    areas = [None, *domains]
    world.systems = [_named(System, f"sys{n}", kind="other", domain=world.dice.choice(areas)) for n in range(3)]
    world.items = [
        _named(DataObject, slug, domain=world.dice.choice(areas), classification=level, personal_categories=personal)
        for slug, level, personal in (("customer", "restricted", ["contact"]), ("order", "internal", []))
    ]
    System.objects.bulk_create(world.systems)
    DataObject.objects.bulk_create(world.items)
    for kind, rows in ((EntityKind.DOMAIN, domains), (EntityKind.SYSTEM, world.systems), (EntityKind.DATA_OBJECT, world.items)):
        Name.objects.bulk_create([Name(kind=kind, key=row.slug_key, slug=row.slug, entity_id=row.pk, since=world.now) for row in rows])


def _named(model: type[Any], slug: str, **fields: Any) -> Any:
    return model(slug=slug, slug_key=slug, title=slug.capitalize(), **fields)


def _integrations(world: World, size: int) -> None:
    dice = world.dice
    for n in range(size):
        row = Integration(
            slug=f"needle-{n}",
            slug_key=f"needle-{n}",
            title=f"Needle {n}",
            type=dice.choice(["flow", "api"]),
            team=dice.choice(world.teams),
            tier=dice.randint(1, 3),
            stage=dice.choice(STAGES),
            visibility=dice.choice(["organisation", "restricted", "restricted"]),
            tags=dice.sample(TAGS, dice.randint(0, 2)),
            ai_use=dice.choice([[], [{"model": "m"}]]),
            co_owners=[world.people["eve"].pk] if dice.random() < 0.2 else [],
            technical_owner=dice.choice([None, world.people["bob"]]),
            tombstoned_at=world.now if dice.random() < 0.1 else None,
            created_at=world.now,
            changed_at=world.now,
        )
        ends = _ends(world, row)
        row.search_text = search_words(row, ends)
        world.integrations.append(row)
        world.ends += ends
    create_rows(world.integrations, actor=Actor.system("tests"), now=world.now)
    FlowEndpoint.objects.bulk_create(world.ends)
    note_carried(world.ends)


def _ends(world: World, row: Integration) -> list[FlowEndpoint]:
    dice, ends = world.dice, []
    for role, operation in dice.sample([("source", "read"), ("target", "create"), ("enrichment", "read")], dice.randint(0, 3)):
        item, fields = dice.choice([None, *world.items]), dice.sample(FIELDS, dice.randint(0, 2))
        end = FlowEndpoint(integration=row, system=dice.choice(world.systems), data_object=item, role=role, operation=operation)
        end.fields_touched, end.carried = fields, carried(item.slug if item else None, fields)
        ends.append(end)
    return ends


def _grants(world: World) -> None:
    permission = Permission.objects.get(content_type__app_label="catalog", codename="view_integration")
    to_users, to_groups = [], []
    for row in world.integrations:
        seers = {"aud", "root"} | (set(world.people) if row.visibility == "organisation" else _above(world, row.team))
        for name in world.dice.sample(["ann", "bob", "eve"], world.dice.choice([0, 0, 0, 1, 2])):
            to_users.append(IntegrationUserObjectPermission(permission=permission, user=world.people[name], content_object=row))
            seers.add(name)
        for team in world.dice.sample(world.teams, world.dice.choice([0, 0, 0, 1])):
            to_groups.append(IntegrationGroupObjectPermission(permission=permission, group_id=team.group_id, content_object=row))
            seers |= world.members[team.pk]
        world.seers[row.slug] = set() if row.tombstoned_at else seers
    IntegrationUserObjectPermission.objects.bulk_create(to_users)
    IntegrationGroupObjectPermission.objects.bulk_create(to_groups)


def _above(world: World, team: Team | None) -> set[str]:
    """Members of the team and of all teams above it."""
    return set() if team is None else world.members[team.pk] | _above(world, team.parent)
