"""Where a machine and a person differ: the person's value stands until somebody who may edit accepts or rejects the machine's."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from catalog.domain.errors import DivergenceMissing, DivergenceMoved, DivergenceResolved
from catalog.domain.rights import require_editor
from catalog.models import Divergence, Integration
from catalog.services import documents, integrations
from catalog.services.imports.values import NOTES, NOTES_SECTION
from catalog.services.settling import resolve, tell
from foundation.conditional import VersionMoved

_State = Divergence.State


@transaction.atomic
def raise_divergences(*, integration: Integration, said: dict[str, Any], label: str, path: str, actor: Actor, now: datetime) -> list[str]:
    """Keep what the machine says of fields that a person set; the fields that now wait for an answer.

    `said` is all in which the machine differs now: what waits and is no more among it is settled. What was rejected is not asked
    again while the machine says the same; what waits already takes the newest value.
    """
    known = list(Divergence.objects.select_for_update().filter(integration=integration, label=label).order_by("id"))
    open_ones = {row.field: row for row in known if row.state == _State.OPEN}
    for row in open_ones.values():
        if row.field not in said:
            resolve(row, _State.SETTLED, actor=actor, now=now)
    refused = {row.field for row in known if row.state == _State.REJECTED and row.field in said and row.value == said[row.field]}
    for name, value in said.items():
        if name in open_ones:
            _renew(open_ones[name], value, path, now)
        elif name not in refused:
            _raise(Divergence(integration=integration, field=name, value=value, label=label, path=path, raised_at=now), actor, now)
    return [name for name in said if name in open_ones or name not in refused]


@transaction.atomic
def accept_divergence(
    *,
    integration: str,
    divergence: UUID,
    raised_at: datetime | None = None,
    version: int | None = None,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> Divergence:
    """Write the machine's value, as the word of the person who accepts it.

    `raised_at` and `version` say which value and which state of the integration the person was shown; None is no matter.
    Raises: IntegrationMissing, DivergenceMissing, NotYourIntegration, DivergenceResolved, DivergenceMoved (409), VersionMoved (412),
    Invalid (422).
    """
    row = _answered(integration, divergence, viewer, raised_at, version)
    resolve(row, _State.ACCEPTED, actor=actor, now=now)  # before the edit, which would find that the two have met
    by: dict[str, Any] = {"actor": actor, "viewer": viewer, "now": now}
    if row.field == NOTES:
        present = row.integration.documents.filter(section=NOTES_SECTION).first()
        version = present.version if present else None
        documents.write_document(integration=row.integration.slug, section=NOTES_SECTION, body=row.value, expected_version=version, **by)
    else:
        changes = {row.field: row.value}
        integrations.update_integration(slug=row.integration.slug, changes=changes, expected_version=None, **by)
    return row


@transaction.atomic
def reject_divergence(
    *,
    integration: str,
    divergence: UUID,
    raised_at: datetime | None = None,
    version: int | None = None,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> Divergence:
    """Let the person's value stand; the same value is not proposed again.

    Raises: IntegrationMissing, DivergenceMissing, NotYourIntegration, DivergenceResolved, DivergenceMoved (409), VersionMoved (412).
    """
    return resolve(_answered(integration, divergence, viewer, raised_at, version), _State.REJECTED, actor=actor, now=now)


def _answered(integration: str, divergence: UUID, viewer: Viewer, raised_at: datetime | None, version: int | None) -> Divergence:
    owner = integrations.lock_visible(integration, viewer)
    row = Divergence.objects.select_for_update().filter(integration=owner, pk=divergence).first()
    if row is None:
        raise DivergenceMissing
    require_editor(viewer, owner.team_id)
    if row.state != _State.OPEN:
        raise DivergenceResolved
    if raised_at not in {None, row.raised_at}:
        raise DivergenceMoved
    if version not in {None, owner.version}:
        raise VersionMoved(owner.version)
    row.integration = owner
    return row


def _renew(row: Divergence, value: Any, path: str, now: datetime) -> None:
    if row.value != value:
        row.value, row.path, row.raised_at = value, path, now
        row.save(update_fields=["value", "path", "raised_at"])


def _raise(row: Divergence, actor: Actor, now: datetime) -> None:
    row.save(force_insert=True)
    tell("raised", row, actor=actor, now=now)
