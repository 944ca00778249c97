"""The list of integrations: search, filters, what is live and how it is doing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.selectors import teams as team_selectors
from catalog.domain.vocabulary import Stage
from catalog.selectors import integrations as selectors
from catalog.selectors import landscape
from foundation.cursors import paginate
from portal.components.status import face
from portal.views.base import PortalRequest, asked, page
from runtime_adapters.domain.states import Health
from runtime_adapters.selectors import health as health_selectors

# From what needs a person first to what needs none: a row shows the worst of its environments.
WORST_FIRST = (
    Health.FAILING,
    Health.SILENT,
    Health.LATE,
    Health.DEGRADED,
    Health.UNKNOWN,
    Health.MAINTENANCE,
    Health.PAUSED,
    Health.HEALTHY,
)
SHOWN_FILTERS = ("q", "team", "stage", "tier", "system")


@require_safe
@page
def integrations(request: PortalRequest) -> HttpResponse:
    """Integrations the viewer may see, by the same filters as the API."""
    given = asked(request)
    query = selectors.FILTERS.parse(given)
    plan, where = selectors.touching(selectors.integrations_visible_to(request.viewer), query.where)
    found = paginate(replace(query, where=where), selectors.with_parts(plan))
    context = {
        "now": request.now,
        "filters": {name: given.get(name, "") for name in (*SHOWN_FILTERS, "health")},
        "choices": _choices(),
        "rows": rows_of(found.rows),
        "next_cursor": found.next,
        "is_filtered": bool(given.keys() - {"cursor", "limit", "sort"}),
        "can_register": may_register(request),
    }
    return render(request, "portal/catalog/integrations.html", context)


def may_register(request: PortalRequest) -> bool:
    """Members of a team register what it owns; administrators for every team."""
    return bool(request.viewer.team_ids) or request.viewer.is_administrator


def rows_of(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """The lines of the list: one more query for the health of all of them."""
    health: dict[UUID, list[str]] = defaultdict(list)
    for state in health_selectors.live_health([row.id for row in rows]):
        health[state.integration_id].append(state.state)
    return [_row(row, worst(health[row.id])) for row in rows]


def worst(states: Sequence[str]) -> str:
    """The state that needs a person first; without any evidence it is unknown."""
    return next((state.value for state in WORST_FIRST if state in states), Health.UNKNOWN.value)


def _row(row: Any, health: str) -> dict[str, Any]:
    return {
        "title": row.title,
        "slug": row.slug,
        "url": reverse("portal:integration", args=[row.slug]),
        "team": row.team.title,
        "stage": row.stage,
        "tier": row.tier,
        "systems": systems_of(row.endpoints.all()),
        "health": health,
        "releases": [{"environment": live.environment.title, "version": live.release.version} for live in row.live_releases.all()],
    }


def systems_of(endpoints: Sequence[Any]) -> list[str]:
    """Names of the systems in the direction of the flow: sources first, targets last, each once."""
    order = {"source": 0, "enrichment": 1, "target": 2, "reply": 3}
    ordered = sorted(endpoints, key=lambda endpoint: (order[endpoint.role], endpoint.system.title))
    return list(dict.fromkeys(endpoint.system.title for endpoint in ordered))


def _choices() -> dict[str, list[tuple[str, str]]]:
    return {
        "team": [(team.slug, team.title) for team in team_selectors.teams()],
        "system": [(system.slug, system.title) for system in landscape.systems()],
        "stage": [(stage.value, str(face("lifecycle", stage).word)) for stage in Stage],
        "tier": [(str(tier), _("Tier %d") % tier) for tier in (1, 2, 3)],
        "health": [],
    }
