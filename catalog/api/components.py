"""/components with versions and who uses them, /connection-templates and /connections."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import component_shapes as shapes
from catalog.api.entries import Collection, Entry, EntryView, History, Renaming, described, told_history
from catalog.domain.vocabulary import EntityKind
from catalog.selectors import components as selectors
from catalog.selectors.conditions import by_name
from catalog.selectors.lists import FILTERS
from catalog.services import components as commands
from catalog.services import connections
from foundation.edge.schema import listed
from foundation.edge.views import Edge
from foundation.filters import compile_filters, text


class _Components(EntryView):
    noun, shape = commands.COMPONENT, shapes.ComponentSerializer


class _Templates(EntryView):
    noun, shape = connections.CONNECTION_TEMPLATE, shapes.ConnectionTemplateSerializer


class _Connections(EntryView):
    noun, shape = connections.CONNECTION, shapes.ConnectionSerializer


@described(shapes.ComponentSerializer, register=shapes.RegisterComponentSerializer)
class ComponentsView(_Components, Collection):
    """Reusable parts; members of a team register its own."""

    scopes = {"get": "catalog:read", "post": "catalog:write"}
    command, register, for_administrators = shapes.RegisterComponentSerializer, commands.register_component, False
    filters = FILTERS[EntityKind.COMPONENT]


@described(shapes.ComponentSerializer, update=shapes.UpdateComponentSerializer)
class ComponentView(_Components, Entry):
    """One component."""

    command, update = shapes.UpdateComponentSerializer, commands.update_component


@described(shapes.ComponentSerializer, rename=True)
class ComponentRenameView(_Components, Renaming):
    """Another name for a component."""


@told_history
class ComponentHistoryView(_Components, History):
    """What changed on a component."""


class ComponentVersionsView(Edge):
    """The versions of a component."""

    scopes = {"get": "catalog:read", "post": "catalog:write"}
    filters = compile_filters(
        {"digest": text("digest")}, sorts={"version": ("number_sort",), "created_at": ("created_at",)}, default_sort="-version"
    )

    @extend_schema(responses=listed(shapes.ComponentVersionSerializer))
    def get(self, _request: Request, slug: str) -> Response:
        """List versions, newest first, without their content."""
        return self.page(shapes.ComponentVersionSerializer, selectors.versions_of(selectors.component_by_slug(slug)))

    @extend_schema(request=shapes.PublishComponentVersionSerializer, responses={201: shapes.ComponentVersionDetailSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Publish an immutable version (the owning team). The same content under another version is told in `identical_to`."""
        selectors.component_by_slug(slug)
        command = self.read(shapes.PublishComponentVersionSerializer)
        by: dict[str, Any] = {"actor": self.request.actor, "viewer": self.request.viewer, "now": self.request.now}
        version = commands.publish_version(component=slug, **command, **by)
        return _version(self, slug, version.number, status=201, headers={"Location": f"{request.path}/{version.number}"})


class ComponentVersionView(Edge):
    """One version of a component."""

    scopes = {"get": "catalog:read"}

    @extend_schema(responses=shapes.ComponentVersionDetailSerializer)
    def get(self, _request: Request, slug: str, version: str) -> Response:
        """Show a version; a mapping's content only to its team, who may look into an integration that pins it, and auditors."""
        return _version(self, slug, version)


class ComponentUsersView(Edge):
    """Who uses a component."""

    scopes = {"get": "catalog:read"}
    filters = compile_filters(
        {
            "version": text("component_version__number"),
            "integration": by_name(EntityKind.INTEGRATION, "release__integration"),
        },
        sorts={"integration": ("release__integration__slug_key", "-release__version_sort")},
        default_sort="integration",
    )

    @extend_schema(responses=listed(shapes.UsedBySerializer))
    def get(self, _request: Request, slug: str) -> Response:
        """List the releases, of integrations that the caller may see, that pin one of its versions, and where they are live."""
        return self.page(shapes.UsedBySerializer, selectors.used_by(selectors.component_by_slug(slug), self.request.viewer))


def _version(view: Edge, slug: str, number: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    component = selectors.component_by_slug(slug)
    found = selectors.version_of(component, number)
    context = {"request": view.request, "sees_content": selectors.sees_content(component, view.request.viewer)}
    return view.answer(shapes.ComponentVersionDetailSerializer(found, context=context).data, status=status, headers=headers)


@described(shapes.ConnectionTemplateSerializer, register=shapes.RegisterConnectionTemplateSerializer)
class ConnectionTemplatesView(_Templates, Collection):
    """Approved ways to reach a kind of system."""

    command, register = shapes.RegisterConnectionTemplateSerializer, connections.register_connection_template
    filters = FILTERS[EntityKind.CONNECTION_TEMPLATE]


@described(shapes.ConnectionTemplateSerializer, update=shapes.UpdateConnectionTemplateSerializer)
class ConnectionTemplateView(_Templates, Entry):
    """One connection template."""

    command, update = shapes.UpdateConnectionTemplateSerializer, connections.update_connection_template


@described(shapes.ConnectionTemplateSerializer, rename=True)
class ConnectionTemplateRenameView(_Templates, Renaming):
    """Another name for a connection template."""


@told_history
class ConnectionTemplateHistoryView(_Templates, History):
    """What changed on a connection template."""


@described(shapes.ConnectionSerializer, register=shapes.RegisterConnectionSerializer)
class ConnectionsView(_Connections, Collection):
    """How systems are reached in each environment; members of a team register its own."""

    scopes = {"get": "catalog:read", "post": "catalog:write"}
    command, register, for_administrators = shapes.RegisterConnectionSerializer, connections.register_connection, False
    filters = FILTERS[EntityKind.CONNECTION]


@described(shapes.ConnectionSerializer, update=shapes.UpdateConnectionSerializer)
class ConnectionView(_Connections, Entry):
    """One connection."""

    command, update = shapes.UpdateConnectionSerializer, connections.update_connection


@described(shapes.ConnectionSerializer, rename=True)
class ConnectionRenameView(_Connections, Renaming):
    """Another name for a connection."""


@told_history
class ConnectionHistoryView(_Connections, History):
    """What changed on a connection."""
