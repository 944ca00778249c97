"""What each tier asks for, and its editor."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.domain.rights import require_administrator
from catalog.domain.ownership import TierRules
from catalog.selectors import policies as selectors
from catalog.services import policies as commands
from foundation.errors import STATUS, DomainError, Kind
from portal.forms.documents import SECTION_WORDS
from portal.forms.places import place
from portal.forms.stewardship import ROLE_WORDS, TierForm
from portal.views.base import PortalRequest, acting, command, page
from portal.views.stewardship.tabs import tabs_of


@require_safe
@page
def tiers(request: PortalRequest) -> HttpResponse:
    """The three tiers side by side."""
    context = {
        "now": request.now,
        "tabs": tabs_of(request.viewer, "portal:tiers"),
        "tiers": [_facts(rules) for rules in selectors.rules_by_tier().values()],
        "may_edit": request.viewer.is_administrator,
    }
    return render(request, "portal/stewardship/tiers.html", context)


def _facts(rules: TierRules) -> dict[str, Any]:
    return {
        "tier": rules.tier,
        "url": reverse("portal:tier_edit", args=[rules.tier]),
        "roles": [str(ROLE_WORDS[role]) for role in rules.owner_roles],
        "sections": [str(SECTION_WORDS[section]) for section in rules.sections],
        "attest_every_days": rules.attest_every_days,
        "ladder": ", ".join(map(str, rules.escalate_after_days)),
        "is_default": rules.version == 0,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@page
def edit_tier(request: PortalRequest, tier: int) -> HttpResponse:
    """Change what a tier asks for; the form carries the version that was read."""
    require_administrator(request.viewer)
    rules = selectors.rules_of(tier)
    if request.method != "POST":
        names = ("owner_roles", "sections", "attest_every_days", "escalate_after_days", "version")
        return _form(request, tier, TierForm(initial={name: getattr(rules, name) for name in names}))
    form = TierForm(request.POST)
    if not form.is_valid():
        return _form(request, tier, form, status=422)
    values = dict(form.cleaned_data)
    try:
        with command(request):
            commands.update_tier_policy(tier=tier, expected_version=values.pop("version"), changes=values, **acting(request))
    except DomainError as error:
        moved = [_("Somebody else changed it while you were writing. Open it again to see what they wrote.")]
        for sentence in moved if error.kind is Kind.PRECONDITION else place(error, form):
            form.add_error(None, sentence)
        return _form(request, tier, form, status=STATUS[error.kind])
    messages.success(request, _("Saved. It is in force for every integration of tier %d from now on.") % tier)
    return redirect("portal:tiers")


def _form(request: PortalRequest, tier: int, form: TierForm, *, status: int = 200) -> HttpResponse:
    context = {"now": request.now, "tabs": tabs_of(request.viewer, "portal:tiers"), "tier": tier, "form": form}
    return render(request, "portal/stewardship/tier_form.html", context, status=status)
