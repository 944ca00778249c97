"""Connecting runtimes."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from catalog.domain.vocabulary import EntityKind
from catalog.selectors.conditions import by_name
from foundation import filters
from foundation.edge.schema import listed
from foundation.edge.views import Edge, EdgeRequest
from runtime_adapters.api.shapes import IssueRuntimeToken, ProbeShape, RegisterRuntime, RuntimeShape, TokenIssued, UpdateRuntime
from runtime_adapters.selectors import runtimes as selectors
from runtime_adapters.services import runtimes

FILTERS = filters.compile_filters(
    {
        "kind": filters.text("kind"),
        "environment": by_name(EntityKind.ENVIRONMENT, "environments"),
        "is_enabled": filters.boolean("is_enabled"),
    },
    sorts={"slug": ("slug_key",)},
    default_sort="slug",
)


class RuntimeList(Edge):
    """The runtimes of the landscape; operators connect new ones."""

    scopes = {"get": "catalog:read", "post": "admin"}
    filters = FILTERS

    @extend_schema(operation_id="runtimes_list", responses=listed(RuntimeShape))
    def get(self, _request: EdgeRequest) -> Response:
        return self.page(RuntimeShape, selectors.runtimes())

    @extend_schema(operation_id="runtimes_register", request=RegisterRuntime, responses={201: RuntimeShape})
    def post(self, request: EdgeRequest) -> Response:
        command = self.read(RegisterRuntime)
        runtime = runtimes.register_runtime(**command, actor=request.actor, viewer=request.viewer, now=request.now)
        found = selectors.runtime_by_slug(runtime.slug)
        data = RuntimeShape(found, context={"request": request}).data
        return self.answer(data, status=201, etag=found.version, headers={"Location": f"/api/v1/runtimes/{found.slug}"})


class RuntimeDetail(Edge):
    """One runtime."""

    scopes = {"get": "catalog:read", "patch": "admin"}
    if_match_on = ("patch",)

    @extend_schema(operation_id="runtimes_retrieve", responses=RuntimeShape)
    def get(self, request: EdgeRequest, slug: str) -> Response:
        return self._shown(request, slug)

    @extend_schema(operation_id="runtimes_update", request=UpdateRuntime, responses=RuntimeShape)
    def patch(self, request: EdgeRequest, slug: str) -> Response:
        changes = self.read(UpdateRuntime, partial=True)
        seen = self.if_match()
        runtimes.update_runtime(
            slug=slug, changes=changes, expected_version=seen, actor=request.actor, viewer=request.viewer, now=request.now
        )
        return self._shown(request, slug)

    def _shown(self, request: EdgeRequest, slug: str) -> Response:
        runtime = selectors.runtime_by_slug(slug)
        return self.answer(RuntimeShape(runtime, context={"request": request}).data, etag=runtime.version)


class RuntimeTokens(Edge):
    """A token for the runtime's agent. The secret is in this answer and nowhere else."""

    scopes = {"post": "admin"}
    secret_fields = frozenset({"secret"})

    @extend_schema(operation_id="runtimes_issue_token", request=IssueRuntimeToken, responses={201: TokenIssued})
    def post(self, request: EdgeRequest, slug: str) -> Response:
        label = self.read(IssueRuntimeToken)["label"]
        secret = runtimes.issue_runtime_token(runtime=slug, label=label, actor=request.actor, viewer=request.viewer, now=request.now)
        return self.answer({"secret": secret}, status=201)


class RuntimeProbe(Edge):
    """Ask the runtime who it is. Changes nothing there; no transaction is open while it answers."""

    scopes = {"post": "admin"}
    own_transactions = True

    @extend_schema(operation_id="runtimes_probe", request=None, responses=ProbeShape)
    def post(self, request: EdgeRequest, slug: str) -> Response:
        return self.answer(runtimes.probe_runtime(slug=slug, actor=request.actor, viewer=request.viewer, now=request.now))
