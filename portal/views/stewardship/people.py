"""One person: whether the account is in use, where they belong, and what they answer for of what the viewer may see."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.domain.roles import Role
from accounts.selectors import people as selectors
from catalog.selectors import owners, policies
from governance.selectors import boards
from portal.forms.stewardship import NAMED_WORDS
from portal.views.base import PortalRequest, page
from portal.views.stewardship.teams import integration_rows

SHOWN = 50


@require_safe
@page
def person(request: PortalRequest, username: str) -> HttpResponse:
    """The page of an account. Any spelling of its name leads here."""
    user = selectors.detail_of(username)
    if username != user.username:
        return redirect("portal:person", user.username)
    owned = owners.owned_by_visible_to(user.pk, request.viewer)
    context = {
        "now": request.now,
        "person": _facts(user, request),
        "teams": [{"team": each.team, "is_lead": each.is_lead, "since": each.since} for each in user.memberships.all()],
        "boards": [board.title for board in boards.boards_of(user.pk)],
        "rows": _rows(user, owned[:SHOWN], request),
        "count": owned.count(),
        "list_url": f"{reverse('portal:integrations')}?{urlencode({'owner': user.username})}",
        "leaving_url": _leaving(user, request),
    }
    return render(request, "portal/stewardship/person.html", context)


def _facts(user: Any, request: PortalRequest) -> dict[str, Any]:
    """The e-mail address is for administrators and its owner, as in the API."""
    shows_email = request.viewer.is_administrator or request.viewer.user_id == user.pk
    return {
        "name": user.display_name or user.username,
        "username": user.username,
        "is_active": user.is_active,
        "is_service": user.kind != "human",
        "email": user.email if shows_email else "",
        "since": user.created_at,
        "roles": [_role(grant.role) for grant in user.role_grants.all()],
    }


def _role(role: str) -> str:
    words = {Role.ADMINISTRATOR: _("Administrator"), Role.AUDITOR: _("Auditor"), Role.OPERATOR: _("Operator")}
    return words[Role(role)]


def _rows(user: Any, owned: Any, request: PortalRequest) -> list[dict[str, Any]]:
    found = list(owned)
    held = {row.pk: [str(NAMED_WORDS[role]) for role in owners.roles_of(row, user.pk)] for row in found}
    return [{**row, "roles": held[row["id"]]} for row in integration_rows(found, request, policies.rules_by_tier())]


def _leaving(user: Any, request: PortalRequest) -> str:
    """To what must pass on before the account is switched off; for administrators."""
    if not request.viewer.is_administrator or not user.is_active:
        return ""
    return f"{reverse('portal:leaving')}?{urlencode({'username': user.username})}"
