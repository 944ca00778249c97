"""One thing of the landscape: what it is, who answers for it, what connects it, what changed; and the small acts on its page."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.selectors import people
from audit.selectors import log as log_selectors
from catalog.domain.vocabulary import EntityKind
from catalog.selectors import components as component_selectors
from catalog.selectors import deletables
from catalog.selectors import landscape as selectors
from catalog.selectors.entry_history import history_of_entry
from catalog.selectors.history import Change
from portal.views.base import PortalRequest, acting, command, page
from portal.views.landscape.cells import state_of
from portal.views.landscape.facts import facts_of
from portal.views.landscape.kinds import KINDS, PLACES, Kind, tabs
from portal.views.landscape.sections import sections_of

SHOWN_CHANGES = 20


@require_safe
@page
def entry(request: PortalRequest, many: str, slug: str) -> HttpResponse:
    """The page; a name from before a rename leads to it too."""
    kind = PLACES[many]
    row = found(kind, slug)
    edits = kind.may_edit(request.viewer, row)
    context = {
        "now": request.now,
        "kind": kind,
        "tabs": tabs(many),
        "row": row,
        "state": state_of(row),
        "facts": facts_of(kind, row, request.now),
        "sections": sections_of(kind, row, request),
        "entries": _entries(history_of_entry(row, request.viewer, kind.noun.kind.value)),
        "buttons": [_map(kind, row), *_deletion(kind, row, request), *(_buttons(kind, row) if edits else [])],
        "acts": _acts(kind, row) if edits else [],
    }
    return render(request, "portal/landscape/entry.html", context)


@require_POST
@page
def act(request: PortalRequest, many: str, slug: str, act: str) -> HttpResponse:
    """Confirm what was discovered, or tell that a connection was rotated now."""
    kind = PLACES[many]
    row = found(kind, slug)
    wanted = next((each for each in _acts(kind, row) if each["act"] == act), None)
    if wanted is None:
        raise Http404
    version = request.POST.get("version", "")
    expected = int(version) if version.isdecimal() and len(version) < 10 else 0
    changes = {"rotated_at": request.now} if act == "rotated" else {"is_discovered": False}
    with command(request):
        kind.update(slug=slug, changes=changes, expected_version=expected, **acting(request))
    messages.success(request, _("Saved."))
    return redirect(kind.url(row.slug))


@require_safe
@page
def component_version(request: PortalRequest, slug: str, version: str) -> HttpResponse:
    """One version of a component with its content, for those who may read it."""
    kind = KINDS[EntityKind.COMPONENT]
    component = found(kind, slug)
    shown = component_selectors.version_of(component, version)
    sees = component_selectors.sees_content(component, request.viewer)
    context = {"now": request.now, "kind": kind, "row": component, "url": kind.url(component.slug), "version": shown, "sees_content": sees}
    return render(request, "portal/landscape/version.html", context)


def found(kind: Kind, slug: str) -> Any:
    """The thing of this name, or that had it before, with its aliases. Raises the kind's missing error (404)."""
    return selectors.named(selectors.with_aliases(kind.noun.rows()), kind.noun.kind, slug, kind.noun.missing)


def _buttons(kind: Kind, row: Any) -> list[dict[str, str]]:
    shown = [{"label": _("Rename"), "url": kind.url(row.slug, "rename")}, {"label": _("Edit"), "url": kind.url(row.slug, "edit")}]
    if kind.noun.kind is EntityKind.COMPONENT:
        shown.append({"label": _("Publish a version"), "url": kind.url(row.slug, "publish")})
    return shown


def _map(kind: Kind, row: Any) -> dict[str, str]:
    """To what is joined with it."""
    return {"label": _("Map"), "url": f"{reverse('portal:map')}?{urlencode({'node': f'{kind.noun.kind.value}:{row.slug}'})}"}


def _deletion(kind: Kind, row: Any, request: PortalRequest) -> list[dict[str, str]]:
    """To the plan of its deletion, for those who may retire it or carry it out."""
    collection = deletables.COLLECTIONS.get(kind.noun.kind)
    if collection is None or not kind.may_edit(request.viewer, row):
        return []
    label = _("Back into use") if row.retired_at else _("Retire")
    if deletables.may_delete(kind.noun.kind, row, request.viewer):
        label = _("Delete")
    return [{"label": label, "url": reverse("portal:delete", args=[collection, row.slug])}]


def _acts(kind: Kind, row: Any) -> list[dict[str, str]]:
    """What can be said of it with one button."""
    shown = []
    if getattr(row, "is_discovered", False):
        words = _("An import has found it. Check its facts, correct what is wrong, and confirm it.")
        shown.append({"act": "confirm", "label": _("Confirm"), "words": words})
    if kind.noun.kind is EntityKind.CONNECTION and row.rotate_every_days:
        words = _("Tell here when its secrets were exchanged where they are kept.")
        shown.append({"act": "rotated", "label": _("Rotated just now"), "words": words})
    return [{**each, "url": reverse(f"portal:{kind.one}_act", args=[row.slug, each["act"]])} for each in shown]


def _entries(changes: Sequence[Change]) -> list[Mapping[str, Any]]:
    newest = changes[:SHOWN_CHANGES]
    places = log_selectors.placed([change.event_id for change in newest])
    known = {user.username: user.display_name for user in people.remembered({change.by for change in newest if change.by}).values()}
    return [
        {
            "at": change.at,
            "title": _title(change),
            "by": known.get(change.by or "", change.by or "Portolan"),
            "note": "" if change.version == 1 else _note(change),
            "index": places[change.event_id].index if change.event_id in places else None,
        }
        for change in newest
    ]


def _title(change: Change) -> str:
    if change.version == 1:
        return _("Registered")
    return _("Changed: %s") % ", ".join(_word(each.field) for each in change.changes)


def _note(change: Change) -> str:
    told = [each for each in change.changes if (each.before, each.after) != (None, None)]
    return "\n".join(f"{_word(each.field)}: {_short(each.before)} → {_short(each.after)}" for each in told)


def _word(field: str) -> str:
    return field.replace("_", " ")


def _short(value: Any) -> str:
    if isinstance(value, dict):
        told = ", ".join(f"{name}: {each}" for name, each in value.items())
    elif isinstance(value, list):
        told = ", ".join(str(each.get("name", each)) if isinstance(each, dict) else str(each) for each in value)
    else:
        told = "" if value is None else str(value)
    told = told or _("nothing")
    return told if len(told) <= 80 else told[:79] + "…"
