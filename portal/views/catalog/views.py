"""Saving a list under a name, forgetting it again, and what is suggested while one types."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.selectors.suggestions import suggestions
from catalog.services import views
from foundation.errors import DomainError, Kind
from foundation.filters import MAX_TEXT
from portal.views.base import PortalRequest, acting, command, page, sentences
from portal.views.catalog.facets import LABELS


@require_POST
@page
def save_view(request: PortalRequest) -> HttpResponse:
    """Keep the filters of the list that the form stands on."""
    query = request.POST.get("query", "")
    try:
        with command(request):
            saved = views.save_view(
                title=request.POST.get("title", ""), query=query, is_shared=bool(request.POST.get("is_shared")), **acting(request)
            )
    except DomainError as error:
        if error.kind in {Kind.MISSING, Kind.FORBIDDEN}:
            raise
        for sentence in sentences(error):
            messages.error(request, sentence)
        return redirect(_list(query))
    messages.success(request, _("Saved as “%s”.") % saved.title)
    return redirect(_list(saved.query))


@require_POST
@page
def remove_view(request: PortalRequest, view_id: UUID) -> HttpResponse:
    """Forget a saved view; the list stays as it is."""
    with command(request):
        views.remove_view(view_id=view_id, **acting(request))
    messages.success(request, _("The view is forgotten."))
    return redirect(_list(request.POST.get("query", "")))


@require_safe
@page
def suggested(request: PortalRequest) -> HttpResponse:
    """What may be meant by what is in the search box, as links; nothing for nothing."""
    typed = request.GET.get("q", "")[:MAX_TEXT]
    found = suggestions(typed, request.viewer) if typed.isprintable() else []
    rows = [
        {
            "kind": LABELS[each.filter] if each.filter else _("Integration"),
            "label": each.label,
            "value": each.value,
            "url": _list(urlencode({each.filter: each.value})) if each.filter else reverse("portal:integration", args=[each.value]),
        }
        for each in found
    ]
    return render(request, "portal/catalog/suggestions.html", {"rows": rows})


def _list(query: str) -> str:
    return reverse("portal:integrations") + (f"?{query}" if query else "")
