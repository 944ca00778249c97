"""Anything of the catalog that has a name, whatever its kind: by slug, and names by id, as far as the viewer may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from accounts.domain.viewers import Viewer
from catalog.domain import errors
from catalog.domain.vocabulary import EntityKind
from catalog.models import Component, Connection, ConnectionTemplate, DataObject, Domain, Environment, Integration, System
from catalog.selectors.landscape import named
from foundation.errors import DomainError

Entity = tuple[EntityKind, UUID]

_LANDSCAPE: Mapping[EntityKind, tuple[type[Model], type[DomainError]]] = {
    EntityKind.SYSTEM: (System, errors.SystemMissing),
    EntityKind.DATA_OBJECT: (DataObject, errors.DataObjectMissing),
    EntityKind.DOMAIN: (Domain, errors.DomainMissing),
    EntityKind.ENVIRONMENT: (Environment, errors.EnvironmentMissing),
    EntityKind.COMPONENT: (Component, errors.ComponentMissing),
    EntityKind.CONNECTION_TEMPLATE: (ConnectionTemplate, errors.ConnectionTemplateMissing),
    EntityKind.CONNECTION: (Connection, errors.ConnectionMissing),
}


@dataclass(frozen=True, slots=True)
class Named:
    """What an entity is called now."""

    slug: str
    title: str


def entities(kind: EntityKind, viewer: Viewer) -> QuerySet[Any]:
    """The rows of a kind that `viewer` may see. The landscape is for everybody signed in; what was deleted is for nobody."""
    if kind is EntityKind.INTEGRATION:
        return Integration.objects.visible_to(viewer)
    rows = _LANDSCAPE[kind][0]._default_manager.all()  # noqa: SLF001 - Django's public name for it
    return rows if kind is EntityKind.ENVIRONMENT else rows.filter(tombstoned_at__isnull=True)


def entity(kind: EntityKind, slug: str, viewer: Viewer) -> Any:
    """The row of this name, or that had it before a rename. Raises the kind's own `…Missing`."""
    return named(entities(kind, viewer), kind, slug, missing_of(kind))


def missing_of(kind: EntityKind) -> type[DomainError]:
    """What is raised when there is none of that name."""
    return errors.IntegrationMissing if kind is EntityKind.INTEGRATION else _LANDSCAPE[kind][1]


def names_of(wanted: Iterable[Entity], viewer: Viewer) -> dict[Entity, Named]:
    """Names of those that `viewer` may see; one query for each kind among them."""
    by_kind: dict[EntityKind, set[UUID]] = {}
    for kind, key in wanted:
        by_kind.setdefault(EntityKind(kind), set()).add(key)
    return {
        (kind, key): Named(slug, title)
        for kind, keys in by_kind.items()
        for key, slug, title in entities(kind, viewer).filter(pk__in=keys).values_list("pk", "slug", "title")
    }


def exists_q(end: str, viewer: Viewer) -> Q:
    """For a table with `<end>_kind` and `<end>_id`: what stands there exists and `viewer` may see it."""
    return _stands(end, {kind: entities(kind, viewer) for kind in EntityKind})


def undeleted_q(end: str, viewer: Viewer) -> Q:
    """The same whether or not `viewer` may see it."""
    rows = {kind: entities(kind, viewer) for kind in EntityKind}
    rows[EntityKind.INTEGRATION] = Integration.objects.filter(tombstoned_at__isnull=True)
    return _stands(end, rows)


def _stands(end: str, rows: Mapping[EntityKind, QuerySet[Any]]) -> Q:
    found = Q(pk__in=[])
    for kind, plan in rows.items():
        found |= Q(**{f"{end}_kind": kind}) & Q(Exists(plan.filter(pk=OuterRef(f"{end}_id"))))
    return found
