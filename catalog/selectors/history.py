"""What changed on an integration, field by field, and which log event tells of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.domain.viewers import Viewer
from accounts.models import Team, User
from catalog.models import Document, Integration
from catalog.selectors.documents import VERIFIED_CONTENT
from catalog.selectors.integrations import slugs_visible_to

_OWNERS = ("technical_owner_id", "business_owner_id", "on_call_id", "data_steward_id")
_FIELDS = (
    "slug",
    "title",
    "purpose",
    "type",
    "team_id",
    *_OWNERS,
    "co_owners",
    "tier",
    "stage",
    "lifecycle",
    "visibility",
    "tags",
    "business_value",
    "reuse_check",
    "ai_use",
    "attested_at",
    "tombstoned_at",
)
# Told member by member: `support.channel` says more than two whole blocks.
_BLOCKS = ("labels", "support", "change_policy", "deprecation")
LIMIT = 200
NOTHING: tuple[Any, ...] = (None, "", [], {})  # of a first state no change


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's value before and after; None before it first had one. A member of a block is named `support.channel`."""

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


Naming = Callable[[str, Any], Any]


def history_of(integration: Integration, viewer: Viewer) -> list[Change]:
    """The latest 200 changes of the integration and its documents, newest first. The number of queries is constant.

    Teams and people go by the names they have today; an alternative by its slug where `viewer` may see it, else by nothing.
    """
    rows = list(Integration.history.filter(id=integration.id).select_related("history_user").order_by("-history_id")[: LIMIT + 1])
    written = list(
        Document.history.filter(integration_id=integration.id)
        .select_related("history_user", "verified_for")
        .defer("body", *VERIFIED_CONTENT)
        .order_by("-history_id")[:LIMIT]
    )
    named = _names(rows, viewer)
    told = [_change("integration", row, _differences(row, before, named)) for row, before in zip(rows, [*rows[1:], None], strict=True)]
    told += [_change(f"document:{row.section}", row, _verified(row)) for row in written]
    return sorted(told, key=lambda change: (change.at, change.version), reverse=True)[:LIMIT]


def _verified(row: Any) -> list[FieldChange]:
    """Of a document's version that left the text as it was: the release it was verified for. Nothing of one that wrote."""
    is_verification = row.verified_for is not None and row.changed_at < row.history_date
    return [FieldChange("verified_for", None, row.verified_for.version)] if is_verification else []


def _change(subject: str, row: Any, changes: list[FieldChange]) -> Change:
    by = row.history_user.username if row.history_user else None
    return Change(row.history_date, row.event_id, subject, row.version, by, changes)


def _differences(row: Any, before: Any, named: Naming) -> list[FieldChange]:
    """Of a first state only what it says: an empty list or text is no change from nothing."""
    changes = []
    for name in _FIELDS:
        old, new = (getattr(before, name) if before else None), getattr(row, name)
        if old != new and (before or new not in NOTHING):
            changes.append(FieldChange(name.removesuffix("_id"), named(name, old), named(name, new)))
    for block in _BLOCKS:
        changes += _members(block, getattr(before, block) if before else {}, getattr(row, block), named)
    return changes


def _members(block: str, old: dict[str, Any], new: dict[str, Any], named: Naming) -> Iterator[FieldChange]:
    for key in sorted(old.keys() | new.keys()):
        name = f"{block}.{key}"
        if old.get(key) != new.get(key):
            yield FieldChange(name, named(name, old.get(key)), named(name, new.get(key)))


def _names(rows: list[Any], viewer: Viewer) -> Naming:
    """Teams, people and alternatives by the names they have today: at most three queries."""
    teams = dict(Team.objects.filter(pk__in={row.team_id for row in rows}).values_list("pk", "slug"))
    accounts = {getattr(row, name) for row in rows for name in _OWNERS} | {one for row in rows for one in row.co_owners}
    users = dict(User.objects.filter(pk__in=accounts - {None}).values_list("pk", "username"))
    alternatives = slugs_visible_to(viewer, (row.deprecation.get("alternative") for row in rows))

    def named(name: str, value: Any) -> Any:
        if name == "team_id":
            return teams.get(value)
        if name == "co_owners":
            return [users.get(one, "") for one in value or ()]
        if name == "deprecation.alternative":
            return alternatives.get(str(value))
        return users.get(value) if name in _OWNERS else value

    return named
