"""Registering and editing an integration, and publishing its releases."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.domain.errors import SlugTaken
from accounts.selectors import teams as team_selectors
from catalog.domain.errors import NotYourIntegration
from catalog.domain.rights import may_edit, require_editor, require_proposer
from catalog.selectors import integrations as selectors
from catalog.selectors import landscape
from catalog.selectors import releases as release_selectors
from catalog.services import integrations, releases
from foundation import strict_json
from foundation.errors import STATUS, DomainError, Kind
from portal.forms.integrations import Choices, EditForm, IntegrationForm, endpoint_forms, filled, rows_as_typed
from portal.forms.places import moved, place, raw
from portal.forms.releases import ReleaseForm
from portal.views.base import PortalRequest, acting, command, page
from portal.views.catalog.frame import elsewhere
from portal.views.catalog.lists import may_register
from portal.views.catalog.sections import edit_tabs

PAGE = ["GET", "HEAD", "POST"]
FORM = "portal/catalog/integration_form.html"


@require_http_methods(PAGE)
@page
def new_integration(request: PortalRequest) -> HttpResponse:
    """Register an integration of one of one's teams."""
    if not may_register(request):
        raise NotYourIntegration(_("Members of a team register its integrations. You are in no team yet."))
    teams = _teams(request)
    if request.method != "POST":
        return _form_page(request, IntegrationForm(teams=teams), _endpoints(extra=2))
    form = IntegrationForm(request.POST, teams=teams)
    if "add_endpoint" in request.POST:
        return _one_more(request, IntegrationForm(initial=raw(form), teams=teams))
    return _submitted(request, form)


@require_http_methods(PAGE)
@page
def edit_integration(request: PortalRequest, slug: str) -> HttpResponse:
    """Change what is registered; the form carries the version that was read."""
    found = selectors.detail_of(slug, request.viewer)
    present = elsewhere(request, slug, found.slug)
    if present is not None:
        return present
    require_editor(request.viewer, found.team_id)
    teams = _teams(request)
    if request.method != "POST":
        return _form_page(request, EditForm(initial=_present(found), teams=teams), _endpoints(rows=_rows(found)), found)
    form = EditForm(request.POST, teams=teams)
    if "add_endpoint" in request.POST:
        return _one_more(request, EditForm(initial=raw(form), teams=teams), found)
    return _submitted(request, form, found)


def _submitted(request: PortalRequest, form: IntegrationForm, found: Any = None) -> HttpResponse:
    endpoints = _endpoints(request.POST)
    is_sound, rows_are_sound = form.is_valid(), endpoints.is_valid()
    if not (is_sound and rows_are_sound):
        return _form_page(request, form, endpoints, found, status=422)
    rows = filled(endpoints)
    try:
        with command(request):
            saved = _save(request, form, [row.cleaned_data for row in rows], found)
    except DomainError as error:
        if error.kind is Kind.MISSING:
            raise
        left = [moved(form, error)] if error.kind is Kind.PRECONDITION else _placed(error, form, rows)
        return _form_page(request, form, endpoints, found, extra_errors=left, status=STATUS[error.kind])
    messages.success(request, _("Saved.") if found else _("Registered. What it needs next stands below."))
    return redirect("portal:integration", saved.slug)


def _placed(error: DomainError, form: IntegrationForm, rows: Any) -> list[str]:
    """A name that is taken is told where one is written, with the name: it may have been made from the title."""
    if isinstance(error, SlugTaken) and "slug" in form.fields:
        form.add_error("slug", _("“%s” is taken, in this or another spelling. Write another one.") % form.cleaned_data["slug"])
        return []
    return place(error, form, endpoints=rows)


def _save(request: PortalRequest, form: IntegrationForm, rows: list[dict[str, Any]], found: Any) -> Any:
    values = form.command()
    if found is None:
        return integrations.register_integration(**values, endpoints=rows, **acting(request))
    version = values.pop("version")
    changes = {**values, "endpoints": rows}
    return integrations.update_integration(slug=found.slug, changes=changes, expected_version=version, **acting(request))


def _one_more(request: PortalRequest, form: IntegrationForm, found: Any = None) -> HttpResponse:
    """The same page with another empty endpoint; nothing is judged or saved."""
    return _form_page(request, form, _endpoints(rows=rows_as_typed(_endpoints(request.POST)), extra=1), found)


