"""Earlier versions of a section, from its history. Callers have shown that the integration is visible."""

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet

from catalog.domain.errors import DocumentVersionMissing
from catalog.models import Document
from catalog.selectors.documents import VERIFIED_CONTENT
from foundation.filters import compile_filters

FILTERS = compile_filters({}, sorts={"version": ("version",)}, default_sort="-version")


def versions_of(document: Document) -> QuerySet[Any]:
    """Every version, newest first, without its text: who made it and when, its event, and `is_verification`: it left the text as it was."""
    unchanged = ExpressionWrapper(Q(changed_at__lt=F("history_date")), output_field=BooleanField())
    rows: QuerySet[Any] = Document.history.filter(id=document.id).select_related("history_user", "verified_for")
    rows = rows.annotate(is_verification=unchanged).defer("body", *VERIFIED_CONTENT)
    return rows.order_by("-version", "-pk")


def version_of(document: Document, version: int) -> Any:
    """One version with its text. Raises DocumentVersionMissing."""
    return _with_text(document, version)[version]


def pair_of(document: Document, before: int, after: int) -> tuple[Any, Any]:
    """Two versions with their texts, in one query. Raises DocumentVersionMissing."""
    found = _with_text(document, before, after)
    return found[before], found[after]


def _with_text(document: Document, *wanted: int) -> dict[int, Any]:
    rows = versions_of(document).defer(None).defer(*VERIFIED_CONTENT).filter(version__in=wanted)
    found = {row.version: row for row in rows}
    if not found.keys() >= set(wanted):
        raise DocumentVersionMissing
    return found
