"""The estate that is measured: integrations in bulk with what the services would have written, people and runtimes through the services."""

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection, transaction

from accounts.models import Membership, Team, User
from accounts.selectors import viewers
from accounts.services import roles, teams, tokens, users
from audit.domain import leaves
from audit.domain.actors import Actor
from audit.models import Event, Pending
from benchmarks.lines import progress
from catalog.domain.vocabulary import EntityKind
from catalog.models import DataObject, FlowEndpoint, Integration, LiveRelease, Name, Release, ReleaseAuthor, System
from catalog.services import landscape
from foundation.canonical import jcs, sha256_digest
from foundation.clock import db_now
from foundation.ids import uuid7
from foundation.searching import stored
from governance.services import boards, change_requests, policies
from runtime_adapters.models import Runtime, Slot
from runtime_adapters.services import deployments, runtimes

SYSTEM = Actor.system("benchmarks")
TEAMS, USERS, SYSTEMS, DATA_OBJECTS = 50, 1_000, 40, 25
RESTRICTED_EVERY = 10  # one integration in ten is restricted to its team
OWN_TEAMS = 5  # of the limited user
PULLED_SLOTS = 50
BATCH = 1_000
TYPES = ("flow", "api", "event-subscription", "file-transfer")
STAGES = ("proposed", "designed", "built", "tested", "live", "live", "live", "deprecated")
SCOPES = ("catalog:read", "catalog:write", "changes:read", "changes:request", "changes:vote", "admin")
MANIFEST = {
    "runtime_kind": "reference-agent",
    "payload": {"flow": {"kind": "file-to-file", "every_s": 3, "source": "inbox", "target": "outbox"}},
}

# The tables that the bare application writes to: ours with all their indexes, so that only the code above them differs.
TABLES = """
CREATE TABLE bench_bare_integration (LIKE catalog_integration INCLUDING ALL);
CREATE TABLE bench_bare_reading (LIKE runtime_adapters_healthreading INCLUDING ALL);
CREATE TABLE bench_bare_row (id bigserial PRIMARY KEY, body jsonb NOT NULL, at timestamptz NOT NULL DEFAULT now());
"""


@dataclass(slots=True)
class Estate:
    """What the scenarios work on. Tokens are secrets of bearer tokens."""

    scale: int
    administrator: str
    limited: str
    voters: tuple[str, str]
    runtime: str
    root: User
    slugs: Sequence[str]
    releasable: deque[str]  # integrations with a release and no change request yet
    slots: Sequence[Slot]
    pulling: Runtime
    systems: Sequence[str]
    data_objects: Sequence[str]
    team_ids: Sequence[Any]
    opened: deque[tuple[int, str]] = field(default_factory=deque)  # change requests without a vote: number, digest
    voted: deque[tuple[int, str]] = field(default_factory=deque)  # with one of two votes
    cursor: str = ""  # of the deep page, and how many rows lie before it
    walked: int = 0

    def open_changes(self, count: int) -> None:
        """Submit change requests until `count` of them wait for their first vote."""
        who = _by(self.root)
        target = [{"environment": "production", "runtime": "agent"}]
        while len(self.opened) < count and self.releasable:
            change = change_requests.draft_and_submit(
                integration=self.releasable.popleft(), release="1.0.0", targets=target, reason="Measured.", **who
            )
            self.opened.append((change.number, change.subject_digest))


