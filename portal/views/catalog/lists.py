"""The list of integrations: search with marked words, facets, what is live and how it is doing; and the views that people keep."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from catalog.selectors import facets, finding, shown, views
from catalog.selectors.nearby import Near, nearby
from foundation.cursors import Page
from foundation.filters import RELEVANCE, BadQuery, ParsedQuery
from portal.components.names import TeamName
from portal.views.base import PortalRequest, asked, page
from portal.views.catalog.facets import at_hand, chips_of, facet_groups, titles_of
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
TEMPLATE = "portal/catalog/integrations.html"
SORTS: tuple[tuple[str, Promise], ...] = (
    (RELEVANCE, gettext_lazy("Relevance")),
    ("slug", gettext_lazy("Name")),
    ("-changed_at", gettext_lazy("Last changed")),
    ("-created_at", gettext_lazy("Newest")),
    ("tier", gettext_lazy("Tier")),
)
# What the found rows may be taken away as: (format, label). With the same filters.
EXPORTS: tuple[tuple[str, Promise], ...] = (("csv", gettext_lazy("As CSV")), ("yaml", gettext_lazy("As YAML")))


@require_safe
@page
def integrations(request: PortalRequest) -> HttpResponse:
    """Integrations the viewer may see, by the same filters as the API. `more=1` counts also what htmx would fetch."""
    given = asked(request, "more")
    try:
        query = finding.FILTERS.parse(given)
    except BadQuery as error:
        return render(request, TEMPLATE, _refused(request, given, str(error)), status=400)
    found = finding.page_of(query, request.viewer)
    names = facets.FACETS if request.GET.get("more") else at_hand()
    counted = facets.facets_of(query, request.viewer, names)
    kept = base_of(query, given)
    context = {
        **_frame(request, query.given.get("q", ""), kept),
        "rows": rows_of(found, query),
        "next_url": _url({**kept, "cursor": found.next}) if found.next else "",
        "first_url": _url(kept) if query.cursor else "",
        "count": counted.count,
        "chips": chips_of(query.given, kept, titles_of(query.given, request.viewer, counted.facets)),
        "facets": facet_groups(counted.facets, query.given, kept),
        "more_url": "" if request.GET.get("more") else _url({**kept, "more": "1"}),
        "facets_url": f"{reverse('portal:integration_facets')}?{urlencode(kept)}",
        "sorts": _sorts(query, given, kept),
        "exports": [(_url({**kept, "format": name}, reverse("portal:export")), label) for name, label in EXPORTS],
        "is_filtered": bool(query.given),
        "nearby": [] if counted.count else [_near(near) for near in nearby(query.given, request.viewer)],
    }
    return render(request, TEMPLATE, context)


@require_safe
@page
def more_facets(request: PortalRequest) -> HttpResponse:
    """The counts that take longer, as a piece of the page."""
    given = asked(request)
    query = finding.FILTERS.parse(given)
    later = [name for name in facets.FACETS if name not in at_hand()]
    counted = facets.facets_of(query, request.viewer, later)
    groups = facet_groups(counted.facets, query.given, base_of(query, given))
    return render(request, "portal/catalog/facets.html", {"facets": groups})


def base_of(query: ParsedQuery, given: Mapping[str, str]) -> dict[str, str]:
    """The filters as they were understood, and the sort: what every link of the page keeps."""
    return {**query.given, **({"sort": given["sort"]} if "sort" in given else {})}


def may_register(request: PortalRequest) -> bool:
    """Members of a team register what it owns; administrators for every team."""
    return bool(request.viewer.team_ids) or request.viewer.is_administrator


def _frame(request: PortalRequest, typed: str, kept: Mapping[str, str]) -> dict[str, Any]:
    """What the page has whatever was found."""
    return {
        "now": request.now,
        "typed": typed,
        "kept": [(name, value) for name, value in kept.items() if name != "q"],
        "query": urlencode(kept),
        "views": [_view(view, request) for view in views.views_for(request.viewer)[: facets.MOST_VALUES]],
        "can_register": may_register(request),
    }


def _refused(request: PortalRequest, given: Mapping[str, str], refusal: str) -> dict[str, Any]:
    return {**_frame(request, given.get("q", ""), {}), "rows": [], "is_filtered": True, "refusal": refusal}


def _view(view: Any, request: PortalRequest) -> dict[str, Any]:
    is_own = view.owner_id == request.viewer.user_id
    return {
        "id": view.id,
        "title": view.title,
        "url": f"{reverse('portal:integrations')}?{view.query}",
        "by": "" if is_own else view.owner.display_name,
        "is_shared": view.is_shared,
        "may_remove": is_own or request.viewer.is_administrator,
    }


def _near(near: Near) -> dict[str, Any]:
    asked_for = " ".join([near.params.get("q", ""), *(f"{name}:{value}" for name, value in near.params.items() if name != "q")])
    return {"url": _url(near.params), "count": near.count, "without": near.without, "asked": asked_for.strip()}


def _sorts(query: ParsedQuery, given: Mapping[str, str], kept: Mapping[str, str]) -> list[dict[str, Any]]:
    current = given.get("sort", RELEVANCE if query.search else finding.FILTERS.default_sort)
    offered = [(name, label) for name, label in SORTS if name != RELEVANCE or query.search]
    return [{"label": label, "url": _url({**kept, "sort": name}), "is_current": name == current} for name, label in offered]


def _url(params: Mapping[str, str], path: str = "") -> str:
    return f"{path or reverse('portal:integrations')}?{urlencode(params)}"


def rows_of(found: Page, query: ParsedQuery) -> list[dict[str, Any]]:
    """The lines of the list: ends, live releases and health of all of them in three statements, documents of some in one more."""
    ids = [row.pk for row in found.rows]
    ends, live = shown.ends_of(ids), shown.live_of(ids)
    marked = shown.highlights_of(found.rows, query.search, ends) if query.search else {}
    health: dict[UUID, list[str]] = defaultdict(list)
    for state in health_selectors.live_health(ids):
        health[state.integration_id].append(state.state)
    return [_row(row, ends[row.pk], live[row.pk], worst(health[row.pk]), marked.get(row.pk, {})) for row in found.rows]


def worst(states: Sequence[str]) -> str:
    """The state that needs a person first; without any evidence it is unknown."""
    return next((state.value for state in WORST_FIRST if state in states), Health.UNKNOWN.value)


def systems_of(endpoints: Sequence[Any]) -> list[str]:
    """Names of the systems of one integration in the direction of the flow: sources first, targets last, each once."""
    order = {"source": 0, "enrichment": 1, "target": 2, "reply": 3}
    ordered = sorted(endpoints, key=lambda endpoint: (order[endpoint.role], endpoint.system.title))
    return list(dict.fromkeys(endpoint.system.title for endpoint in ordered))


# Where a word was found besides the title and the systems, which every row shows.
_PLACES: tuple[tuple[str, Promise], ...] = (
    ("purpose", gettext_lazy("Purpose")),
    ("tags", gettext_lazy("Tags")),
    ("team", gettext_lazy("Team")),
    ("data_objects", gettext_lazy("Data")),
    ("fields_touched", gettext_lazy("Fields")),
    ("documents", gettext_lazy("Documents")),
)


def _row(row: Any, ends: Sequence[Any], live: Sequence[Any], health: str, marked: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": marked.get("title") or [{"text": row.title, "is_hit": False}],
        "url": reverse("portal:integration", args=[row.slug]),
        "team": TeamName(row.team__slug, row.team__title),
        "stage": row.stage,
        "tier": row.tier,
        "visibility": row.visibility,
        "systems": list(dict.fromkeys(end.system for end in ends)),
        "health": health,
        "releases": live,
        "found_in": [(label, marked[name]) for name, label in _PLACES if name in marked],
    }
