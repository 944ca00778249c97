"""Importing what exists: uploading files, watching what comes of them, and answering where a machine and a person differ."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.selectors import teams as team_selectors
from catalog.domain.errors import NotYourIntegration
from catalog.domain.rights import may_edit
from catalog.domain.vocabulary import EntityKind
from catalog.selectors import imports as selectors
from catalog.selectors import integrations
from catalog.services.imports import batches, divergences, uploads
from foundation.cursors import paginate
from foundation.errors import STATUS, DomainError, Kind
from portal.forms.imports import ImportForm
from portal.forms.places import place
from portal.views.base import PortalRequest, acting, asked, command, page
from portal.views.catalog.frame import at_present_name
from portal.views.catalog.lists import may_register
from portal.views.catalog.tabs import tabs_of
from portal.views.landscape.cells import url_of

SHOWN_WAITING = 100
PAGE = ["GET", "HEAD", "POST"]
_PAGED = {kind.value for kind in EntityKind}
_FIELD_WORDS = {
    "title": gettext_lazy("Title"),
    "purpose": gettext_lazy("Purpose"),
    "type": gettext_lazy("Kind"),
    "tags": gettext_lazy("Tags"),
    "endpoints": gettext_lazy("Systems and data"),
    "ai_use": gettext_lazy("Models in use"),
    "document:overview": gettext_lazy("Document: overview"),
}


@require_safe
@page
def imports(request: PortalRequest) -> HttpResponse:
    """Imports of one's own and of one's teams, newest first."""
    query = selectors.BATCHES.parse(asked(request))
    found = paginate(query, selectors.counted(selectors.batches_visible_to(request.viewer)))
    context = {
        "now": request.now,
        "rows": [_batch(row) for row in found.rows],
        "next_cursor": found.next,
        "can_import": may_register(request),
        "waiting": _waiting(selectors.divergences_waiting_for(request.viewer)[:SHOWN_WAITING]),
    }
    return render(request, "portal/catalog/imports.html", context)


def _waiting(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """One line for each integration whose values wait for an answer."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        line = {"title": row.integration.title, "url": reverse("portal:integration_sources", args=[row.integration.slug]), "fields": []}
        found.setdefault(row.integration.slug, line)["fields"].append(_word(row.field))
    return list(found.values())


@require_http_methods(PAGE)
@page
def new_import(request: PortalRequest) -> HttpResponse:
    """Upload files; they are read at once and applied in the background."""
    if not may_register(request):
        raise NotYourIntegration(_("Members of a team import what it owns. You are in no team yet."))
    teams = [(team.slug, team.title) for team in team_selectors.teams() if may_edit(request.viewer, team.id)]
    if request.method != "POST":
        return _form_page(request, ImportForm(teams=teams))
    form = ImportForm(request.POST, _uploaded(request), teams=teams)
    if not form.is_valid():
        return _form_page(request, form, status=422)
    values = {name: form.cleaned_data[name] for name in ("label", "team", "is_dry_run")}
    try:
        with command(request):
            batch = batches.start_import(**values, files=uploads.unpacked(form.contents()), **acting(request))
    except DomainError as error:
        if error.kind is Kind.MISSING:
            raise
        return _form_page(request, form, extra_errors=place(error, form), status=STATUS[error.kind])
    return redirect("portal:import", batch.pk)


def _uploaded(request: PortalRequest) -> Any:
    """The form's field holds a list, as the browser sent it."""
    return {"uploads": request.FILES.getlist("uploads")}


def _form_page(request: PortalRequest, form: ImportForm, *, extra_errors: list[str] | None = None, status: int = 200) -> HttpResponse:
    context = {"now": request.now, "form": form, "extra_errors": extra_errors or []}
    return render(request, "portal/catalog/import_form.html", context, status=status)


@require_safe
@page
def one_import(request: PortalRequest, import_id: UUID) -> HttpResponse:
    """How far it is, and what came of every file; reloads itself while it moves."""
    batch = selectors.get_batch(import_id, request.viewer)
    query = selectors.FILES.parse(asked(request))
    found = paginate(query, selectors.files_of(batch))
    created = selectors.seen_created(found.rows, request.viewer)
    facts = _batch(batch)
    context = {
        "now": request.now,
        "batch": {**facts, "may_cancel": facts["is_moving"] and _may_cancel(request, batch)},
        "files": [_file(file, created[file.pk], facts) for file in found.rows],
        "verdict": request.GET.get("verdict", ""),
        "next_cursor": found.next,
    }
    return render(request, "portal/catalog/import.html", context)


def _may_cancel(request: PortalRequest, batch: Any) -> bool:
    return batch.by_id == request.viewer.user_id or may_edit(request.viewer, batch.team_id)


@require_POST
@page
def cancel_import(request: PortalRequest, import_id: UUID) -> HttpResponse:
    """Stop before the next file."""
    with command(request):
        batches.cancel_import(batch=import_id, **acting(request))
    messages.success(request, _("Stopped. What was applied stays."))
    return redirect("portal:import", import_id)


