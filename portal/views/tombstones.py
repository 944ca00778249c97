"""What was deleted, for administrators, and the way back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.domain.rights import require_administrator
from catalog.domain.errors import NameGivenAway
from catalog.domain.vocabulary import EntityKind
from catalog.selectors import tombstones as selectors
from foundation.cursors import paginate
from foundation.errors import STATUS, DomainError, Kind
from governance.services import deletion
from portal.views.base import PortalRequest, acting, asked, command, page, sentences
from portal.views.catalog.deletion import KINDS


@require_safe
@page
def tombstones(request: PortalRequest) -> HttpResponse:
    """Everything that was deleted and may be restored, newest first."""
    return _shown(request)


@require_POST
@page
def restore(request: PortalRequest, tombstone_id: UUID) -> HttpResponse:
    """Bring it back; where its name was given away, the row asks for another."""
    slug = request.POST.get("slug", "").strip() or None
    try:
        with command(request):
            kind, row = deletion.restore(tombstone_id=tombstone_id, slug=slug, **acting(request))
    except DomainError as error:
        if error.kind not in {Kind.CONFLICT, Kind.INVALID}:
            raise
        return _shown(request, refused=tombstone_id, error=error)
    messages.success(request, _("“%s” is back, with all that hung on it.") % row.title)
    return redirect("portal:integration", row.slug) if kind is EntityKind.INTEGRATION else redirect("portal:tombstones")


def _shown(request: PortalRequest, *, refused: UUID | None = None, error: DomainError | None = None) -> HttpResponse:
    require_administrator(request.viewer)
    found = paginate(selectors.FILTERS.parse(asked(request)), selectors.tombstones())
    context = {
        "now": request.now,
        "rows": [_row(stone, refused, error) for stone in found.rows],
        "next_cursor": found.next,
        "refusal": sentences(error) if error else [],
        "kinds": [(kind.value, words) for kind, words in KINDS.items()],
        "kind": request.GET.get("kind", ""),
    }
    return render(request, "portal/catalog/tombstones.html", context, status=STATUS[error.kind] if error else 200)


def _row(stone: Any, refused: UUID | None, error: DomainError | None) -> dict[str, Any]:
    asks = stone.pk == refused and (isinstance(error, NameGivenAway) or (error is not None and error.kind is Kind.INVALID))
    return {
        "id": stone.pk,
        "title": stone.title,
        "slug": stone.slug,
        "kind": KINDS[EntityKind(stone.kind)],
        "team": stone.team,
        "by": stone.by,
        "at": stone.at,
        "asks_for_slug": asks,
    }
