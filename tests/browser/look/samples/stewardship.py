"""Stewardship: who is missing, what is asked, campaigns, escalations, tiers, leaving; full, refused and empty."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from catalog.domain.ownership import Standing
from governance.domain.reassignment import Held, Item
from governance.selectors.stewardship import Progress
from portal.components.status import pill
from portal.forms.stewardship import CampaignForm, LeavingForm, TierForm, answer_forms

from .common import ENTRIES, FULFILMENT, LENA, MARA, NOW, PEOPLE_TEAM, PIOTR, ago

LONG = "Returns and refunds of the northern web shops → Finance ledger (per country)"


def _tabs(current: str) -> list[dict[str, Any]]:
    names = ("Missing owners", "My attestations", "Campaigns", "Escalations", "Teams", "Tier policies", "Leaving")
    return [{"url": "/stewardship", "label": name, "is_current": name == current} for name in names]


GAPS = {
    "now": NOW,
    "tabs": _tabs("Missing owners"),
    "filters": {"orphan": "", "tier": "1", "team": ""},
    "teams": [("f", "Fulfilment")],
    "rows": [
        {
            "title": LONG,
            "url": "/integrations/a",
            "team": FULFILMENT,
            "tier": 1,
            "stage": "live",
            "state": "orphan",
            "missing": ["Accountable team", "Technical owner", "Business owner", "On call", "Data steward"],
        },
        {
            "title": "HR → Payroll",
            "url": "/integrations/b",
            "team": PEOPLE_TEAM,
            "tier": 2,
            "stage": "deprecated",
            "state": "gap",
            "missing": ["Business owner"],
        },
    ],
    "next_cursor": "n",
    "is_filtered": True,
}
ESCALATIONS = {
    "now": NOW,
    "tabs": _tabs("Escalations"),
    "is_open": True,
    "rows": [
        {
            "title": LONG,
            "url": "/integrations/a",
            "team": FULFILMENT,
            "kind": "orphan",
            "opened_at": ago(days=9),
            "told": "leads of the team",
            "next_at": ago(days=-5),
            "closed_at": None,
        },
        {
            "title": "HR → Payroll",
            "url": "/integrations/b",
            "team": PEOPLE_TEAM,
            "kind": "attestation",
            "opened_at": ago(days=40),
            "told": "administrators",
            "next_at": None,
            "closed_at": None,
        },
    ],
    "next_cursor": None,
}
_ASKED = [
    {"integration": "a", "version": 3, "title": LONG, "technical_owner": "lena", "business_owner": ""},
    {"integration": "b", "version": 1, "title": "HR → Payroll", "technical_owner": "", "business_owner": "piotr"},
]


def _lines(forms: Any) -> list[Any]:
    rows = [
        {"title": LONG, "url": "/integrations/a", "team": FULFILMENT, "campaign": "Spring review of tier 1", "due_at": ago(days=-6)},
        {"title": "HR → Payroll", "url": "/integrations/b", "team": PEOPLE_TEAM, "campaign": "", "due_at": ago(days=3)},
    ]
    return [(form, {**row, "initial": initial}) for form, row, initial in zip(forms.forms, rows, _ASKED, strict=True)]


def _attestations(*, refused: bool = False) -> dict[str, Any]:
    forms = answer_forms(rows=_ASKED)
    if refused:
        sent = {f"rows-{n}-{name}": value for n, row in enumerate(_ASKED) for name, value in {**row, "answer": "correct"}.items()}
        forms = answer_forms({"rows-TOTAL_FORMS": 2, "rows-INITIAL_FORMS": 2, **sent})
        forms.is_valid()
        forms.forms[0].add_error("technical_owner", "There is no such active account.")
        forms.forms[1].add_error(None, "It has changed since the version you have seen.")
    return {
        "now": NOW,
        "tabs": _tabs("My attestations"),
        "formset": forms,
        "lines": _lines(forms),
        "waiting": 5000,
        "is_refused": refused,
    }


_CAMPAIGN = {
    "id": UUID(int=7),
    "title": "Spring review of tier 1",
    "url": "/stewardship/campaigns/7",
    "query": "tier=1&team=fulfilment",
    "state": "open",
    "by": MARA,
    "opened_at": ago(days=8),
    "due_at": ago(days=-6),
    "closed_at": None,
    "progress": Progress(120, 61, 7, 2),
}
CAMPAIGNS = {
    "now": NOW,
    "tabs": _tabs("Campaigns"),
    "rows": [_CAMPAIGN, {**_CAMPAIGN, "title": LONG, "query": "", "state": "closed", "closed_at": ago(days=200), "progress": Progress()}],
    "next_cursor": None,
    "form": CampaignForm(),
}
CAMPAIGN = {
    "now": NOW,
    "tabs": _tabs("Campaigns"),
    "campaign": _CAMPAIGN,
    "rows": [
        {
            "title": LONG,
            "url": "/integrations/a",
            "team": FULFILMENT,
            "answer": "disown",
            "note": "Moved to the finance team in March.",
            "by": LENA,
            "at": ago(days=2),
        },
        {"title": "HR → Payroll", "url": "/integrations/b", "team": PEOPLE_TEAM, "answer": "waiting", "note": "", "by": "", "at": None},
    ],
    "next_cursor": None,
    "may_close": True,
}
TIERS = {
    "now": NOW,
    "tabs": _tabs("Tier policies"),
    "tiers": [
        {
            "tier": tier,
            "url": f"/stewardship/tiers/{tier}",
            "roles": ["Accountable team", "Technical owner", "Business owner", "On call", "Data steward"][: 6 - tier],
            "sections": ["Overview", "Runbook", "Support"][: 4 - tier],
            "attest_every_days": 90 * tier,
            "ladder": "0, 7, 14, 30",
            "is_default": tier != 2,
        }
        for tier in (1, 2, 3)
    ],
    "may_edit": True,
}


def _tier_form() -> TierForm:
    form = TierForm({"owner_roles": ["on-call"], "attest_every_days": "0", "escalate_after_days": "soon", "version": "1"})
    form.is_valid()
    return form


_HELD = [
    Item(Held.INTEGRATION, UUID(int=1), "returns", LONG, ("technical-owner", "co-owner")),
    Item(Held.TEAM, UUID(int=2), "fulfilment", "Fulfilment"),
    Item(Held.BOARD, UUID(int=3), "change-board", "Change board"),
]


def _leaving() -> dict[str, Any]:
    form = LeavingForm({"token": "sha256:1", "default": "nobody"}, items=_HELD)
    words = {Held.INTEGRATION: "Integration", Held.TEAM: "Leads the team", Held.BOARD: "Sits on the board"}
    lines = [
        (
            {"kind": words[item.kind], "title": item.title, "name": item.name, "roles": ", ".join(item.roles), "url": "/integrations/a"},
            to,
            end,
        )
        for item, to, end in form.lines()
    ]
    return {
        "now": NOW,
        "tabs": _tabs("Leaving"),
        "username": "lena",
        "person": {"name": "Lena Fischer", "username": "lena", "is_active": True},
        "leaver": LENA,
        "form": form,
        "lines": lines,
        "following": [{"kind": "Open request", "title": "HR → Payroll", "name": "2071", "roles": "", "url": "/reviews/2071"}],
        "own": [{"kind": "Token, revoked for good", "title": LONG, "name": "ptl_1", "roles": "", "url": ""}],
        "hidden": 2,
        "errors": ["nobody: Name an active person other than the one who leaves."],
    }


OWNERS = {
    "now": NOW,
    "integration": {"title": LONG, "slug": "returns", "tier": 1, "team": FULFILMENT},
    "tabs": [
        {"url": "/integrations/returns", "label": "Overview", "is_current": False},
        {"url": "#", "label": "Owners", "is_current": True},
    ],
    "standing": Standing(has_named=True, has_team=False),
    "members": 0,
    "owners": [
        {"role": "Technical owner", "person": LENA, "state": "silent"},
        {"role": "Co-owner", "person": PIOTR, "state": "answers"},
    ],
    "missing": ["Business owner", "On call"],
    "attested_at": None,
    "due_at": ago(days=3),
    "escalations": [{"kind": "attestation", "opened_at": ago(days=3), "told": "owners and team", "next_at": ago(days=-4)}],
    "may_speak": True,
    "is_named": True,
    "may_edit": True,
    "errors": [],
}


def _owned(title: str, state: str = "", **more: Any) -> dict[str, Any]:
    missing = {"orphan": ["Accountable team", "Technical owner"], "gap": ["Business owner"]}.get(state, [])
    found = {"title": title, "url": "/integrations/a", "is_restricted": False, "stage": "live", "tier": 1, "team": FULFILMENT}
    return {**found, "state": state, "missing": missing, "roles": ["Technical owner"], **more}


_LOAD = {
    "integrations": 61,
    "integrations_url": "/integrations?team=fulfilment",
    "orphans": 2,
    "orphans_url": "/stewardship?team=fulfilment&orphan=true",
    "gaps": 11,
    "gaps_url": "/stewardship?team=fulfilment&orphan=false",
}
_NO_LOAD = {**_LOAD, "integrations": 0, "orphans": 0, "gaps": 0}
_TEAM_ROW = {"team": FULFILMENT, "parent": None, "depth": 0, "members": 12, **_LOAD}
_FAR = SimpleNamespace(slug="returns-north", title=LONG)
TEAMS = {
    "now": NOW,
    "tabs": _tabs("Teams"),
    "q": "",
    "parent": "",
    "parents": [("fulfilment", "Fulfilment")],
    "rows": [
        _TEAM_ROW,
        {**_TEAM_ROW, "team": PEOPLE_TEAM, "parent": FULFILMENT, "depth": 1, "orphans": 0},
        {**_TEAM_ROW, "team": _FAR, "parent": PEOPLE_TEAM, "depth": 4, "members": 0, **_NO_LOAD},
    ],
    "next_cursor": "n",
    "is_filtered": False,
}
_MEMBER = {"person": LENA, "is_lead": True, "since": ago(days=900), "is_active": True, "is_service": False}
TEAM = {
    "now": NOW,
    "team": PEOPLE_TEAM,
    "below": [FULFILMENT, _FAR],
    "members": [
        _MEMBER,
        {**_MEMBER, "person": PIOTR, "is_lead": False, "is_active": False},
        {**_MEMBER, "person": SimpleNamespace(username="bot", display_name="Deploy bot"), "is_lead": False, "is_service": True},
    ],
    "member_count": 104,
    "answering": 1,
    "is_staffed": True,
    "load": _LOAD,
    "rows": [_owned(LONG, "orphan", is_restricted=True), _owned("HR → Payroll", "gap", tier=2, stage="deprecated"), _owned("Returns")],
    "sections": [
        {
            "title": "Connections",
            "headers": ["Connection", "Environment", "System", "Upkeep", "Expires"],
            "rows": [
                [
                    {"text": "ERP, production", "url": "/landscape/connections/erp"},
                    {"text": "Production", "url": "/x"},
                    {"text": "ERP", "url": "/x"},
                    {"pill": pill("upkeep", "expires-soon")},
                    {"at": ago(days=-9)},
                ]
            ],
            "cut": 0,
        },
        {
            "title": "Also in its keeping",
            "headers": ["Name", "Kind", "State"],
            "rows": [
                [{"text": LONG, "url": "/x", "sub": "returns"}, {"text": "System"}, {"pill": pill("lifecycle", "retired")}],
                [{"text": "Orders", "url": "/x", "sub": "orders"}, {"text": "Data object"}, {"pill": ""}],
            ],
            "cut": 0,
        },
    ],
    "entries": ENTRIES,
}
TEAM_EMPTY: dict[str, Any] = {
    **TEAM,
    "team": FULFILMENT,
    "below": [],
    "members": [],
    "member_count": 0,
    "answering": 0,
    "is_staffed": False,
    "load": _NO_LOAD,
    "rows": [],
    "sections": [],
}
_ACCOUNT = {
    "name": PIOTR.display_name,
    "username": "piotr",
    "is_active": True,
    "is_service": False,
    "email": "piotr.nowak@northern-shops.example",
    "since": ago(days=900),
    "roles": ["Administrator", "Auditor"],
}
PERSON: dict[str, Any] = {
    "now": NOW,
    "person": _ACCOUNT,
    "teams": [{"team": FULFILMENT, "is_lead": True, "since": ago(days=900)}, {"team": _FAR, "is_lead": False, "since": ago(days=3)}],
    "boards": ["Change board", "Architecture board"],
    "rows": [
        _owned(LONG, "gap", roles=["Technical owner", "On call", "Co-owner"]),
        _owned("Returns", is_restricted=True),
        _owned("Orders → ERP", roles=["Technical owner, On call, Business owner, Data steward"]),
    ],
    "count": 61,
    "list_url": "/integrations?owner=piotr",
    "leaving_url": "/stewardship/leaving?username=piotr",
}
PERSON_OFF: dict[str, Any] = {
    **PERSON,
    "person": {**_ACCOUNT, "is_active": False, "email": "", "roles": []},
    "teams": [],
    "boards": [],
    "leaving_url": "",
}
STEWARDSHIP: dict[str, tuple[str, dict[str, Any]]] = {
    "owners": ("portal/stewardship/owners.html", OWNERS),
    "owners-orphan": (
        "portal/stewardship/owners.html",
        {**OWNERS, "standing": Standing(has_named=False, has_team=False), "errors": ["You hold no role here that you could give up."]},
    ),
    "gaps": ("portal/stewardship/gaps.html", GAPS),
    "gaps-empty": ("portal/stewardship/gaps.html", {**GAPS, "rows": [], "is_filtered": False, "next_cursor": None}),
    "escalations": ("portal/stewardship/escalations.html", ESCALATIONS),
    "attestations": ("portal/stewardship/attestations.html", _attestations()),
    "attestations-refused": ("portal/stewardship/attestations.html", _attestations(refused=True)),
    "attestations-empty": ("portal/stewardship/attestations.html", {"now": NOW, "tabs": _tabs("My attestations"), "lines": []}),
    "campaigns": ("portal/stewardship/campaigns.html", CAMPAIGNS),
    "campaign": ("portal/stewardship/campaign.html", CAMPAIGN),
    "teams": ("portal/stewardship/teams.html", TEAMS),
    "teams-none": ("portal/stewardship/teams.html", {**TEAMS, "rows": [], "q": "zzz", "is_filtered": True, "next_cursor": None}),
    "team": ("portal/stewardship/team.html", TEAM),
    "team-empty": ("portal/stewardship/team.html", TEAM_EMPTY),
    "person": ("portal/stewardship/person.html", PERSON),
    "person-off": ("portal/stewardship/person.html", PERSON_OFF),
    "tiers": ("portal/stewardship/tiers.html", TIERS),
    "tier-form-refused": ("portal/stewardship/tier_form.html", {"now": NOW, "tier": 2, "form": _tier_form()}),
    "leaving": ("portal/stewardship/leaving.html", _leaving()),
    "leaving-ask": ("portal/stewardship/leaving.html", {"now": NOW, "tabs": _tabs("Leaving"), "username": "", "lines": [], "errors": []}),
}
