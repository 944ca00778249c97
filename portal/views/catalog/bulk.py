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

from catalog.domain.errors import BatchEnded, BatchOpen, BatchUnfit, SheetUnreadable
from catalog.selectors import finding
from catalog.selectors import sheets as sheet_selectors
from catalog.services import bulk, exports
from catalog.services import sheets as background
from foundation.cursors import paginate
from foundation.errors import STATUS, DomainError, Kind
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
        with command(request):
            outcome = background.send_sheet(sheet=form.sheet(), form=form.cleaned_data["format"], dry_run=not applies, **acting(request))
    except (SheetUnreadable, BatchOpen) as error:
        return _shown(request, form, extra_errors=sentences(error), status=STATUS[error.kind])
    if not isinstance(outcome, bulk.Outcome):
        return redirect("portal:batch", outcome.pk)
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
            outcome = background.undo_batch(batch_id=batch_id, **acting(request))
    except DomainError as error:
        if error.kind is Kind.MISSING:
            raise
        messages.error(request, str(error))
        return redirect("portal:sheet")
    if not isinstance(outcome, bulk.Outcome):
        return redirect("portal:batch", outcome.pk)
    messages.success(request, _("Taken back where nobody has changed it since."))
    return _shown(request, SheetForm(), outcome=outcome)


@require_safe
@page
def batch(request: PortalRequest, batch_id: UUID) -> HttpResponse:
    """How far a batch is, and what became of its rows, refused ones first; reloads itself while it moves."""
    found = sheet_selectors.get_batch(batch_id, request.viewer)
    query = sheet_selectors.ROWS.parse({"sort": "verdict", **asked(request)})
    rows = paginate(query, sheet_selectors.rows_of(found))
    context = {
        "now": request.now,
        "batch": _batch(found),
        "rows": [_batch_row(row, found) for row in sheet_selectors.seen_diffs(rows.rows, request.viewer)],
        "verdict": request.GET.get("verdict", ""),
        "next_cursor": rows.next,
    }
    return render(request, "portal/catalog/batch.html", context)


@require_POST
@page
def cancel(request: PortalRequest, batch_id: UUID) -> HttpResponse:
    """Stop before the next rows."""
    try:
        with command(request):
            background.cancel_batch(batch_id=batch_id, **acting(request))
    except BatchEnded as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Stopped. What was applied stays."))
    return redirect("portal:batch", batch_id)


@require_POST
@page
def apply(request: PortalRequest, batch_id: UUID) -> HttpResponse:
    """Do what was tried."""
    try:
        with command(request):
            started = background.apply_tried(batch_id=batch_id, **acting(request))
    except (BatchOpen, BatchUnfit) as error:
        messages.error(request, str(error))
        return redirect("portal:batch", batch_id)
    return redirect("portal:batch", started.pk)


def _batch(row: Any) -> dict[str, Any]:
    is_moving = row.state in {"queued", "running"}
    verdicts = [(verdict.value, getattr(row, f"{verdict}_count")) for verdict in bulk.Verdict]
    writes = row.changed_count + row.created_count
    can_undo = not (is_moving or row.is_dry_run or row.undoes_id or row.undone_at) and row.changed_count
    return {
        "url": reverse("portal:batch", args=[row.pk]),
        "by": row.by.display_name,
        "what": "undo" if row.undoes_id else "trial" if row.is_dry_run else "edit",
        "state": row.state,
        "is_moving": is_moving,
        "created_at": row.created_at,
        "undone_at": row.undone_at,
        "rows": row.row_count,
        "done": row.row_count - row.waiting_count,
        "writes": writes,
        "verdicts": verdicts,
        "cancel_url": reverse("portal:batch_cancel", args=[row.pk]) if is_moving else "",
        "apply_url": reverse("portal:batch_apply", args=[row.pk]) if row.is_dry_run and row.state == "done" and writes else "",
        "undo_url": reverse("portal:batch_undo", args=[row.pk]) if can_undo else "",
    }


def _batch_row(row: Any, found: Any) -> dict[str, Any]:
    verdict = bulk.VERDICTS.get(row.rank, "waiting" if found.state in {"queued", "running"} else "skipped")
    problem = row.problem or {}
    is_there = verdict not in {"refused", "waiting", "skipped"} and not found.is_dry_run
    return {
        "line": row.position + 1,
        "slug": row.slug or _("(no name)"),
        "url": reverse("portal:integration", args=[row.slug]) if is_there and row.integration_version is not None else "",
        "verdict": verdict,
        "diff": [_difference(one["field"], one["before"], one["after"]) for one in row.diff],
        "problem": [problem["detail"], *(f"{one['pointer']}: {one['detail']}" for one in problem["errors"])] if problem else [],
    }


def _difference(field: str, before: Any, after: Any) -> dict[str, str]:
    return {"field": field.replace("_", " "), "before": _short(before), "after": _short(after)}


def _applied(outcome: bulk.Outcome) -> str:
    count = outcome.counts["changed"] + outcome.counts["created"]
    return ngettext("%(n)d integration was written.", "%(n)d integrations were written.", count) % {"n": count}


def _shown(
    request: PortalRequest, form: SheetForm, *, outcome: bulk.Outcome | None = None, extra_errors: Any = (), status: int = 200
) -> HttpResponse:
    batches = sheet_selectors.counted(sheet_selectors.batches_of(request.viewer))[:SHOWN_BATCHES]
    context = {
        "now": request.now,
        "form": form,
        "extra_errors": extra_errors,
        "outcome": _outcome(outcome) if outcome else None,
        "batches": [_batch(batch) for batch in batches],
    }
    return render(request, PAGE, context, status=status)


def _outcome(outcome: bulk.Outcome) -> dict[str, Any]:
    """Refused rows first."""
    shown = [row for row in outcome.results if row.verdict is not bulk.Verdict.UNCHANGED]
    return {
        "is_dry_run": outcome.is_dry_run,
        "counts": outcome.counts,
        "writes": outcome.counts["changed"] + outcome.counts["created"],
        "rows": [_row(row) for row in sorted(shown, key=lambda row: bulk.RANKS[row.verdict])],
    }


def _row(row: bulk.RowResult) -> dict[str, Any]:
    return {
        "line": row.index + 1,
        "slug": row.slug or _("(no name)"),
        "url": reverse("portal:integration", args=[row.slug]) if row.slug and row.problem is None else "",
        "verdict": row.verdict.value,
        "diff": [_difference(one.field, one.before, one.after) for one in row.diff],
        "problem": sentences(row.problem) if row.problem else [],
    }


def _short(value: Any) -> str:
    text = (
        json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value if value not in {None, ""} else _("nothing"))
    )
    return text if len(text) <= 200 else text[:199] + "…"
