"""The tabs of one integration and the forms of its sections: long words, nobody there, refused answers."""

from datetime import date
from typing import Any

from portal.forms.product import DeprecationForm, GrantForm, LabelsForm, RelationForm, RoadmapForm, SupportForm

from .common import ENTRIES, FULFILMENT, LENA, NEW, NOW, OLD, PIOTR, RUNS, SAMIR, ago
from .documents import DOCUMENT_ROWS

_LABELS = ["Overview", "Endpoints", "Documents", "Releases", "Changes", "Roadmap", "Relations", "History", "Access"]
_LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"


def _frame(current: str) -> dict[str, Any]:
    return {
        "now": NOW,
        "integration": {
            "title": "Orders → Warehouse",
            "slug": "orders-to-warehouse",
            "purpose": "Turns paid orders into picking lists within a minute.",
            "stage": "live",
            "tier": 1,
        },
        "tabs": [{"url": f"/integrations/o/{label.lower()}", "label": label, "is_current": label == current} for label in _LABELS],
        "may_edit": True,
        "may_release": True,
        "may_request": True,
    }


_CLOCKS = [
    {"label": "Edited", "at": ago(days=3), "never": ""},
    {"label": "Confirmed", "at": None, "never": "never"},
    {"label": "Reported", "at": ago(seconds=12), "never": ""},
    {"label": "Last good run", "at": None, "never": "none known"},
]
OVERVIEW = {
    **_frame("Overview"),
    "health": "degraded",
    "live": [
        {
            "environment": "production",
            "runtime": "Node-RED, Hamburg",
            "version": "1.0.0",
            "digest": OLD,
            "health": "degraded",
            "reason": "one run in ten is retried",
            "since": ago(hours=5),
            "deployment_url": "/deployments/1",
            "last_report_at": ago(seconds=12),
            "expected": "a run every minute",
        },
        {
            "environment": "staging",
            "runtime": "Reference agent",
            "version": "1.0.0",
            "digest": OLD,
            "health": "unknown",
            "reason": "",
            "since": ago(hours=5),
            "deployment_url": "/deployments/2",
            "last_report_at": None,
        },
    ],
    "health_chart": RUNS,
    "systems": ["Shop", "Warehouse"],
    "data_objects": ["Order", ""],
    "business_value": "Goods leave the same day.\n\nWithout it eleven people type.",
    "reuse_check": f"The connector cannot split orders. {_LONG}",
    "ai_use": [{"model": "gpt-4o · openai", "step": _LONG, "data": "customer letters"}, {"model": "not named", "step": "", "data": ""}],
    "can_ask": True,
    "documents": DOCUMENT_ROWS,
    "owners": {
        "rows": [
            {"role": "Owning team", "who": [FULFILMENT], "lacks": ""},
            {"role": "Technical owner", "who": [LENA, PIOTR], "lacks": "account closed"},
            {"role": "On call", "who": [], "lacks": "nobody yet"},
        ],
        "is_orphan": False,
        "is_user_only": True,
    },
    "facts": [("Tier", "1"), ("Labels", f"core, owner={_LONG}")],
    "support": [
        {"name": "channel", "label": "Whom to call", "value": "#warehouse"},
        {"name": "escalation", "label": "If nobody answers", "value": f"Duty manager\n{_LONG}"},
        {"name": "runbook", "label": "Runbook", "value": "https://wiki.example/a/very/long/way/to/the/runbook/of/orders-to-warehouse"},
    ],
    "change_policy": [{"name": "notice_days", "label": "Days of notice", "value": 14}],
    "deprecation": {
        "effective_on": date(2020, 1, 1),
        "removal_on": date(2020, 6, 30),
        "is_ahead": False,
        "is_over": True,
        "reason": "The warehouse moves.",
        "documentation": "https://wiki.example/move",
        "alternative": "orders-by-event",
        "alternative_url": "/integrations/orders-by-event",
    },
    "clocks": _CLOCKS,
    "attest_due_at": ago(days=3),
}
OVERVIEW_BARE = {
    **OVERVIEW,
    "can_ask": False,
    "next_step": {
        "title": "Designed",
        "met": 2,
        "asked": 4,
        "missing": [
            {
                "title": "Reuse check answered",
                "detail": "The reuse check is not answered.",
                "remedy": "Say what was looked at.",
                "who": "the owning team",
                "url": "/integrations/o/edit/value",
                "action": "Answer the reuse check",
            },
            {
                "title": "Owning team",
                "detail": "Nobody active is in the owning team.",
                "remedy": "Add a person to the team, or hand the integration over.",
                "who": "administrators",
                "url": "",
                "action": "",
            },
        ],
    },
    "live": [],
    "health_chart": None,
    "systems": [],
    "data_objects": [],
    "business_value": "",
    "reuse_check": "",
    "ai_use": [],
    "documents": [],
    "owners": {
        "rows": [{"role": "Owning team", "who": [FULFILMENT], "lacks": "nobody active"}],
        "is_orphan": True,
        "is_user_only": False,
    },
    "support": [],
    "change_policy": [],
    "deprecation": None,
}
ENDPOINTS = {
    **_frame("Endpoints"),
    "endpoints": [
        {
            "system": "Shop",
            "data_object": "Order",
            "role": "Source",
            "operation": "notify",
            "fields": "order.number, order.lines, customer.email",
            "cadence": "as they come",
            "volume": 3000,
            "address": "https://shop.example/events/orders",
        },
        {
            "system": "Warehouse",
            "data_object": None,
            "role": "Target",
            "operation": "create",
            "fields": "",
            "cadence": "",
            "volume": None,
            "address": "",
            "redacted": True,
        },
    ],
}
RELEASES = {
    **_frame("Releases"),
    "releases": [
        {"version": "2.0.0", "digest": NEW, "at": ago(days=1), "by": SAMIR, "is_live_in": [], "request_url": "/reviews/new"},
        {
            "version": "1.0.0",
            "digest": OLD,
            "at": ago(days=90),
            "by": LENA,
            "is_live_in": ["production", "staging"],
            "request_url": "",
            "identical_to": "0.9.0",
        },
    ],
}
CHANGES = {
    **_frame("Changes"),
    "changes": [
        {"number": 2071, "title": "2.0.0 into production", "state": "open", "at": ago(hours=28), "by": SAMIR, "url": "/reviews/2071"}
    ],
}
HISTORY = {**_frame("History"), "entries": ENTRIES, "limit": len(ENTRIES), "aliases": ["orders-to-wms", "old-orders"]}
ROADMAP = {
    **_frame("Roadmap"),
    "quarters": [
        {"quarter": "2026 Q4", "items": [{"title": _LONG, "description": "Two\nlines.", "state": "in-progress", "edit_url": "/x"}]},
        {"quarter": "2027 Q1", "items": [{"title": "Fewer calls", "description": "", "state": "dropped", "edit_url": ""}]},
    ],
    "form": RoadmapForm(data={"title": "", "quarter": "soon", "state": "planned"}),
}
RELATIONS = {
    **_frame("Relations"),
    "rows": [
        {
            "name": "depends on",
            "kind": "Integration",
            "title": "Stock → Shop",
            "url": "/integrations/s",
            "note": "reads its cache",
            "since": ago(days=9),
            "remove_url": "/x",
        },
        {"name": "feeds", "kind": "Integration", "title": None, "url": "", "note": "", "since": ago(days=9), "remove_url": "/y"},
        {"name": "is used by", "kind": "System", "title": _LONG, "url": "", "note": "", "since": ago(days=9), "remove_url": ""},
    ],
    "next_cursor": "n",
    "form": RelationForm(),
    "map_url": "/map",
}
ACCESS = {
    **_frame("Access"),
    "is_restricted": True,
    "team": "Fulfilment",
    "sees_inside": True,
    "grants": [
        {"holder_type": "user", "holder": "vera", "title": "Vera Holm", "right": "view"},
        {"holder_type": "team", "holder": "logistics", "title": "Logistics", "right": "propose"},
    ],
    "form": GrantForm(),
}
_FORM = {
    "now": NOW,
    "integration": {"title": "Orders → Warehouse", "slug": "o", "url": "/integrations/o"},
    "tabs": [{"url": f"/x/{label}", "label": label, "is_current": label == "Support"} for label in ("What it is", "Owners", "Support")],
}
T = "portal/catalog/"
PRODUCT_PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "integration": (f"{T}integration.html", OVERVIEW),
    "integration-bare": (f"{T}integration.html", OVERVIEW_BARE),
    "integration-endpoints": (f"{T}integration_endpoints.html", ENDPOINTS),
    "integration-endpoints-empty": (f"{T}integration_endpoints.html", {**ENDPOINTS, "endpoints": []}),
    "integration-releases": (f"{T}integration_releases.html", RELEASES),
    "integration-releases-empty": (f"{T}integration_releases.html", {**RELEASES, "releases": []}),
    "integration-changes": (f"{T}integration_changes.html", CHANGES),
    "integration-changes-empty": (f"{T}integration_changes.html", {**CHANGES, "changes": []}),
    "integration-history": (f"{T}integration_history.html", HISTORY),
    "integration-roadmap": (f"{T}integration_roadmap.html", ROADMAP),
    "integration-roadmap-empty": (f"{T}integration_roadmap.html", {**ROADMAP, "quarters": [], "form": None}),
    "integration-relations": (f"{T}integration_relations.html", RELATIONS),
    "integration-relations-empty": (f"{T}integration_relations.html", {**RELATIONS, "rows": [], "next_cursor": None, "form": None}),
    "integration-access": (f"{T}integration_access.html", ACCESS),
    "integration-access-empty": (f"{T}integration_access.html", {**ACCESS, "grants": []}),
    "section-support": (
        f"{T}section_form.html",
        {**_FORM, "section": {"title": "Support", "about": "What somebody needs to know at night."}, "form": SupportForm()},
    ),
    "section-errors": (
        f"{T}section_form.html",
        {
            **_FORM,
            "section": {"title": "Deprecation", "about": "When it ends."},
            "form": DeprecationForm(data={"effective_on": "soon", "version": "1"}),
            "extra_errors": ["Somebody else changed it while you were writing."],
            "remove_url": "/x",
        },
    ),
    "section-labels": (
        f"{T}section_form.html",
        {**_FORM, "section": {"title": "Labels", "about": "Words."}, "form": LabelsForm(initial={"labels": "a=1", "tags": ["x"]})},
    ),
}