def _form_page(
    request: PortalRequest, form: IntegrationForm, endpoints: Any, found: Any = None, *, extra_errors: Any = (), status: int = 200
) -> HttpResponse:
    if status != 200 and not extra_errors and not form.errors:
        extra_errors = [_("Look at the endpoints marked below.")]
    context = {
        "now": request.now,
        "form": form,
        "endpoints": endpoints,
        "is_new": found is None,
        "integration": {"title": found.title, "url": reverse("portal:integration", args=[found.slug])} if found else None,
        "tabs": edit_tabs(found.slug, "") if found else [],
        "extra_errors": extra_errors,
    }
    return render(request, FORM, context, status=status)


def _endpoints(data: Any = None, **rows: Any) -> Any:
    systems: Choices = [(system.slug, system.title) for system in landscape.systems()]
    data_objects: Choices = [(data_object.slug, data_object.title) for data_object in landscape.data_objects()]
    return endpoint_forms(data, systems=systems, data_objects=data_objects, **rows)


def _teams(request: PortalRequest) -> Choices:
    """Teams in whose name the viewer may act."""
    return [(team.slug, team.title) for team in team_selectors.teams() if may_edit(request.viewer, team.id)]


def _present(found: Any) -> dict[str, Any]:
    names = ("title", "type", "tier", "visibility", "tags", "purpose", "version")
    owners = {name: getattr(getattr(found, name), "username", "") for name in ("technical_owner", "business_owner")}
    return {**{name: getattr(found, name) for name in names}, **owners, "team": found.team.slug}


def _rows(found: Any) -> list[dict[str, Any]]:
    names = ("role", "operation", "cadence", "address", "fields_touched", "volume_per_day")
    return [
        {
            "system": row.system.slug,
            "data_object": row.data_object.slug if row.data_object else "",
            **{name: getattr(row, name) for name in names},
        }
        for row in found.endpoints.all()
    ]


@require_http_methods(PAGE)
@page
def new_release(request: PortalRequest, slug: str) -> HttpResponse:
    """Publish an immutable version."""
    found = selectors.get_visible(slug, request.viewer)
    present = elsewhere(request, slug, found.slug)
    if present is not None:
        return present
    require_proposer(request.viewer, found.team_id, selectors.granted_to(found.id, request.viewer))
    if request.method != "POST":
        return _release_page(request, found, ReleaseForm())
    form = ReleaseForm(request.POST, request.FILES)
    if not form.is_valid():
        return _release_page(request, found, form, status=422)
    try:
        release = _published(request, found.slug, form)
    except DomainError as error:
        if error.kind is Kind.MISSING:
            raise
        return _release_page(request, found, form, extra_errors=_release_refusal(error, form), status=STATUS[error.kind])
    if release.identical_to:
        told = {"version": release.version, "other": release.identical_to}
        messages.warning(request, _("%(version)s is published. Its content is the same as that of %(other)s.") % told)
    else:
        messages.success(request, _("%s is published. Ask the board where it should run.") % release.version)
    return redirect("portal:integration_releases", found.slug)


def _published(request: PortalRequest, slug: str, form: ReleaseForm) -> Any:
    received = form.manifest_bytes()
    with command(request):
        return releases.publish_release(
            integration=slug,
            version=form.cleaned_data["version"],
            manifest=strict_json.loads(received),
            manifest_bytes=received,
            notes=form.cleaned_data["notes"],
            co_authors=form.cleaned_data["co_authors"],
            **acting(request),
        )


def _release_refusal(error: DomainError, form: ReleaseForm) -> list[str]:
    """Faults of the manifest stand at it, each with its place; a parser's pointers start at the manifest itself."""
    if not isinstance(error, strict_json.MalformedJSON):
        if error.kind is Kind.CONFLICT:
            form.add_error("version", str(error))
            return []
        return place(error, form)
    for fault in error.errors:
        form.add_error("manifest", f"{fault.pointer}: {fault.detail}" if fault.pointer else fault.detail)
    return []


def _release_page(request: PortalRequest, found: Any, form: ReleaseForm, *, extra_errors: Any = (), status: int = 200) -> HttpResponse:
    latest = release_selectors.releases_of(found).first()
    context = {
        "now": request.now,
        "integration": {"title": found.title, "slug": found.slug, "url": reverse("portal:integration", args=[found.slug])},
        "form": form,
        "latest": {"version": latest.version, "digest": latest.digest, "at": latest.created_at} if latest else None,
        "extra_errors": extra_errors,
    }
    return render(request, "portal/catalog/release_form.html", context, status=status)
