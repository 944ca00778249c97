"""Register the demo estate through the services, with real votes and a real log."""

import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.domain.viewers import Viewer
from accounts.models import Team, User
from accounts.selectors import viewers
from accounts.services import roles, teams, tokens, users
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.vocabulary import EntityKind
from catalog.services import components, connections, documents, domains, integrations, landscape, relations, releases, roadmap
from config.demo import estate, products
from foundation.ids import uuid7
from governance.domain.ballots import Choice
from governance.selectors.change_requests import get_visible
from governance.services import boards, change_requests, policies, review, votes
from runtime_adapters.services import runtimes

SYSTEM = Actor.system("demo")
PRODUCTION = "production"


@dataclass
class Demo:
    """What is being loaded: accounts by their part, and what scripts will need."""

    now: datetime
    people: dict[str, User] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    runtime_token: str = ""

    def viewer(self, part: str) -> Viewer:
        """What the person may see and do, as of now."""
        return viewers.viewer_of(self.people[part])

    def actor(self, part: str) -> Actor:
        """The person as the log knows them."""
        user = self.people[part]
        return Actor(type="user", ref=user.id, person_id=user.person_id)

    def acting(self, part: str) -> dict[str, Any]:
        """The arguments that every command takes."""
        return {"actor": self.actor(part), "viewer": self.viewer(part), "now": self.now}


@transaction.atomic
def load_demo(*, now: datetime) -> dict[str, Any]:
    """Load everything, all or nothing; return what `demo.json` holds."""
    demo = Demo(now)
    _people(demo)
    _landscape(demo)
    _governance(demo)
    _runtime(demo)
    for spec in estate.INTEGRATIONS:
        _integration(demo, spec)
    _products(demo)
    record("demo.loaded", subject=("installation", uuid7()), actor=SYSTEM, at=now)
    return _for_scripts(demo)


def _people(demo: Demo) -> None:
    for part, spec in estate.PEOPLE.items():
        demo.passwords[part] = secrets.token_urlsafe(12)
        user = users.create_user(
            username=spec["username"],
            display_name=spec["display_name"],
            email=f"{spec['username']}@example.org",
            password=demo.passwords[part],
            actor=SYSTEM,
            now=demo.now,
        )
        demo.people[part] = user
        for role in spec.get("roles", []):
            roles.grant_role(user=user, role=role, actor=SYSTEM, now=demo.now)
        _, demo.tokens[part] = tokens.issue_token(user=user, label="demo", scopes=spec["scopes"], actor=SYSTEM, now=demo.now)
    known: dict[str, Team] = {}
    for spec in estate.TEAMS:
        parent = known.get(str(spec.get("parent")))
        team = teams.register_team(
            slug=spec["slug"], title=spec["title"], contact=spec["contact"], parent=parent, actor=SYSTEM, now=demo.now
        )
        known[team.slug] = team
        for part in spec["members"]:
            teams.add_member(team=team, user=demo.people[part], is_lead=True, actor=SYSTEM, now=demo.now)


def _landscape(demo: Demo) -> None:
    admin = demo.acting("admin")
    for environment in estate.ENVIRONMENTS:
        landscape.register_environment(**environment, **admin)
    for domain in products.DOMAINS:
        domains.register_domain(**domain, **admin)
    for system in estate.SYSTEMS:
        landscape.register_system(**system, domain=products.PLACES.get(system["slug"]), **admin)
    for data_object in estate.DATA_OBJECTS:
        landscape.register_data_object(**data_object, **admin)


def _products(demo: Demo) -> None:
    """What makes them products: parts and connections to reuse, promises, relations, plans."""
    owner, admin = demo.acting("owner"), demo.acting("admin")
    components.register_component(**products.COMPONENT, **owner)
    for version, content, notes in products.COMPONENT_VERSIONS:
        components.publish_version(component=products.COMPONENT["slug"], version=version, content=content, notes=notes, **owner)
    connections.register_connection_template(**products.TEMPLATE, **admin)
    for connection in products.CONNECTIONS:
        connections.register_connection(**connection, **admin)
    for slug, promises in products.PROMISES.items():
        integrations.update_integration(slug=slug, changes=promises, expected_version=None, **owner)
    for source, name, target in products.RELATIONS:
        kind = EntityKind.INTEGRATION
        relations.add_relation(type=name, source_kind=kind, source=source, target_kind=kind, target=target, **admin)
    for item in products.ROADMAP:
        roadmap.add_item(**item, **owner)


