"""Registering and changing integrations."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Unpack

from django.db import transaction

from accounts.domain.errors import SlugTaken
from accounts.domain.inputs import Reading
from accounts.domain.viewers import Viewer
from accounts.services.rows import account_of, save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.lifecycle import stored
from catalog.domain.rights import require_editor
from catalog.domain.vocabulary import EntityKind
from catalog.models import Contribution, Document, FieldSource, FlowEndpoint, Integration
from catalog.selectors import integrations as selectors
from catalog.selectors import lifecycles
from catalog.selectors.landscape import with_aliases
from catalog.services import names
from catalog.services.endpoints import add_endpoints, exchange_endpoints, read_endpoints, record_exchange
from catalog.services.integration_fields import Asked, ProductFields, read_fields
from catalog.services.renaming import rename
from catalog.services.search import refresh_search, search_words
from catalog.services.settling import settle_met
from foundation.conditional import VersionMoved
from foundation.text import slug_key

SUBJECT = "catalog.integration"
_SEARCHED = frozenset({"title", "purpose", "tags", "team"})
_PROSE = ("labels", "business_value", "support", "change_policy", "deprecation", "reuse_check", "ai_use")


@transaction.atomic
def register_integration(
    *,
    slug: str,
    title: str,
    purpose: str,
    type: str,  # noqa: A002 - the word of the API and of the row
    team: str,
    tier: int,
    endpoints: Sequence[Mapping[str, Any]],
    provenance: str | None = None,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
    **more: Unpack[ProductFields],
) -> Integration:
    """Register an integration of `team` (its slug), whose members and administrators may do this.

    Endpoints are `{system, data_object, role, operation, fields_touched?, cadence?, address?}` by slugs; `more` is what else may be
    said of it; `provenance` names the machine that filled it in.
    Raises: Invalid (422, with pointers), NotYourIntegration (403), SlugTaken (409, telling nothing of the other).
    """
    reading = Reading()
    entered = lifecycles.newest()
    stage = stored(entered.definition).initial
    integration = Integration(slug=reading.slug("slug", slug), lifecycle=entered.number, stage=stage, created_at=now, changed_at=now)
    values = {"title": title, "purpose": purpose, "type": type, "team": team, "tier": tier, **more}
    read = read_fields(Asked(reading, viewer, integration, provenance), values)
    rows = read_endpoints(reading, endpoints)
    owner = read.pop("team")
    if owner is not None:
        require_editor(viewer, owner.id)
        integration.team = owner
    reading.close()
    for name, value in read.items():
        setattr(integration, name, value)
    integration.slug_key = slug_key(integration.slug)
    integration.search_text = search_words(integration, rows)
    save_row(integration, actor=actor, now=now, taken=SlugTaken)
    names.claim(EntityKind.INTEGRATION, integration, now=now)
    add_endpoints(integration, rows, actor=actor, now=now)
    texts = {**_words(integration), **_prose_of(integration, more), **_from(provenance), "endpoints": _told(rows)}
    _record("registered", integration, actor=actor, now=now, texts=texts)
    return integration


@transaction.atomic
def update_integration(
    *,
    slug: str,
    changes: Mapping[str, Any],
    expected_version: int | None,
    provenance: str | None = None,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> Integration:
    """Change any field that may be registered but the slug, or the endpoints: one version, one history row, one event.

    A handover needs the right in both teams. What a person changes is theirs from then on: the notes of which machine had filled
    those fields go, unless `provenance` says that a machine changes them.
    Raises: IntegrationMissing, NotYourIntegration, VersionMoved (412), Invalid (422).
    """
    integration = lock_visible(slug, viewer, is_edit=True)
    require_editor(viewer, integration.team_id)
    if expected_version not in {None, integration.version}:
        raise VersionMoved(integration.version)
    reading = Reading()
    read = read_fields(Asked(reading, viewer, integration, provenance), changes)
    rows = read_endpoints(reading, changes["endpoints"], present=_endpoints_of(integration)) if "endpoints" in changes else None
    reading.close()
    if read.get("team"):
        require_editor(viewer, read["team"].id)
    previous_visibility = integration.visibility
    changed = [name for name, value in read.items() if value != getattr(integration, name)]
    for name in changed:
        setattr(integration, name, read[name])
    _save_changes(integration, changed, rows, provenance, actor=actor, now=now)
    if "visibility" in changed:
        facts = {"team": integration.team_id, "visibility": integration.visibility, "previous_visibility": previous_visibility}
        record("catalog.integration.visibility_changed", subject=(SUBJECT, integration.id), actor=actor, at=now, facts=facts)
    return integration


@transaction.atomic
def rename_integration(*, slug: str, new: str, expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime) -> Integration:
    """Give it another slug; the one before stays an alias that leads to it.

    Raises: IntegrationMissing, NotYourIntegration, VersionMoved (412), Invalid (422), SlugTaken (409).
    """
    integration = lock_visible(slug, viewer)
    require_editor(viewer, integration.team_id)
    integration.changed_at = now
    if rename(EntityKind.INTEGRATION, integration, new, expected_version=expected_version, actor=actor, now=now):
        refresh_search(integration)
    return lock_visible(integration.slug, viewer)


def lock_visible(slug: str, viewer: Viewer, *, is_edit: bool = False) -> Integration:
    """The integration with owners, aliases and clock, locked for a change, if the viewer may see it. Raises IntegrationMissing.

    What only edits it leaves others free to hold it (`presence.hold`): two edits that name each other's integration as what replaces
    theirs would wait for each other otherwise. What may end it does not.
    """
    visible = Integration.objects.visible_to(viewer).select_related("team", *selectors.OWNERS, "observation_clock")
    locked = with_aliases(visible.defer(*selectors.HIDDEN_COLUMNS).select_for_update(of=("self",), no_key=is_edit))
    return selectors.named(locked, slug)


def _save_changes(
    integration: Integration, changed: list[str], rows: list[FlowEndpoint] | None, provenance: str | None, *, actor: Actor, now: datetime
) -> None:
    """One version, one history row and one changing event, then the endpoint events of the same edit."""
    edits_endpoints = rows is not None and _told(rows) != _told(_endpoints_of(integration))
    if not changed and not edits_endpoints:
        return
    integration.version += 1
    integration.changed_at = now
    if edits_endpoints or not _SEARCHED.isdisjoint(changed):
        bodies = Document.objects.filter(integration=integration).values_list("body", flat=True)
        integration.search_text = search_words(integration, _endpoints_of(integration) if rows is None else rows, bodies)
    save_row(integration, actor=actor, now=now)
    gone, new = exchange_endpoints(integration, rows, actor=actor, now=now) if rows is not None and edits_endpoints else ([], [])
    told = [*changed, "endpoints"] if edits_endpoints else changed
    if provenance is None:
        FieldSource.objects.filter(integration=integration, field__in=told).delete()
    texts = {**_words(integration), **_prose_of(integration, told), **_from(provenance)}
    _record("updated", integration, actor=actor, now=now, texts=texts, changed=told)
    if provenance is None:
        settle_met(integration, told, actor=actor, now=now)
    if edits_endpoints:
        record_exchange(integration, gone, new, actor=actor, now=now)
        account = account_of(actor)
        if account is not None:
            Contribution.objects.create(integration=integration, user_id=account, at=now)


def _endpoints_of(integration: Integration) -> list[FlowEndpoint]:
    return list(integration.endpoints.select_related("system", "data_object"))


def _record(
    verb: str, integration: Integration, *, actor: Actor, now: datetime, texts: Mapping[str, Any], changed: list[str] | None = None
) -> None:
    facts: dict[str, Any] = {
        "team": integration.team_id,
        "visibility": integration.visibility,
        "stage": integration.stage,
        "tier": str(integration.tier),
        "pattern": integration.type,
    }
    if changed:
        facts["changed"] = changed
    subject = (SUBJECT, integration.id)
    record(f"catalog.integration.{verb}", subject=subject, actor=actor, at=now, facts=facts, texts=texts, version=integration.version)


def _words(integration: Integration) -> dict[str, Any]:
    return {"slug": integration.slug, "title": integration.title, "purpose": integration.purpose, "tags": integration.tags}


def _prose_of(integration: Integration, names: Iterable[str]) -> dict[str, Any]:
    """The words of the product fields among `names`, as they stand now: texts of the event, never facts."""
    return {name: getattr(integration, name) for name in _PROSE if name in names}


def _from(provenance: str | None) -> dict[str, Any]:
    return {} if provenance is None else {"source": provenance}


def _told(rows: Iterable[FlowEndpoint]) -> list[dict[str, Any]]:
    told = [
        {
            "system": row.system.slug,
            "data_object": row.data_object.slug if row.data_object else None,
            "role": str(row.role),
            "operation": str(row.operation),
            "fields_touched": row.fields_touched,
            "cadence": row.cadence,
            "address": row.address,
            "volume_per_day": row.volume_per_day,
        }
        for row in rows
    ]
    return sorted(told, key=lambda item: (item["system"], item["data_object"] or "", item["role"], item["operation"]))
