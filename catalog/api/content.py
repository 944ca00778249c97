"""/integrations/{slug}/releases."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import integration_shapes as shapes
from catalog.selectors import integrations, releases
from catalog.services import releases as release_commands
from foundation.edge.schema import listed
from foundation.edge.views import Edge
from foundation.filters import compile_filters, text


class ReleasesView(Edge):
    """The releases of an integration."""

    scopes = {"get": "catalog:read", "post": "catalog:write"}
    filters = compile_filters(
        {"runtime_kind": text("runtime_kind"), "digest": text("digest")},
        sorts={"version": ("version_sort",), "created_at": ("created_at",)},
        default_sort="-version",
    )

    @extend_schema(responses=listed(shapes.ReleaseSerializer))
    def get(self, _request: Request, slug: str) -> Response:
        """List releases, newest version first, without their content."""
        integration = integrations.get_visible(slug, self.request.viewer)
        return self.page(shapes.ReleaseSerializer, releases.releases_of(integration))

    @extend_schema(request=shapes.PublishReleaseSerializer, responses={201: shapes.ReleaseDetailSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Publish an immutable version. The same content under another version is told in `identical_to`."""
        integrations.get_visible(slug, self.request.viewer)
        command = self.read(shapes.PublishReleaseSerializer)
        release = release_commands.publish_release(integration=slug, **command, **self.by())
        return _release(self, slug, release.version, status=201, headers={"Location": f"{request.path}/{release.version}"})


class ReleaseView(Edge):
    """One release."""

    scopes = {"get": "catalog:read"}

    @extend_schema(responses=shapes.ReleaseDetailSerializer)
    def get(self, _request: Request, slug: str, version: str) -> Response:
        """Show a release; its manifest to the owning team, those who judge it, auditors and administrators."""
        return _release(self, slug, version)


def _release(view: Edge, slug: str, version: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    integration = integrations.get_visible(slug, view.request.viewer)
    release = releases.get(integration, version)
    context = {"request": view.request, "sees_inside": integrations.sees_inside(integration.id, view.request.viewer)}
    return view.answer(shapes.ReleaseDetailSerializer(release, context=context).data, status=status, headers=headers)
