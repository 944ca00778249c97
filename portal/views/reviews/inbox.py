"""The review inbox: what waits for this person, what they asked for, or all they may see."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.selectors import integrations as integration_selectors
from foundation.cursors import paginate
from foundation.filters import choice, compile_filters
from governance.domain.lifecycle import VOTABLE, State
from governance.selectors import change_requests as selectors
from governance.selectors.change_requests import Overview
from portal.views.base import PortalRequest, asked, page
from portal.views.reviews.facts import checks_summary, requester_of, risk_of, title_of, unblock_sentence

LIST = compile_filters(
    {"state": choice("state", [state.value for state in State])}, sorts={"number": ("number",)}, default_sort="-number", search=None
)
RISK_ORDER = {"high": 0, "medium": 1, "low": 2, "none": 3}
SHOWN = 100


@require_safe
@page
def inbox(request: PortalRequest) -> HttpResponse:
    """Three lists; the first is ordered by risk."""
    tab = request.GET.get("tab", "waiting")
    tab = tab if tab in {"waiting", "mine", "all"} else "all"
    waiting = selectors.waiting_for(request.viewer, request.now)
    mine = selectors.requested_by(request.viewer)
    following = None
    if tab == "waiting":
        rows = waiting[:SHOWN]
    else:
        found = paginate(LIST.parse(asked(request, "tab")), mine if tab == "mine" else selectors.visible_to(request.viewer))
        rows, following = list(found.rows), found.next
    shown = rows_of(rows, request)
    if tab == "waiting":
        shown.sort(key=lambda row: (RISK_ORDER[row["risk"]], row["number"]))
    context = {
        "now": request.now,
        "tab": tab,
        "counts": {"waiting": len(waiting), "mine": mine.count(), "all": None},
        "late": 0,
        "rows": shown,
        "next_cursor": following,
        "can_request": bool(request.viewer.team_ids) or request.viewer.is_administrator,
    }
    return render(request, "portal/reviews/inbox.html", context)


def rows_of(changes: Sequence[Any], request: PortalRequest) -> list[dict[str, Any]]:
    """The lines of a list of requests; the number of queries does not grow with them."""
    integrations = {change.integration_id for change in changes}
    inside = integration_selectors.seen_inside(integrations, request.viewer)
    redacted = {change.id for change in changes if change.integration_id not in inside}
    return [_row(overview) for overview in selectors.overviews_of(changes, request.viewer, now=request.now, redacted=redacted)]


def _row(overview: Overview) -> dict[str, Any]:
    change = overview.change
    quorums = [r for r in overview.requirements if r.kind == "quorum"]
    return {
        "number": change.number,
        "url": reverse("portal:change", args=[change.number]),
        "title": title_of(change),
        "requester": requester_of(change),
        "environment": ", ".join(dict.fromkeys(t.environment_title for t in overview.targets)),
        "state": overview.state.value,
        "risk": risk_of(overview),
        "checks": checks_summary(overview),
        "approvals": {"have": sum(r.have for r in quorums), "needed": sum(r.needs for r in quorums)},
        "due_at": None,
        "expires_at": (change.execute_until or change.review_until) if overview.state in VOTABLE else None,
        "unblock": unblock_sentence(overview),
        "is_votable": overview.may_vote,
    }
