"""The estate that is measured: a catalog in bulk (`benchmarks.fixture`), governance and delivery through the services."""

import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Team, User
from accounts.selectors import viewers
from accounts.services import roles, teams, tokens, users
from audit.selectors.log import log_size
from audit.services import sequence
from benchmarks.fixture.bulk import analyze, run
from benchmarks.fixture.integrations import make_integrations
from benchmarks.fixture.landscape import make_landscape
from benchmarks.fixture.log import SYSTEM, Log
from benchmarks.fixture.people import make_people, make_teams
from benchmarks.fixture.relations import make_relations
from benchmarks.fixture.releases import LIVE, NEWEST, live_slugs, make_releases
from benchmarks.lines import progress
from catalog.models import Integration, Release
from foundation.clock import db_now
from foundation.ids import uuid7
from governance.services import boards, change_requests, policies
from runtime_adapters.models import Runtime, Slot
from runtime_adapters.services import deployments, runtimes

OWN_TEAMS = 5  # of the limited user
PULLED_SLOTS = 50
PLACED_AT_ONCE = 20_000
SCOPES = ("catalog:read", "catalog:write", "changes:read", "changes:request", "changes:vote", "admin")

# The tables that the bare application writes to: ours with all their indexes, so that only the code above them differs.
TABLES = """
CREATE TABLE bench_bare_integration (LIKE catalog_integration INCLUDING ALL);
ALTER TABLE bench_bare_integration
  ALTER co_owners SET DEFAULT '{}', ALTER lifecycle SET DEFAULT 1, ALTER labels SET DEFAULT '{}', ALTER business_value SET DEFAULT '',
  ALTER support SET DEFAULT '{}', ALTER change_policy SET DEFAULT '{}', ALTER deprecation SET DEFAULT '{}',
  ALTER reuse_check SET DEFAULT '', ALTER ai_use SET DEFAULT '[]';
CREATE TABLE bench_bare_reading (LIKE runtime_adapters_healthreading INCLUDING ALL);
CREATE TABLE bench_bare_row (id bigserial PRIMARY KEY, body jsonb NOT NULL, at timestamptz NOT NULL DEFAULT now());
"""


@dataclass(slots=True)
class Catalog:
    """What was filled in bulk."""

    scale: int
    root: User
    limited: User
    teams: Sequence[Team]
    rows: Sequence[Integration]
    systems: Sequence[str]
    data_objects: Sequence[str]
    registered_at: int  # an index of the log at which every integration was there, and none had been changed since


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
    teams: Sequence[str]
    team_ids: Sequence[Any]
    digests: Mapping[UUID, str]  # of what should run, by slot
    past: int  # an index of the log, before a quarter of the integrations were changed and before anything was related
    related: int  # a later one, at which all relations stood
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
                integration=self.releasable.popleft(), release=NEWEST, targets=target, reason="Measured.", **who
            )
            self.opened.append((change.number, change.subject_digest))


def build(scale: int) -> Estate:
    """Fill an empty, migrated database with `scale` integrations and all that the scenarios need beside them."""
    run(TABLES)
    made = fill(scale)
    voters = _governance(made.root)
    puller, digests, secret = _delivery(made)
    settle()
    progress(f"{len(digests)} slots with desired states")
    in_use = {slot.integration.slug for slot in digests}
    return Estate(
        scale=scale,
        administrator=_token(made.root),
        limited=_token(made.limited),
        voters=(_token(voters[0]), _token(voters[1])),
        runtime=secret,
        root=made.root,
        slugs=[row.slug for row in made.rows],
        releasable=deque(slug for slug in live_slugs(made.rows) if slug not in in_use),
        slots=list(digests),
        pulling=puller,
        systems=made.systems,
        data_objects=made.data_objects,
        teams=[team.slug for team in made.teams],
        team_ids=[team.id for team in made.teams],
        digests={slot.id: digest for slot, digest in digests.items()},
        past=made.registered_at,
        related=log_size() - 1,
    )


