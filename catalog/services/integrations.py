"""Registering and changing integrations."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.domain.errors import SlugTaken, TeamMissing
from accounts.domain.inputs import Reading
from accounts.domain.viewers import Viewer
from accounts.models import Team, User
from accounts.selectors import people, teams
from accounts.services.rows import account_of, save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.rights import require_editor
from catalog.domain.secrets import secret_in_text
from catalog.domain.vocabulary import EntityKind, IntegrationType, Stage
from catalog.models import Contribution, Document, FlowEndpoint, Integration, Visibility
from catalog.selectors import integrations as selectors
from catalog.services import names
from catalog.services.endpoints import add_endpoints, exchange_endpoints, read_endpoints, record_exchange
from catalog.services.fields import Readers
from catalog.services.search import search_words
from foundation.conditional import VersionMoved
from foundation.text import slug_key

SUBJECT = "catalog.integration"
_SEARCHED = frozenset({"title", "purpose", "tags", "team"})
_OWNERS = ("technical_owner", "business_owner")


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
    visibility: str = "organisation",
    technical_owner: str | None = None,
    business_owner: str | None = None,
    tags: Iterable[str] = (),
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> Integration:
    """Register an integration of `team` (its slug), whose members and administrators may do this.

    Endpoints are `{system, data_object, role, operation, fields_touched?, cadence?, address?}` by slugs.
    Raises: Invalid (422, with pointers), NotYourIntegration (403), SlugTaken (409, telling nothing of the other).
    """
    reading = Reading()
    owner = _team(reading, team)
    values = {
        "title": title,
        "purpose": purpose,
        "type": type,
        "tier": tier,
        "visibility": visibility,
        "technical_owner": technical_owner,
        "business_owner": business_owner,
        "tags": tags,
    }
    integration = Integration(slug=reading.slug("slug", slug), stage=Stage.PROPOSED, created_at=now, changed_at=now)
    for name, value in values.items():
        setattr(integration, name, _read(reading, name, value))
    rows = read_endpoints(reading, endpoints)
    if owner is not None:
        require_editor(viewer, owner.id)
        integration.team = owner
    reading.close()
    integration.slug_key = slug_key(integration.slug)
    integration.search_text = search_words(integration, rows)
    save_row(integration, actor=actor, now=now, taken=SlugTaken)
    names.claim(EntityKind.INTEGRATION, integration, now=now)
    add_endpoints(integration, rows, actor=actor, now=now)
    _record("registered", integration, actor=actor, now=now, texts={**_words(integration), "endpoints": _told(rows)})
    return integration


@transaction.atomic
def update_integration(
    *, slug: str, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime
) -> Integration:
    """Change title, purpose, type, team, tier, visibility, owners, tags or endpoints.

    A handover needs the right in both teams. Raises: IntegrationMissing, NotYourIntegration, VersionMoved (412), Invalid (422).
    """
    integration = lock_visible(slug, viewer)
    require_editor(viewer, integration.team_id)
    if expected_version not in {None, integration.version}:
        raise VersionMoved(integration.version)
    reading = Reading()
    read = {name: _read(reading, name, value) for name, value in changes.items() if name in _READERS}
    rows = read_endpoints(reading, changes["endpoints"]) if "endpoints" in changes else None
    reading.close()
    if read.get("team"):
        require_editor(viewer, read["team"].id)
    previous_visibility = integration.visibility
    changed = [name for name, value in read.items() if value != getattr(integration, name)]
    for name in changed:
        setattr(integration, name, read[name])
    _save_changes(integration, changed, rows, actor=actor, now=now)
    if "visibility" in changed:
        facts = {"team": integration.team_id, "visibility": integration.visibility, "previous_visibility": previous_visibility}
        record("catalog.integration.visibility_changed", subject=(SUBJECT, integration.id), actor=actor, at=now, facts=facts)
    return integration


def lock_visible(slug: str, viewer: Viewer) -> Integration:
    """The integration, locked for a change, if the viewer may see it. Raises IntegrationMissing."""
    visible = Integration.objects.visible_to(viewer).select_related("team", *_OWNERS).defer("search_text", "search_vector")
    return selectors.named(visible.select_for_update(of=("self",)), slug)


def _save_changes(integration: Integration, changed: list[str], rows: list[FlowEndpoint] | None, *, actor: Actor, now: datetime) -> None:
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
    _record("updated", integration, actor=actor, now=now, texts=_words(integration), changed=told)
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


def _read(reading: Reading, name: str, value: Any) -> Any:
    return _READERS[name](reading, name, value)


def _text(reading: Reading, name: str, value: str) -> str:
    text = reading.line(name, value, most=160) if name == "title" else reading.lines(name, value, most=4000)
    secret = secret_in_text(text)
    if secret:
        reading.fault(f"/{name}", *secret)
    return text


def _team(reading: Reading, slug: str, name: str = "team") -> Team | None:
    try:
        return teams.team_by_slug(slug)
    except TeamMissing:
        reading.fault(f"/{name}", "unknown-team", "There is no such team.")
        return None


def _owner(reading: Reading, name: str, username: str | None) -> User | None:
    if username is None:
        return None
    user = people.by_usernames([username]).get(slug_key(username))
    if user is None:
        reading.fault(f"/{name}", "unknown-user", "There is no such active account.")
    return user


_READERS: Readers = {
    "title": _text,
    "purpose": _text,
    "type": lambda reading, name, value: reading.one_of(name, value, set(IntegrationType)),
    "team": lambda reading, name, value: _team(reading, value, name),
    "tier": lambda reading, name, value: reading.between(name, value, 1, 3),
    "visibility": lambda reading, name, value: reading.one_of(name, value, set(Visibility.values)),
    "technical_owner": _owner,
    "business_owner": _owner,
    "tags": lambda reading, name, value: reading.words(name, value),
}
