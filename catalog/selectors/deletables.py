"""Everything that can be deleted, by kind and name, and who may: one table of what differs between the kinds."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.domain.viewers import Viewer
from catalog.domain.rights import may_edit, require_editor, require_keeper
from catalog.domain.vocabulary import EntityKind
from catalog.models import Component, Connection, ConnectionTemplate, DataObject, Domain, Integration, System
from catalog.selectors import entities, integrations, landscape, lifecycles

# Environments are not among them: what ran there, and who agreed to it, must stay readable for ever.
MODELS: Mapping[EntityKind, type[Any]] = {
    EntityKind.INTEGRATION: Integration,
    EntityKind.SYSTEM: System,
    EntityKind.DATA_OBJECT: DataObject,
    EntityKind.DOMAIN: Domain,
    EntityKind.COMPONENT: Component,
    EntityKind.CONNECTION_TEMPLATE: ConnectionTemplate,
    EntityKind.CONNECTION: Connection,
}
# Where each kind is listed, in the API and in the portal.
COLLECTIONS: Mapping[EntityKind, str] = {kind: f"{kind.value}s" for kind in MODELS}


def visible(kind: EntityKind, viewer: Viewer) -> QuerySet[Any]:
    """The rows of a kind that were not deleted and that the viewer may see."""
    rows = entities.entities(kind, viewer)
    return rows.defer(*integrations.HIDDEN_COLUMNS) if kind is EntityKind.INTEGRATION else rows


def get(kind: EntityKind, slug: str, viewer: Viewer) -> Any:
    """The one of any spelling of the slug, or of one it had before. Raises the kind's own error of what is missing."""
    return landscape.named(visible(kind, viewer), kind, slug, entities.missing_of(kind))


def locked(kind: EntityKind, slug: str, viewer: Viewer) -> Any:
    """The same, its row locked against everybody who edits it or names it anew."""
    return landscape.named(visible(kind, viewer).select_for_update(of=("self",)), kind, slug, entities.missing_of(kind))


def require_right(kind: EntityKind, row: Any, viewer: Viewer) -> None:
    """Raise NotYourIntegration, NotYourEntry or AdministratorsOnly for those who may not edit it."""
    if kind is EntityKind.INTEGRATION:
        require_editor(viewer, row.team_id)
    else:
        require_keeper(viewer, team_of(row))


def may_delete(kind: EntityKind, row: Any, viewer: Viewer) -> bool:
    """Administrators everything; the owning team its integrations: the landscape is everybody's."""
    return viewer.is_administrator or (kind is EntityKind.INTEGRATION and may_edit(viewer, row.team_id))


def team_of(row: Any) -> UUID | None:
    """The team that answers for it; None where administrators do."""
    if isinstance(row, DataObject):
        return landscape.keeper_of_data_object(row)
    found: UUID | None = getattr(row, "team_id", None)
    return found


def is_retired(kind: EntityKind, row: Any) -> bool:
    """Whether it may not be used anew: retired, or at an end of its lifecycle."""
    return lifecycles.is_final(row) if kind is EntityKind.INTEGRATION else row.retired_at is not None
