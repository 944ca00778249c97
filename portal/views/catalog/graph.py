"""The map: what is joined with what, as a picture to walk in and as a table that says the same."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.domain.errors import NodeMissing
from catalog.domain.graph import Direction
from catalog.domain.vocabulary import EntityKind
from catalog.selectors import graph, landscape
from portal.views.base import PortalRequest, page

DEPTHS = (1, 2, 3)
SHOWN_STARTS = 24
ADDRESSES: dict[str, str] = {kind.value: f"portal:{kind.value.replace('-', '_')}" for kind in EntityKind}


@require_safe
@page
def map_page(request: PortalRequest) -> HttpResponse:
    """The map around a node (`?node=kind:slug`), or where to start from."""
    asked = _asked(request)
    if request.GET.get("slug"):
        onward = {} if asked["direction"] == Direction.BOTH else {"direction": asked["direction"]}
        return redirect(f"{reverse('portal:map')}?{urlencode({'node': asked['node'], 'depth': asked['depth'], **onward})}")
    context: dict[str, Any] = {"now": request.now, "asked": asked, "choices": _choices(), "starts": [], "found": None, "missing": False}
    if not asked["node"]:
        context["starts"] = [_start(system) for system in landscape.systems()[:SHOWN_STARTS]]
        return render(request, "portal/catalog/graph.html", context)
    try:
        root = graph.find_node(asked["node"], request.viewer)
    except NodeMissing:
        context["starts"] = [_alike(*each) for each in graph.alike(asked["node"], request.viewer)]
        return render(request, "portal/catalog/graph.html", {**context, "missing": True}, status=404)
    found = graph.around(root, viewer=request.viewer, depth=asked["depth"], direction=Direction(asked["direction"]))
    return render(request, "portal/catalog/graph.html", {**context, "found": _shown(found)})


def _asked(request: PortalRequest) -> dict[str, Any]:
    """What the address asks for; anything odd falls back to the nearest neighbours."""
    kind, slug = request.GET.get("kind", "system"), request.GET.get("slug", "")
    node = f"{kind}:{slug.strip()}" if slug else request.GET.get("node", "")
    depth, direction = request.GET.get("depth", ""), request.GET.get("direction", "")
    found_kind, _colon, found_slug = node.partition(":")
    return {
        "node": node[:90].replace("\x00", ""),
        "kind": found_kind if node else kind,
        "slug": found_slug,
        "depth": int(depth) if depth in {str(each) for each in DEPTHS} else 1,
        "direction": direction if direction in set(Direction) else Direction.BOTH.value,
    }


def _choices() -> dict[str, list[tuple[Any, str]]]:
    return {
        "kind": [(kind.value, kind_word(kind)) for kind in EntityKind],
        "depth": [(1, _("1 step")), (2, _("2 steps")), (3, _("3 steps"))],
        "direction": [
            (Direction.BOTH.value, _("both ways")),
            (Direction.DOWNSTREAM.value, _("downstream, with the data")),
            (Direction.UPSTREAM.value, _("upstream, against it")),
        ],
    }


def kind_word(kind: str) -> str:
    """What people call a kind of thing."""
    words = {
        "integration": _("Integration"),
        "system": _("System"),
        "data-object": _("Data object"),
        "domain": _("Domain"),
        "environment": _("Environment"),
        "component": _("Component"),
        "connection-template": _("Connection template"),
        "connection": _("Connection"),
    }
    return words[kind]


def _start(system: Any) -> dict[str, str]:
    return {"title": system.title, "url": f"{reverse('portal:map')}?{urlencode({'node': f'system:{system.slug}'})}"}


def _alike(kind: EntityKind, slug: str, title: str) -> dict[str, str]:
    return {"title": f"{title} ({kind_word(kind)})", "url": f"{reverse('portal:map')}?{urlencode({'node': f'{kind.value}:{slug}'})}"}


def _shown(found: graph.Map) -> dict[str, Any]:
    nodes = {node.id: _node(node) for node in found.nodes}
    return {
        "root": nodes[found.root],
        "nodes": list(nodes.values()),
        "edges": [
            {
                "source": nodes[line.source],
                "target": nodes[line.target],
                "type": _edge_word(line.type),
                "label": line.label,
                "via": line.via_title or "",
            }
            for line in found.edges
        ],
        "is_truncated": found.is_truncated,
        "legend": _legend(),
        "drawing": {
            "nodes": [_drawn(nodes[node.id], node) for node in found.nodes],
            "edges": _drawn_edges(found.edges),
        },
    }


def _legend() -> list[tuple[str, str]]:
    """(shape, what it stands for) of everything that a picture may come to show."""
    return [
        *((kind.value, kind_word(kind)) for kind in EntityKind if kind is not EntityKind.ENVIRONMENT),
        ("hidden", _("Not visible to you")),
    ]


def _node(node: graph.Shown) -> dict[str, Any]:
    if node.is_hidden:
        return {"id": node.id, "kind": _("Integration"), "title": _("You may not see it"), "url": "", "map_url": "", "is_hidden": True}
    around = f"{reverse('portal:map')}?{urlencode({'node': node.id})}"
    return {
        "id": node.id,
        "kind": kind_word(node.kind),
        "title": node.title or node.slug or "",
        "url": _address(node),
        "map_url": around,
        "distance": node.distance,
        "is_hidden": False,
    }


def _drawn_edges(lines: Iterable[graph.Line]) -> list[dict[str, str]]:
    """One line for each pair and kind: several operations between the same two are one arrow in the picture."""
    drawn = dict.fromkeys((line.source, line.target, _edge_word(line.type)) for line in lines)
    return [{"source": source, "target": target, "label": label} for source, target, label in drawn]


def _drawn(shown: dict[str, Any], node: graph.Shown) -> dict[str, Any]:
    return {**{name: shown[name] for name in ("id", "title", "url", "kind")}, "shape": "hidden" if node.is_hidden else node.kind}


def _address(node: graph.Shown) -> str:
    name = ADDRESSES.get(node.kind)
    try:
        return reverse(name, args=[node.slug]) if name else ""
    except NoReverseMatch:
        return ""


def _edge_word(kind: str) -> str:
    words = {
        "reads": _("is read by"),
        "writes": _("writes to"),
        "carries": _("carries"),
        "pins": _("is used by"),
        "in-domain": _("belongs to"),
        "kept-in": _("is kept in"),
        "relation:depends-on": _("is depended on by"),
        "relation:uses": _("is used by"),
        "relation:calls": _("is called by"),
        "relation:part-of": _("has part"),
        "relation:feeds": _("feeds"),
        "relation:replaces": _("replaces"),
        "relation:duplicates": _("duplicates"),
    }
    return words.get(kind, kind)
