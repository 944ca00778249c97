"""The owner's part of the start page: what a person answers for, and what of it waits for their word."""

from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.selectors import teams as team_selectors
from catalog.selectors import finding, policies
from catalog.selectors import imports as import_selectors
from governance.selectors import stewardship
from portal.views.base import PortalRequest
from portal.views.catalog.lists import rows_of

SHOWN: Final = 8
COUNTED: Final = 100  # the most that is counted exactly
_TEAMS: Final = 20  # the most teams whose integrations stand in for one's own


def yours(request: PortalRequest) -> dict[str, Any] | None:
    """`{title, rows, url}`: what names this person in a role, else what their teams own, last changed first; None for neither."""
    named = _found(request, {"owner": request.user.get_username()}, _("What you answer for"))
    if named or not request.viewer.team_ids:
        return named
    slugs = [team.slug for team in team_selectors.teams() if team.id in request.viewer.team_ids][:_TEAMS]
    return _found(request, {"team": ",".join(slugs)}, _("What your teams answer for"))


def _found(request: PortalRequest, asked: dict[str, str], title: str) -> dict[str, Any] | None:
    query = finding.FILTERS.parse({**asked, "sort": "-changed_at", "limit": str(SHOWN)})
    rows = rows_of(finding.page_of(query, request.viewer), query)
    return {"title": title, "rows": rows, "url": f"{reverse('portal:integrations')}?{urlencode(asked)}"} if rows else None


def asks(request: PortalRequest) -> list[dict[str, str]]:
    """`[{title, text, url}]`: what waits for this person besides change requests; nothing where nothing does."""
    asked = set(stewardship.asked_of(request.viewer).values_list("integration_id", flat=True)[:COUNTED])
    overdue = stewardship.overdue_for(request.viewer, policies.rules_by_tier(), request.now)
    asked.update(overdue.values_list("pk", flat=True)[:COUNTED])
    differing = set(import_selectors.divergences_waiting_for(request.viewer).values_list("integration_id", flat=True)[:COUNTED])
    lines = [
        (asked, _("Is it still right, and still yours?"), "portal:my_attestations"),
        (differing, _("An import says something else than a person wrote"), "portal:imports"),
    ]
    return [{"title": title, "text": _of(len(ids)), "url": reverse(name)} for ids, title, name in lines if ids]


def _of(count: int) -> str:
    if count >= COUNTED:
        return _("%d integrations or more") % COUNTED
    return ngettext("%d integration", "%d integrations", count) % count
