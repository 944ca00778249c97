"""Teams: a tree of people who answer for integrations. Each team has one permission group, kept in step here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.domain.errors import SlugTaken, TeamCycle, TeamMissing
from accounts.domain.inputs import Reading
from accounts.models import Membership, Team, User
from accounts.services.rows import save_row
from audit.domain.actors import Actor
from audit.services.record import record
from foundation.conditional import VersionMoved
from foundation.ids import uuid7
from foundation.text import slug_key
from foundation.turns import take_turn

SUBJECT = "accounts.team"


@transaction.atomic
def register_team(*, slug: str, title: str, contact: str = "", parent: Team | None = None, actor: Actor, now: datetime) -> Team:
    """Register a team and its permission group. Raises: Invalid (422), SlugTaken (409)."""
    reading = Reading()
    team = Team(
        slug=reading.slug("slug", slug),
        title=reading.line("title", title, most=120),
        contact=reading.line("contact", contact, most=200, least=0),
        parent=parent,
    )
    reading.close()
    team.slug_key = slug_key(team.slug)
    team.group = Group.objects.create(name=f"team:{uuid7()}")
    save_row(team, actor=actor, now=now, taken=SlugTaken)
    record(
        "accounts.team.created",
        subject=(SUBJECT, team.id),
        actor=actor,
        at=now,
        facts={"parent": parent.id} if parent else {},
        texts={"slug": team.slug, "title": team.title},
        version=team.version,
    )
    return team


@transaction.atomic
def update_team(*, slug: str, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, now: datetime) -> Team:
    """Change title, contact or parent (a Team or None).

    Raises: TeamMissing, VersionMoved (412), TeamCycle (409), Invalid (422).
    """
    if "parent" in changes:
        take_turn("move team")  # before any row: two moves at once could close a circle that neither sees, or wait for each other
    team = Team.objects.select_for_update().filter(slug_key=slug_key(slug)).first()
    if team is None:
        raise TeamMissing
    if expected_version not in {None, team.version}:
        raise VersionMoved(team.version)
    changed = [name for name in ("title", "contact", "parent") if name in changes and changes[name] != getattr(team, name)]
    _apply(team, changes, changed)
    if not changed:
        return team
    team.version += 1
    save_row(team, actor=actor, now=now)
    facts: dict[str, Any] = {"changed": changed}
    if "parent" in changed and team.parent_id is not None:
        facts["parent"] = team.parent_id
    texts = {name: getattr(team, name) for name in changed if name != "parent"}
    record("accounts.team.updated", subject=(SUBJECT, team.id), actor=actor, at=now, facts=facts, texts=texts, version=team.version)
    return team


@transaction.atomic
def add_member(*, team: Team, user: User, is_lead: bool = False, actor: Actor, now: datetime) -> bool:
    """Put `user` into `team`, or change whether it leads; False when nothing changed."""
    member, added = Membership.objects.select_for_update().get_or_create(team=team, user=user, defaults={"is_lead": is_lead, "since": now})
    if not added and member.is_lead == is_lead:
        return False
    member.is_lead = is_lead
    member.save(update_fields=["is_lead"])
    user.groups.add(team.group_id)
    facts = {"team": team.id, "user": user.id, "person": user.person_id, "is_lead": is_lead}
    verb = "accounts.membership.added" if added else "accounts.membership.updated"
    record(verb, subject=(SUBJECT, team.id), actor=actor, at=now, facts=facts)
    return True


@transaction.atomic
def remove_member(*, team: Team, user: User, actor: Actor, now: datetime) -> bool:
    """Take `user` out of `team`; False when it was not in."""
    removed, _ = Membership.objects.filter(team=team, user=user).delete()
    if removed:
        user.groups.remove(team.group_id)
        facts = {"team": team.id, "user": user.id, "person": user.person_id}
        record("accounts.membership.removed", subject=(SUBJECT, team.id), actor=actor, at=now, facts=facts)
    return bool(removed)


def _apply(team: Team, changes: Mapping[str, Any], changed: list[str]) -> None:
    reading = Reading()
    if "title" in changed:
        team.title = reading.line("title", changes["title"], most=120)
    if "contact" in changed:
        team.contact = reading.line("contact", changes["contact"], most=200, least=0)
    if "parent" in changed:
        team.parent = changes["parent"]
        _refuse_cycle(team)
    reading.close()


def _refuse_cycle(team: Team) -> None:
    """Nobody else moves a team meanwhile, so the tree is as it is read here."""
    parents = dict(Team.objects.values_list("id", "parent_id"))
    above, seen = team.parent_id, set()
    while above is not None and above not in seen:
        if above == team.id:
            raise TeamCycle
        seen.add(above)
        above = parents.get(above)
