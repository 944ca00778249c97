"""/integrations/{slug}/relations, and /relations for anything that has a name."""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import past
from catalog.api import product_shapes as shapes
from catalog.domain.vocabulary import EntityKind
from catalog.selectors import integrations
from catalog.selectors import relations as selectors
from catalog.selectors.entities import entity
from catalog.selectors.past import found_at
from catalog.services import relations as commands
from foundation.edge.schema import listed
from foundation.edge.views import Edge

_LIST = listed(shapes.RelationSerializer)


class IntegrationRelationsView(Edge):
    """What an integration stands in relation to."""

    scopes = {"get": "catalog:read", "post": "catalog:write"}
    tells_the_past = True
    filters = selectors.FILTERS

    @extend_schema(responses=_LIST)
    def get(self, _request: Request, slug: str) -> Response:
        """List relations in both directions, each as it reads from this integration."""
        index = past.index_asked(self)
        return _page(self, self.query(), _find(index)(EntityKind.INTEGRATION, slug, self.request.viewer).id, index)

    @extend_schema(request=shapes.DeclareRelationSerializer, responses={201: shapes.RelationSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Say that this integration stands in a relation to something (its team, teams above it, administrators)."""
        integrations.get_visible(slug, self.request.viewer)
        command = self.read(shapes.DeclareRelationSerializer)
        return _declared(self, request.path, source_kind=EntityKind.INTEGRATION, source=slug, **_target(command))


class IntegrationRelationView(Edge):
    """One relation that an integration declared."""

    scopes = {"delete": "catalog:write"}

    @extend_schema(responses={204: None})
    def delete(self, _request: Request, slug: str, relation_id: UUID) -> Response:
        """Take it back."""
        integration = integrations.get_visible(slug, self.request.viewer)
        commands.remove_relation(relation_id=relation_id, source_id=integration.id, **self.by())
        return self.answer(status=204)


class RelationsView(Edge):
    """Relations between systems, data objects, domains, components, integrations, whatever has a name."""

    scopes = {"get": "catalog:read", "post": "catalog:write"}
    tells_the_past = True
    filters = selectors.ALL_FILTERS

    @extend_schema(responses=_LIST)
    def get(self, _request: Request) -> Response:
        """List relations; with `entity_kind` and `entity`, those of one entity, in both directions and as they read from it."""
        query, index = self.query(), past.index_asked(self)
        found, where = selectors.asked(query.where, self.request.viewer, find=_find(index))
        return _page(self, replace(query, where=where), None if found is None else found.id, index)

    @extend_schema(request=shapes.AddRelationSerializer, responses={201: shapes.RelationSerializer})
    def post(self, request: Request) -> Response:
        """Say that `of` stands in a relation to `entity`: whoever may change `of`."""
        command = self.read(shapes.AddRelationSerializer)
        source = {"source_kind": command.pop("of_kind"), "source": command.pop("of")}
        return _declared(self, request.path, **source, **_target(command))


class RelationView(Edge):
    """One relation."""

    scopes = {"get": "catalog:read", "delete": "catalog:write"}

    @extend_schema(responses=shapes.RelationSerializer)
    def get(self, _request: Request, relation_id: UUID) -> Response:
        """Show a relation as it reads from what declared it."""
        viewer = self.request.viewer
        return self.answer(shapes.RelationSerializer(selectors.told([selectors.visible(relation_id, viewer)], viewer)[0]).data)

    @extend_schema(responses={204: None})
    def delete(self, _request: Request, relation_id: UUID) -> Response:
        """Take it back (whoever may change what declared it)."""
        commands.remove_relation(relation_id=relation_id, **self.by())
        return self.answer(status=204)


def _find(index: int | None) -> Callable[..., Any]:
    """Whom a name means: now, or at `index`."""
    return entity if index is None else functools.partial(found_at, index=index)


def _page(view: Edge, query: Any, of: UUID | None, index: int | None) -> Response:
    viewer = view.request.viewer
    if index is not None:
        return past.relation_list(view, shapes.RelationSerializer, query, of, index)
    plans = [selectors.all_relations(viewer)] if of is None else selectors.relations_of([of], viewer)
    return view.page(shapes.RelationSerializer, *plans, query=query, told=functools.partial(selectors.told, viewer=viewer, of=of))


def _declared(view: Edge, path: str, **command: Any) -> Response:
    relation = commands.add_relation(**command, **view.by())
    told = selectors.told([relation], view.request.viewer)[0]
    return view.answer(shapes.RelationSerializer(told).data, status=201, headers={"Location": f"{path}/{relation.id}"})


def _target(command: dict[str, Any]) -> dict[str, Any]:
    return {"type": command["type"], "target_kind": command["entity_kind"], "target": command["entity"], "note": command.get("note", "")}
