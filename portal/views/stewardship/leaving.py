"""Somebody leaves: everything they hold on one page, who takes it over, and the end of the account."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.domain.errors import PersonMissing
from accounts.domain.rights import require_administrator
from foundation.errors import STATUS, DomainError
from governance.domain.errors import PlanStale
from governance.domain.reassignment import LAST_MEMBER, LEAD, OWN, Held, Item
from governance.selectors.reassignment import Plan
from governance.services import reassignment
from portal.forms.stewardship import NAMED_WORDS, LeavingForm
from portal.views.base import PortalRequest, acting, command, page
from portal.views.stewardship.tabs import tabs_of

PAGE = "portal/stewardship/leaving.html"
_ON_INTEGRATIONS = (Held.INTEGRATION, Held.ATTESTATION, Held.ESCALATION, Held.GRANT, Held.SUBSCRIPTION)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def leaving(request: PortalRequest) -> HttpResponse:
    """Choose a person, see the plan, name successors, switch the account off. Administrators only."""
    require_administrator(request.viewer)
    username = (request.POST if request.method == "POST" else request.GET).get("username", "").strip()
    if not username:
        return _page(request, "")
    try:
        plan = reassignment.plan(username=username, viewer=request.viewer)
    except PersonMissing as error:
        return _page(request, username, errors=[str(error)], status=404)
    if request.method != "POST":
        return _page(request, username, plan=plan)
    return _leave(request, plan)


def _leave(request: PortalRequest, plan: Plan) -> HttpResponse:
    username = plan.user.username
    form = LeavingForm(request.POST, items=plan.binding)
    if not form.is_valid():
        return _page(request, username, plan=plan, form=form, status=422)
    try:
        with command(request):
            reassignment.deactivate(username=username, **form.command(), **acting(request))
    except PlanStale:
        stale = _("What %s holds has changed since you looked. This is how it is now; check it and confirm again.") % plan.user.display_name
        form.data = {**{name: form.data[name] for name in form.data}, "token": plan.token}
        return _page(request, username, plan=plan, form=form, errors=[stale], status=409)
    except DomainError as error:
        return _page(request, username, plan=plan, form=form, errors=form.refused(error), status=STATUS[error.kind])
    messages.success(request, _("%s has left. Everything listed was passed on.") % plan.user.display_name)
    return redirect("portal:leaving")


def _page(
    request: PortalRequest,
    username: str,
    *,
    plan: Plan | None = None,
    form: LeavingForm | None = None,
    errors: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    if plan is not None and form is None:
        form = LeavingForm(initial={"token": plan.token}, items=plan.binding)
    context = {
        "now": request.now,
        "tabs": tabs_of(request.viewer, "portal:leaving"),
        "username": username,
        "person": {"name": plan.user.display_name, "username": plan.user.username, "is_active": plan.user.is_active} if plan else None,
        "leaver": plan.user if plan else None,
        "form": form,
        "lines": [(_item(item), to, end) for item, to, end in form.lines()] if form else [],
        "following": [_item(item) for item in plan.shown if not item.binds and item.kind not in OWN] if plan else [],
        "own": [_item(item) for item in plan.shown if item.kind in OWN] if plan else [],
        "hidden": plan.hidden if plan else 0,
        "errors": errors or [],
    }
    return render(request, PAGE, context, status=status)


def _item(item: Item) -> dict[str, Any]:
    words = {
        Held.INTEGRATION: _("Integration"),
        Held.TEAM: _("Team"),
        Held.BOARD: _("Sits on the board"),
        Held.CHANGE_REQUEST: _("Open request"),
        Held.ATTESTATION: _("Attestation that waits"),
        Held.ESCALATION: _("Escalation"),
        Held.CAMPAIGN: _("Open campaign that they opened"),
        Held.RUNTIME: _("Runtime that works with this account: it can no longer sign in"),
        Held.MEMBERSHIP: _("Member of the team"),
        Held.ROLE: _("Organisation-wide role"),
        Held.GRANT: _("Granted by name"),
        Held.TOKEN: _("Token, revoked for good"),
        Held.SUBSCRIPTION: _("Follows the documents"),
        Held.VIEW: _("Saved view"),
    }
    urls = {
        Held.CAMPAIGN: lambda: reverse("portal:campaign", args=[item.name]),
        Held.CHANGE_REQUEST: lambda: reverse("portal:change", args=[item.name]),
        **dict.fromkeys(_ON_INTEGRATIONS, lambda: reverse("portal:integration", args=[item.name])),
    }
    told = {
        **NAMED_WORDS,
        LEAD: _("leads it"),
        LAST_MEMBER: _("the last active person in it"),
        "view_integration": _("may see it"),
        "propose_release": _("may propose releases"),
        "shared": _("shared with everybody"),
    }
    url = urls[item.kind]() if item.kind in urls else ""
    return {
        "kind": words[item.kind],
        "title": item.title,
        "name": item.name,
        "roles": ", ".join(str(told.get(role, role)) for role in item.roles),
        "url": url,
    }