def build(scale: int) -> Estate:
    """Fill an empty, migrated database with `scale` integrations."""
    dice = random.Random(7)
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
    now = db_now()
    root = users.create_user(username="root", display_name="Root", actor=SYSTEM, now=now)
    roles.grant_role(user=root, role="administrator", actor=SYSTEM, now=now)
    owners = [teams.register_team(slug=f"team-{n:02}", title=f"Team {n}", actor=SYSTEM, now=now) for n in range(TEAMS)]
    _people(owners, dice, now)
    limited = users.create_user(username="limited", display_name="Limited", actor=SYSTEM, now=now)
    for team in owners[:OWN_TEAMS]:
        teams.add_member(team=team, user=limited, actor=SYSTEM, now=now)
    progress(f"{USERS} users in {TEAMS} teams")
    systems, data_objects = _landscape()
    rows = _integrations(scale, owners, systems, data_objects, dice, now)
    releases = _releases(rows[: max(4 * PULLED_SLOTS, scale // 4)], root, now)
    progress(f"{scale} integrations")
    voters = _governance(root)
    puller, slots, secret = _delivery(root, releases)
    _settle_statistics()
    progress(f"{len(slots)} slots with desired states")
    in_use = {slot.integration_id for slot in slots}
    return Estate(
        scale=scale,
        administrator=_token(root),
        limited=_token(limited),
        voters=(_token(voters[0]), _token(voters[1])),
        runtime=secret,
        root=root,
        slugs=[row.slug for row in rows],
        releasable=deque(release.integration.slug for release in releases if release.integration_id not in in_use),
        slots=slots,
        pulling=puller,
        systems=[system.slug for system in systems],
        data_objects=[item.slug for item in data_objects],
        team_ids=[team.id for team in owners],
    )


def _by(user: User) -> dict[str, Any]:
    return {"actor": viewers.actor_of(user, method="session"), "viewer": viewers.viewer_of(user), "now": db_now()}


def _token(user: User) -> str:
    return tokens.issue_token(user=user, label="benchmarks", scopes=SCOPES, actor=SYSTEM, now=db_now())[1]


def _people(owners: Sequence[Team], dice: random.Random, now: datetime) -> None:
    """Everybody is in two teams."""
    people = [
        User(username=f"user-{n:04}", username_key=f"user-{n:04}", display_name=f"User {n}", password="!", created_at=now)
        for n in range(USERS)
    ]
    User.objects.bulk_create(people, batch_size=BATCH)
    places = [(user, team) for user in people for team in dice.sample(list(owners), 2)]
    Membership.objects.bulk_create([Membership(team=team, user=user, since=now) for user, team in places], batch_size=BATCH)
    through = User.groups.through
    through.objects.bulk_create([through(user_id=user.id, group_id=team.group_id) for user, team in places], batch_size=BATCH)
    assert Group.objects.count() >= TEAMS


def _landscape() -> tuple[list[System], list[DataObject]]:
    systems = [System(slug=f"system-{n:02}", slug_key=f"system-{n:02}", title=f"System {n}", kind="other") for n in range(SYSTEMS)]
    items = [DataObject(slug=f"object-{n:02}", slug_key=f"object-{n:02}", title=f"Object {n}") for n in range(DATA_OBJECTS)]
    System.objects.bulk_create(systems)
    DataObject.objects.bulk_create(items)
    kinds: tuple[tuple[EntityKind, Sequence[Any]], ...] = ((EntityKind.SYSTEM, systems), (EntityKind.DATA_OBJECT, items))
    for kind, rows in kinds:
        Name.objects.bulk_create([Name(kind=kind, key=row.slug_key, slug=row.slug, entity_id=row.pk, since=db_now()) for row in rows])
    return systems, items


@transaction.atomic
def _integrations(
    scale: int, owners: Sequence[Team], systems: Sequence[System], items: Sequence[DataObject], dice: random.Random, now: datetime
) -> list[Integration]:
    rows: list[Integration] = []
    for start in range(0, scale, BATCH):
        batch = [_integration(n, owners, dice, now) for n in range(start, min(start + BATCH, scale))]
        ends = [end for row in batch for end in _ends(row, systems, items, dice)]
        Integration.objects.bulk_create(batch)
        FlowEndpoint.objects.bulk_create(ends)
        events = [_registered(row, now) for row in batch]
        Event.objects.bulk_create(events)
        Pending.objects.bulk_create([Pending(event_id=event.id) for event in events])
        rows += batch
    return rows


def word(number: int) -> str:
    """One of a hundred words; each integration has two of them, so that a search for one finds one in fifty."""
    return f"word{number % 100:02}"


def _integration(n: int, owners: Sequence[Team], dice: random.Random, now: datetime) -> Integration:
    slug = f"integration-{n:06}"
    words = [word(dice.randrange(100)), word(dice.randrange(100))]
    purpose = f"Carries {words[0]} and {words[1]} between two systems, every few minutes, as agreed with the team that owns them."
    team = owners[dice.randrange(len(owners))]
    return Integration(
        slug=slug,
        slug_key=slug,
        title=f"Integration {n} of {words[0]}",
        purpose=purpose,
        type=dice.choice(TYPES),
        team=team,
        tier=dice.randint(1, 3),
        stage=dice.choice(STAGES),
        visibility="restricted" if n % RESTRICTED_EVERY == 0 else "organisation",
        tags=[words[1]],
        created_at=now,
        changed_at=now,
        search_text="\n".join(map(stored, (f"{slug} Integration {n} of {words[0]}", f"{words[1]} {team.slug} {team.title}", purpose, ""))),
    )


def _ends(row: Integration, systems: Sequence[System], items: Sequence[DataObject], dice: random.Random) -> list[FlowEndpoint]:
    item, (source, target) = dice.choice(items), dice.sample(list(systems), 2)
    return [
        FlowEndpoint(integration=row, system=source, data_object=item, role="source", operation="read"),
        FlowEndpoint(integration=row, system=target, data_object=item, role="target", operation="create"),
    ]


def _registered(row: Integration, now: datetime) -> Event:
    """The event of its registration, without the words."""
    facts = {"team": row.team_id, "visibility": row.visibility, "stage": row.stage, "tier": str(row.tier), "pattern": row.type}
    event = leaves.Event(
        id=uuid7(), at=now, verb="catalog.integration.registered", actor=SYSTEM, subject=("catalog.integration", row.id), version=1,
        facts=facts,
    )  # fmt: skip
    body = leaves.leaf_of(event)
    return Event(
        id=event.id, body=body, leaf_hash=leaves.leaf_hash(body), verb=event.verb, actor_type=SYSTEM.type, actor_ref=SYSTEM.ref,
        subject_type="catalog.integration", subject_id=row.id, version=1, at=now,
    )  # fmt: skip


@transaction.atomic
def _releases(rows: Sequence[Integration], author: User, now: datetime) -> list[Release]:
    data = jcs(MANIFEST)
    place = {"version": "1.0.0", "version_sort": "0001.0000.0000", "runtime_kind": MANIFEST["runtime_kind"], "created_by": author}
    content = {"digest": sha256_digest(data), "manifest": MANIFEST, "manifest_bytes": data}
    releases = [Release(integration=row, created_at=now, **place, **content) for row in rows]
    Release.objects.bulk_create(releases, batch_size=BATCH)
    ReleaseAuthor.objects.bulk_create([ReleaseAuthor(release=release, user=author) for release in releases], batch_size=BATCH)
    environment = landscape.register_environment(slug="production", title="Production", rank=40, is_production=True, **_by(author))
    live = [LiveRelease(integration=r.integration, environment=environment, runtime_key="agent", release=r, since=now) for r in releases]
    LiveRelease.objects.bulk_create(live, batch_size=BATCH)
    return releases


def _governance(root: User) -> list[User]:
    """Two approvals of a board of ten, and two automatic checks that only warn; tokens may vote, because no browser measures."""
    now = db_now()
    members = [users.create_user(username=f"judge-{n}", display_name=f"Judge {n}", actor=SYSTEM, now=now) for n in range(10)]
    boards.register_board(slug="board", title="Board", members=members, **_by(root))
    requirements = [
        {"kind": "quorum", "name": "board", "needs": 2, "boards": ["board"], "token_votes": True},
        {"kind": "check", "name": "documented", "check": "documented", "enforcement": "advisory"},
        {"kind": "check", "name": "owned", "check": "owned", "enforcement": "advisory"},
    ]
    policies.register_policy(slug="default", title="Default", requirements=requirements, **_by(root))
    return members


def _delivery(root: User, releases: Sequence[Release]) -> tuple[Runtime, list[Slot], str]:
    """Two agents: one that change requests send to, and one that holds desired states and reports health."""
    for slug in ("agent", "pulling"):
        runtimes.register_runtime(
            slug=slug, title=slug, kind="reference-agent", environments=["production"], config={}, **_by(root)
        )  # fmt: skip
    puller = Runtime.objects.get(slug="pulling")
    place = puller.environments.get()
    slots = []
    for release in releases[: min(PULLED_SLOTS, len(releases) // 4)]:
        opened = deployments.open_slot(
            integration_id=release.integration_id, environment_id=place.id, runtime_id=puller.id, actor=SYSTEM, now=db_now()
        )
        slot = Slot.objects.select_related("integration", "environment", "runtime").get(pk=opened.id)
        rendered = deployments.render(slot=slot, release=release)
        deployments.set_desired(
            slot_id=slot.id, release_id=release.id, payload=rendered.payload, payload_digest=rendered.payload_digest,
            content_hash=rendered.content_hash, change_id=uuid7(), cause="change", actor=SYSTEM, now=db_now(),
        )  # fmt: skip
        slots.append(slot)
    secret = runtimes.issue_runtime_token(runtime="pulling", label="benchmarks", **_by(root))
    return puller, slots, secret


def _settle_statistics() -> None:
    """What autovacuum would have done by the time anybody looks."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")
