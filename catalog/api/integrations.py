"""/integrations, /integrations/{slug}, its name, its history and its grants."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import integration_shapes as shapes
from catalog.api import past
from catalog.api.finding_shapes import FoundIntegrationSerializer
from catalog.api.shapes import RenameSerializer
from catalog.domain.rights import require_editor
from catalog.models import Integration
from catalog.selectors import finding, grants, history, shown
from catalog.selectors import integrations as selectors
from catalog.services import grants as grant_commands
from catalog.services import integrations as commands
from foundation.edge.schema import listed
from foundation.edge.views import Edge, check_fields
from foundation.filters import ParsedQuery

_GRANTS = listed(shapes.GrantSerializer)


class IntegrationsView(Edge):
    """Integrations that the caller may see."""

    scopes = {"get": "catalog:read", "post": "catalog:write"}
    tells_the_past = True
    filters = finding.FILTERS

    @extend_schema(responses=listed(FoundIntegrationSerializer), parameters=[past.AS_OF])
    def get(self, _request: Request) -> Response:
        """List integrations; `q` searches names, tags, systems, data objects, fields, purposes and documents.

        It also takes filters, such as `carries:customer.email`. Sorted by relevance after a search, unless `sort` says otherwise.
        """
        index = past.index_asked(self)
        if index is not None:
            return past.integration_list(self, index)
        query = self.query()
        shape = shapes.IntegrationSerializer if query.search is None else FoundIntegrationSerializer
        check_fields(FoundIntegrationSerializer, query.fields)
        page = finding.page_of(query, self.request.viewer)
        return self.paged(shape, query, page, context={"highlights": _highlights(query, page.rows)})

    @extend_schema(request=shapes.RegisterIntegrationSerializer, responses={201: shapes.IntegrationDetailSerializer})
    def post(self, _request: Request) -> Response:
        """Register an integration of one of one's teams."""
        command = self.read(shapes.RegisterIntegrationSerializer)
        integration = commands.register_integration(**command, **self.by())
        return _shown(self, selectors.as_edited(integration, self.request.viewer), status=201)


class IntegrationView(Edge):
    """One integration."""

    scopes = {"get": "catalog:read", "patch": "catalog:write"}
    tells_the_past = True
    if_match_on = ("patch",)

    @extend_schema(responses=shapes.IntegrationDetailSerializer, parameters=[past.AS_OF])
    def get(self, _request: Request, slug: str) -> Response:
        """Show an integration."""
        index = past.index_asked(self)
        if index is not None:
            return past.integration(self, slug, index)
        return _shown(self, selectors.detail_of(slug, self.request.viewer))

    @extend_schema(request=shapes.UpdateIntegrationSerializer, responses=shapes.IntegrationDetailSerializer)
    def patch(self, _request: Request, slug: str) -> Response:
        """Change an integration (its team, teams above it, administrators)."""
        selectors.get_visible(slug, self.request.viewer)
        version = self.if_match()
        changes = self.read(shapes.UpdateIntegrationSerializer)
        integration = commands.update_integration(slug=slug, changes=changes, expected_version=version, **self.by())
        return _shown(self, selectors.as_edited(integration, self.request.viewer))


class RenameView(Edge):
    """Another slug for one integration."""

    scopes = {"post": "catalog:write"}
    if_match_on = ("post",)

    @extend_schema(request=RenameSerializer, responses=shapes.IntegrationDetailSerializer)
    def post(self, _request: Request, slug: str) -> Response:
        """Rename it; the slug it had stays an alias that leads to it."""
        selectors.get_visible(slug, self.request.viewer)
        version = self.if_match()
        new = self.read(RenameSerializer)["slug"]
        integration = commands.rename_integration(slug=slug, new=new, expected_version=version, **self.by())
        return _shown(self, selectors.as_edited(integration, self.request.viewer))


class HistoryView(Edge):
    """What changed."""

    scopes = {"get": "catalog:read"}

    @extend_schema(responses=shapes.HISTORY)
    def get(self, _request: Request, slug: str) -> Response:
        """The latest 200 changes, newest first, field by field."""
        integration = selectors.get_visible(slug, self.request.viewer)
        changes = shapes.HistoryEntrySerializer(history.history_of(integration, self.request.viewer), many=True).data
        return self.answer({"results": changes, "next": None})


class GrantsView(Edge):
    """Who was let in besides the owning team."""

    scopes = {"get": "catalog:read"}

    @extend_schema(responses=_GRANTS)
    def get(self, _request: Request, slug: str) -> Response:
        """List grants (those who may change the integration)."""
        integration = selectors.get_visible(slug, self.request.viewer)
        require_editor(self.request.viewer, integration.team_id)
        return self.answer({"results": shapes.GrantSerializer(grants.grants_on(integration), many=True).data, "next": None})


class GrantView(Edge):
    """One user's or team's way in; `holder_type` is `users` or `teams`."""

    scopes = {"put": "catalog:write", "delete": "catalog:write"}

    @extend_schema(request=shapes.AddGrantSerializer, responses=_GRANTS)
    def put(self, _request: Request, slug: str, holder_type: str, holder: str) -> Response:
        """Let a user or team see the integration, or propose releases of it."""
        right = self.read(shapes.AddGrantSerializer)["right"]
        grant_commands.add_grant(integration=slug, right=right, **_holder(holder_type, holder), **self.by())
        integration = selectors.get_visible(slug, self.request.viewer)
        return self.answer({"results": shapes.GrantSerializer(grants.grants_on(integration), many=True).data, "next": None})

    @extend_schema(responses={204: None})
    def delete(self, _request: Request, slug: str, holder_type: str, holder: str) -> Response:
        """Take back everything granted to a user or team."""
        grant_commands.remove_grant(integration=slug, **_holder(holder_type, holder), **self.by())
        return self.answer(status=204)


def _highlights(query: ParsedQuery, rows: Sequence[Any]) -> Mapping[UUID, Any]:
    """Where the words stand, if somebody searched and wants to know: two more statements."""
    if query.search is None or not rows or (query.fields is not None and "highlights" not in query.fields):
        return {}
    return shown.highlights_of(rows, query.search, shown.ends_of([row.pk for row in rows]))


def _shown(view: Edge, integration: Integration, status: int = 200) -> Response:
    context = {"request": view.request, "sees_inside": integration.sees_inside}  # type: ignore[attr-defined]  # annotated
    told = shapes.IntegrationDetailSerializer(integration, context=context).data
    headers = {"Location": f"/api/v1/integrations/{integration.slug}"} if status == 201 else {}
    return view.answer(told, status=status, etag=integration.version, headers=headers)


def _holder(holder_type: str, holder: str) -> dict[str, Any]:
    return {"user": holder} if holder_type == "users" else {"team": holder}