def fill(scale: int, *, password: str | None = None) -> Catalog:
    """The catalog alone: teams and people, the landscape, integrations, releases, relations, and the log of all of it, placed."""
    dice, now = random.Random(7), db_now()
    log = Log(now)
    root = users.create_user(username="root", display_name="Root", password=password, actor=SYSTEM, now=now)
    roles.grant_role(user=root, role="administrator", actor=SYSTEM, now=now)
    owners = make_teams(max(OWN_TEAMS + 1, scale // 100), now)
    people = make_people(max(20, scale // 5), owners, dice, log, now)
    limited = users.create_user(username="limited", display_name="Limited", password=password, actor=SYSTEM, now=now)
    for team in owners[:OWN_TEAMS]:
        teams.add_member(team=team, user=limited, actor=SYSTEM, now=now)
    progress(f"{len(people)} users in {len(owners)} teams")
    found = make_landscape(scale, owners, _by(root))
    progress(f"{len(found.systems)} systems, {len(found.data_objects)} data objects")
    with transaction.atomic():
        rows = make_integrations(scale, owners, people, found, dice, log, now)
    progress(f"{scale} integrations")
    with transaction.atomic():
        make_releases(rows, found, root, log, now)
    progress("releases")
    registered = _place() - 1
    with transaction.atomic():
        make_relations(rows, found, dice, log, now)
    progress("relations")
    progress(f"{_place()} events in the log")
    slugs = ([row.slug for row in found.systems], [row.slug for row in found.data_objects])
    return Catalog(scale, root, limited, owners, rows, *slugs, registered)


def _by(user: User) -> dict[str, Any]:
    return {"actor": viewers.actor_of(user, method="session"), "viewer": viewers.viewer_of(user), "now": db_now()}


def _token(user: User) -> str:
    return tokens.issue_token(user=user, label="benchmarks", scopes=SCOPES, actor=SYSTEM, now=db_now())[1]


def _place() -> int:
    """Everything that waits gets its place in the log; returns how long the log is then."""
    analyze("audit_event", "audit_pending")
    while sequence.sequence_once(db_now(), PLACED_AT_ONCE):
        pass
    return log_size()


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


def _delivery(made: Catalog) -> tuple[Runtime, dict[Slot, str], str]:
    """Two agents: one that change requests send to, and one that holds desired states (slot → digest) and reports health."""
    by = _by(made.root)
    for slug in ("agent", "pulling"):
        runtimes.register_runtime(slug=slug, title=slug, kind="reference-agent", environments=["production"], config={}, **by)
    puller = Runtime.objects.get(slug="pulling")
    slots = dict(_slot(puller, slug, by["now"]) for slug in list(live_slugs(made.rows))[: min(PULLED_SLOTS, made.scale // 16)])
    return puller, slots, runtimes.issue_runtime_token(runtime="pulling", label="benchmarks", **by)


def _slot(puller: Runtime, slug: str, now: datetime) -> tuple[Slot, str]:
    release = Release.objects.select_related("integration").get(integration__slug_key=slug, version=LIVE)
    opened = deployments.open_slot(
        integration_id=release.integration_id, environment_id=puller.environments.get().id, runtime_id=puller.id, actor=SYSTEM, now=now
    )
    slot = Slot.objects.select_related("integration", "environment", "runtime").get(pk=opened.id)
    rendered = deployments.render(slot=slot, release=release)
    deployments.set_desired(
        slot_id=slot.id, release_id=release.id, payload=rendered.payload, payload_digest=rendered.payload_digest,
        content_hash=rendered.content_hash, change_id=uuid7(), cause="change", actor=SYSTEM, now=now,
    )  # fmt: skip
    return slot, release.digest


def settle() -> None:
    """What autovacuum would have done by the time anybody looks. Our own tables only: those of the whole server may be in use elsewhere."""
    tables = ", ".join(f'"{name}"' for name in connection.introspection.table_names())
    run(f"{'ANALYZE' if connection.in_atomic_block else 'VACUUM ANALYZE'} {tables}")
