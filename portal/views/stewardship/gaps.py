"""Integrations that nobody answers for, or that lack an owner their tier asks for; and what nobody has put right."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.selectors import teams as team_selectors
from catalog.domain.vocabulary import OwnerRole
from catalog.selectors import owners, policies
from foundation.cursors import paginate
from foundation.filters import absent, boolean, choice, compile_filters, integer
from foundation.filters import slug as slug_filter
from governance.selectors import stewardship as selectors
from portal.forms.stewardship import ROLE_WORDS
from portal.views.base import PortalRequest, asked, page
from portal.views.stewardship.tabs import tabs_of

GAPS = compile_filters(
    {"orphan": boolean("is_orphan"), "tier": integer("tier"), "team": slug_filter("team__slug_key")},
    sorts={"tier": ("tier", "slug_key")},
    default_sort="tier",
)
ESCALATIONS = compile_filters(
    {"kind": choice("kind", ("orphan", "attestation")), "open": absent("closed_at")},
    sorts={"opened_at": ("opened_at",)},
    default_sort="-opened_at",
)
STEP_WORDS = (_("nobody yet"), _("owners and team"), _("leads of the team"), _("leads above the team"), _("administrators"))


@require_safe
@page
def gaps(request: PortalRequest) -> HttpResponse:
    """Orphans and empty roles, the most critical tier first."""
    given = asked(request)
    rules = policies.rules_by_tier()
    found = paginate(GAPS.parse(given), owners.gaps_visible_to(request.viewer, rules))
    context = {
        "now": request.now,
        "tabs": tabs_of(request.viewer, "portal:stewardship"),
        "filters": {name: given.get(name, "") for name in ("orphan", "tier", "team")},
        "teams": [(team.slug, team.title) for team in team_selectors.teams()],
        "rows": [_gap(row) for row in owners.with_missing(found.rows, rules)],
        "next_cursor": found.next,
        "is_filtered": bool(given.keys() - {"cursor", "limit"}),
    }
    return render(request, "portal/stewardship/gaps.html", context)


def _gap(row: Any) -> dict[str, Any]:
    return {
        "title": row.title,
        "url": reverse("portal:integration", args=[row.slug]),
        "team": row.team,
        "tier": row.tier,
        "stage": row.stage,
        "state": "orphan" if row.is_orphan else "gap",
        "missing": [str(ROLE_WORDS[OwnerRole(role)]) for role in row.missing],
    }


@require_safe
@page
def escalations(request: PortalRequest) -> HttpResponse:
    """What escalates, newest first; by default what is still open."""
    given = asked(request)
    given.setdefault("open", "true")
    found = paginate(ESCALATIONS.parse(given), selectors.escalations_visible_to(request.viewer))
    context = {
        "now": request.now,
        "tabs": tabs_of(request.viewer, "portal:escalations"),
        "is_open": given["open"] == "true",
        "rows": [escalation_row(row) for row in found.rows],
        "next_cursor": found.next,
    }
    return render(request, "portal/stewardship/escalations.html", context)


def escalation_row(row: Any) -> dict[str, Any]:
    """One escalation as the pages show it."""
    return {
        "title": row.integration.title,
        "url": reverse("portal:integration", args=[row.integration.slug]),
        "team": row.integration.team,
        "kind": row.kind,
        "opened_at": row.opened_at,
        "told": STEP_WORDS[min(row.step, len(STEP_WORDS) - 1)],
        "next_at": row.next_check_at,
        "closed_at": row.closed_at,
    }
