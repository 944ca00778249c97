"""The roadmap of an integration: what is promised for which quarter."""

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from catalog.domain.rights import may_edit, require_editor
from catalog.selectors import roadmap as selectors
from catalog.services import roadmap
from foundation.errors import STATUS, DomainError, Kind
from portal.forms.places import moved, place
from portal.forms.product import RoadmapForm
from portal.views.base import PortalRequest, acting, command
from portal.views.catalog.frame import framed, of_integration

PAGE = ["GET", "HEAD", "POST"]
NAME = "portal:integration_roadmap"


@require_http_methods(PAGE)
@of_integration
def plan(request: PortalRequest, found: Any) -> HttpResponse:
    """The roadmap by quarter; a POST adds to it."""
    if request.method != "POST":
        return _shown(request, found, RoadmapForm(initial={"state": "planned"}))
    form = RoadmapForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, form, status=422)
    values = {name: value for name, value in form.cleaned_data.items() if name != "version"}
    try:
        with command(request):
            roadmap.add_item(integration=found.slug, **values, **acting(request))
    except DomainError as error:
        if error.kind in {Kind.MISSING, Kind.FORBIDDEN}:
            raise
        for sentence in place(error, form):
            form.add_error(None, sentence)
        return _shown(request, found, form, status=STATUS[error.kind])
    return redirect(NAME, found.slug)


@require_http_methods(PAGE)
@of_integration
def item(request: PortalRequest, found: Any, item_id: UUID) -> HttpResponse:
    """Change one planned improvement."""
    require_editor(request.viewer, found.team_id)
    row = selectors.item_of(found, item_id)
    if request.method != "POST":
        names = ("title", "quarter", "state", "description", "version")
        return _form_page(request, found, row, RoadmapForm(initial={name: getattr(row, name) for name in names}))
    form = RoadmapForm(request.POST)
    if not form.is_valid():
        return _form_page(request, found, row, form, status=422)
    changes = dict(form.cleaned_data)
    version = changes.pop("version") or 0  # a form without one has read nothing
    try:
        with command(request):
            roadmap.update_item(integration=found.slug, item_id=item_id, changes=changes, expected_version=version, **acting(request))
    except DomainError as error:
        if error.kind is Kind.MISSING:
            raise
        left = [moved(form, error)] if error.kind is Kind.PRECONDITION else place(error, form)
        return _form_page(request, found, row, form, extra_errors=left, status=STATUS[error.kind])
    messages.success(request, _("Saved."))
    return redirect(NAME, found.slug)


@require_POST
@of_integration
def remove(request: PortalRequest, found: Any, item_id: UUID) -> HttpResponse:
    """Take one off the roadmap."""
    with command(request):
        roadmap.remove_item(integration=found.slug, item_id=item_id, expected_version=None, **acting(request))
    messages.info(request, _("Taken off the roadmap. Its history keeps it."))
    return redirect(NAME, found.slug)


def _shown(request: PortalRequest, found: Any, form: RoadmapForm, status: int = 200) -> HttpResponse:
    edits = may_edit(request.viewer, found.team_id)
    quarters = [
        {"quarter": quarter.replace("-", " "), "items": [_row(found.slug, row, may_edit=edits) for row in rows]}
        for quarter, rows in groupby(selectors.items_of(found), key=lambda row: row.quarter)
    ]
    context = {"quarters": quarters, "form": form if edits else None}
    return framed(request, found, NAME, "portal/catalog/integration_roadmap.html", context, status)


def _row(slug: str, row: Any, *, may_edit: bool) -> dict[str, Any]:
    url = reverse("portal:roadmap_item", args=[slug, row.id]) if may_edit else ""
    return {"title": row.title, "description": row.description, "state": row.state, "edit_url": url}


def _form_page(
    request: PortalRequest, found: Any, row: Any, form: RoadmapForm, *, extra_errors: Any = (), status: int = 200
) -> HttpResponse:
    context = {
        "now": request.now,
        "integration": {"title": found.title, "slug": found.slug, "url": reverse(NAME, args=[found.slug])},
        "section": {
            "title": _("Roadmap item"),
            "about": _("What will not come is better dropped than removed: those who wait for it can read why."),
        },
        "form": form,
        "extra_errors": extra_errors,
        "remove_url": reverse("portal:roadmap_remove", args=[found.slug, row.id]),
    }
    return render(request, "portal/catalog/section_form.html", context, status=status)
