"""`?as_of=`: an index of the log, or a time. Answers say in `Portolan-As-Of` which index they are of, and when it got its place."""

import functools
from dataclasses import replace
from typing import Any

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter
from rest_framework.response import Response

from audit.domain.errors import NoSuchMoment
from audit.selectors.moments import index_at, sequenced_at
from catalog.api import integration_shapes as shapes
from catalog.domain.vocabulary import EndpointRole, EntityKind, IntegrationType, Operation
from catalog.models import Visibility
from catalog.selectors import conditions, domains, finding, past
from catalog.services.entries import Noun
from foundation.edge.views import Edge
from foundation.errors import FieldError
from foundation.filters import RELEVANCE, BadQuery, absent, choice, compile_filters, condition, flag, integer, member, moment, text
from foundation.text import slug_key

HEADER, HEADER_TIME = "Portolan-As-Of", "Portolan-As-Of-Time"
AS_OF = OpenApiParameter("as_of", str, description="what it was at an index of the log, or at an RFC 3339 time")
_NO_AI = Q(ai_use=[])
# What a past list may be asked: everything whose past is kept. Full text, orphans, pins, and what belongs to another entity (the
# domain of a system, the classification of a data object) are of today.
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
        "calls_ai": flag(lambda calls: ~_NO_AI if calls else _NO_AI),
        "changed_at": moment("changed_at"),
        "attested_at": moment("attested_at"),
        "never_attested": absent("attested_at"),
        "system": conditions.by_name(EntityKind.SYSTEM, "system", on="endpoints"),
        "data_object": conditions.by_name(EntityKind.DATA_OBJECT, "data_object", on="endpoints"),
        "role": choice("endpoints__role", EndpointRole),
        "operation": choice("endpoints__operation", Operation),
        "environment": conditions.by_name(EntityKind.ENVIRONMENT, "environment", on="live_releases"),
    },
    sorts={"slug": ("slug_key",), "changed_at": ("changed_at",), "created_at": ("created_at",), "tier": ("tier", "slug_key")},
    default_sort="slug",
    as_of=True,
)


def index_asked(view: Edge) -> int | None:
    """The log index that `?as_of=` means; None where the present is asked for. Raises NoSuchMoment."""
    asked = view.request.query_params.get("as_of")
    if asked is None:
        return None
    try:
        return index_at(asked, now=view.request.now)
    except NoSuchMoment as error:
        raise NoSuchMoment(error.detail, errors=[FieldError("?as_of", error.code, error.detail)]) from None


def integration_list(view: Edge, index: int) -> Response:
    """Integrations as they were; names in filters are of any time. Raises BadQuery for filters that only the present has."""
    _refuse_those_of_today(view)
    query = view.query(FILTERS)
    plan, rest = past.touching_at(past.integrations_at(view.request.viewer, index), index, query)
    return _stamped(view.page(shapes.IntegrationSerializer, finding.listed(plan), query=rest), index)


def integration(view: Edge, slug: str, index: int) -> Response:
    """One integration as it was, with everything that hung on it. It has no ETag: the past is not edited."""
    row = past.named_integration_at(slug, index, view.request.viewer)
    context = {"request": view.request, "sees_inside": row.sees_inside}
    return _stamped(view.answer(shapes.IntegrationDetailSerializer(row, context=context).data), index)


def entry_list(view: Any, noun: Noun, index: int) -> Response:
    """One kind of thing of the landscape as it was; a domain in a filter covers what lies below it today."""
    query = view.query()
    rows, where = domains.within(past.landscape_at(noun.rows().model, index), query.where)
    told = functools.partial(past.pointed, index=index)
    return _stamped(view.page(view.shape, rows.filter(**where), query=_bare(query), told=told, context=view.seen_by()), index)


def entry(view: Any, noun: Noun, slug: str, index: int) -> Response:
    """One thing of the landscape as it was. Raises the kind's missing error."""
    row = past.entity_at(noun.rows().model, slug, index, noun.kind)
    if row is None:
        raise noun.missing
    return _stamped(view.answer(view.shape(past.pointed([row], index)[0], context=view.seen_by()).data), index)


def relation_list(view: Edge, shape: Any, query: Any, of: Any, index: int) -> Response:
    """Typed relations as they stood, in both directions of one entity or as their sources declared them."""
    viewer = view.request.viewer
    told = functools.partial(past.told_relations, index=index, viewer=viewer, of=of)
    rows = past.relations_at(index, viewer, ends=None if of is None else [of])
    return _stamped(view.page(shape, rows.filter(**query.where), query=_bare(query), told=told), index)


def _refuse_those_of_today(view: Edge) -> None:
    asked = view.request.query_params
    named = [name for name in asked if name not in FILTERS.parameters and (name in finding.FILTERS.parameters or name == "q")]
    if named or asked.get("sort", "").removeprefix("-") == RELEVANCE:
        detail = "This is kept of the present only: leave it out, or leave out as_of."
        faults = [FieldError(f"?{name}", "not-of-the-past", detail) for name in named or ["sort"]]
        raise BadQuery(f"{faults[0].pointer[1:]}: {detail}", errors=faults)


def _bare(query: Any) -> Any:
    """The query with its conditions applied already."""
    return replace(query, where={})


def _stamped(response: Response, index: int) -> Response:
    response[HEADER] = str(index)
    at = sequenced_at(index)
    if at is not None:
        response[HEADER_TIME] = at.isoformat().replace("+00:00", "Z")
    return response
