"""What may be meant by the beginning of a word: visible integrations, the landscape, and fields that visible integrations carry."""

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Collate

from accounts.domain.viewers import Viewer
from accounts.models import Team
from catalog.models import CarriedName, Component, DataObject, Domain, FlowEndpoint, Integration, System
from catalog.selectors.finding import relevance
from catalog.selectors.visibility import scopes_of
from foundation.filters import RELEVANCE
from foundation.scopes import rows_in
from foundation.searching import Matches, read_search
from foundation.text import fold, slug_key

OF_EACH = 5
_ALL = 10**9
# By kind: the filter of the list of integrations that it is a value of.
FILTER_OF = {
    "system": "system",
    "data-object": "data_object",
    "team": "team",
    "field": "carries",
    "component": "component",
    "domain": "domain",
}
_LANDSCAPE: tuple[tuple[str, type[Any]], ...] = (
    ("system", System),
    ("data-object", DataObject),
    ("team", Team),
    ("component", Component),
    ("domain", Domain),
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that was perhaps meant. `value` is a slug, or a field's folded name; `filter` is None for an integration itself."""

    kind: str
    value: str
    label: str
    filter: str | None


def suggestions(typed: str, viewer: Viewer) -> list[Suggestion]:
    """At most `OF_EACH` of every kind, integrations first; at most three statements. Nothing for nothing typed."""
    key = slug_key(typed.strip())
    if not key:
        return []
    kinds = [_landscape(kind, model, key) for kind, model in _LANDSCAPE]
    rows = _fields(fold(typed), viewer).union(*kinds, all=True)
    order = {kind: place for place, kind in enumerate(FILTER_OF)}
    told = sorted(rows, key=lambda row: (order[row[0]], row[1].encode()))
    return [*_integrations(typed, viewer), *(Suggestion(kind, value, label, FILTER_OF[kind]) for kind, value, label in told)]


def _integrations(typed: str, viewer: Viewer) -> list[Suggestion]:
    """Those whose slug begins so; where these are few, also those that have all the words in slug or title."""
    present, search = Integration.objects.filter(tombstoned_at__isnull=True), read_search(typed)
    found = _rows(present.filter(slug_key__startswith=slug_key(typed.strip())), viewer, "slug_key", "pk")
    if len(found) < OF_EACH and search is not None:
        # By relevance, for which no index can be walked: it would be walked to its end for a word that nothing has.
        plan = present.filter(Matches("search_vector", search.query("A"))).annotate(relevance=relevance(search))
        found += _rows(plan, viewer, f"-{RELEVANCE}", "slug_key", "pk")
    told = {row.slug: Suggestion("integration", row.slug, row.title, None) for row in found}
    return list(told.values())[:OF_EACH]


def _rows(plan: QuerySet[Any], viewer: Viewer, *order: str) -> list[Any]:
    columns, scopes = [*dict.fromkeys(["pk", "slug", "title", *(name.lstrip("-") for name in order)])], scopes_of(viewer, order)
    if scopes:
        return rows_in(plan, scopes, columns=columns, order=order, limit=OF_EACH)
    return list(plan.order_by(*order).values_list(*columns, named=True)[:OF_EACH])


def _landscape(kind: str, model: type[Any], key: str) -> QuerySet[Any, Any]:
    begins = Q(slug_key__startswith=key) | Q(title__iregex=r"\m" + re.escape(key))
    present = {} if model is Team else {"tombstoned_at__isnull": True}
    rows = model.objects.filter(begins, **present).annotate(told_as=Value(kind, output_field=CharField()))
    listed: QuerySet[Any, Any] = rows.order_by("slug_key").values_list("told_as", "slug", "title")[:OF_EACH]
    return listed


def _fields(folded: str, viewer: Viewer) -> QuerySet[Any, Any]:
    """A name is told only while an integration that the viewer may see carries it."""
    # The collation is that of what is carried, or its index could not be used; and the limit, which no name reaches, keeps the two looks
    # apart. As one join, and as EXISTS, endpoints would be read one after the other: all of them for a name that nobody may see.
    name = Collate(OuterRef(OuterRef("name")), "default")
    carrying = FlowEndpoint.objects.filter(carried__contains=[name]).order_by().values("integration_id")[:_ALL]
    seen = Integration.objects.visible_to(viewer).filter(pk__in=carrying).order_by().values("pk")[:1]
    rows = (
        CarriedName.objects.alias(by=Subquery(seen))
        .filter(by__isnull=False, name__startswith=folded)
        .annotate(told_as=Value("field", output_field=CharField()))
    )
    listed: QuerySet[Any, Any] = rows.order_by("name").values_list("told_as", "name", F("name"))[:OF_EACH]
    return listed
