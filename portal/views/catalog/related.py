"""What an integration stands in relation to, in both directions."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from catalog.domain.rights import may_edit
from catalog.domain.vocabulary import EntityKind
from catalog.selectors import relations as selectors
from catalog.services import relations
from foundation.cursors import paginate
from foundation.errors import STATUS, DomainError, Kind
from portal.forms.places import place
from portal.forms.product import KIND_WORDS, RELATION_WORDS, RelationForm
from portal.views.base import PortalRequest, acting, asked, command
from portal.views.catalog.frame import framed, of_integration

NAME = "portal:integration_relations"


@require_http_methods(["GET", "HEAD", "POST"])
@of_integration
def related(request: PortalRequest, found: Any) -> HttpResponse:
    """The relations; a POST declares one."""
    if request.method != "POST":
        return _shown(request, found, RelationForm())
    form = RelationForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, form, status=422)
    values = form.cleaned_data
    ends = {"source_kind": EntityKind.INTEGRATION, "source": found.slug, "target_kind": values["entity_kind"], "target": values["entity"]}
    try:
        with command(request):
            relations.add_relation(type=values["type"], note=values["note"], **ends, **acting(request))
    except DomainError as error:
        if error.kind in {Kind.MISSING, Kind.FORBIDDEN}:
            raise
        for sentence in place(error, form):
            form.add_error(None, sentence)
        return _shown(request, found, form, status=STATUS[error.kind])
    return redirect(NAME, found.slug)


@require_POST
@of_integration
def remove(request: PortalRequest, found: Any, relation_id: UUID) -> HttpResponse:
    """Take back a relation that this integration declared."""
    with command(request):
        relations.remove_relation(relation_id=relation_id, source_id=found.id, **acting(request))
    messages.info(request, _("The relation is taken back."))
    return redirect(NAME, found.slug)


def _shown(request: PortalRequest, found: Any, form: RelationForm, status: int = 200) -> HttpResponse:
    edits = may_edit(request.viewer, found.team_id)
    query = selectors.FILTERS.parse(asked(request) if request.method != "POST" else {})
    page = paginate(query, *selectors.relations_of([found.id], request.viewer))
    context = {
        "rows": [_row(found.slug, row, may_edit=edits) for row in selectors.told(page.rows, request.viewer, of=found.id)],
        "next_cursor": page.next,
        "form": form if edits else None,
        "map_url": f"{reverse('portal:map')}?{urlencode({'node': f'integration:{found.slug}'})}",
    }
    return framed(request, found, NAME, "portal/catalog/integration_relations.html", context, status)


def _row(slug: str, row: selectors.Related, *, may_edit: bool) -> dict[str, Any]:
    return {
        "name": RELATION_WORDS[row.name],
        "kind": KIND_WORDS[EntityKind(row.entity_kind)],
        "title": row.title,
        "url": _address(row.entity_kind, row.entity) if row.entity else "",
        "note": row.note,
        "since": row.since,
        "remove_url": reverse("portal:relation_remove", args=[slug, row.id]) if may_edit and row.is_declared else "",
    }


def _address(kind: str, slug: str) -> str:
    """The page of the other end; every kind with a page is named after itself."""
    try:
        return reverse(f"portal:{kind.replace('-', '_')}", args=[slug])
    except NoReverseMatch:
        return ""
