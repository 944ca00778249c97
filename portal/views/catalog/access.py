"""Who may see an integration, and who was let in."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from catalog.domain.rights import may_edit
from catalog.selectors import grants as selectors
from catalog.services import grants
from foundation.errors import STATUS, DomainError, Kind
from portal.forms.places import place
from portal.forms.product import GrantForm
from portal.views.base import PortalRequest, acting, command
from portal.views.catalog.frame import framed, of_integration

NAME = "portal:integration_access"


@require_http_methods(["GET", "HEAD", "POST"])
@of_integration
def access(request: PortalRequest, found: Any) -> HttpResponse:
    """Who may see it; those who may change it see who was let in, and let in others."""
    if request.method != "POST":
        return _shown(request, found, GrantForm())
    form = GrantForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, form, status=422)
    values = form.cleaned_data
    try:
        with command(request):
            grants.add_grant(integration=found.slug, right=values["right"], **_holder(values), **acting(request))
    except DomainError as error:
        if error.kind is Kind.FORBIDDEN:
            raise
        if error.kind is Kind.MISSING:
            form.add_error("holder", str(error))
        else:
            for sentence in place(error, form):
                form.add_error(None, sentence)
        return _shown(request, found, form, status=422 if error.kind is Kind.MISSING else STATUS[error.kind])
    messages.success(request, _("%s may come in now.") % values["holder"])
    return redirect(NAME, found.slug)


@require_POST
@of_integration
def remove(request: PortalRequest, found: Any) -> HttpResponse:
    """Take back everything granted to one person or team (`holder_type`, `holder`)."""
    with command(request):
        grants.remove_grant(integration=found.slug, **_holder(request.POST), **acting(request))
    messages.info(request, _("Taken back."))
    return redirect(NAME, found.slug)


def _holder(values: Any) -> dict[str, Any]:
    return {"team" if values.get("holder_type") == "team" else "user": values.get("holder", "")}


def _shown(request: PortalRequest, found: Any, form: GrantForm, status: int = 200) -> HttpResponse:
    edits = may_edit(request.viewer, found.team_id)
    context = {
        "is_restricted": found.visibility == "restricted",
        "team": found.team.title,
        "sees_inside": found.sees_inside,
        "grants": selectors.grants_on(found) if edits else None,
        "form": form if edits else None,
    }
    return framed(request, found, NAME, "portal/catalog/integration_access.html", context, status)
