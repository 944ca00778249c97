"""Campaigns: rounds of asking, with how far each has come."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.cursors import paginate
from foundation.errors import STATUS, DomainError, Kind
from foundation.filters import absent, choice, compile_filters
from governance.selectors import stewardship as selectors
from governance.services import campaigns as commands
from portal.forms.places import place
from portal.forms.stewardship import CampaignForm
from portal.views.base import PortalRequest, acting, asked, command, page
from portal.views.stewardship.tabs import tabs_of

LIST = compile_filters({"state": choice("state", ("open", "closed"))}, sorts={"opened_at": ("opened_at",)}, default_sort="-opened_at")
ROWS = compile_filters({"unanswered": absent("answered_at")}, sorts={"integration": ("integration__slug_key",)}, default_sort="integration")


@require_http_methods(["GET", "HEAD", "POST"])
@page
def campaigns(request: PortalRequest) -> HttpResponse:
    """All campaigns; administrators open one here."""
    if request.method != "POST":
        return _list(request, CampaignForm(initial={"query": request.GET.get("query", "")}))
    form = CampaignForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    try:
        with command(request):
            zone = ZoneInfo(getattr(request.user, "time_zone", "") or "UTC")
            made = commands.open_campaign(**form.command(zone), **acting(request))
    except DomainError as error:
        if error.kind is Kind.FORBIDDEN:
            raise
        for sentence in place(error, form):
            form.add_error(None, sentence)
        return _list(request, form, status=STATUS[error.kind])
    messages.success(request, _("The campaign is open; the owners were told."))
    return redirect("portal:campaign", made.pk)


def _list(request: PortalRequest, form: CampaignForm, *, status: int = 200) -> HttpResponse:
    found = paginate(LIST.parse(asked(request, "query")), selectors.campaigns())
    progress = selectors.progress_of([row.pk for row in found.rows], request.viewer)
    context = {
        "now": request.now,
        "tabs": tabs_of(request.viewer, "portal:campaigns"),
        "rows": [_facts(row, progress[row.pk]) for row in found.rows],
        "next_cursor": found.next,
        "form": form if request.viewer.is_administrator else None,
    }
    return render(request, "portal/stewardship/campaigns.html", context, status=status)


def _facts(row: Any, progress: selectors.Progress) -> dict[str, Any]:
    return {
        "id": row.pk,
        "title": row.title,
        "url": reverse("portal:campaign", args=[row.pk]),
        "query": row.query,
        "state": row.state,
        "by": row.opened_by,
        "opened_at": row.opened_at,
        "due_at": row.due_at,
        "closed_at": row.closed_at,
        "progress": progress,
    }


@require_safe
@page
def campaign(request: PortalRequest, campaign_id: UUID) -> HttpResponse:
    """One campaign with the answers that the viewer may see."""
    row = selectors.campaign(campaign_id)
    given = asked(request)
    found = paginate(ROWS.parse(given), selectors.attestations_of(row, request.viewer))
    context = {
        "now": request.now,
        "tabs": tabs_of(request.viewer, "portal:campaigns"),
        "campaign": _facts(row, selectors.progress_of([row.pk], request.viewer)[row.pk]),
        "rows": [_attestation(each) for each in found.rows],
        "next_cursor": found.next,
        "only_waiting": given.get("unanswered") == "true",
        "may_close": request.viewer.is_administrator and row.state == "open",
    }
    return render(request, "portal/stewardship/campaign.html", context)


def _attestation(row: Any) -> dict[str, Any]:
    return {
        "title": row.integration.title,
        "url": reverse("portal:integration", args=[row.integration.slug]),
        "team": row.integration.team,
        "answer": row.answer or "waiting",
        "note": row.note,
        "by": row.answered_by,
        "at": row.answered_at,
    }


@require_POST
@page
def close(request: PortalRequest, campaign_id: UUID) -> HttpResponse:
    """End a round."""
    with command(request):
        commands.close_campaign(campaign_id=campaign_id, **acting(request))
    messages.success(request, _("The campaign is closed."))
    return redirect("portal:campaign", campaign_id)
