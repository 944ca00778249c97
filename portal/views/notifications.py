"""What a person was told, what they follow, and following an integration's documents."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.domain.vocabulary import Section
from catalog.selectors import integrations
from foundation.cursors import paginate
from governance.selectors import notifications as selectors
from governance.services import reading, subscriptions
from portal.forms.documents import SECTION_WORDS
from portal.views.base import PortalRequest, acting, asked, command, page

SHOWN_SUBSCRIPTIONS = 50


@require_safe
@page
def notifications(request: PortalRequest) -> HttpResponse:
    """Newest first; `?unread=true` shows what is unread."""
    given = asked(request)
    found = paginate(selectors.FILTERS.parse(given), selectors.notifications_of(request.viewer))
    context = {
        "now": request.now,
        "rows": [_row(row) for row in found.rows],
        "next_cursor": found.next,
        "only_unread": given.get("unread") == "true",
        "subscriptions": [_followed(row) for row in selectors.subscriptions_of(request.viewer)[:SHOWN_SUBSCRIPTIONS]],
    }
    return render(request, "portal/notifications.html", context)


@require_POST
@page
def read(request: PortalRequest) -> HttpResponse:
    """Mark one (`id`) as read, or everything."""
    if "id" in request.POST:
        with command(request):
            reading.mark_read(notification_id=_uuid(request.POST["id"]), **acting(request))
    else:
        with command(request):
            reading.mark_all_read(**acting(request))
    return redirect("portal:notifications")


@require_POST
@page
def subscription(request: PortalRequest, slug: str) -> HttpResponse:
    """Follow the documents of an integration (`sections`; none: all), or stop."""
    found = integrations.get_visible(slug, request.viewer)
    with command(request):
        if request.POST.get("follow") == "off":
            subscriptions.unsubscribe(integration=found.slug, **acting(request))
            messages.info(request, _("You are not told of these documents any more."))
        else:
            subscriptions.subscribe(integration=found.slug, sections=request.POST.getlist("sections"), **acting(request))
            messages.success(request, _("You will be told when they change."))
    return redirect("portal:documents", found.slug)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404("There is no such notification.") from None


def _row(row: Any) -> dict[str, Any]:
    """`path` comes from our own services, yet leads nowhere but here."""
    is_ours = row.path.startswith("/") and url_has_allowed_host_and_scheme(row.path, allowed_hosts=None)
    return {
        "id": row.id,
        "title": row.title,
        "detail": row.detail,
        "url": row.path if is_ours else "",
        "at": row.at,
        "is_read": row.read_at is not None,
        "integration": row.integration.title if row.integration else "",
    }


def _followed(row: Any) -> dict[str, Any]:
    names = [str(SECTION_WORDS[Section(section)]) for section in row.sections]
    return {
        "title": row.integration.title,
        "slug": row.integration.slug,
        "url": reverse("portal:documents", args=[row.integration.slug]),
        "sections": ", ".join(names) if names else _("all sections"),
    }
