"""What every page of one integration has: its head, its tabs, and one address, whichever of its names was asked for."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from catalog.domain.rights import may_edit
from catalog.domain.vocabulary import EntityKind
from catalog.selectors import integrations, names
from portal.views.base import PortalRequest, page
from portal.views.catalog.tabs import tabs_of

Shown = Callable[..., HttpResponse]


def of_integration(view: Shown) -> Shown:
    """A page of one integration: `view(request, found)`. Read by a name from before a rename, it leads to the present address."""

    @page
    @functools.wraps(view)
    def shown(request: PortalRequest, slug: str, **rest: Any) -> HttpResponse:
        found = integrations.detail_of(slug, request.viewer)
        return elsewhere(request, slug, found.slug) or view(request, found, **rest)

    return shown


def at_present_name(view: Shown) -> Shown:
    """For a page that reads the integration itself, `view(request, slug)`, below `@page`: the same leading on to the present address."""

    @functools.wraps(view)
    def shown(request: PortalRequest, slug: str, **rest: Any) -> HttpResponse:
        if request.method in {"GET", "HEAD"} and names.renamed(EntityKind.INTEGRATION, slug):
            there = elsewhere(request, slug, integrations.get_visible(slug, request.viewer).slug)
            if there is not None:
                return there
        return view(request, slug, **rest)

    return shown


def elsewhere(request: PortalRequest, asked: str, slug: str) -> HttpResponse | None:
    """The way to the same page under `slug`, the present name; None when it was asked for by that, or something is being sent."""
    matched = request.resolver_match
    if asked == slug or request.method not in {"GET", "HEAD"} or matched is None:
        return None
    url = reverse(matched.view_name, kwargs={**matched.kwargs, "slug": slug})
    return redirect(f"{url}?{request.GET.urlencode()}" if request.GET else url)


def framed(request: PortalRequest, found: Any, name: str, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A tab of the integration: `name` is its address name, `context` what its own template tells."""
    edits = may_edit(request.viewer, found.team_id)
    proposes = edits or "propose_release" in integrations.granted_to(found.id, request.viewer)
    head = {field: getattr(found, field) for field in ("title", "slug", "purpose", "stage", "tier")}
    around = {
        "now": request.now,
        "integration": head,
        "tabs": tabs_of(found.slug, name),
        "may_edit": edits,
        "may_release": proposes,
        "may_request": proposes,
    }
    return render(request, template, {**around, **context}, status=status)
