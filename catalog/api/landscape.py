"""/environments, /systems, /data-objects and one of each."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.domain.rights import require_administrator
from catalog.api import shapes
from catalog.domain.vocabulary import Classification, SystemKind
from catalog.selectors import landscape
from catalog.services import landscape as commands
from foundation.edge.schema import listed
from foundation.edge.serializers import CommandSerializer, ReadSerializer
from foundation.edge.views import Edge
from foundation.filters import boolean, choice, compile_filters, integer, member
from foundation.filters import slug as slug_filter

_BY_SLUG = {"slug": ("slug_key",)}


class _Collection(Edge):
    """List and register one kind of thing; subclasses name the parts."""

    scopes = {"get": "catalog:read", "post": "admin"}
    shape: ClassVar[type[ReadSerializer]]
    command: ClassVar[type[CommandSerializer]]
    rows: ClassVar[Callable[[], QuerySet[Any]]]
    find: ClassVar[Callable[[str], Any]]
    register: ClassVar[Callable[..., Any]]

    def get(self, _request: Request) -> Response:
        """List them."""
        return self.page(self.shape, type(self).rows())

    def post(self, request: Request) -> Response:
        """Register one (administrators)."""
        require_administrator(self.request.viewer)
        command = self.read(self.command)
        row = type(self).register(**command, actor=self.request.actor, viewer=self.request.viewer, now=self.request.now)
        shown = self.shape(type(self).find(row.slug)).data
        return self.answer(shown, status=201, etag=row.version, headers={"Location": f"{request.path}/{row.slug}"})


class _Item(Edge):
    """Show and change one thing; subclasses name the parts."""

    scopes = {"get": "catalog:read", "patch": "catalog:write"}
    if_match_on = ("patch",)
    shape: ClassVar[type[ReadSerializer]]
    command: ClassVar[type[CommandSerializer]]
    find: ClassVar[Callable[[str], Any]]
    update: ClassVar[Callable[..., Any]]

    def get(self, _request: Request, slug: str) -> Response:
        """Show it."""
        row = type(self).find(slug)
        return self.answer(self.shape(row).data, etag=row.version)

    def patch(self, _request: Request, slug: str) -> Response:
        """Change it."""
        type(self).find(slug)
        version = self.if_match()
        changes = self.read(self.command)
        by = {"actor": self.request.actor, "viewer": self.request.viewer, "now": self.request.now}
        type(self).update(slug=slug, changes=changes, expected_version=version, **by)
        row = type(self).find(slug)
        return self.answer(self.shape(row).data, etag=row.version)


@extend_schema(methods=["GET"], responses=listed(shapes.EnvironmentSerializer))
@extend_schema(methods=["POST"], request=shapes.RegisterEnvironmentSerializer, responses={201: shapes.EnvironmentSerializer})
class EnvironmentsView(_Collection):
    """Environments on the way to production."""

    shape, command = shapes.EnvironmentSerializer, shapes.RegisterEnvironmentSerializer
    rows, find, register = landscape.environments, landscape.environment_by_slug, commands.register_environment
    filters = compile_filters(
        {"is_production": boolean("is_production")}, sorts={"rank": ("rank", "slug_key"), **_BY_SLUG}, default_sort="rank"
    )


@extend_schema(methods=["GET"], responses=shapes.EnvironmentSerializer)
@extend_schema(methods=["PATCH"], request=shapes.UpdateEnvironmentSerializer, responses=shapes.EnvironmentSerializer)
class EnvironmentView(_Item):
    """One environment."""

    shape, command = shapes.EnvironmentSerializer, shapes.UpdateEnvironmentSerializer
    find, update = landscape.environment_by_slug, commands.update_environment


@extend_schema(methods=["GET"], responses=listed(shapes.SystemSerializer))
@extend_schema(methods=["POST"], request=shapes.RegisterSystemSerializer, responses={201: shapes.SystemSerializer})
class SystemsView(_Collection):
    """Systems that integrations connect."""

    shape, command = shapes.SystemSerializer, shapes.RegisterSystemSerializer
    rows, find, register = landscape.systems, landscape.system_by_slug, commands.register_system
    filters = compile_filters(
        {"kind": choice("kind", SystemKind), "team": slug_filter("team__slug_key"), "tier": integer("tier")},
        sorts=_BY_SLUG,
        default_sort="slug",
    )


@extend_schema(methods=["GET"], responses=shapes.SystemSerializer)
@extend_schema(methods=["PATCH"], request=shapes.UpdateSystemSerializer, responses=shapes.SystemSerializer)
class SystemView(_Item):
    """One system."""

    shape, command = shapes.SystemSerializer, shapes.UpdateSystemSerializer
    find, update = landscape.system_by_slug, commands.update_system


@extend_schema(methods=["GET"], responses=listed(shapes.DataObjectSerializer))
@extend_schema(methods=["POST"], request=shapes.RegisterDataObjectSerializer, responses={201: shapes.DataObjectSerializer})
class DataObjectsView(_Collection):
    """Data objects that flow between systems."""

    shape, command = shapes.DataObjectSerializer, shapes.RegisterDataObjectSerializer
    rows, find, register = landscape.data_objects, landscape.data_object_by_slug, commands.register_data_object
    filters = compile_filters(
        {
            "classification": choice("classification", Classification),
            "system_of_record": slug_filter("system_of_record__slug_key"),
            "personal_category": member("personal_categories"),
        },
        sorts=_BY_SLUG,
        default_sort="slug",
    )


@extend_schema(methods=["GET"], responses=shapes.DataObjectSerializer)
@extend_schema(methods=["PATCH"], request=shapes.UpdateDataObjectSerializer, responses=shapes.DataObjectSerializer)
class DataObjectView(_Item):
    """One data object."""

    shape, command = shapes.DataObjectSerializer, shapes.UpdateDataObjectSerializer
    find, update = landscape.data_object_by_slug, commands.update_data_object
