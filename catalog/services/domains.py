"""Domains: business areas in a tree. Administrators register them; a domain's team keeps it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.domain.inputs import Reading
from accounts.domain.rights import require_administrator
from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from catalog.domain.errors import DomainCycle, DomainMissing
from catalog.domain.trees import would_circle
from catalog.domain.vocabulary import EntityKind
from catalog.models import Domain
from catalog.selectors import domains as selectors
from catalog.selectors import landscape
from catalog.services import fields
from catalog.services.entries import Noun, register, update
from foundation.turns import take_turn


def _keeps_a_tree(row: Domain, _reading: Reading) -> None:
    if row.parent_id is not None and would_circle(selectors.parents(), row.id, row.parent_id):
        raise DomainCycle


DOMAIN = Noun(
    kind=EntityKind.DOMAIN,
    rows=landscape.domains,
    missing=DomainMissing,
    readers=fields.DOMAIN,
    facts=lambda row: {"team": row.team_id, "parent": row.parent_id},
    settle=_keeps_a_tree,
)


@transaction.atomic
def register_domain(
    *,
    slug: str,
    title: str,
    description: str = "",
    parent: str | None = None,
    team: str | None = None,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> Domain:
    """Register a business area; `parent` and `team` are slugs. Raises: AdministratorsOnly, Invalid (422), SlugTaken (409)."""
    require_administrator(viewer)
    domain = Domain()
    values = {"title": title, "description": description, "parent": parent, "team": team}
    register(DOMAIN, domain, slug, values, actor=actor, now=now)
    return domain


@transaction.atomic
def update_domain(
    *, slug: str, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime
) -> Domain:
    """Change a domain or move it, with all that lies in it, into another `parent` (None: to the top).

    Raises: DomainMissing, NotYourEntry, AdministratorsOnly, DomainCycle (409), VersionMoved (412), Invalid (422).
    """
    if "parent" in changes:
        take_turn("move domain")  # two moves at once could close a circle that neither sees
    domain: Domain = update(DOMAIN, slug, changes, expected_version=expected_version, actor=actor, viewer=viewer, now=now)
    return domain
