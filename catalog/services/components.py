"""Components: registered by the team that keeps them, published in immutable versions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.domain.inputs import Reading
from accounts.domain.viewers import Viewer
from accounts.services.rows import is_unique_violation
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.components import content_faults
from catalog.domain.errors import ComponentMissing, ComponentVersionTaken, ContentRefused
from catalog.domain.versions import is_semver, sort_key
from catalog.domain.vocabulary import EntityKind
from catalog.models import Component, ComponentVersion, Environment
from catalog.selectors import components as selectors
from catalog.services import fields
from catalog.services.entries import Noun, kept, register, require_member, update
from foundation.canonical import NotCanonical, digest_of
from foundation.errors import FieldError

COMPONENT = Noun(
    kind=EntityKind.COMPONENT,
    rows=selectors.components,
    missing=ComponentMissing,
    readers=fields.COMPONENT,
    facts=lambda row: {"team": row.team_id, "kind": row.kind},
)


@transaction.atomic
def register_component(
    *, slug: str, title: str, kind: str, team: str, description: str = "", actor: Actor, viewer: Viewer, now: datetime
) -> Component:
    """Register a reusable part of `team` (a slug), whose members may do this.

    Raises: NotYourEntry (403), Invalid (422), SlugTaken (409).
    """
    require_member(viewer, team)
    component = Component()
    values = {"title": title, "kind": kind, "team": team, "description": description}
    register(COMPONENT, component, slug, values, actor=actor, now=now)
    return component


@transaction.atomic
def update_component(
    *, slug: str, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime
) -> Component:
    """Change title, description, kind or team; its versions stay as they are.

    Raises: ComponentMissing, NotYourEntry, VersionMoved (412), Invalid (422).
    """
    component: Component = update(COMPONENT, slug, changes, expected_version=expected_version, actor=actor, viewer=viewer, now=now)
    return component


@transaction.atomic
def publish_version(
    *, component: str, version: str, content: Mapping[str, Any], notes: str = "", actor: Actor, viewer: Viewer, now: datetime
) -> ComponentVersion:
    """Publish immutable content. `digest` = sha256 of the RFC 8785 form of `content`.

    The row carries `identical_to`: the newest other version of the component with the same content, or None.
    Raises: ComponentMissing, NotYourEntry (403), ContentRefused and Invalid (422, with pointers), NotCanonical (400),
    ComponentVersionTaken (409).
    """
    owner = kept(COMPONENT, component, viewer)
    _check(content)
    reading = Reading()
    row = ComponentVersion(
        component=owner,
        number=version,
        digest=_digest(content),
        content=dict(content),
        notes=reading.lines("notes", notes, most=20_000),
        created_by_id=viewer.user_id,
        created_at=now,
    )
    if is_semver(version):
        row.number_sort = sort_key(version)
    else:
        reading.fault("/version", "semver", "Give a semantic version such as 1.4.0 (semver.org), at most 63 characters.")
    reading.close()
    _save(row)
    row.identical_to = selectors.identical_to(row)  # type: ignore[attr-defined]  # told, not kept
    facts = {"component": owner.id, "component_version": row.id, "digest": row.digest, "semver": version}
    texts = {"notes": row.notes} if row.notes else {}
    subject = ("catalog.component", owner.id)
    record("catalog.component.version_published", subject=subject, actor=actor, at=now, facts=facts, texts=texts)
    return row


def _check(content: Mapping[str, Any]) -> None:
    environments = frozenset(Environment.objects.values_list("slug_key", flat=True))
    faults = content_faults(content, environments=environments)
    if faults:
        raise ContentRefused(errors=faults)


def _digest(content: Mapping[str, Any]) -> str:
    try:
        return digest_of(dict(content))
    except NotCanonical as error:
        faults = [FieldError("/content" + fault.pointer, fault.code, fault.detail) for fault in error.errors]
        raise NotCanonical(errors=faults) from error


def _save(row: ComponentVersion) -> None:
    try:
        row.save(force_insert=True)
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise ComponentVersionTaken(f"{row.component.slug} has a version {row.number}; versions never change.") from error