def _governance(demo: Demo) -> None:
    admin = demo.acting("admin")
    members = [demo.people[part] for part in estate.BOARD["members"]]
    boards.register_board(slug=estate.BOARD["slug"], title=estate.BOARD["title"], members=members, **admin)
    policies.register_policy(**estate.POLICY, **admin)


def _runtime(demo: Demo) -> None:
    runtimes.register_runtime(**estate.RUNTIME, config={}, **demo.acting("admin"))
    demo.runtime_token = runtimes.issue_runtime_token(runtime=estate.RUNTIME["slug"], label="demo agent", **demo.acting("admin"))


def _integration(demo: Demo, spec: dict[str, Any]) -> None:
    spec = dict(spec)
    live, waiting = spec.pop("live", None), spec.pop("waiting", None)
    part = "owner" if spec["team"] == "commerce-platform" else "operator"
    integration = integrations.register_integration(**spec, **demo.acting(part))
    for section, body in estate.DOCUMENTS.items():
        if live or section == "overview":
            text = body.format(purpose=spec["purpose"])
            documents.write_document(integration=integration.slug, section=section, body=text, expected_version=None, **demo.acting(part))
    if live:
        version, manifest = live
        number = _ask(demo, integration.slug, version, manifest, "First release into production.")
        for voter in ("board_1", "board_2"):
            _approve(demo, number, voter)
    if waiting:
        _ask(demo, integration.slug, *waiting)


def _ask(demo: Demo, slug: str, version: str, manifest: dict[str, Any], reason: str) -> int:
    owner = demo.acting("owner")
    releases.publish_release(integration=slug, version=version, manifest=manifest, manifest_bytes=None, notes=reason, **owner)
    targets = [{"environment": PRODUCTION, "runtime": estate.RUNTIME["slug"]}]
    change = change_requests.draft_and_submit(integration=slug, release=version, targets=targets, reason=reason, **owner)
    review.review(number=change.number, actor=Actor.worker(), now=demo.now)
    return int(change.number)


def _approve(demo: Demo, number: int, part: str) -> None:
    acting = demo.acting(part)
    change = get_visible(number, acting["viewer"])
    votes.cast_vote(number=number, choice=Choice.APPROVE, shown=change.subject_digest, reason="Reviewed with the owner.", **acting)


def _for_scripts(demo: Demo) -> dict[str, Any]:
    slug = estate.RUNTIME["slug"]
    return {
        "people": {
            part: {"username": user.username, "password": demo.passwords[part], "token": demo.tokens[part]}
            for part, user in demo.people.items()
        },
        "runtimes": {slug: {"token": demo.runtime_token}},
        "agents": [{"args": agent_arguments(slug)}],
        "first_steps": [
            "Sign in as mara (board). Reviews → “Orders → ERP 1.1.0”: read what changes, approve.",
            "Sign in as kenji and approve too: the release goes live and is proven by its own runs within seconds.",
            "Approve “Products → Web shop 2.0.0” as both: it fails its health gate and is rolled back by itself.",
            "Sign in as ada (auditor): open the change, download its evidence pack, and run `python audit/verify.py pack.zip`.",
        ],
    }


def agent_arguments(slug: str) -> list[str]:
    """How `make run` starts the reference agent: its token in a file, its state under the data folder."""
    home = Path(settings.PORTOLAN_VAR) / "agents" / slug
    words = ["--url", "{url}", "--token-file", str(home / "token"), "--state-dir", str(home / "state")]
    return [*words, "--releases-dir", str(home / "releases"), "--demo-flow", "--every", "1"]


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(path)


def keep_for_scripts(told: dict[str, Any]) -> Path:
    """Write demo.json and the agent's token file under the data folder."""
    home = Path(settings.PORTOLAN_VAR)
    for slug, runtime in told["runtimes"].items():
        write_private(home / "agents" / slug / "token", runtime["token"])
    target = home / "demo.json"
    write_private(target, json.dumps(told, indent=1))
    return target
