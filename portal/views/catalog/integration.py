"""One integration: who answers for it, what it joins, what runs where and how it is doing, and what is written about it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.selectors import people
from audit.selectors import log as log_selectors
from catalog.domain.rights import may_edit
from catalog.domain.vocabulary import Section
from catalog.selectors import documents as document_selectors
from catalog.selectors import history, integrations
from catalog.selectors import releases as release_selectors
from governance.selectors import change_requests
from portal.components.times import span_words
from portal.forms.documents import SECTION_WORDS
from portal.views.base import PortalRequest, page
from portal.views.catalog.documents import document_rows
from portal.views.catalog.lists import worst
from portal.views.catalog.tabs import tabs_of
from portal.views.reviews.facts import requester_of, title_of
from runtime_adapters.selectors import deployments as deployment_selectors
from runtime_adapters.selectors import health as health_selectors

SHOWN_CHANGES, SHOWN_ENTRIES, SHOWN_RELEASES, CHART_MINUTES = 10, 20, 50, 30


@require_safe
@page
def integration(request: PortalRequest, slug: str) -> HttpResponse:
    """The overview: everything about one integration that this viewer may see, short."""
    found: Any = integrations.detail_of(slug, request.viewer)
    states = health_selectors.health_of(found.id)
    live = _live(request, found, states)
    changed = history.history_of(found, request.viewer)
    edits = may_edit(request.viewer, found.team_id)
    proposes = edits or "propose_release" in integrations.granted_to(found.id, request.viewer)
    context = {
        "now": request.now,
        "integration": _facts(found, worst([row["health"] for row in live])),
        "owners": _owners(found),
        "endpoints": [_endpoint(endpoint, inside=found.sees_inside) for endpoint in found.endpoints.all()],
        "releases": _releases(found, may_request=proposes),
        "tabs": tabs_of(found.slug, "portal:integration"),
        "documents": document_rows(found, document_selectors.documents_of(found)),
        "live": live,
        "health_chart": _chart(states, request.now),
        "changes": [_change(change, request.now) for change in change_requests.of_integration(found.id, request.viewer)[:SHOWN_CHANGES]],
        "entries": _entries(changed),
        "may_edit": edits,
        "may_release": proposes,
        "may_request": proposes,
    }
    return render(request, "portal/catalog/integration.html", context)


def _facts(found: Any, health: str) -> dict[str, Any]:
    visibility = {"organisation": _("everybody signed in"), "restricted": _("the owning team and those it lets in")}
    names = ("title", "slug", "purpose", "stage", "tier", "created_at")
    kind = found.type.replace("-", " ").capitalize()
    return {**{name: getattr(found, name) for name in names}, "type": kind, "visibility": visibility[found.visibility], "health": health}


def _owners(found: Any) -> list[dict[str, str]]:
    owners = [{"role": _("Owning team"), "name": found.team.title}]
    if found.team.contact:
        owners.append({"role": _("Contact"), "name": found.team.contact})
    if found.technical_owner:
        owners.append({"role": _("Technical owner"), "name": found.technical_owner.display_name})
    if found.business_owner:
        owners.append({"role": _("Business owner"), "name": found.business_owner.display_name})
    return owners


def _endpoint(endpoint: Any, *, inside: bool) -> dict[str, Any]:
    return {
        "system": endpoint.system.title,
        "data_object": endpoint.data_object.title if endpoint.data_object else "",
        "role": endpoint.role.capitalize(),
        "operation": endpoint.operation,
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
            "by": release.created_by.display_name,
            "is_live_in": list(dict.fromkeys(places.get(release.id, []))),
            "request_url": ask + release.version.replace("+", "%2B") if may_request else "",
            "identical_to": release.identical_to,  # type: ignore[attr-defined]  # annotated
        }
        for release in release_selectors.releases_of(found)[:SHOWN_RELEASES]
    ]


def _names(usernames: Any) -> dict[str, str]:
    """Display names by user name; of accounts that are gone, the user name."""
    wanted = set(usernames)
    known = {user.username: user.display_name for user in people.by_usernames(wanted).values()}
    return {name: known.get(name, name) for name in wanted}


def _live(request: PortalRequest, found: Any, states: Sequence[Any]) -> list[dict[str, Any]]:
    """What runs where, with the evidence about exactly that release there."""
    slots = {
        (s.environment_id, s.runtime.slug_key): s for s in deployment_selectors.slots_visible_to(request.viewer, integration_id=found.id)
    }
    newest = deployment_selectors.newest_of_slots([slot.id for slot in slots.values()])
    by_place = {(state.slot_id, state.release_id): state for state in states}
    expected = health_selectors.expectations_of([found.id])
    rows = []
    for live in found.live_releases.all():
        slot = slots.get((live.environment_id, live.runtime_key))
        state = by_place.get((slot.id, live.release_id)) if slot else None
        deployment = newest.get(slot.id) if slot else None
        period = expected.get((found.id, live.environment_id))
        rows.append(
            {
                "environment": live.environment.title,
                "runtime": slot.runtime.title if slot else live.runtime_key,
                "version": live.release.version,
                "digest": live.release.digest,
                "health": state.state if state else "unknown",
                "reason": state.reason if state else "",
                "since": state.since if state else live.since,
                "deployment_url": reverse("portal:deployment", args=[deployment.id]) if deployment else "",
                "last_report_at": state.last_reading_at if state else None,
                "expected": expected_words(period),
            }
        )
    return rows


def expected_words(period: Any) -> str:
    """How often a report is expected, or that none is."""
    if period is None:
        return _("no report is expected")
    return _("a run every %s is expected") % span_words(timedelta(seconds=period.every_s))


def _chart(states: Sequence[Any], now: datetime) -> Mapping[str, Any] | None:
    """Runs per minute of what is live, from the last half hour's readings; None when nothing was reported."""
    state = next((state for state in states if state.is_live and state.last_reading_at), None)
    if state is None:
        return None
    readings = health_selectors.recent_readings(state.slot_id, state.release_id, limit=2000)
    start = now.replace(second=0, microsecond=0) - timedelta(minutes=CHART_MINUTES)  # whole minutes only: a begun one looks like a fall
    good: list[float | None] = [None] * CHART_MINUTES
    bad: list[float | None] = [None] * CHART_MINUTES
    for reading in readings:
        minute = int((reading.window_end - start).total_seconds() // 60)
        if 0 <= minute < CHART_MINUTES:
            good[minute] = (good[minute] or 0) + reading.runs_succeeded
            bad[minute] = (bad[minute] or 0) + reading.runs_failed
    succeeded, failed = int(sum(v or 0 for v in good)), int(sum(v or 0 for v in bad))
    if not succeeded + failed:
        return None
    runs = ngettext("%(n)d run", "%(n)d runs", succeeded + failed) % {"n": succeeded + failed}
    where = {"environment": state.environment.title, "version": state.release.version}
    return {
        "title": _("Runs per minute in %(environment)s, %(version)s") % where,
        "labels": [(start + timedelta(minutes=n)).strftime("%H:%M UTC") for n in range(CHART_MINUTES)],
        "series": [{"name": _("good"), "values": good}, *([{"name": _("failed"), "values": bad}] if failed else [])],
        "summary": _("%(runs)s in the last half hour, %(failed)d of them failed. A gap is a minute without a report.")
        % {"runs": runs, "failed": failed},
    }


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
    newest = list(changed[:SHOWN_ENTRIES])
    places = log_selectors.placed([change.event_id for change in newest])
    names = _names(change.by for change in newest if change.by)
    return [
        {
            "at": change.at,
            "title": _title(change),
            "by": names.get(change.by or "", "Portolan"),
            "note": _note(change),
            "icon": "doc" if change.subject.startswith("document:") else "neutral",
            "index": places[change.event_id].index if change.event_id in places else None,
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
    named = ", ".join(field.field.replace("_", " ") for field in change.changes)
    return _("Changed: %s") % named if named else _("Endpoints changed")


def _is_first(change: history.Change) -> bool:
    return change.version == 1 and all(one.before is None for one in change.changes)


def _note(change: history.Change) -> str:
    """Old and new value where both are short; never of a first version, which is all new."""
    if _is_first(change) or change.subject.startswith("document:"):
        return ""
    lines = [f"{one.field.replace('_', ' ')}: {_short(one.before)} → {_short(one.after)}" for one in change.changes]
    return "\n".join(lines)


def _short(value: Any) -> str:
    text = ", ".join(value) if isinstance(value, list) else str(value if value not in {None, ""} else _("nothing"))
    return text if len(text) <= 80 else text[:79] + "…"