@require_safe
@page
@at_present_name
def integration_sources(request: PortalRequest, slug: str) -> HttpResponse:
    """What a machine filled in, and where its word differs from a person's."""
    found = integrations.detail_of(slug, request.viewer)
    edits = may_edit(request.viewer, found.team_id)
    rows = selectors.divergences_of(found) if found.sees_inside else []  # type: ignore[attr-defined]  # annotated
    context = {
        "now": request.now,
        "integration": {
            "title": found.title,
            "slug": found.slug,
            "version": found.version,
            "url": reverse("portal:integration", args=[found.slug]),
        },
        "tabs": tabs_of(found.slug, "portal:integration_sources"),
        "divergences": [_divergence(row, found, may_edit=edits) for row in rows],
        "sees_inside": found.sees_inside,  # type: ignore[attr-defined]  # annotated
        "sources": [
            {"field": _word(row.field), "label": row.label, "path": row.path, "at": row.at} for row in selectors.field_sources_of(found)
        ],
        "ai_use": found.ai_use,
    }
    return render(request, "portal/catalog/integration_sources.html", context)


@require_POST
@page
def answer_divergence(request: PortalRequest, slug: str, divergence_id: UUID) -> HttpResponse:
    """Accept or reject the machine's value."""
    answers = {"accept": divergences.accept_divergence, "reject": divergences.reject_divergence}
    answer = answers.get(request.POST.get("answer", ""))
    if answer is None:
        raise Http404
    with command(request):
        row = answer(integration=slug, divergence=divergence_id, **_shown(request), **acting(request))
    messages.success(request, _("Taken over.") if row.state == "accepted" else _("Kept as it is."))
    return redirect("portal:integration_sources", row.integration.slug)


def _shown(request: PortalRequest) -> dict[str, Any]:
    """What the page had shown when the button was pressed; a form without it says nothing of it."""
    at, version = parse_datetime(request.POST.get("raised_at", "")[:40]), request.POST.get("version", "")
    return {"raised_at": at, "version": int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None}


def _batch(row: Any) -> dict[str, Any]:
    done = row.created_count + row.updated_count + row.unchanged_count + row.attention_count
    return {
        "id": row.pk,
        "url": reverse("portal:import", args=[row.pk]),
        "label": row.label,
        "team": row.team,
        "by": row.by,
        "is_dry_run": row.is_dry_run,
        "state": row.state,
        "is_moving": row.state in {"queued", "running"},
        "created_at": row.created_at,
        "finished_at": row.finished_at,
        "files": row.file_count,
        "done": done,
        "verdicts": [
            ("created", row.created_count),
            ("updated", row.updated_count),
            ("unchanged", row.unchanged_count),
            ("needs attention", row.attention_count),
        ],
        "attention": row.attention_count,
    }


def _file(file: Any, created: list[dict[str, str]], batch: dict[str, Any]) -> dict[str, Any]:
    """Links to what was registered; a rehearsal registered nothing to link to."""
    links = [
        {
            "slug": each["slug"],
            "kind": each["kind"].replace("-", " "),
            "url": url_of(EntityKind(each["kind"]), each["slug"]) if each["kind"] in _PAGED and not batch["is_dry_run"] else "",
        }
        for each in created
    ]
    waiting = "waiting" if batch["is_moving"] else "skipped"
    return {"path": file.path, "verdict": file.verdict or waiting, "reason": file.reason if file.verdict else "", "created": links}


def _divergence(row: Any, found: Any, *, may_edit: bool) -> dict[str, Any]:
    return {
        "id": row.pk,
        "field": _word(row.field),
        "machine": _told(row.value),
        "person": _told(_present(found, row.field)),
        "label": row.label,
        "path": row.path,
        "state": row.state,
        "raised_at": row.raised_at,
        "resolved_at": row.resolved_at,
        "resolved_by": row.resolved_by,
        "may_answer": may_edit and row.state == "open",
    }


def _present(found: Any, field: str) -> Any:
    if field == "endpoints":
        return [
            {
                "system": end.system.slug,
                "role": end.role,
                "operation": end.operation,
                "data_object": end.data_object.slug if end.data_object else None,
            }
            for end in found.endpoints.all()
        ]
    if field.startswith("document:"):
        document = found.documents.filter(section=field.partition(":")[2]).first()
        return document.body if document else ""
    return getattr(found, field, "")


def _told(value: Any) -> str:
    """A value in words: an endpoint a line."""
    if isinstance(value, list):
        lines = [_end(item) if isinstance(item, dict) else str(item) for item in value]
        return "\n".join(lines) if any(isinstance(item, dict) for item in value) else ", ".join(lines)
    return str(value)


def _end(item: dict[str, Any]) -> str:
    if "system" not in item:
        return " · ".join(str(item[name]) for name in ("provider", "model", "node") if item.get(name))
    what = f" {item['data_object']}" if item.get("data_object") else ""
    return f"{item['role']}: {item['operation']}{what} @ {item['system']}"


def _word(field: str) -> str:
    return str(_FIELD_WORDS.get(field, field))
