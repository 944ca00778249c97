"""Teams: who is in them, what they own, and where somebody is missing. Counted over what the viewer may see."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.selectors import people
from accounts.selectors import teams as selectors
from audit.selectors.events import EventView
from catalog.domain.vocabulary import OwnerRole
from catalog.selectors import integrations, owners, policies
from foundation.cursors import paginate
from foundation.filters import compile_filters
from foundation.filters import slug as slug_filter
from portal.components import names
from portal.forms.stewardship import ROLE_WORDS
from portal.views.base import PortalRequest, asked, page
from portal.views.catalog.frame import elsewhere
from portal.views.landscape.kept import sections_kept_by
from portal.views.stewardship.tabs import tabs_of

LIST = compile_filters(
    {"parent": slug_filter("parent__slug_key")}, sorts={"slug": ("slug_key",)}, default_sort="slug", search=("slug", "title")
)
AS_TREE = 200  # teams up to which the whole tree is one page
SHOWN, SHOWN_MEMBERS, SHOWN_CHANGES = 50, 100, 20
DEEPEST = 4  # further down than this is shown no deeper


@require_safe
@page
def teams(request: PortalRequest) -> HttpResponse:
    """All teams as they lie in each other; what is searched, and more than fits a page, by name."""
    given = asked(request)
    every = selectors.tree()
    if given or len(every) > AS_TREE:
        found = paginate(LIST.parse(given), selectors.teams())
        shown, following = [(team, 0) for team in found.rows], found.next
    else:
        shown, following = every, None
    context = {
        "now": request.now,
        "tabs": tabs_of(request.viewer, "portal:teams"),
        "q": given.get("q", ""),
        "parent": given.get("parent", ""),
        "parents": _parents(every),
        "rows": _rows(shown, request),
        "next_cursor": following,
        "is_filtered": bool(given.keys() - {"cursor", "limit", "sort"}),
    }
    return render(request, "portal/stewardship/teams.html", context)


def _parents(every: Sequence[tuple[Any, int]]) -> list[tuple[str, str]]:
    """Teams in which others lie."""
    above = {team.parent_id for team, _depth in every}
    return [(team.slug, team.title) for team, _depth in every if team.pk in above]


def _rows(shown: Sequence[tuple[Any, int]], request: PortalRequest) -> list[dict[str, Any]]:
    """The lines of the list; members and integrations of all of them are counted at once."""
    ids = [team.pk for team, _depth in shown]
    members, loads = selectors.active_members(ids), owners.loads_of(ids, request.viewer, policies.rules_by_tier())
    return [
        {
            "team": team,
            "parent": team.parent,
            "depth": min(depth, DEEPEST),
            "members": len(members.get(team.pk, ())),
            **_load(team, loads[team.pk]),
        }
        for team, depth in shown
    ]


def _load(team: Any, load: owners.Load) -> dict[str, Any]:
    """The counts, with the lists that have exactly those."""
    of_team = urlencode({"team": team.slug})
    gaps = f"{reverse('portal:stewardship')}?{of_team}"
    return {
        "integrations": load.integrations,
        "integrations_url": f"{reverse('portal:integrations')}?{of_team}",
        "orphans": load.orphans,
        "orphans_url": f"{gaps}&orphan=true",
        "gaps": load.gaps,
        "gaps_url": f"{gaps}&orphan=false",
    }


@require_safe
@page
def team(request: PortalRequest, slug: str) -> HttpResponse:
    """One team. Any spelling of its name leads here."""
    found = selectors.detail_of(slug)
    moved = elsewhere(request, slug, found.slug)
    if moved is not None:
        return moved
    below, members = list(selectors.teams().filter(parent=found)), list(found.memberships.all())
    load = owners.loads_of([found.pk], request.viewer, policies.rules_by_tier())[found.pk]
    context = {
        "now": request.now,
        "team": found,
        "below": below,
        "members": [_member(each) for each in _leads_first(members)[:SHOWN_MEMBERS]],
        "member_count": len(members),
        "answering": sum(1 for each in members if each.user.is_active and each.user.kind == "human"),
        "is_staffed": bool(selectors.members_with_above([found.pk])[found.pk]),
        "load": _load(found, load),
        "rows": _owned(found, request),
        "sections": sections_kept_by(found, request),
        "entries": _entries(selectors.history_of(found, SHOWN_CHANGES)),
    }
    return render(request, "portal/stewardship/team.html", context)


def _leads_first(members: Sequence[Any]) -> list[Any]:
    return sorted(members, key=lambda each: not each.is_lead)


def _member(membership: Any) -> dict[str, Any]:
    user = membership.user
    return {
        "person": user,
        "is_lead": membership.is_lead,
        "since": membership.since,
        "is_active": user.is_active,
        "is_service": user.kind != "human",
    }


def _owned(found: Any, request: PortalRequest) -> list[dict[str, Any]]:
    """Its integrations that the viewer may see, the most critical tier first, with what is missing of each."""
    rules = policies.rules_by_tier()
    rows = integrations.integrations_visible_to(request.viewer).filter(team=found).order_by("tier", "slug_key", "id")[:SHOWN]
    return integration_rows(rows, request, rules)


def integration_rows(rows: Any, request: PortalRequest, rules: Any) -> list[dict[str, Any]]:
    """Integrations with stage, tier and ownership: orphan, gap, or nothing missing. A fixed number of queries."""
    found = list(rows)
    wanting = owners.gaps_visible_to(request.viewer, rules).filter(pk__in=[row.pk for row in found])
    missing = {row.pk: row for row in owners.with_missing(wanting, rules)}
    return [
        {
            "id": row.pk,
            "title": row.title,
            "url": reverse("portal:integration", args=[row.slug]),
            "is_restricted": row.visibility == "restricted",
            "stage": row.stage,
            "tier": row.tier,
            "team": row.team,
            **_ownership(missing.get(row.pk)),
        }
        for row in found
    ]


def _ownership(gap: Any) -> dict[str, Any]:
    if gap is None:
        return {"state": "", "missing": []}
    roles = [str(ROLE_WORDS[OwnerRole(role)]) for role in gap.missing]
    return {"state": "orphan" if gap.is_orphan else "gap", "missing": roles}


def _entries(found: Sequence[EventView]) -> list[dict[str, Any]]:
    """The team's events as a timeline; whoever came or went is called by their present name."""
    named = {UUID(event.facts["user"]) for event in found if "user" in event.facts}
    known = people.by_ids(named | {_cause(event) for event in found})
    return [
        {
            "at": event.at,
            "title": _title(event, names.name_of(known[UUID(event.facts["user"])]) if "user" in event.facts else ""),
            "by": names.name_of(known.get(_cause(event), "Portolan")),
            "index": event.index,
        }
        for event in found
    ]


def _cause(event: EventView) -> UUID:
    """The account that did it: of a token, the one it acts for."""
    return UUID(str(event.leaf.get("on_behalf_of") or event.leaf["actor"]["ref"]))


def _title(event: EventView, name: str) -> str:
    leads = event.facts.get("is_lead", False)
    words = {
        "accounts.team.created": _("Registered"),
        "accounts.team.updated": _("Changed: %s") % ", ".join(event.facts.get("changed", ())),
        "accounts.membership.added": _("%s joined as lead") % name if leads else _("%s joined") % name,
        "accounts.membership.updated": _("%s leads it now") % name if leads else _("%s leads it no longer") % name,
        "accounts.membership.removed": _("%s left") % name,
    }
    return words[event.verb]
