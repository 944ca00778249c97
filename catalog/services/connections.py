"""Connection templates and connections: references to secrets are kept here, never the secrets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.domain.inputs import Reading
from accounts.domain.rights import require_administrator
from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from catalog.domain.connections import no_longer_fits, reference_faults
from catalog.domain.errors import ConnectionMissing, ConnectionTemplateMissing, SlotsInUse
from catalog.domain.vocabulary import EntityKind
from catalog.models import Connection, ConnectionTemplate
from catalog.selectors import connections as selectors
from catalog.selectors import landscape
from catalog.services import fields
from catalog.services.entries import Noun, register, require_in_use, require_member, update


def _still_fits(row: ConnectionTemplate, _reading: Reading) -> None:
    """Connections were checked against the slots: a change must not leave one of them broken."""
    made = Connection.objects.filter(template=row, tombstoned_at__isnull=True).order_by("slug_key")
    broken = [connection.slug for connection in made if no_longer_fits(row.slots, connection.references)]
    if broken:
        raise SlotsInUse(extra={"connections": broken[:20]})


def _fits(row: Connection, reading: Reading) -> None:
    """The template is locked, so that its slots cannot change meanwhile."""
    slots = ConnectionTemplate.objects.select_for_update().get(pk=row.template_id).slots
    reading.faults.extend(reference_faults(slots, row.references))


CONNECTION_TEMPLATE = Noun(
    kind=EntityKind.CONNECTION_TEMPLATE,
    rows=selectors.templates,
    missing=ConnectionTemplateMissing,
    readers=fields.CONNECTION_TEMPLATE,
    facts=lambda row: {"auth_type": row.auth_type, "protocol": row.protocol},
    owner=lambda _row: None,
    settle=_still_fits,
)
CONNECTION = Noun(
    kind=EntityKind.CONNECTION,
    rows=selectors.connections,
    missing=ConnectionMissing,
    readers=fields.CONNECTION,
    facts=lambda row: {
        "team": row.team_id,
        "template": row.template_id,
        "system": row.system_id,
        "environment": row.environment_id,
    },
    settle=_fits,
)


@transaction.atomic
def register_connection_template(
    *,
    slug: str,
    title: str,
    protocol: str,
    auth_type: str,
    slots: Sequence[Mapping[str, Any]] = (),
    description: str = "",
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> ConnectionTemplate:
    """Register an approved way to reach a kind of system; `slots` are `{name, required?, description?}`.

    Raises: AdministratorsOnly, Invalid (422), SlugTaken (409).
    """
    require_administrator(viewer)
    template = ConnectionTemplate()
    values = {"title": title, "protocol": protocol, "auth_type": auth_type, "slots": slots, "description": description}
    register(CONNECTION_TEMPLATE, template, slug, values, actor=actor, now=now)
    return template


@transaction.atomic
def update_connection_template(
    *, slug: str, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime
) -> ConnectionTemplate:
    """Change a template. Slots may change as long as every connection made from it still fits.

    Raises: ConnectionTemplateMissing, AdministratorsOnly, SlotsInUse (409), VersionMoved (412), Invalid (422).
    """
    template: ConnectionTemplate = update(
        CONNECTION_TEMPLATE, slug, changes, expected_version=expected_version, actor=actor, viewer=viewer, now=now
    )
    return template


@transaction.atomic
def register_connection(
    *,
    slug: str,
    title: str,
    template: str,
    system: str,
    environment: str,
    team: str,
    references: Mapping[str, Any],
    expires_at: datetime | None = None,
    rotated_at: datetime | None = None,
    rotate_every_days: int | None = None,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> Connection:
    """Fill in `template` for `system` in `environment` (slugs); members of `team` may. `references`: slot → secret reference.

    Raises: NotYourEntry (403), Invalid (422; a value that is no reference is never repeated), SlugTaken (409).
    """
    require_member(viewer, team)
    connection = Connection()
    reading = Reading()
    given = {"template": template, "system": system, "environment": environment}
    ends = {name: fields.known(kind, find)(reading, name, given[name]) for name, (kind, find) in _ENDS.items()}
    for name, end in ends.items():
        setattr(connection, name, end)
    require_in_use(reading, ends)
    _not_ahead(reading, rotated_at, now)
    reading.close()
    values = {
        "title": title,
        "team": team,
        "references": references,
        "expires_at": expires_at,
        "rotated_at": rotated_at,
        "rotate_every_days": rotate_every_days,
    }
    register(CONNECTION, connection, slug, values, actor=actor, now=now)
    return connection


@transaction.atomic
def update_connection(
    *, slug: str, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime
) -> Connection:
    """Change title, team, references, expiry or rotation. Template, system and environment are what the connection is: they stay.

    Raises: ConnectionMissing, NotYourEntry, VersionMoved (412), Invalid (422).
    """
    reading = Reading()
    _not_ahead(reading, changes.get("rotated_at"), now)
    connection: Connection = update(
        CONNECTION, slug, changes, expected_version=expected_version, actor=actor, viewer=viewer, now=now, reading=reading
    )
    return connection


_ENDS = {
    "template": (EntityKind.CONNECTION_TEMPLATE, selectors.template_by_slug),
    "system": (EntityKind.SYSTEM, landscape.system_by_slug),
    "environment": (EntityKind.ENVIRONMENT, landscape.environment_by_slug),
}


def _not_ahead(reading: Reading, rotated_at: datetime | None, now: datetime) -> None:
    if rotated_at is not None and rotated_at > now:
        reading.fault("/rotated_at", "in-the-future", "A rotation is told once it has happened.")
