"""Who answers for one integration: by role, what is missing, when it was last confirmed, and what escalates."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.selectors import people
from catalog.domain.ownership import PERSONAL, Owners, TierRules, missing_roles
from catalog.domain.rights import may_edit
from catalog.domain.vocabulary import OwnerRole
from catalog.selectors import integrations, policies
from catalog.selectors import owners as selectors
from foundation.errors import STATUS, DomainError, Kind
from governance.selectors import stewardship
from governance.services import attestations
from portal.forms.stewardship import ROLE_WORDS
from portal.views.base import PortalRequest, acting, command, page, sentences
from portal.views.catalog.frame import at_present_name
from portal.views.catalog.tabs import tabs_of
from portal.views.stewardship.gaps import escalation_row

SHOWN = 10


@require_safe
@page
@at_present_name
def owners(request: PortalRequest, slug: str) -> HttpResponse:
    """The page of one integration's owners."""
    return _page(request, integrations.get_visible(slug, request.viewer))


@require_POST
@page
def attest(request: PortalRequest, slug: str) -> HttpResponse:
    """One answer from that page: confirm or disown. A correction is made on the edit page, and then confirmed."""
    found = integrations.get_visible(slug, request.viewer)
    answer = "disown" if request.POST.get("answer") == "disown" else "confirm"
    try:
        with command(request):
            attestations.attest(integration=slug, answer=answer, note=request.POST.get("note", ""), **acting(request))
    except DomainError as error:
        if error.kind in {Kind.MISSING, Kind.FORBIDDEN}:
            raise
        return _page(request, found, errors=sentences(error), status=STATUS[error.kind])
    messages.success(request, _("Thank you; it is on the record.") if answer == "confirm" else _("You are out of its roles."))
    return redirect("portal:integration_owners", found.slug)


def _page(request: PortalRequest, found: Any, *, errors: list[str] | None = None, status: int = 200) -> HttpResponse:
    rules = policies.tier_rules(found.tier)
    answering = selectors.owners_of([found])[found.id]
    rows = stewardship.escalations_visible_to(request.viewer).filter(integration=found, closed_at__isnull=True)
    context = {
        "now": request.now,
        "integration": {"title": found.title, "slug": found.slug, "tier": found.tier, "team": found.team},
        "tabs": tabs_of(found.slug, "portal:integration_owners"),
        "standing": answering.standing,
        "members": len(answering.members),
        "owners": _holders(answering),
        "missing": [str(ROLE_WORDS[role]) for role in _vacant(answering, rules)],
        "attested_at": found.attested_at,
        "due_at": rules.attest_due_at(found.attested_at, found.created_at),
        "escalations": [escalation_row(row) for row in rows[:SHOWN]],
        "may_speak": may_edit(request.viewer, found.team_id) or request.viewer.user_id in answering.named,
        "is_named": request.viewer.user_id in answering.named,
        "may_edit": may_edit(request.viewer, found.team_id),
        "errors": errors or [],
    }
    return render(request, "portal/stewardship/owners.html", context, status=status)


def _vacant(answering: Owners, rules: TierRules) -> list[OwnerRole]:
    """Roles in which nobody is named; who is named without an active account, and the team, have lines of their own."""
    return [role for role in missing_roles(answering, rules) if role in PERSONAL and role not in answering.by_role]


def _holders(answering: Owners) -> list[dict[str, Any]]:
    """Everybody named, in the order of the roles; co-owners last."""
    held = [(str(ROLE_WORDS[role]), answering.by_role[role]) for role in OwnerRole if role in answering.by_role]
    held += [(_("Co-owner"), account) for account in answering.co_owners]
    named = people.by_ids({account.id for _role, account in held})
    return [
        {"role": role, "person": named[account.id], "state": "answers" if account.answers else "silent"}
        for role, account in held
        if account.id in named
    ]
