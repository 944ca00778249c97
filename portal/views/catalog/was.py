"""What an integration was at a place in the log, beside what it is now."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.domain.errors import NoSuchMoment
from audit.selectors.log import log_size
from audit.selectors.moments import index_at, sequenced_at
from catalog.domain.errors import IntegrationMissing
from catalog.selectors import integrations as selectors
from catalog.selectors import past
from portal.forms.integrations import SEEN_BY
from portal.views.base import PortalRequest, page
from portal.views.catalog.frame import at_present_name, framed

NAME, PAGE = "portal:integration_was", "portal/catalog/was.html"


@require_safe
@page
@at_present_name
def was(request: PortalRequest, slug: str) -> HttpResponse:
    """The integration at `?at=`: an index of the log, or a local time as a browser sends it."""
    now = selectors.detail_of(slug, request.viewer)
    at = request.GET.get("at", "").strip()[:40]
    context: dict[str, Any] = {"at": at}
    try:
        index = index_at(_moment(at, request), now=request.now) if at else log_size() - 1
        then = past.named_integration_at(slug, index, request.viewer) if index >= 0 else None
    except NoSuchMoment as error:
        return framed(request, now, NAME, PAGE, {**context, "problem": str(error)}, status=400)
    except IntegrationMissing:
        then = None
    context |= {"index": index, "sequenced_at": sequenced_at(index), "then": _told(then, now) if then else None}
    return framed(request, now, NAME, PAGE, context)


def _moment(at: str, request: PortalRequest) -> str:
    """An index as it is; a time without a zone is the person's own."""
    if at.isdigit():
        return at
    try:
        naive = datetime.fromisoformat(at)
    except ValueError:
        return at
    zone = getattr(request.user, "time_zone", "")
    return (naive if naive.tzinfo else naive.replace(tzinfo=ZoneInfo(zone) if zone else get_default_timezone())).isoformat()


def _told(then: Any, now: Any) -> dict[str, Any]:
    return {
        "facts": [{"name": name, "value": old, "is_other": old != new} for name, old, new in _facts(then, now)],
        "endpoints": [_endpoint(end) for end in then.endpoints],
        "live": [{"environment": one.environment.title, "version": one.release.version, "since": one.since} for one in then.live_releases],
        "documents": [{"section": one.section.replace("-", " ").capitalize(), "version": one.version} for one in then.documents],
        "version": then.version,
    }


def _facts(then: Any, now: Any) -> list[tuple[str, str, str]]:
    rows = [
        (_("Title"), then.title, now.title),
        (_("Slug"), then.slug, now.slug),
        (_("Owning team"), then.team.title, now.team.title),
        *((words, _name(getattr(then, owner)), _name(getattr(now, owner))) for owner, words in _owners()),
        (_("Tier"), str(then.tier), str(now.tier)),
        (_("Stage"), then.stage.capitalize(), now.stage.capitalize()),
        (_("Seen by"), str(SEEN_BY[then.visibility]), str(SEEN_BY[now.visibility])),
        (_("Tags"), ", ".join(then.tags), ", ".join(now.tags)),
        (_("Purpose"), then.purpose, now.purpose),
    ]
    return [row for row in rows if row[1] or row[2]]


def _owners() -> list[tuple[str, str]]:
    return [
        ("technical_owner", _("Technical owner")),
        ("business_owner", _("Business owner")),
        ("on_call", _("On call")),
        ("data_steward", _("Data steward")),
    ]


def _name(user: Any) -> str:
    return user.display_name if user else ""


def _endpoint(end: Any) -> dict[str, str]:
    return {
        "system": end.system.title,
        "data_object": end.data_object.title if end.data_object else "",
        "role": end.role.capitalize(),
        "operation": end.operation,
    }
