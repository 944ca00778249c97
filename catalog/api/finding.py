"""/integrations/facets, /search/suggestions and /saved-views."""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import finding_shapes as shapes
from catalog.selectors import facets, finding, views
from catalog.selectors.suggestions import suggestions
from catalog.services import views as commands
from foundation.edge.schema import listed
from foundation.edge.views import Edge
from foundation.errors import FieldError
from foundation.filters import MAX_TEXT, OF_A_PAGE, BadQuery
from foundation.text import clean

_CHOSEN = OpenApiParameter(
    "facets", {"type": "array", "items": {"type": "string", "enum": list(facets.FACETS)}}, explode=False, style="form"
)
_TYPED = OpenApiParameter("q", {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}, required=True)


class FacetsView(Edge):
    """Counts beside the list."""

    scopes = {"get": "catalog:read"}
    filters = finding.FILTERS
    is_paged = False

    @extend_schema(operation_id="integrations_facets", parameters=[_CHOSEN], responses=shapes.FacetsSerializer)
    def get(self, request: Request) -> Response:
        """How many of the integrations that the same filters find have which value; `facets` chooses which are counted (all)."""
        params = request.query_params.copy()
        chosen = _names(",".join(params.pop("facets", [])))
        if of_a_page := sorted(params.keys() & OF_A_PAGE):
            raise _bad(of_a_page[0], "unknown-parameter", "Facets have no pages.")
        found = facets.facets_of(self.filters.parse(params), self.request.viewer, chosen)
        shown = {"facets": {each.name: each for each in found.facets}, "count": found.count}
        data = shapes.FacetsSerializer(shown).data
        data["facets"] = {name: data["facets"][name] for name in shown["facets"]}  # type: ignore[attr-defined]
        return self.answer(data)


class SuggestionsView(Edge):
    """What may be meant by what was typed so far."""

    scopes = {"get": "catalog:read"}

    @extend_schema(operation_id="search_suggestions", parameters=[_TYPED], responses=shapes.SuggestionsSerializer)
    def get(self, request: Request) -> Response:
        """At most five of each kind: visible integrations, systems, data objects, teams, fields, components, domains."""
        if unknown := sorted(set(request.query_params) - {"q"}):
            raise _bad(unknown[0], "unknown-parameter", "There is no such parameter.")
        typed = clean(request.query_params.get("q", ""))
        if not typed.strip() or len(typed) > MAX_TEXT:
            raise _bad("q", "bad-search", f"Type 1 to {MAX_TEXT} characters.")
        return self.answer(shapes.SuggestionsSerializer({"results": suggestions(typed, self.request.viewer)}).data)


class SavedViewsView(Edge):
    """Queries of the list under a name."""

    scopes = {"get": "catalog:read", "post": "catalog:write"}
    filters = views.FILTERS

    @extend_schema(responses=listed(shapes.SavedViewSerializer))
    def get(self, _request: Request) -> Response:
        """One's own and those that others share."""
        return self.page(shapes.SavedViewSerializer, views.views_for(self.request.viewer))

    @extend_schema(request=shapes.SaveViewSerializer, responses={201: shapes.SavedViewSerializer})
    def post(self, request: Request) -> Response:
        """Save a query of the list of integrations, as it stands behind the `?`."""
        row = commands.save_view(**self.read(shapes.SaveViewSerializer), **self.by())
        return _shown(self, row.id, status=201, headers={"Location": f"{request.path}/{row.id}"})


class SavedViewView(Edge):
    """One of them."""

    scopes = {"get": "catalog:read", "patch": "catalog:write", "delete": "catalog:write"}
    if_match_on = ("patch",)

    @extend_schema(responses=shapes.SavedViewSerializer)
    def get(self, _request: Request, view_id: UUID) -> Response:
        """Show it."""
        return _shown(self, view_id)

    @extend_schema(request=shapes.UpdateSavedViewSerializer, responses=shapes.SavedViewSerializer)
    def patch(self, _request: Request, view_id: UUID) -> Response:
        """Change one's own (administrators: also what others share)."""
        views.get(view_id, self.request.viewer)
        version = self.if_match()
        changes = self.read(shapes.UpdateSavedViewSerializer)
        commands.update_view(view_id=view_id, changes=changes, expected_version=version, **self.by())
        return _shown(self, view_id)

    @extend_schema(responses={204: None})
    def delete(self, _request: Request, view_id: UUID) -> Response:
        """Forget one's own (administrators: also what others share)."""
        commands.remove_view(view_id=view_id, **self.by())
        return self.answer(status=204)


def _shown(view: Edge, view_id: UUID, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    row = views.get(view_id, view.request.viewer)
    return view.answer(shapes.SavedViewSerializer(row).data, status=status, etag=row.version, headers=headers)


def _names(chosen: str) -> tuple[str, ...]:
    names = tuple(name for name in chosen.split(",") if name)
    for name in names:
        if name not in facets.FACETS:
            raise _bad("facets", "unknown-facet", f"Choose any of: {', '.join(facets.FACETS)}.")
    return names or facets.FACETS


def _bad(name: str, code: str, detail: str) -> BadQuery:
    return BadQuery(f"{name[:120]}: {detail}", errors=[FieldError(f"?{name}"[:120], code, detail)])
