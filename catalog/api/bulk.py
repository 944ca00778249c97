"""/integrations/bulk, /integrations/sheet, /integrations/export and /bulk-batches."""

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import bulk_shapes as shapes
from catalog.domain import sheets
from catalog.selectors import finding
from catalog.selectors import sheets as sheet_selectors
from catalog.services import bulk, exports
from foundation.edge.schema import listed
from foundation.edge.views import Edge
from foundation.errors import FieldError
from foundation.filters import BadQuery, compile_filters

MEDIA = {"csv": "text/csv; charset=utf-8", "yaml": "application/yaml; charset=utf-8"}


class BulkView(Edge):
    """Many edits at once."""

    scopes = {"post": "catalog:write"}

    @extend_schema(operation_id="integrations_bulk", request=shapes.BulkSerializer, responses=shapes.OutcomeSerializer)
    def post(self, _request: Request) -> Response:
        """Change up to 500 integrations; each row has a result of its own, and a refused one leaves the others as they are."""
        command = self.read(shapes.BulkSerializer)
        return _told(self, bulk.apply_rows(**command, **self.by()))


class SheetView(Edge):
    """The same from a sheet."""

    scopes = {"post": "catalog:write"}

    @extend_schema(operation_id="integrations_sheet", request=shapes.SheetSerializer, responses=shapes.OutcomeSerializer)
    def post(self, _request: Request) -> Response:
        """Apply a CSV or YAML sheet, as `/integrations/export` writes it; a sheet that was not edited changes nothing."""
        command = self.read(shapes.SheetSerializer)
        rows = sheets.read(command["content"], command["format"])
        return _told(self, bulk.apply_rows(rows=rows, dry_run=command["dry_run"], origin=command["format"], **self.by()))


class ExportView(Edge):
    """The list as a sheet."""

    scopes = {"get": "catalog:read"}

    @extend_schema(
        operation_id="integrations_export",
        parameters=[OpenApiParameter("format", str, enum=list(MEDIA), description="csv (default) or yaml")],
        responses={(200, "text/csv"): OpenApiTypes.STR, (200, "application/yaml"): {"type": "array", "items": {"type": "object"}}},
        description="Every integration that the list would show with the same filters, as CSV or YAML.",
    )
    def get(self, request: Request) -> Any:
        """Stream every integration that the list would show with the same filters, in the order of slugs."""
        form = request.query_params.get("format", "csv")
        if form not in MEDIA:
            raise BadQuery(errors=[FieldError("?format", "unknown-value", f"Expected one of: {', '.join(MEDIA)}.")])
        asked = request.query_params.copy()
        asked.pop("format", None)
        plan = finding.matching(asked, self.request.viewer)
        pieces = exports.export_integrations(plan=plan, query=request.META.get("QUERY_STRING", "")[:2000], form=form, **self.by())
        headers = {"Content-Disposition": f'attachment; filename="integrations.{form}"', "Cache-Control": "no-store"}
        return StreamingHttpResponse(pieces, content_type=MEDIA[form], headers=headers)


class BatchesView(Edge):
    """Batches that were applied."""

    scopes = {"get": "catalog:read"}
    filters = compile_filters({}, sorts={"created_at": ("created_at",)}, default_sort="-created_at")

    @extend_schema(operation_id="bulk_batches_list", responses=listed(shapes.BatchSerializer))
    def get(self, _request: Request) -> Response:
        """List one's own batches, newest first; administrators see all."""
        return self.page(shapes.BatchSerializer, sheet_selectors.batches_of(self.request.viewer))


class UndoView(Edge):
    """Taking a batch back."""

    scopes = {"post": "catalog:write"}

    @extend_schema(operation_id="bulk_batches_undo", request=None, responses=shapes.OutcomeSerializer)
    def post(self, _request: Request, batch_id: UUID) -> Response:
        """Give every row its values from before, but for those that somebody has changed since."""
        return _told(self, bulk.undo_batch(batch_id=batch_id, **self.by()))


def _told(view: Edge, outcome: bulk.Outcome) -> Response:
    return view.answer(shapes.OutcomeSerializer(outcome).data)
