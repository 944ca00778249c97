"""/integrations/{slug}/documents: sections, their versions, what differs between them, and verifying one."""

import re

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import document_shapes as shapes
from catalog.domain.text_differences import difference
from catalog.models import Document, Integration
from catalog.selectors import document_versions, documents, integrations
from catalog.services import documents as commands
from foundation.edge.schema import listed
from foundation.edge.views import Edge
from foundation.errors import FieldError
from foundation.filters import BadQuery

_VERSION = re.compile(r"[1-9][0-9]{0,9}\Z", re.ASCII)


class DocumentsView(Edge):
    """The documentation of an integration."""

    scopes = {"get": "catalog:read", "post": "catalog:write"}

    @extend_schema(responses=shapes.DocumentListSerializer)
    def get(self, _request: Request, slug: str) -> Response:
        """All written sections with how fresh each is, and those its tier still asks for."""
        integration = integrations.get_visible(slug, self.request.viewer)
        written = documents.documents_of(integration)
        states = documents.outline_of(integration, written)
        by_section = {state.section: state for state in states}
        for document in written:
            document.state = by_section[document.section]  # type: ignore[attr-defined]  # told, not kept
        missing = [state.section for state in states if state.is_missing]
        return self.answer({"results": shapes.DocumentSerializer(written, many=True).data, "missing": missing, "next": None})

    @extend_schema(request=shapes.NewDocumentSerializer, responses={201: shapes.DocumentSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Write a section for the first time."""
        command = self.read(shapes.NewDocumentSerializer)
        document = commands.write_document(integration=slug, **command, expected_version=None, is_new=True, **self.by())
        return _written(self, document, status=201, headers={"Location": f"{request.path}/{document.section}"})


class DocumentView(Edge):
    """One section."""

    scopes = {"get": "catalog:read", "put": "catalog:write"}

    @extend_schema(responses=shapes.DocumentSerializer)
    def get(self, _request: Request, slug: str, section: str) -> Response:
        """Show a section."""
        return _shown(self, *_found(self, slug, section))

    @extend_schema(request=shapes.WriteDocumentSerializer, responses={200: shapes.DocumentSerializer, 201: shapes.DocumentSerializer})
    def put(self, request: Request, slug: str, section: str) -> Response:
        """Write a section: the first time without If-Match, then with the ETag of the version read."""
        command = self.read(shapes.WriteDocumentSerializer)
        version = self.if_match() if request.META.get("HTTP_IF_MATCH") else None
        document = commands.write_document(integration=slug, section=section, **command, expected_version=version, **self.by())
        return _written(self, document, status=201 if document.version == 1 and version is None else 200)


class DocumentVerificationView(Edge):
    """Saying that a section holds."""

    scopes = {"post": "catalog:write"}
    if_match_on = ("post",)

    @extend_schema(request=shapes.VerifyDocumentSerializer, responses=shapes.DocumentSerializer)
    def post(self, _request: Request, slug: str, section: str) -> Response:
        """Verify the version read (If-Match) for a release; this makes a version of its own and leaves the text as it is."""
        _found(self, slug, section)
        version = self.if_match()
        command = self.read(shapes.VerifyDocumentSerializer)
        document = commands.verify_document(integration=slug, section=section, **command, expected_version=version, **self.by())
        return _written(self, document)


class DocumentVersionsView(Edge):
    """Every version of a section."""

    scopes = {"get": "catalog:read"}
    filters = document_versions.FILTERS

    @extend_schema(responses=listed(shapes.DocumentVersionSerializer))
    def get(self, _request: Request, slug: str, section: str) -> Response:
        """List versions, newest first, without their texts."""
        _integration, document = _found(self, slug, section)
        return self.page(shapes.DocumentVersionSerializer, document_versions.versions_of(document))


class DocumentVersionView(Edge):
    """One version of a section."""

    scopes = {"get": "catalog:read"}

    @extend_schema(responses=shapes.DocumentVersionDetailSerializer)
    def get(self, _request: Request, slug: str, section: str, document_version: int) -> Response:
        """Show the text as it was."""
        _integration, document = _found(self, slug, section)
        return self.answer(shapes.DocumentVersionDetailSerializer(document_versions.version_of(document, document_version)).data)


class DocumentDifferenceView(Edge):
    """What differs between two versions."""

    scopes = {"get": "catalog:read"}
    list_on = ()

    @extend_schema(
        parameters=[
            OpenApiParameter(name, int, description="A version; without it, the newest and the one before.") for name in ("from", "to")
        ],
        responses=shapes.DocumentDifferenceSerializer,
    )
    def get(self, request: Request, slug: str, section: str) -> Response:
        """Compare two versions line by line."""
        _integration, document = _found(self, slug, section)
        before, after = _compared(request, document.version)
        old, new = document_versions.pair_of(document, before, after)
        told = difference(old.body, new.body)
        counted = {name: getattr(told, name) for name in ("added", "removed", "too_long", "hunks")}
        shown = {"section": document.section, "from_version": before, "to_version": after, **counted}
        return self.answer(shapes.DocumentDifferenceSerializer(shown).data)


def _compared(request: Request, newest: int) -> tuple[int, int]:
    """The two versions asked for. Raises BadQuery."""
    faults = [
        FieldError(f"?{name}"[:120], "unknown-parameter", "There is no such parameter.")
        for name in request.query_params
        if name not in {"from", "to"}
    ]
    read: dict[str, int] = {}
    for name in {"from", "to"} & set(request.query_params):
        text = request.query_params[name]
        if _VERSION.match(text):
            read[name] = int(text)
        else:
            faults.append(FieldError(f"?{name}", "not-a-version", "Expected the number of a version."))
    if faults:
        raise BadQuery(faults[0].detail, errors=faults)
    after = read.get("to", newest)
    return read.get("from", max(after - 1, 1)), after


def _found(view: Edge, slug: str, section: str) -> tuple[Integration, Document]:
    integration = integrations.get_visible(slug, view.request.viewer)
    return integration, documents.get(integration, section)


def _shown(
    view: Edge, integration: Integration, document: Document, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    (told,) = documents.with_states(integration, [document])
    return view.answer(shapes.DocumentSerializer(told).data, status=status, etag=document.version, headers=headers)


def _written(view: Edge, document: Document, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """What a command left, read as everybody reads it."""
    integration = document.integration
    return _shown(view, integration, documents.get(integration, document.section), status=status, headers=headers)
