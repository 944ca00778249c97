"""/integrations/{slug}/roadmap."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import product_shapes as shapes
from catalog.selectors import integrations
from catalog.selectors import roadmap as selectors
from catalog.services import roadmap as commands
from foundation.edge.schema import listed
from foundation.edge.views import Edge


class RoadmapView(Edge):
    """What is planned for an integration."""

    scopes = {"get": "catalog:read", "post": "catalog:write"}
    filters = selectors.FILTERS

    @extend_schema(responses=listed(shapes.RoadmapItemSerializer))
    def get(self, _request: Request, slug: str) -> Response:
        """List the roadmap by quarter."""
        integration = integrations.get_visible(slug, self.request.viewer)
        return self.page(shapes.RoadmapItemSerializer, selectors.items_of(integration))

    @extend_schema(request=shapes.AddRoadmapItemSerializer, responses={201: shapes.RoadmapItemSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Promise an improvement for a quarter (its team, teams above it, administrators)."""
        integrations.get_visible(slug, self.request.viewer)
        command = self.read(shapes.AddRoadmapItemSerializer)
        item = commands.add_item(integration=slug, **command, **self.by())
        headers = {"Location": f"{request.path}/{item.id}"}
        return self.answer(shapes.RoadmapItemSerializer(item).data, status=201, etag=item.version, headers=headers)


class RoadmapItemView(Edge):
    """One planned improvement."""

    scopes = {"get": "catalog:read", "patch": "catalog:write", "delete": "catalog:write"}
    if_match_on = ("patch", "delete")

    @extend_schema(responses=shapes.RoadmapItemSerializer)
    def get(self, _request: Request, slug: str, item_id: UUID) -> Response:
        """Show an item of the roadmap."""
        item = selectors.item_of(integrations.get_visible(slug, self.request.viewer), item_id)
        return self.answer(shapes.RoadmapItemSerializer(item).data, etag=item.version)

    @extend_schema(request=shapes.UpdateRoadmapItemSerializer, responses=shapes.RoadmapItemSerializer)
    def patch(self, _request: Request, slug: str, item_id: UUID) -> Response:
        """Move it to another quarter or state, or say it in other words."""
        selectors.item_of(integrations.get_visible(slug, self.request.viewer), item_id)
        version = self.if_match()
        changes = self.read(shapes.UpdateRoadmapItemSerializer)
        item = commands.update_item(integration=slug, item_id=item_id, changes=changes, expected_version=version, **self.by())
        return self.answer(shapes.RoadmapItemSerializer(item).data, etag=item.version)

    @extend_schema(responses={204: None})
    def delete(self, _request: Request, slug: str, item_id: UUID) -> Response:
        """Take it off the roadmap. What was promised and will not come is better set to `dropped`."""
        selectors.item_of(integrations.get_visible(slug, self.request.viewer), item_id)
        commands.remove_item(integration=slug, item_id=item_id, expected_version=self.if_match(), **self.by())
        return self.answer(status=204)
