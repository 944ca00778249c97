"""Editing one section of an integration at a time: owners, support, change policy, deprecation and the rest."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from catalog.domain.rights import require_editor
from catalog.services import integrations
from foundation.errors import STATUS, DomainError, Kind
from portal.forms.places import moved, place
from portal.forms.product import SECTION_FORMS, RenameForm, SectionForm
from portal.views.base import PortalRequest, acting, command
from portal.views.catalog.frame import of_integration

# (last part of the address, label, what it is for). The first is the form for what was registered.
SECTIONS: tuple[tuple[str, str | Promise, str | Promise], ...] = (
    ("owners", gettext_lazy("Owners"), gettext_lazy("Who answers for it besides the team, and for what.")),
    ("value", gettext_lazy("Value"), gettext_lazy("Why it exists, and why nothing that was there already would do.")),
    ("support", gettext_lazy("Support"), gettext_lazy("What somebody needs to know at night, when it fails.")),
    ("change-policy", gettext_lazy("Changes"), gettext_lazy("What those who rely on it may count on before it changes.")),
    ("labels", gettext_lazy("Labels"), gettext_lazy("Words to find and group it by.")),
    (
        "deprecation",
        gettext_lazy("Deprecation"),
        gettext_lazy("When it ends, and what to use instead. Leave everything empty to take it back."),
    ),
    ("name", gettext_lazy("Name"), gettext_lazy("The last part of its address. Links to the name it has now keep working.")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@of_integration
def edit_section(request: PortalRequest, found: Any, section: str) -> HttpResponse:
    """One section; the form carries the version that was read."""
    shape = SECTION_FORMS.get(section)
    if shape is None:
        raise Http404("There is no such section.")
    require_editor(request.viewer, found.team_id)
    if request.method != "POST":
        return _form_page(request, found, section, shape(initial=shape.present(found)))
    form = shape(request.POST, initial=shape.present(found))
    if not form.is_valid():
        return _form_page(request, found, section, form, status=422)
    try:
        with command(request):
            saved = _save(request, found, form)
    except DomainError as error:
        if error.kind is Kind.MISSING:
            raise
        left = [moved(form, error)] if error.kind is Kind.PRECONDITION else _placed(error, form)
        return _form_page(request, found, section, form, extra_errors=left, status=STATUS[error.kind])
    messages.success(request, _("Saved."))
    return redirect("portal:integration", saved.slug)


def edit_tabs(slug: str, current: str) -> list[dict[str, Any]]:
    """Everything of an integration that can be edited, as tabs; `current` is a section, "" for what was registered."""
    first = {"url": reverse("portal:integration_edit", args=[slug]), "label": _("What it is"), "is_current": not current}
    urls = [(name, label, reverse("portal:integration_section", args=[slug, name])) for name, label, _about in SECTIONS]
    return [first, *({"url": url, "label": label, "is_current": name == current} for name, label, url in urls)]


def _save(request: PortalRequest, found: Any, form: SectionForm) -> Any:
    version = form.cleaned_data["version"]
    if isinstance(form, RenameForm):
        new = form.cleaned_data["slug"]
        return integrations.rename_integration(slug=found.slug, new=new, expected_version=version, **acting(request))
    return integrations.update_integration(slug=found.slug, changes=form.changes(), expected_version=version, **acting(request))


def _placed(error: DomainError, form: SectionForm) -> list[str]:
    if isinstance(form, RenameForm) and error.kind is Kind.CONFLICT:
        form.add_error("slug", str(error))
        return []
    return place(error, form, block=form.block)


def _form_page(
    request: PortalRequest, found: Any, section: str, form: SectionForm, *, extra_errors: Any = (), status: int = 200
) -> HttpResponse:
    label, about = next((label, about) for name, label, about in SECTIONS if name == section)
    context = {
        "now": request.now,
        "integration": {"title": found.title, "slug": found.slug, "url": reverse("portal:integration", args=[found.slug])},
        "tabs": edit_tabs(found.slug, section),
        "section": {"title": label, "about": about},
        "form": form,
        "extra_errors": extra_errors,
    }
    return render(request, "portal/catalog/section_form.html", context, status=status)
