"""/integrations/bulk, /integrations/sheet, /integrations/export and /bulk-batches."""

from io import StringIO, TextIOWrapper
from typing import Any, TextIO
from uuid import UUID

from django.http import StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import bulk_shapes as shapes
from catalog.domain.sheets import MOST_BYTES
from catalog.models import BulkBatch
from catalog.selectors import finding
from catalog.selectors import sheets as selectors
from catalog.services import bulk, exports
from catalog.services import sheets as background
from foundation.edge.parsing import StrictJSONParser, UploadParser, is_form
from foundation.edge.schema import listed
from foundation.edge.views import Edge
from foundation.errors import FieldError
from foundation.filters import BadQuery
from foundation.limits import MAX_BODY

MAX_UPLOAD = MOST_BYTES + 1024 * 1024  # the file and the form around it
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
    """The same from a sheet, which may be longer."""

    scopes = {"post": "catalog:write"}
    parser_classes = (StrictJSONParser, UploadParser)

    @property
    def max_body(self) -> int:  # type: ignore[override]
        """A form with a file may be larger than JSON."""
        return MAX_UPLOAD if is_form(self.request) else MAX_BODY

    @extend_schema(
        operation_id="integrations_sheet",
        request={"application/json": shapes.SheetSerializer, "multipart/form-data": shapes.SheetUploadSerializer},
        responses={200: shapes.OutcomeSerializer, 202: shapes.BatchSerializer},
    )
    def post(self, request: Request) -> Response:
        """Apply a CSV or YAML sheet, as `/integrations/export` writes it; a sheet that was not edited changes nothing.

        Up to 500 rows are applied at once (200). More, up to 50,000 and as a form 48 MiB, become a batch that a worker applies in the
        background (202): `Location` tells how far it is.
        """
        if is_form(request):
            asked = self.read(shapes.SheetUploadSerializer)
            sheet: TextIO = TextIOWrapper(asked["file"][0].file, "utf-8-sig", newline="")
            dry_run = asked["dry_run"] == "true"
        else:
            asked = self.read(shapes.SheetSerializer)
            sheet, dry_run = StringIO(asked["content"].removeprefix("\ufeff"), newline=""), asked["dry_run"]
        return _told(self, background.send_sheet(sheet=sheet, form=asked["format"], dry_run=dry_run, **self.by()))


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
    """Batches that were applied, tried or taken back."""

    scopes = {"get": "catalog:read"}
    filters = selectors.BATCHES

    @extend_schema(operation_id="bulk_batches_list", responses=listed(shapes.BatchSerializer))
    def get(self, _request: Request) -> Response:
        """List one's own batches, newest first; administrators see all."""
        return self.page(shapes.BatchSerializer, selectors.counted(selectors.batches_of(self.request.viewer)))


class BatchView(Edge):
    """One batch."""

    scopes = {"get": "catalog:read"}

    @extend_schema(operation_id="bulk_batches_retrieve", responses=shapes.BatchSerializer)
    def get(self, _request: Request, batch_id: UUID) -> Response:
        """Show how far a batch is."""
        return self.answer(shapes.BatchSerializer(selectors.get_batch(batch_id, self.request.viewer)).data)


class BatchRowsView(Edge):
    """What became of the rows of a batch."""

    scopes = {"get": "catalog:read"}
    filters = selectors.ROWS

    @extend_schema(operation_id="bulk_batches_rows_list", responses=listed(shapes.BatchRowSerializer))
    def get(self, _request: Request, batch_id: UUID) -> Response:
        """List rows with their results, in their order; `sort=verdict` shows refused ones first."""
        rows = selectors.rows_of(selectors.get_batch(batch_id, self.request.viewer))
        return self.page(shapes.BatchRowSerializer, rows, told=lambda found: selectors.seen_diffs(found, self.request.viewer))


class BatchCancellationView(Edge):
    """Ending a batch early."""

    scopes = {"post": "catalog:write"}

    @extend_schema(operation_id="bulk_batches_cancel", request=None, responses=shapes.BatchSerializer)
    def post(self, _request: Request, batch_id: UUID) -> Response:
        """Stop before the next rows; what was applied stays, and can be undone."""
        background.cancel_batch(batch_id=batch_id, **self.by())
        return self.answer(shapes.BatchSerializer(selectors.get_batch(batch_id, self.request.viewer)).data)


class BatchApplicationView(Edge):
    """Doing what was tried."""

    scopes = {"post": "catalog:write"}

    @extend_schema(operation_id="bulk_batches_apply", request=None, responses={202: shapes.BatchSerializer})
    def post(self, _request: Request, batch_id: UUID) -> Response:
        """Apply the rows of a dry run in the background, each as if it were sent now."""
        return _told(self, background.apply_tried(batch_id=batch_id, **self.by()))


class UndoView(Edge):
    """Taking a batch back."""

    scopes = {"post": "catalog:write"}

    @extend_schema(operation_id="bulk_batches_undo", request=None, responses={200: shapes.OutcomeSerializer, 202: shapes.BatchSerializer})
    def post(self, _request: Request, batch_id: UUID) -> Response:
        """Give every row its values from before, but for those that somebody has changed since; more than 500 in the background (202)."""
        return _told(self, background.undo_batch(batch_id=batch_id, **self.by()))


def _told(view: Edge, done: bulk.Outcome | BulkBatch) -> Response:
    if isinstance(done, bulk.Outcome):
        return view.answer(shapes.OutcomeSerializer(done).data)
    shown = shapes.BatchSerializer(selectors.get_batch(done.pk, view.request.viewer)).data
    return view.answer(shown, status=202, headers={"Location": reverse("bulk-batch", args=[done.pk])})
