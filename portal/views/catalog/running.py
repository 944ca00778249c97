"""What runs of an integration where, how it is doing, and what its runs looked like lately."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.components.times import span_words
from portal.views.base import PortalRequest
from runtime_adapters.selectors import deployments as deployment_selectors
from runtime_adapters.selectors import health as health_selectors

CHART_MINUTES = 30


def live_rows(request: PortalRequest, found: Any, states: Sequence[Any]) -> list[dict[str, Any]]:
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


def chart_of(states: Sequence[Any], now: datetime) -> Mapping[str, Any] | None:
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
