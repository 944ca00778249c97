"""Registering, changing and renaming a thing of the landscape, and publishing a version of a component."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.selectors import teams as team_selectors
from catalog.domain.errors import ConnectionTemplateMissing, NotYourEntry
from catalog.domain.rights import may_edit, require_keeper
from catalog.domain.vocabulary import EntityKind
from catalog.selectors import connections as connection_selectors
from catalog.services import components
from catalog.services.entries import rename_entry
from foundation import strict_json
from foundation.errors import STATUS, DomainError, FieldError, Kind
from portal.forms.landscape import Choices, EntryForm, RenameForm, VersionForm
from portal.forms.places import place
from portal.views.base import PortalRequest, acting, command, page
from portal.views.landscape import kinds
from portal.views.landscape.cells import domain_choices, environment_choices, system_choices, template_choices
from portal.views.landscape.entry import found

PAGE = ["GET", "HEAD", "POST"]


@require_http_methods(PAGE)
@page
def new_entry(request: PortalRequest, many: str) -> HttpResponse:
    """Register one. A connection first asks which template it is made from."""
    kind = kinds.PLACES[many]
    if not kind.may_register(request.viewer):
        raise NotYourEntry(str(kind.register_hint))
    more: dict[str, Any] = {}
    if kind.noun.kind is EntityKind.CONNECTION:
        template = _asked_template(request)
        if template is None:
            return _choose_template(request, kind)
        more = {"template": template}
    if request.method != "POST":
        initial = {name: request.GET[name] for name in ("system", "environment", "parent", "domain") if name in request.GET}
        return _form_page(request, kind, kind.form(choices=_choices(request), is_new=True, initial=initial, **more))
    return _submitted(request, kind, kind.form(request.POST, choices=_choices(request), is_new=True, **more))


@require_http_methods(PAGE)
@page
def edit_entry(request: PortalRequest, many: str, slug: str) -> HttpResponse:
    """Change one; the form carries the version that was read."""
    kind = kinds.PLACES[many]
    row = found(kind, slug)
    require_keeper(request.viewer, kind.noun.owner(row))
    more = {"template": row.template} if kind.noun.kind is EntityKind.CONNECTION else {}
    choices = _choices(request, row)
    if request.method != "POST":
        return _form_page(request, kind, kind.form(choices=choices, is_new=False, initial=_present(kind, row), **more), row)
    return _submitted(request, kind, kind.form(request.POST, choices=choices, is_new=False, initial=_present(kind, row), **more), row)


@require_http_methods(PAGE)
@page
def rename(request: PortalRequest, many: str, slug: str) -> HttpResponse:
    """Give one another name."""
    kind = kinds.PLACES[many]
    row = found(kind, slug)
    require_keeper(request.viewer, kind.noun.owner(row))
    form = RenameForm(request.POST or None, initial={"slug": row.slug, "version": row.version})
    status, extra = 200, []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                values = form.cleaned_data
                with command(request):
                    row = rename_entry(kind.noun, slug=slug, new=values["slug"], expected_version=values["version"], **acting(request))
                messages.success(request, _("Renamed. The name before leads here too."))
                return redirect(kind.url(row.slug))
            except DomainError as error:
                status, extra = STATUS[error.kind], _refusal(error, form)
    context = {"now": request.now, "kind": kind, "row": row, "url": kind.url(row.slug), "form": form, "extra_errors": extra}
    return render(request, "portal/landscape/rename.html", context, status=status)


@require_http_methods(PAGE)
@page
def publish_version(request: PortalRequest, many: str, slug: str) -> HttpResponse:
    """Publish an immutable version of a component."""
    kind = kinds.PLACES[many]
    row = found(kind, slug)
    require_keeper(request.viewer, kind.noun.owner(row))
    form = VersionForm(request.POST or None)
    status, extra = 200, []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = _published(request, row.slug, form.cleaned_data)
                same = made.identical_to
                told = _("Published. Its content is the same as that of %s.") % same if same else _("Published.")
                (messages.warning if same else messages.success)(request, told)
                return redirect(kind.url(row.slug))
            except DomainError as error:
                status, extra = STATUS[error.kind], _refusal(error, form)
    context = {"now": request.now, "kind": kind, "row": row, "url": kind.url(row.slug), "form": form, "extra_errors": extra}
    return render(request, "portal/landscape/publish.html", context, status=status)


def _published(request: PortalRequest, slug: str, values: Mapping[str, Any]) -> Any:
    with command(request):
        try:
            content = strict_json.loads(values["content"].encode())
        except strict_json.MalformedJSON as error:
            faults = [FieldError("/content" + fault.pointer, fault.code, fault.detail) for fault in error.errors]
            raise strict_json.MalformedJSON(errors=faults or [FieldError("/content", error.code, error.detail)]) from error
        return components.publish_version(
            component=slug, version=values["version"], content=content, notes=values["notes"], **acting(request)
        )


def _submitted(request: PortalRequest, kind: kinds.Kind, form: EntryForm, row: Any = None) -> HttpResponse:
    if not form.is_valid():
        return _form_page(request, kind, form, row, status=422)
    values = form.command()
    try:
        with command(request):
            if row is None:
                saved = kind.register(**values, **acting(request))
            else:
                version = values.pop("version")
                saved = kind.update(slug=row.slug, changes=values, expected_version=version, **acting(request))
    except DomainError as error:
        if error.kind is Kind.MISSING:
            raise
        return _form_page(request, kind, form, row, extra_errors=_refusal(error, form), status=STATUS[error.kind])
    messages.success(request, _("Saved.") if row is not None else _("Registered."))
    return redirect(kind.url(saved.slug))


def _refusal(error: DomainError, form: forms.Form) -> list[str]:
    """Each fault at its field; the sentences that belong to none."""
    if error.code == "slug-taken":
        form.add_error("slug", str(error))
        return []
    if error.kind is Kind.PRECONDITION:
        now_there = error.extra.get("current_version")
        form.data = {**{name: form.data[name] for name in form.data}, "version": str(now_there)}
        return [_("Somebody else changed it while you were writing. Compare with its page; saving again replaces what they wrote.")]
    slots = [fault for fault in error.errors if "ref_" + fault.pointer.removeprefix("/references/") in form.fields]
    for fault in slots:
        form.add_error("ref_" + fault.pointer.removeprefix("/references/"), fault.detail)
    rest = [fault for fault in error.errors if fault not in slots]
    return place(DomainError(str(error), errors=rest), form) if rest or not error.errors else []


def _form_page(
    request: PortalRequest, kind: kinds.Kind, form: EntryForm, row: Any = None, *, extra_errors: Any = (), status: int = 200
) -> HttpResponse:
    if status != 200:
        form.forget()
    context = {
        "now": request.now,
        "kind": kind,
        "row": row,
        "url": kind.url(row.slug) if row is not None else reverse(f"portal:{kind.one}_list"),
        "form": form,
        "extra_errors": extra_errors,
    }
    return render(request, "portal/landscape/form.html", context, status=status)


def _asked_template(request: PortalRequest) -> Any:
    slug = request.GET.get("template", "")
    try:
        return connection_selectors.template_by_slug(slug) if slug else None
    except ConnectionTemplateMissing:
        return None


def _choose_template(request: PortalRequest, kind: kinds.Kind) -> HttpResponse:
    templates = kinds.KINDS[EntityKind.CONNECTION_TEMPLATE]
    context = {
        "now": request.now,
        "kind": kind,
        "choices": template_choices(),
        "keep": {name: request.GET[name] for name in ("system", "environment") if name in request.GET},
        "url": reverse(f"portal:{kind.one}_list"),
        "new_template_url": reverse(f"portal:{templates.one}_new") if templates.may_register(request.viewer) else "",
    }
    return render(request, "portal/landscape/choose_template.html", context)


def _choices(request: PortalRequest, row: Any = None) -> dict[str, Choices]:
    """Teams in whose name the viewer may act; every other thing by name."""
    held = getattr(row, "team_id", None)
    teams = [(team.slug, team.title) for team in team_selectors.teams() if may_edit(request.viewer, team.id) or team.id == held]
    systems, areas = system_choices(), domain_choices()
    return {
        "team": teams,
        "system": systems,
        "system_of_record": systems,
        "domain": areas,
        "parent": [choice for choice in areas if row is None or choice[0] != row.slug],
        "environment": environment_choices(),
    }


def _present(kind: kinds.Kind, row: Any) -> dict[str, Any]:
    """The row as the form has it: other things by their slugs."""
    values = {name: getattr(row, name) for name in kind.noun.readers}
    return {"version": row.version, **{name: getattr(value, "slug", value) for name, value in values.items()}}
