"""Editing many integrations by a sheet: take it away, send it back, look at the differences, apply, take back."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.domain import sheets
from catalog.domain.errors import SheetUnreadable
from catalog.selectors import finding
from catalog.selectors import sheets as sheet_selectors
from catalog.services import bulk, exports
from foundation.errors import STATUS, DomainError
from portal.forms.bulk import SheetForm
from portal.views.base import PortalRequest, acting, asked, command, page, sentences

PAGE = "portal/catalog/sheet.html"
SHOWN_BATCHES = 10
MEDIA = {"csv": "text/csv; charset=utf-8", "yaml": "application/yaml; charset=utf-8"}


@require_safe
@page
def export(request: PortalRequest) -> Any:
    """The list as it is filtered now, as a sheet."""
    form = request.GET.get("format", "csv")
    if form not in MEDIA:
        form = "csv"
    plan = finding.matching(asked(request, "format", "cursor", "facets"), request.viewer)
    pieces = exports.export_integrations(plan=plan, query=request.META.get("QUERY_STRING", "")[:2000], form=form, **acting(request))
    headers = {"Content-Disposition": f'attachment; filename="integrations.{form}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(pieces, content_type=MEDIA[form], headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def sheet(request: PortalRequest) -> HttpResponse:
    """Send a sheet back: first what it would change, then, when that is right, the change itself."""
    if request.method != "POST":
        return _shown(request, SheetForm())
    form = SheetForm(request.POST, request.FILES)
    if not form.is_valid():
        return _shown(request, form, status=422)
    applies = "apply" in request.POST
    try:
        rows = sheets.read(form.cleaned_data["content"], form.cleaned_data["format"])
        with command(request):
            outcome = bulk.apply_rows(rows=rows, dry_run=not applies, origin=form.cleaned_data["format"], **acting(request))
    except SheetUnreadable as error:
        return _shown(request, form, extra_errors=sentences(error), status=STATUS[error.kind])
    if applies and outcome.id is not None:
        messages.success(request, _applied(outcome))
    kept = SheetForm(initial={"format": form.cleaned_data["format"], "content": form.cleaned_data["content"]})
    return _shown(request, kept, outcome=outcome)


@require_POST
@page
def undo(request: PortalRequest, batch_id: UUID) -> HttpResponse:
    """Take a batch back."""
    try:
        with command(request):
            outcome = bulk.undo_batch(batch_id=batch_id, **acting(request))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("portal:sheet")
    messages.success(request, _("Taken back where nobody has changed it since."))
    return _shown(request, SheetForm(), outcome=outcome)


def _applied(outcome: bulk.Outcome) -> str:
    count = outcome.counts["changed"] + outcome.counts["created"]
    return ngettext("%(n)d integration was written.", "%(n)d integrations were written.", count) % {"n": count}


def _shown(
    request: PortalRequest, form: SheetForm, *, outcome: bulk.Outcome | None = None, extra_errors: Any = (), status: int = 200
) -> HttpResponse:
    batches = sheet_selectors.batches_of(request.viewer)[:SHOWN_BATCHES]
    context = {
        "now": request.now,
        "form": form,
        "extra_errors": extra_errors,
        "outcome": _outcome(outcome) if outcome else None,
        "batches": [
            {
                "at": batch.created_at,
                "by": batch.by.display_name,
                "rows": len(batch.changes),
                "undone_at": batch.undone_at,
                "undo_url": "" if batch.undone_at else reverse("portal:batch_undo", args=[batch.id]),
            }
            for batch in batches
        ],
    }
    return render(request, PAGE, context, status=status)


def _outcome(outcome: bulk.Outcome) -> dict[str, Any]:
    return {
        "is_dry_run": outcome.is_dry_run,
        "counts": outcome.counts,
        "writes": outcome.counts["changed"] + outcome.counts["created"],
        "rows": [_row(row) for row in outcome.results if row.verdict is not bulk.Verdict.UNCHANGED],
    }


def _row(row: bulk.RowResult) -> dict[str, Any]:
    return {
        "line": row.index + 1,
        "slug": row.slug or _("(no name)"),
        "url": reverse("portal:integration", args=[row.slug]) if row.slug and row.problem is None else "",
        "verdict": row.verdict.value,
        "diff": [{"field": one.field.replace("_", " "), "before": _short(one.before), "after": _short(one.after)} for one in row.diff],
        "problem": sentences(row.problem) if row.problem else [],
    }


def _short(value: Any) -> str:
    text = (
        json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value if value not in {None, ""} else _("nothing"))
    )
    return text if len(text) <= 200 else text[:199] + "…"
