"""The list of one kind: search, filters, columns; domains as they lie in each other."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.domain.vocabulary import EntityKind
from catalog.selectors import domains
from catalog.selectors.lists import FILTERS
from foundation.cursors import paginate
from portal.views.base import PortalRequest, asked, page
from portal.views.landscape.cells import state_of
from portal.views.landscape.kinds import PLACES, Kind, tabs


@require_safe
@page
def landscape(_request: PortalRequest) -> HttpResponse:
    """Where the navigation leads: systems are what people know."""
    return redirect("portal:system_list")


@require_safe
@page
def entries(request: PortalRequest, many: str) -> HttpResponse:
    """Things of one kind, by the same filters as the API."""
    kind = PLACES[many]
    given = asked(request)
    is_filtered = bool(given.keys() - {"cursor", "limit", "sort"})
    as_tree = kind.noun.kind is EntityKind.DOMAIN and not given
    rows, following = (_tree(kind, request), None) if as_tree else _found(kind, request, given)
    context = {
        "now": request.now,
        "kind": kind,
        "tabs": tabs(many),
        "q": given.get("q", ""),
        "filters": [_filter(given, *shown) for shown in kind.shown_filters],
        "rows": rows,
        "next_cursor": following,
        "is_filtered": is_filtered,
        "new_url": reverse(f"portal:{kind.one}_new") if kind.may_register(request.viewer) else "",
    }
    return render(request, "portal/landscape/list.html", context)


def row_of(kind: Kind, row: Any, request: PortalRequest, depth: int = 0) -> dict[str, Any]:
    """One line of the list. `depth` says how far down a domain stands; beyond four it is shown no deeper."""
    return {
        "title": row.title,
        "slug": row.slug,
        "url": kind.url(row.slug),
        "state": state_of(row),
        "cells": kind.cells(row, request.now),
        "depth": min(depth, 4),
    }


def _found(kind: Kind, request: PortalRequest, given: dict[str, str]) -> tuple[list[dict[str, Any]], str | None]:
    query = FILTERS[kind.noun.kind].parse(given)
    plan, where = domains.within(kind.noun.rows(), query.where)
    found = paginate(replace(query, where=where), plan)
    return [row_of(kind, row, request) for row in found.rows], found.next


def _tree(kind: Kind, request: PortalRequest) -> list[dict[str, Any]]:
    return [row_of(kind, branch.domain, request, branch.depth) for branch in _walked(domains.tree())]


def _walked(tops: Iterable[domains.Branch]) -> Iterable[domains.Branch]:
    """Each domain before what lies in it."""
    todo = list(tops)[::-1]
    while todo:
        branch = todo.pop()
        yield branch
        todo.extend(branch.children[::-1])


def _filter(given: dict[str, str], name: str, label: Any, choices: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "value": given.get(name, ""), "choices": choices()}
