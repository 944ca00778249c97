"""What the viewer is asked to confirm, correct or disown: one form for all of it, an answer for each."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.selectors import people
from catalog.selectors import policies
from governance.selectors import stewardship as selectors
from governance.services import attestations as commands
from portal.forms.places import place
from portal.forms.stewardship import AnswerForm, answer_forms
from portal.views.base import PortalRequest, acting, command, page
from portal.views.stewardship.tabs import tabs_of

SHOWN = 50
FORM = "portal/stewardship/attestations.html"


@require_http_methods(["GET", "HEAD", "POST"])
@page
def my_attestations(request: PortalRequest) -> HttpResponse:
    """Asked by a campaign, or due because the tier's time has run out."""
    if request.method == "POST":
        return _answered(request)
    rows = _rows(request)
    return _shown(request, answer_forms(rows=[row["initial"] for row in rows]), {row["initial"]["integration"]: row for row in rows})


def _rows(request: PortalRequest) -> list[dict[str, Any]]:
    """What waits, the most urgent first: campaigns by due date, then what is overdue without one."""
    rules = policies.rules_by_tier()
    found: dict[UUID, tuple[Any, str, Any]] = {}
    for asked in selectors.asked_of(request.viewer)[:SHOWN]:
        found.setdefault(asked.integration_id, (asked.integration, asked.campaign.title, asked.campaign.due_at))
    for row in selectors.overdue_for(request.viewer, rules, request.now)[:SHOWN]:
        found.setdefault(row.pk, (row, "", rules[row.tier].attest_due_at(row.attested_at, row.created_at)))
    shown = list(found.values())[:SHOWN]
    names = _usernames(row for row, _campaign, _due in shown)
    return [_row(row, campaign, due, names) for row, campaign, due in shown]


def _usernames(rows: Iterable[Any]) -> dict[UUID, str]:
    ids = {user for row in rows for user in (row.technical_owner_id, row.business_owner_id) if user}
    return {key: user.username for key, user in people.by_ids(ids).items()}


def _row(row: Any, campaign: str, due: Any, names: dict[UUID, str]) -> dict[str, Any]:
    initial = {
        "integration": row.slug,
        "version": row.version,
        "title": row.title,
        "technical_owner": names.get(row.technical_owner_id, ""),
        "business_owner": names.get(row.business_owner_id, ""),
    }
    url = reverse("portal:integration", args=[row.slug])
    return {"initial": initial, "title": row.title, "url": url, "team": row.team, "campaign": campaign, "due_at": due}


def _answered(request: PortalRequest) -> HttpResponse:
    """Each row by itself: what was taken is said, what was refused stays on the page with its reason."""
    forms = answer_forms(request.POST)
    if not forms.is_valid():
        return _shown(request, forms, {}, status=422)
    if request.POST.get("rest") == "confirm":
        for form in forms.forms:
            form.cleaned_data["answer"] = form.cleaned_data["answer"] or "confirm"
    chosen = [form for form in forms.forms if form.cleaned_data["answer"]]
    with command(request):
        results = commands.answer_many(answers=[form.command() for form in chosen], **acting(request)) if chosen else []
    refused = [(form, result.problem) for form, result in zip(chosen, results, strict=True) if result.problem is not None]
    taken = len(results) - len(refused)
    if taken:
        messages.success(request, ngettext("%d answer was taken.", "%d answers were taken.", taken) % taken)
    if not refused:
        if not taken:
            messages.info(request, _("Nothing was answered."))
        return redirect("portal:my_attestations")
    for form, problem in refused:
        for sentence in place(problem, form):
            form.add_error(None, sentence)
    forms.forms[:] = [form for form, _problem in refused]
    return _shown(request, forms, {}, status=422)


def _shown(request: PortalRequest, forms: Any, known: dict[str, dict[str, Any]], *, status: int = 200) -> HttpResponse:
    lines = [(form, known.get(str(form["integration"].value()), _typed(form))) for form in forms.forms]
    context = {
        "now": request.now,
        "tabs": tabs_of(request.viewer, "portal:my_attestations"),
        "formset": forms,
        "lines": lines,
        "waiting": selectors.waiting_for(request.viewer, policies.rules_by_tier(), request.now).count(),
        "is_refused": status != 200,
    }
    return render(request, FORM, context, status=status)


def _typed(form: AnswerForm) -> dict[str, Any]:
    """A row that was sent, from what it holds itself: nothing is read again of what may have become invisible."""
    return {"title": form["integration"].value(), "url": "", "team": "", "campaign": "", "due_at": None, "initial": {}}
