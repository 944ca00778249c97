"""/imports, their files and verdicts; /divergences, and where the fields of an integration came from."""

from collections.abc import Callable, Sequence
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import import_shapes as shapes
from catalog.domain.imports.archives import Unpacked
from catalog.models import Divergence
from catalog.selectors import imports as selectors
from catalog.selectors import integrations
from catalog.services.imports import batches, divergences, uploads
from foundation.cursors import paginate
from foundation.edge.parsing import StrictJSONParser, UploadParser, is_form
from foundation.edge.schema import listed
from foundation.edge.views import Edge, check_fields
from foundation.limits import MAX_BODY

MAX_UPLOAD = 21 * 1024 * 1024  # 20 MiB of files and the form around them


class ImportsView(Edge):
    """Imports that the caller queued or that are for one of his teams."""

    scopes = {"get": "catalog:read", "post": "catalog:write"}
    filters = selectors.BATCHES
    parser_classes = (StrictJSONParser, UploadParser)

    @property
    def max_body(self) -> int:  # type: ignore[override]
        """A form of files may be larger than JSON."""
        return MAX_UPLOAD if is_form(self.request) else MAX_BODY

    @extend_schema(responses=listed(shapes.ImportSerializer))
    def get(self, _request: Request) -> Response:
        """List imports, newest first."""
        return self.page(shapes.ImportSerializer, selectors.counted(selectors.batches_visible_to(self.request.viewer)))

    @extend_schema(
        request={"application/json": shapes.StartImportSerializer, "multipart/form-data": shapes.UploadImportSerializer},
        responses={202: shapes.ImportSerializer},
    )
    def post(self, request: Request) -> Response:
        """Read files and queue what they say for the team; a worker applies them one by one.

        Up to 200 files: 1 MiB in all as JSON, 20 MiB as a form, where an archive (.zip) stands for up to 1,000 files.
        """
        command = self.read(shapes.UploadImportSerializer if is_form(request) else shapes.StartImportSerializer)
        given = command.pop("files")
        command["is_dry_run"] = command["is_dry_run"] in {True, "true"}
        files: list[Unpacked] = (
            uploads.unpacked((file.name, file.read()) for file in given)
            if is_form(request)
            else [(file["path"], file["content"].encode("utf-8", "replace")) for file in given]
        )
        batch = batches.start_import(**command, files=files, **self.by())
        shown = shapes.ImportSerializer(selectors.get_batch(batch.pk, self.request.viewer)).data
        return self.answer(shown, status=202, headers={"Location": f"{request.path}/{batch.pk}"})


class ImportView(Edge):
    """One import."""

    scopes = {"get": "catalog:read"}

    @extend_schema(responses=shapes.ImportSerializer)
    def get(self, _request: Request, import_id: UUID) -> Response:
        """Show how far an import is."""
        return self.answer(shapes.ImportSerializer(selectors.get_batch(import_id, self.request.viewer)).data)


class ImportFilesView(Edge):
    """The files of an import."""

    scopes = {"get": "catalog:read"}
    filters = selectors.FILES

    @extend_schema(responses=listed(shapes.ImportFileSerializer))
    def get(self, _request: Request, import_id: UUID) -> Response:
        """List files with their verdicts and reasons, in the order they came."""
        asked = self.query()
        check_fields(shapes.ImportFileSerializer, asked.fields)
        found = paginate(asked, selectors.files_of(selectors.get_batch(import_id, self.request.viewer)))
        created = selectors.seen_created(found.rows, self.request.viewer)
        context = {"only": asked.fields, "created": lambda file: created[file.pk]}
        data = {"results": shapes.ImportFileSerializer(found.rows, many=True, context=context).data, "next": found.next}
        return self.answer({**data, **({} if found.count is None else {"count": found.count})})


class ImportCancellationView(Edge):
    """Ending an import early."""

    scopes = {"post": "catalog:write"}

    @extend_schema(request=None, responses=shapes.ImportSerializer)
    def post(self, _request: Request, import_id: UUID) -> Response:
        """Stop before the next file; what was applied stays."""
        batches.cancel_import(batch=import_id, **self.by())
        return self.answer(shapes.ImportSerializer(selectors.get_batch(import_id, self.request.viewer)).data)


class DivergencesView(Edge):
    """Where machines and people differ."""

    scopes = {"get": "catalog:read"}
    filters = selectors.DIVERGENCES

    @extend_schema(responses=listed(shapes.DivergenceSerializer))
    def get(self, _request: Request) -> Response:
        """List divergences of integrations that the caller may see, newest first."""
        asked = self.query()
        check_fields(shapes.DivergenceSerializer, asked.fields)
        found = paginate(asked, selectors.divergences_visible_to(self.request.viewer))
        context = {"only": asked.fields, "sees_inside": _inside(self, found.rows)}
        data = {"results": shapes.DivergenceSerializer(found.rows, many=True, context=context).data, "next": found.next}
        return self.answer({**data, **({} if found.count is None else {"count": found.count})})


class DivergenceAcceptanceView(Edge):
    """Taking the machine's value."""

    scopes = {"post": "catalog:write"}

    @extend_schema(request=shapes.AnswerDivergenceSerializer, responses=shapes.DivergenceSerializer)
    def post(self, _request: Request, slug: str, divergence_id: UUID) -> Response:
        """Write the machine's value as the caller's own; refused when something else is there than the caller says to have seen."""
        seen = self.read(shapes.AnswerDivergenceSerializer)
        row = divergences.accept_divergence(integration=slug, divergence=divergence_id, **seen, **self.by())
        return _answered(self, row)


class DivergenceRejectionView(Edge):
    """Letting the person's value stand."""

    scopes = {"post": "catalog:write"}

    @extend_schema(request=shapes.AnswerDivergenceSerializer, responses=shapes.DivergenceSerializer)
    def post(self, _request: Request, slug: str, divergence_id: UUID) -> Response:
        """Let the person's value stand; the same is not proposed again. Refused as an acceptance is."""
        seen = self.read(shapes.AnswerDivergenceSerializer)
        row = divergences.reject_divergence(integration=slug, divergence=divergence_id, **seen, **self.by())
        return _answered(self, row)


class FieldSourcesView(Edge):
    """Where the values of an integration came from."""

    scopes = {"get": "catalog:read"}

    @extend_schema(responses=shapes.FieldSourceListSerializer)
    def get(self, _request: Request, slug: str) -> Response:
        """The fields that a machine filled and nobody has changed since."""
        found = selectors.field_sources_of(integrations.get_visible(slug, self.request.viewer))
        return self.answer({"results": shapes.FieldSourceSerializer(found, many=True).data, "next": None})


def _answered(view: Edge, row: Divergence) -> Response:
    shown = selectors.divergences_visible_to(view.request.viewer).get(pk=row.pk)
    return view.answer(shapes.DivergenceSerializer(shown, context={"sees_inside": _inside(view, [shown])}).data)


def _inside(view: Edge, rows: Sequence[Divergence]) -> Callable[[Divergence], bool]:
    """Values hold addresses: shown where the integration's own are."""
    seen = integrations.seen_inside({row.integration_id for row in rows}, view.request.viewer)
    return lambda row: row.integration_id in seen
