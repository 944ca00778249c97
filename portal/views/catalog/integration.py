"""The first page of one integration: what runs and how it is doing, who answers, whom to call, what may be counted on, until when."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.domain.lifecycle import StageKind
from catalog.domain.ownership import PERSONAL, TierRules, missing_roles
from catalog.domain.product import CHANGE_POLICY, SUPPORT
from catalog.domain.rights import may_edit
from catalog.domain.vocabulary import OwnerRole
from catalog.selectors import documents as document_selectors
from catalog.selectors import owners as owner_selectors
from catalog.selectors import releases as release_selectors
from catalog.selectors.policies import tier_rules
from governance.selectors import stages
from portal.forms.integrations import SEEN_BY, TYPE_WORDS
from portal.forms.product import ChangePolicyForm, SupportForm
from portal.views.base import PortalRequest
from portal.views.catalog.documents import document_rows
from portal.views.catalog.frame import framed, of_integration
from portal.views.catalog.lists import systems_of, worst
from portal.views.catalog.remedies import guard_of, next_of
from portal.views.catalog.running import chart_of, live_rows
from runtime_adapters.selectors import health as health_selectors


@require_safe
@of_integration
def integration(request: PortalRequest, found: Any) -> HttpResponse:
    """The overview."""
    states = health_selectors.health_of(found.id)
    live = live_rows(request, found, states)
    rules = tier_rules(found.tier)
    context = {
        "health": worst([row["health"] for row in live]),
        "next_step": _next_step(request, found),
        "can_ask": bool(live) or release_selectors.releases_of(found).exists(),
        "live": live,
        "health_chart": chart_of(states, request.now),
        "systems": systems_of(found.endpoints.all()),
        "data_objects": _data_objects(found),
        "business_value": found.business_value,
        "reuse_check": found.reuse_check,
        "ai_use": [_model(use) for use in found.ai_use],
        "documents": document_rows(found, document_selectors.documents_of(found)),
        "owners": _owners(found, rules),
        "facts": _facts(found),
        "support": _filled(found.support, SUPPORT, SupportForm),
        "change_policy": _filled(found.change_policy, CHANGE_POLICY, ChangePolicyForm),
        "deprecation": _deprecation(found, request.now),
        "clocks": _clocks(found, rules),
        "attest_due_at": rules.attest_due_at(found.attested_at, found.created_at),
    }
    return framed(request, found, "portal:integration", "portal/catalog/integration.html", context)


def _next_step(request: PortalRequest, found: Any) -> dict[str, Any] | None:
    """For those who bring it along: the next stage on the way to production, and what is still missing for it."""
    if not may_edit(request.viewer, found.team_id):
        return None
    position = stages.position_of(found, request.viewer, now=request.now)
    move = next_of(position.moves) if position.kind == StageKind.BUILDING else None
    if move is None:
        return None
    missing = [guard_of(finding, found.slug, may_act=True) for finding in stages.failed(move.guards)]
    return {"title": move.title, "missing": missing, "met": len(move.guards) - len(missing), "asked": len(move.guards)}


def _data_objects(found: Any) -> list[str]:
    """What flows, each once; "" stands for what nobody has named yet."""
    return list(dict.fromkeys(row.data_object.title if row.data_object else "" for row in found.endpoints.all()))


def _model(use: Mapping[str, Any]) -> dict[str, str]:
    """What an import found of one model: which, in which step of the flow, and what reaches it."""
    named = " · ".join(filter(None, [use.get("model"), use.get("provider")]))
    return {"model": named or _("not named"), "step": use.get("node", ""), "data": ", ".join(use.get("data", []))}


def _owners(found: Any, rules: TierRules) -> dict[str, Any]:
    """Everybody named, and the roles that the tier asks for and nobody fills; `is_orphan`: nobody active answers at all."""
    owners = owner_selectors.owners_of([found])[found.id]
    missing = set(missing_roles(owners, rules))
    rows: list[dict[str, Any]] = [
        {"role": _("Owning team"), "who": [found.team], "lacks": OwnerRole.ACCOUNTABLE_TEAM in missing and _("nobody active")}
    ]
    if found.team.contact:
        rows.append({"role": _("Contact"), "who": [found.team.contact], "lacks": ""})
    for role, column in PERSONAL.items():
        holder = getattr(found, column)
        if holder is not None:
            left = "" if owners.by_role[role].answers else _("account closed")
            rows.append({"role": _role(role), "who": [holder], "lacks": left})
        elif role in missing:
            rows.append({"role": _role(role), "who": [], "lacks": _("nobody yet")})
    if found.co_owner_accounts:
        rows.append({"role": _("Co-owners"), "who": found.co_owner_accounts, "lacks": ""})
    return {"rows": rows, "is_orphan": owners.standing.is_orphan, "is_user_only": owners.standing.is_user_only}


def _role(role: OwnerRole) -> str:
    words = {
        OwnerRole.TECHNICAL_OWNER: _("Technical owner"),
        OwnerRole.BUSINESS_OWNER: _("Business owner"),
        OwnerRole.ON_CALL: _("On call"),
        OwnerRole.DATA_STEWARD: _("Data steward"),
    }
    return words[role]


def _facts(found: Any) -> list[tuple[str, str]]:
    words = [*found.tags, *(f"{name}={value}" if value else name for name, value in found.labels.items())]
    facts = [
        (_("Tier"), str(found.tier)),
        (_("Kind"), str(TYPE_WORDS[found.type])),
        (_("Seen by"), str(SEEN_BY[found.visibility])),
    ]
    return [*facts, (_("Labels"), ", ".join(words))] if words else facts


def _filled(block: Mapping[str, Any], order: Mapping[str, Any], form: Any) -> list[dict[str, Any]]:
    """What was promised, in the words of the form that it was written in."""
    labels = {name: field.label for name, field in form.base_fields.items()}
    return [{"name": name, "label": labels[name], "value": block[name]} for name in order if name in block]


def _deprecation(found: Any, now: datetime) -> dict[str, Any] | None:
    block = found.deprecation
    if not block:
        return None
    days = {name: date.fromisoformat(block[name]) if name in block else None for name in ("effective_on", "removal_on")}
    today, starts = now.date(), days["effective_on"]
    return {
        **days,
        "is_ahead": starts is not None and starts > today,
        "is_over": days["removal_on"] is not None and days["removal_on"] < today,
        "reason": block.get("reason", ""),
        "documentation": block.get("documentation", ""),
        "alternative": found.alternative,
        "alternative_url": reverse("portal:integration", args=[found.alternative]) if found.alternative else "",
    }


def _clocks(found: Any, rules: TierRules) -> list[dict[str, Any]]:
    """Four times that are never one: a person's edit, an owner's word, a runtime's report, a run that succeeded."""
    seen = getattr(found, "observation_clock", None)
    confirm = _("An owner confirms it every %d days") % rules.attest_every_days
    return [
        {"label": _("Edited"), "at": found.changed_at, "never": ""},
        {"label": _("Confirmed"), "at": found.attested_at, "never": _("never"), "note": confirm},
        {"label": _("Reported"), "at": seen and seen.observed_at, "never": _("by no runtime yet")},
        {"label": _("Last good run"), "at": seen and seen.last_success_at, "never": _("none known")},
    ]
