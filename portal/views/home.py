"""Home: what waits for this person, what they answer for, what is unhealthy or past its time, and what changed meanwhile."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.domain.lifecycle import State
from governance.selectors import change_requests, timelines
from portal.views.base import PortalRequest, page
from portal.views.catalog.lists import may_register
from portal.views.reviews.facts import entry_of, requester_of, title_of
from portal.views.reviews.inbox import RISK_ORDER, rows_of
from portal.views.yours import asks, yours
from runtime_adapters.domain.states import Health
from runtime_adapters.selectors import deployments as deployment_selectors
from runtime_adapters.selectors import health as health_selectors

COOKIE: Final = "looked"
SITTING: Final = timedelta(minutes=30)  # reloading the page within it does not make the news disappear
FIRST_LOOK: Final = timedelta(days=7)
WAITING, UNHEALTHY, OVERDUE, RECENT, COUNTED, WATCHED = 5, 8, 8, 10, 100, 200
# Beginnings, ends and what went wrong; the steps between stand on the pages of the request and the delivery.
NEWS: Final = (
    "governance.change.submitted",
    "governance.change.returned",
    "governance.change.dispatched",
    "governance.change.completed",
    "governance.change.partial",
    "governance.change.failed",
    "governance.change.rejected",
    "governance.change.withdrawn",
    "governance.change.expired",
    "governance.rollback.triggered",
    "runtime_adapters.deployment.unhealthy",
    "runtime_adapters.deployment.failed",
    "runtime_adapters.deployment.halted",
)


@require_safe
@page
def home(request: PortalRequest) -> HttpResponse:
    """The start page. When somebody last looked is kept in a signed cookie of theirs, not with us."""
    since, looked = _last_look(request)
    waiting = change_requests.waiting_for(request.viewer, request.now)
    unhealthy = health_selectors.unhealthy(request.viewer)
    overdue = _overdue(request)
    news = _news(request, since or request.now - FIRST_LOOK)
    rows = sorted(rows_of(waiting[:COUNTED], request), key=lambda row: (RISK_ORDER[row["risk"]], row["number"]))
    context = {
        "now": request.now,
        "counts": {"waiting": len(waiting), "overdue": len(overdue), "unhealthy": unhealthy.count(), "changed": len(news)},
        "waiting": rows[:WAITING],
        "unhealthy": [_unhealthy(state) for state in unhealthy[:UNHEALTHY]],
        "overdue": overdue[:OVERDUE],
        "recent": news[:RECENT],
        "since": since,
        "can_register": may_register(request),
        "asks": asks(request),
        "yours": yours(request),
    }
    response = render(request, "portal/home.html", context)
    response.set_signed_cookie(
        COOKIE,
        looked,
        salt=_salt(request),
        max_age=timedelta(days=365),
        httponly=True,
        samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )
    return response


def _salt(request: PortalRequest) -> str:
    """Another person on the same browser starts anew."""
    return f"portal.looked.{request.viewer.user_id}"


def _last_look(request: PortalRequest) -> tuple[datetime | None, str]:
    """(when the last sitting ended, the cookie's next value). The value holds the end of the sitting before, and the latest look."""
    kept = str(request.get_signed_cookie(COOKIE, default="", salt=_salt(request)))
    try:
        before, latest = (datetime.fromisoformat(text) if text else None for text in kept.split("|"))
    except ValueError:
        before = latest = None
    is_new_sitting = latest is not None and request.now - latest > SITTING
    since = latest if is_new_sitting else before
    return since, f"{since.isoformat() if since else ''}|{request.now.isoformat()}"


def _unhealthy(state: Any) -> dict[str, Any]:
    return {
        "title": state.integration.title,
        "url": reverse("portal:integration", args=[state.integration.slug]),
        "environment": state.environment.title,
        "state": state.state,
        "reason": state.reason,
        "since": state.since,
    }


def _overdue(request: PortalRequest) -> list[dict[str, Any]]:
    """Reports and runs that did not come, deliveries past their last moment, and own requests whose time ran out."""
    found = [*_late_reports(request), *_late_deliveries(request), *_expired_requests(request)]
    return sorted(found, key=lambda row: row["due_at"])


def _late_reports(request: PortalRequest) -> list[dict[str, Any]]:
    late = list(health_selectors.unhealthy(request.viewer).filter(state__in=[Health.LATE, Health.SILENT])[:COUNTED])
    expected = health_selectors.expectations_of({state.integration_id for state in late})
    rows = []
    for state in late:
        period = expected.get((state.integration_id, state.environment_id))
        if period is None:
            continue
        heard = state.last_reading_at if state.state == Health.SILENT else state.last_success_at
        due_at = (heard + timedelta(seconds=period.every_s + period.grace_s)) if heard else state.since
        what = _("report expected from %s") if state.state == Health.SILENT else _("run expected in %s")
        rows.append({**_at(state.integration), "what": what % state.environment.title, "due_at": due_at, "who": ""})
    return rows


def _at(integration: Any) -> dict[str, Any]:
    return {"title": integration.title, "url": reverse("portal:integration", args=[integration.slug])}


def _late_deliveries(request: PortalRequest) -> list[dict[str, Any]]:
    return [
        {
            "title": deployment.slot.integration.title,
            "url": reverse("portal:deployment", args=[deployment.id]),
            "what": _("delivery to %s should have ended") % deployment.slot.environment.title,
            "due_at": min(at for at in (deployment.gate_until, deployment.give_up_at) if at and at < request.now),
            "who": "",
        }
        for deployment in deployment_selectors.overdue(request.viewer, request.now)[:COUNTED]
    ]


def _expired_requests(request: PortalRequest) -> list[dict[str, Any]]:
    """What this person asked for and what ran out of time in the last week; asking again is theirs to do."""
    rows = []
    for change in change_requests.requested_by(request.viewer)[:WATCHED]:
        ended = change.closed_at or change.execute_until or change.review_until
        is_expired = change_requests.effective_state(change, request.now) is State.EXPIRED
        if is_expired and ended and request.now - ended < FIRST_LOOK:
            url = reverse("portal:change", args=[change.number])
            rows.append({"title": title_of(change), "url": url, "what": _("time ran out"), "due_at": ended, "who": requester_of(change)})
    return rows


def _news(request: PortalRequest, since: datetime) -> list[dict[str, Any]]:
    """The latest word on each of the newest requests the viewer may see, newest first."""
    changes = {change.id: change for change in change_requests.visible_to(request.viewer)[:WATCHED]}
    found = timelines.news_of(changes.values(), verbs=NEWS, since=since, limit=COUNTED)
    latest: dict[Any, timelines.Happening] = {}
    for key, happening in found:
        latest.setdefault(key, happening)
    return [
        {
            **_entry(happening),
            "title": f"CR-{changes[key].number} {title_of(changes[key])}",
            "url": reverse("portal:change", args=[changes[key].number]),
        }
        for key, happening in latest.items()
    ]


def _entry(happening: timelines.Happening) -> dict[str, Any]:
    """What happened stands below the name of what it happened to."""
    entry = entry_of(happening)
    return {**entry, "note": entry["title"]}
