"""Where an integration stands on its lifecycle, what each next move needs, and how it came there."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from catalog.domain.lifecycle import StageKind
from catalog.selectors import integrations
from foundation.errors import STATUS, DomainError, Kind
from governance.selectors import consumers
from governance.selectors import stages as selectors
from governance.services import acknowledgements, stages
from portal.forms.lifecycle import GUARD_WORDS, KIND_WORDS, AcknowledgeForm, MoveForm
from portal.views.base import PortalRequest, acting, command, page
from portal.views.catalog.frame import at_present_name
from portal.views.catalog.remedies import guard_of
from portal.views.catalog.tabs import tabs_of


@require_http_methods(["GET", "HEAD", "POST"])
@page
@at_present_name
def lifecycle(request: PortalRequest, slug: str) -> HttpResponse:
    """The page; posting to it makes one move. What was written stays on the page when the move is refused."""
    found = integrations.get_visible(slug, request.viewer)
    if request.method != "POST":
        return _shown(request, found)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, form=form, refusals=[_("Choose a move on this page.")], status=422)
    values = form.cleaned_data
    try:
        with command(request):
            moved = stages.move_stage(
                slug=slug, to=values["to"], reason=values["reason"], expected_version=values["version"], **acting(request)
            )
    except DomainError as error:
        if error.kind in {Kind.MISSING, Kind.FORBIDDEN}:
            raise
        fresh = integrations.get_visible(slug, request.viewer)
        return _shown(request, fresh, form=form, refusals=_refusals(error), status=STATUS[error.kind])
    title = next(stage.title for stage in selectors.stages_of(moved) if stage.key == moved.stage)
    messages.success(request, _("Moved to %s.") % title)
    return redirect("portal:integration_lifecycle", found.slug)


@require_POST
@page
def acknowledge(request: PortalRequest, slug: str) -> HttpResponse:
    """Say for one of one's teams that it knows of the deprecation."""
    found = integrations.get_visible(slug, request.viewer)
    form = AcknowledgeForm(request.POST)
    if form.is_valid():
        with command(request):
            acknowledgements.acknowledge(slug=slug, team=form.cleaned_data["team"], **acting(request))
        messages.success(request, _("Acknowledged. Its owners can see that your team knows."))
    return redirect("portal:integration_lifecycle", found.slug)


def _refusals(error: DomainError) -> list[str]:
    if error.kind is Kind.PRECONDITION:
        return [_("Somebody changed the integration meanwhile. Look at what each move needs now, then move again.")]
    return [fault.detail for fault in error.errors] or [str(error)]


def _shown(
    request: PortalRequest, found: Any, *, form: MoveForm | None = None, refusals: Sequence[str] = (), status: int = 200
) -> HttpResponse:
    position = selectors.position_of(found, request.viewer, now=request.now)
    titles = {stage.key: stage.title for stage in selectors.stages_of(found)}
    past = selectors.moves_of(found)
    context = {
        "now": request.now,
        "integration": {"title": found.title, "slug": found.slug},
        "tabs": tabs_of(found.slug, "portal:integration_lifecycle"),
        "position": {
            "stage": position.stage,
            "title": position.title,
            "kind": KIND_WORDS[StageKind(position.kind)],
            "lifecycle": position.lifecycle,
            "url": reverse("portal:lifecycle_version", args=[position.lifecycle]),
            "since": past[0].at if past else found.created_at,
            "may_move": position.may_move,
        },
        "moves": [_move(move, found, form, may_move=position.may_move, first=not n) for n, move in enumerate(position.moves)],
        "consumers": _consumers(request, found, is_leaving=position.kind == StageKind.LEAVING),
        "is_leaving": position.kind == StageKind.LEAVING,
        "entries": [_entry(one, titles) for one in past],
        "refusals": refusals,
    }
    return render(request, "portal/catalog/lifecycle.html", context, status=status)


def _move(move: selectors.PossibleMove, found: Any, form: MoveForm | None, *, may_move: bool, first: bool) -> dict[str, Any]:
    """One move; its form holds what was typed when this very move was refused."""
    tried = form is not None and form.data.get("to") == move.stage
    reason = form.data.get("reason", "") if form and tried else ""
    initial = {"to": move.stage, "version": found.version, "reason": reason}
    return {
        "stage": move.stage,
        "title": move.title,
        "is_open": move.is_open,
        "met": sum(finding.passed for finding in move.guards),
        "guards": [guard_of(finding, found.slug, may_act=may_move) for finding in move.guards],
        "is_shown": first or tried,
        "form": MoveForm(initial=initial, auto_id=f"id_{move.stage}_%s") if may_move and move.is_open else None,
    }


def _consumers(request: PortalRequest, found: Any, *, is_leaving: bool) -> list[dict[str, Any]]:
    return [
        {
            "team": one.slug,
            "title": one.title,
            "has_acknowledged": one.has_acknowledged,
            "may_acknowledge": is_leaving and not one.has_acknowledged and one.team_id in request.viewer.team_ids,
        }
        for one in consumers.consumers_of(found, request.viewer)
        if one.is_shown
    ]


def _entry(one: selectors.PastMove, titles: dict[str, str]) -> dict[str, Any]:
    """One line of the record: who, from where to where, why, and what every guard had found."""
    by = {"person": one.by_name, "migration": one.by_name, "went-live": _("Portolan")}[one.origin]
    words = {
        "person": "",
        "went-live": _("Its first release in production went live."),
        "migration": _("The lifecycle was migrated from version %(old)d to %(new)d.") % {"old": one.from_lifecycle, "new": one.lifecycle},
    }[one.origin]
    evidence = [f"{GUARD_WORDS.get(each['guard'], each['guard'])}: {each['detail']}" for each in one.evidence]
    named = {"before": titles.get(one.from_stage, one.from_stage), "after": titles.get(one.to_stage, one.to_stage)}
    return {
        "at": one.at,
        "title": _("%(before)s → %(after)s") % named,
        "by": by,
        "note": "\n".join(filter(None, [words, one.reason, *evidence])),
        "icon": "ok" if one.origin == "person" else "sync",
    }
