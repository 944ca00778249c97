"""What is planned for an integration: promised for a quarter, moved, done or dropped."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.domain.inputs import Reading
from accounts.domain.viewers import Viewer
from accounts.services.rows import delete_rows, save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain import product
from catalog.domain.errors import RoadmapItemMissing
from catalog.domain.rights import require_editor
from catalog.domain.vocabulary import RoadmapState
from catalog.models import RoadmapItem
from catalog.services.fields import Readers
from catalog.services.integrations import lock_visible
from foundation.conditional import VersionMoved

SUBJECT = "catalog.roadmap_item"
_READERS: Readers = {
    "title": lambda reading, name, value: product.line(reading, (name,), value, most=160),
    "description": lambda reading, name, value: product.prose(reading, (name,), value),
    "quarter": product.quarter,
    "state": lambda reading, name, value: reading.one_of(name, value, set(RoadmapState)),
}


@transaction.atomic
def add_item(
    *,
    integration: str,
    title: str,
    quarter: str,
    description: str = "",
    state: str = RoadmapState.PLANNED,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> RoadmapItem:
    """Promise an improvement for a quarter (`2027-Q1`). Raises: IntegrationMissing, NotYourIntegration, Invalid (422)."""
    owner = lock_visible(integration, viewer)
    require_editor(viewer, owner.team_id)
    values = {"title": title, "description": description, "quarter": quarter, "state": state}
    reading = Reading()
    item = RoadmapItem(integration=owner, **{name: _READERS[name](reading, name, value) for name, value in values.items()})
    reading.close()
    save_row(item, actor=actor, now=now)
    _record("added", item, actor, now)
    return item


@transaction.atomic
def update_item(
    *,
    integration: str,
    item_id: UUID,
    changes: Mapping[str, Any],
    expected_version: int | None,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> RoadmapItem:
    """Change title, description, quarter or state. Raises: those of `add_item`, RoadmapItemMissing, VersionMoved (412)."""
    item = _locked(integration, item_id, expected_version, viewer)
    reading = Reading()
    read = {name: _READERS[name](reading, name, value) for name, value in changes.items() if name in _READERS}
    reading.close()
    changed = [name for name, value in read.items() if value != getattr(item, name)]
    if changed:
        for name in changed:
            setattr(item, name, read[name])
        item.version += 1
        save_row(item, actor=actor, now=now)
        _record("updated", item, actor, now, changed)
    return item


@transaction.atomic
def remove_item(*, integration: str, item_id: UUID, expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime) -> None:
    """Take it off the roadmap; its history stays. What was promised and is not done is better dropped than removed."""
    item = _locked(integration, item_id, expected_version, viewer)
    item.version += 1
    delete_rows([item], actor=actor, now=now)
    _record("removed", item, actor, now)


def _locked(integration: str, item_id: UUID, expected_version: int | None, viewer: Viewer) -> RoadmapItem:
    owner = lock_visible(integration, viewer)
    require_editor(viewer, owner.team_id)
    item = RoadmapItem.objects.filter(integration=owner, pk=item_id).first()
    if item is None:
        raise RoadmapItemMissing
    if expected_version not in {None, item.version}:
        raise VersionMoved(item.version)
    return item


def _record(verb: str, item: RoadmapItem, actor: Actor, now: datetime, changed: list[str] | None = None) -> None:
    facts: dict[str, Any] = {"integration": item.integration_id, "quarter": item.quarter.lower(), "state": item.state}
    if changed:
        facts["changed"] = changed
    texts = {"title": item.title, "description": item.description}
    subject = (SUBJECT, item.id)
    record(f"catalog.roadmap_item.{verb}", subject=subject, actor=actor, at=now, facts=facts, texts=texts, version=item.version)
