"""The list of integrations: what it may be filtered, searched and sorted by, and a page of it. The same for the API and for the pages."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from accounts.domain.viewers import Viewer
from catalog.domain.vocabulary import Classification, EndpointRole, EntityKind, IntegrationType, Operation
from catalog.models import FlowEndpoint, Integration, LiveRelease, Visibility
from catalog.selectors import conditions, owners
from catalog.selectors.integrations import integrations_visible_to
from catalog.selectors.visibility import scopes_of
from foundation.cursors import Page, paginate
from foundation.filters import (
    RELEVANCE,
    ParsedQuery,
    absent,
    boolean,
    choice,
    compile_filters,
    condition,
    flag,
    integer,
    member,
    moment,
    text,
)
from foundation.searching import Matches, Search
from foundation.text import slug_key

# The columns of a list; the first two carry the order.
LISTED = (
    "pk",
    "id",  # of a state of the past, not its key
    "slug_key",
    "slug",
    "title",
    "type",
    "team__slug",
    "team__title",
    "tier",
    "stage",
    "lifecycle",
    "visibility",
    "tags",
    "version",
    "created_at",
    "changed_at",
)
FOUND = (*LISTED, "purpose", RELEVANCE)  # when something was searched
RELATED = {"endpoints": FlowEndpoint.objects, "live_releases": LiveRelease.objects}
FILTERS = compile_filters(
    {
        "team": condition(conditions.of_teams, parse=slug_key),
        "team_below": condition(conditions.below_teams, parse=slug_key),
        "stage": text("stage"),
        "tier": integer("tier"),
        "type": choice("type", IntegrationType),
        "visibility": choice("visibility", Visibility.values),
        "tag": member("tags"),
        "label": condition(conditions.labelled),
        "owner": condition(conditions.owned_by, parse=slug_key),
        "orphan": flag(lambda alone: owners.orphan_q() if alone else ~owners.orphan_q()),
        "calls_ai": boolean("calls_ai"),
        "component": condition(conditions.built_with, parse=slug_key),
        "changed_at": moment("changed_at"),
        "attested_at": moment("attested_at"),
        "never_attested": absent("attested_at"),
        # Of one and the same endpoint:
        "system": conditions.by_name(EntityKind.SYSTEM, "system", on="endpoints"),
        "data_object": conditions.by_name(EntityKind.DATA_OBJECT, "data_object", on="endpoints"),
        "domain": condition(conditions.in_domains, parse=slug_key, on="endpoints"),
        "role": choice("endpoints__role", EndpointRole),
        "operation": choice("endpoints__operation", Operation),
        "carries": condition(conditions.carrying, parse=conditions.carried_name, on="endpoints"),
        "classification": choice("endpoints__data_object__classification", Classification),
        "personal_category": member("endpoints__data_object__personal_categories"),
        # Of one and the same live release:
        "environment": conditions.by_name(EntityKind.ENVIRONMENT, "environment", on="live_releases"),
    },
    sorts={
        "slug": ("slug_key",),
        "changed_at": ("changed_at",),
        "created_at": ("created_at",),
        "tier": ("tier", "slug_key"),
        RELEVANCE: ("-relevance", "slug_key"),
    },
    default_sort="slug",
    search="search_vector",
    in_search=("carries", "component", "data_object", "domain", "environment", "label", "owner", "stage", "system", "tag", "team", "type"),
)


def page_of(query: ParsedQuery, viewer: Viewer) -> Page:
    """One page of light named tuples (`LISTED`, or `FOUND` after a search) in one statement; a count is one more."""
    plan, rest = narrowed(Integration.objects.filter(tombstoned_at__isnull=True), query)
    counted = narrowed(Integration.objects.visible_to(viewer), query)[0] if query.count else None
    if query.search is not None:
        plan = plan.annotate(relevance=relevance(query.search))
    return paginate(rest, plan, scopes=scopes_of(viewer, query.order), listed=FOUND if query.search else LISTED, counted=counted)


def listed(plan: QuerySet[Any]) -> QuerySet[Any]:
    """The rows as light named tuples with the columns of a list: one statement, no model instances."""
    rows: QuerySet[Any] = plan.values_list(*LISTED, named=True)
    return rows


def matching(params: Mapping[str, str], viewer: Viewer) -> QuerySet[Integration]:
    """Everything that the list shows with these parameters, without page or order. Raises BadQuery naming each faulty one."""
    plan, rest = narrowed(integrations_visible_to(viewer), FILTERS.parse(params))
    return rest.apply(plan)


def narrowed(plan: QuerySet[Integration], query: ParsedQuery) -> tuple[QuerySet[Integration], ParsedQuery]:
    """Apply the conditions on endpoints and live releases (by `EXISTS`, so that no row doubles): (rows, the query without them).

    All conditions on endpoints must hold for one and the same endpoint.
    """
    rest = dict(query.where)
    for relation, rows in RELATED.items():
        related = related_q(query, relation)
        rest = {lookup: value for lookup, value in rest.items() if not lookup.startswith(relation + "__")}
        if related:
            plan = plan.filter(Exists(rows.filter(related, integration=OuterRef("pk"))))
    return plan, replace(query, where=rest)


def related_q(query: ParsedQuery, relation: str) -> Q:
    """What the query asks of one row of the relation; an empty condition where it asks nothing."""
    lead = relation + "__"
    own = {lookup.removeprefix(lead): value for lookup, value in query.where.items() if lookup.startswith(lead)}
    return Q(*[built for on, built in query.built if on == relation], **own)


def relevance(search: Search) -> Case:
    """How near to its name all that is sought stands: 4 its very slug, 3 in slug and title, 2 also in tags, team, systems, data
    objects and fields, 1 also in the purpose, 0 also in documents.

    A whole number that depends on the row and the search alone, so that cursors can stand on it; the slug decides among equals.
    """
    whens = [When(Matches("search_vector", search.query(weights)), then=Value(rank)) for rank, weights in ((3, "A"), (2, "AB"), (1, "ABC"))]
    exact = When(slug_key=search.phrase.replace(" ", "-"), then=Value(4))
    return Case(exact, *whens, default=Value(0), output_field=IntegerField())
