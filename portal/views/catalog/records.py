"""Tabs that only show: endpoints, releases, changes and history."""

from collections.abc import Sequence
from datetime import datetime
from math import inf
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.selectors import people
from audit.selectors import log as log_selectors
from catalog.domain.rights import may_edit
from catalog.domain.vocabulary import Section
from catalog.selectors import history, integrations
from catalog.selectors import releases as release_selectors
from governance.selectors import change_requests
from portal.forms.documents import SECTION_WORDS
from portal.forms.product import FIELD_WORDS
from portal.views.base import PortalRequest
from portal.views.catalog.frame import framed, of_integration
from portal.views.reviews.facts import requester_of, title_of

SHOWN_CHANGES, SHOWN_RELEASES = 100, 100


@require_safe
@of_integration
def endpoints(request: PortalRequest, found: Any) -> HttpResponse:
    """Which systems and data it joins."""
    rows = [_endpoint(endpoint, inside=found.sees_inside) for endpoint in found.endpoints.all()]
    return framed(request, found, "portal:integration_endpoints", "portal/catalog/integration_endpoints.html", {"endpoints": rows})


@require_safe
@of_integration
def releases(request: PortalRequest, found: Any) -> HttpResponse:
    """What was published, and where it is live."""
    proposes = may_edit(request.viewer, found.team_id) or "propose_release" in integrations.granted_to(found.id, request.viewer)
    rows = _releases(found, may_request=proposes)
    return framed(request, found, "portal:integration_releases", "portal/catalog/integration_releases.html", {"releases": rows})


@require_safe
@of_integration
def changes(request: PortalRequest, found: Any) -> HttpResponse:
    """What was asked of the board."""
    asked = change_requests.of_integration(found.id, request.viewer)[:SHOWN_CHANGES]
    context = {"changes": [_change(change, request.now) for change in asked]}
    return framed(request, found, "portal:integration_changes", "portal/catalog/integration_changes.html", context)


@require_safe
@of_integration
def past(request: PortalRequest, found: Any) -> HttpResponse:
    """Who changed what, in words."""
    context = {"entries": _entries(history.history_of(found, request.viewer)), "limit": history.LIMIT, "aliases": found.aliases}
    return framed(request, found, "portal:integration_history", "portal/catalog/integration_history.html", context)


def _endpoint(endpoint: Any, *, inside: bool) -> dict[str, Any]:
    return {
        "system": endpoint.system.title,
        "data_object": endpoint.data_object.title if endpoint.data_object else None,
        "role": endpoint.role.capitalize(),
        "operation": endpoint.operation,
        "fields": ", ".join(endpoint.fields_touched),
        "cadence": endpoint.cadence,
        "volume": endpoint.volume_per_day,
        "address": endpoint.address if inside else "",
        "redacted": bool(endpoint.address) and not inside,
    }


def _releases(found: Any, *, may_request: bool) -> list[dict[str, Any]]:
    places: dict[UUID, list[str]] = {}
    for live in found.live_releases.all():
        places.setdefault(live.release_id, []).append(live.environment.title)
    ask = reverse("portal:change_new") + f"?integration={found.slug}&release="
    return [
        {
            "version": release.version,
            "digest": release.digest,
            "at": release.created_at,
            "by": release.created_by,
            "is_live_in": list(dict.fromkeys(places.get(release.id, []))),
            "request_url": ask + release.version.replace("+", "%2B") if may_request else "",
            "identical_to": release.identical_to,  # type: ignore[attr-defined]  # annotated
        }
        for release in release_selectors.releases_of(found)[:SHOWN_RELEASES]
    ]


def _change(change: Any, now: datetime) -> dict[str, Any]:
    return {
        "number": change.number,
        "title": title_of(change),
        "state": change_requests.effective_state(change, now).value,
        "at": change.submitted_at or change.created_at,
        "by": requester_of(change),
        "url": reverse("portal:change", args=[change.number]),
    }


def _entries(changed: Sequence[history.Change]) -> list[dict[str, Any]]:
    """The newest field changes, each with its place in the log."""
    newest = list(changed)
    indexes = {key: place.index for key, place in log_selectors.placed([change.event_id for change in newest]).items()}
    newest.sort(key=lambda change: (change.at, indexes.get(change.event_id, inf)), reverse=True)  # of one moment: as the log has them
    names = _names(change.by for change in newest if change.by)
    return [
        {
            "at": change.at,
            "title": _title(change),
            "by": names.get(change.by or "", "Portolan"),
            "note": _note(change),
            "icon": "doc" if change.subject.startswith("document:") else "neutral",
            "index": indexes.get(change.event_id),
        }
        for change in newest
    ]


def _title(change: history.Change) -> str:
    if change.subject.startswith("document:"):
        words = SECTION_WORDS[Section(change.subject.removeprefix("document:"))]
        if change.changes:
            return _("%(section)s verified for %(release)s") % {"section": words, "release": change.changes[0].after}
        return (_("%s written") if change.version == 1 else _("%s changed")) % words
    if _is_first(change):
        return _("Registered")
    named = ", ".join(dict.fromkeys(_field(one.field.partition(".")[0]) for one in change.changes))
    return _("Changed: %s") % named if named else _("Endpoints changed")


def _is_first(change: history.Change) -> bool:
    return change.version == 1 and all(one.before is None for one in change.changes)


def _note(change: history.Change) -> str:
    """Old and new value where both are short; never of a first version, which is all new."""
    if _is_first(change) or change.subject.startswith("document:"):
        return ""
    lines = [f"{_words(one.field)}: {_short(one.before)} → {_short(one.after)}" for one in change.changes]
    return "\n".join(lines)


def _words(field: str) -> str:
    """`support.response_target` as people say it; the key of a label is theirs already."""
    block, _dot, member = field.partition(".")
    if block == "labels":
        return _("label %s") % member
    return f"{_field(block)}, {_field(member)}" if member else _field(block)


def _field(name: str) -> str:
    return str(FIELD_WORDS.get(name, name.replace("_", " ")))


def _short(value: Any) -> str:
    """A value in a few words; a list of anything but texts by its length."""
    if value is None or value in ("", []):
        return _("nothing")
    if isinstance(value, list):
        text = ", ".join(value) if all(isinstance(one, str) for one in value) else _("%d entries") % len(value)
    else:
        text = str(value)
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:79] + "…"


def _names(usernames: Any) -> dict[str, str]:
    """Display names by user name; of names that no account has, the user name."""
    wanted = set(usernames)
    known = {user.username: user.display_name for user in people.remembered(wanted).values()}
    return {name: known.get(name, name) for name in wanted}
