"""Where a machine and a person differ: the person's value stands until somebody who may edit accepts or rejects the machine's."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.domain.viewers import Viewer
from accounts.services.rows import account_of
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.errors import DivergenceMissing, DivergenceResolved
from catalog.domain.rights import require_editor
from catalog.models import Divergence, Integration
from catalog.services import documents, integrations
from catalog.services.imports.values import NOTES, NOTES_SECTION

_State = Divergence.State


@transaction.atomic
def raise_divergences(*, integration: Integration, said: dict[str, Any], label: str, path: str, actor: Actor, now: datetime) -> list[str]:
    """Keep what the machine says of fields that a person set; the fields that now wait for an answer.

    What was rejected is not asked again while the machine says the same; what waits already takes the newest value.
    """
    if not said:
        return []
    known = list(Divergence.objects.select_for_update().filter(integration=integration, label=label, field__in=said))
    open_ones = {row.field: row for row in known if row.state == _State.OPEN}
    refused = {row.field for row in known if row.state == _State.REJECTED and row.value == said[row.field]}
    for name, value in said.items():
        if name in open_ones:
            _renew(open_ones[name], value, path, now)
        elif name not in refused:
            _raise(Divergence(integration=integration, field=name, value=value, label=label, path=path, raised_at=now), actor, now)
    return [name for name in said if name in open_ones or name not in refused]


@transaction.atomic
def accept_divergence(*, integration: str, divergence: UUID, actor: Actor, viewer: Viewer, now: datetime) -> Divergence:
    """Write the machine's value, as the word of the person who accepts it.

    Raises: IntegrationMissing, DivergenceMissing, NotYourIntegration, DivergenceResolved (409), Invalid (422).
    """
    row = _answered(integration, divergence, viewer)
    by: dict[str, Any] = {"actor": actor, "viewer": viewer, "now": now}
    if row.field == NOTES:
        present = row.integration.documents.filter(section=NOTES_SECTION).first()
        version = present.version if present else None
        documents.write_document(integration=row.integration.slug, section=NOTES_SECTION, body=row.value, expected_version=version, **by)
    else:
        changes = {row.field: row.value}
        integrations.update_integration(slug=row.integration.slug, changes=changes, expected_version=None, **by)
    return _resolve(row, _State.ACCEPTED, actor, now)


@transaction.atomic
def reject_divergence(*, integration: str, divergence: UUID, actor: Actor, viewer: Viewer, now: datetime) -> Divergence:
    """Let the person's value stand; the same value is not proposed again.

    Raises: IntegrationMissing, DivergenceMissing, NotYourIntegration, DivergenceResolved (409).
    """
    return _resolve(_answered(integration, divergence, viewer), _State.REJECTED, actor, now)


def _answered(integration: str, divergence: UUID, viewer: Viewer) -> Divergence:
    owner = integrations.lock_visible(integration, viewer)
    row = Divergence.objects.select_for_update().filter(integration=owner, pk=divergence).first()
    if row is None:
        raise DivergenceMissing
    require_editor(viewer, owner.team_id)
    if row.state != _State.OPEN:
        raise DivergenceResolved
    row.integration = owner
    return row


def _renew(row: Divergence, value: Any, path: str, now: datetime) -> None:
    if row.value != value:
        row.value, row.path, row.raised_at = value, path, now
        row.save(update_fields=["value", "path", "raised_at"])


def _raise(row: Divergence, actor: Actor, now: datetime) -> None:
    row.save(force_insert=True)
    _record("raised", row, actor, now)


def _resolve(row: Divergence, state: Divergence.State, actor: Actor, now: datetime) -> Divergence:
    row.state, row.resolved_at, row.resolved_by_id = state, now, account_of(actor)
    row.save(update_fields=["state", "resolved_at", "resolved_by"])
    _record(state.value, row, actor, now)
    return row


def _record(verb: str, row: Divergence, actor: Actor, now: datetime) -> None:
    facts = {"integration": row.integration_id, "field": row.field}
    texts = {"value": row.value, "source": f"{row.label}: {row.path}"}
    record(f"catalog.divergence.{verb}", subject=("catalog.divergence", row.id), actor=actor, at=now, facts=facts, texts=texts)
