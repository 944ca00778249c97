"""What changed on an integration, field by field, and which log event tells of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import Team, User
from catalog.models import Document, Integration

_FIELDS = ("title", "purpose", "type", "team_id", "technical_owner_id", "business_owner_id", "tier", "stage", "visibility", "tags")
LIMIT = 200


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's value before and after; None before it first had one."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One saved state of the integration or of one of its documents, and how it differs from the state before."""

    at: datetime
    event_id: UUID
    subject: str
    version: int
    by: str | None
    changes: list[FieldChange] = field(default_factory=list)


def history_of(integration: Integration) -> list[Change]:
    """The latest 200 changes of the integration and its documents, newest first. The number of queries is constant."""
    rows = list(Integration.history.filter(id=integration.id).select_related("history_user").order_by("-history_id")[: LIMIT + 1])
    written = list(
        Document.history.filter(integration_id=integration.id).select_related("history_user").defer("body").order_by("-history_id")[:LIMIT]
    )
    names = _names(rows)
    told = [_change("integration", row, _differences(row, before, names)) for row, before in zip(rows, [*rows[1:], None], strict=True)]
    told += [_change(f"document:{row.section}", row, []) for row in written]
    return sorted(told, key=lambda change: (change.at, change.version), reverse=True)[:LIMIT]


def _change(subject: str, row: Any, changes: list[FieldChange]) -> Change:
    by = row.history_user.username if row.history_user else None
    return Change(row.history_date, row.event_id, subject, row.version, by, changes)


def _differences(row: Any, before: Any, names: Callable[[str, Any], Any]) -> list[FieldChange]:
    changes = []
    for name in _FIELDS:
        old, new = (getattr(before, name) if before else None), getattr(row, name)
        if old != new:
            changes.append(FieldChange(name.removesuffix("_id"), names(name, old), names(name, new)))
    return changes


def _names(rows: list[Any]) -> Callable[[str, Any], Any]:
    """Teams and owners by the names they have today."""
    teams = dict(Team.objects.filter(pk__in={row.team_id for row in rows}).values_list("pk", "slug"))
    owners = {row.technical_owner_id for row in rows} | {row.business_owner_id for row in rows}
    users = dict(User.objects.filter(pk__in=owners - {None}).values_list("pk", "username"))

    def named(name: str, value: Any) -> Any:
        if name == "team_id":
            return teams.get(value)
        return users.get(value) if name.endswith("_owner_id") else value

    return named
