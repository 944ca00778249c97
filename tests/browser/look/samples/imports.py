"""Imports: none yet, one on its way with long paths and reasons, one that was only tried; and values that differ."""

from typing import Any
from uuid import UUID

from portal.forms.imports import ImportForm

from .common import FULFILMENT, MARA, NOW, SAMIR, ago

_ONE = UUID(int=7)
_FILES = [
    {
        "path": "teams/order-management/production/2026/a_WhatsApp__Automate_Sales_Meeting_Prep_with_AI_APIFY_Sent_To_WhatsApp.json",
        "verdict": "created",
        "reason": "The address that 'Fetch account manager notes' calls is made at run time or stands for another.",
        "created": [
            {"kind": "system", "slug": "google-calendar", "url": ""},
            {"kind": "data object", "slug": "meeting", "url": ""},
            {"kind": "integration", "slug": "automate-sales-meeting-prep", "url": "/integrations/automate-sales-meeting-prep"},
        ],
    },
    {
        "path": "orders.json",
        "verdict": "needs attention",
        "reason": "A person set title of orders-to-erp; the file says something else.",
        "created": [],
    },
    {"path": "stock.json", "verdict": "unchanged", "reason": "", "created": []},
    {
        "path": "template.yaml",
        "verdict": "needs attention",
        "reason": "This is a template: render it first.",
        "created": [],
    },
    {"path": "later.json", "verdict": "waiting", "reason": "", "created": []},
]
_BATCH: dict[str, Any] = {
    "id": _ONE,
    "url": f"/imports/{_ONE}",
    "label": "n8n production",
    "team": FULFILMENT,
    "by": MARA,
    "is_dry_run": False,
    "state": "running",
    "is_moving": True,
    "created_at": ago(minutes=1),
    "finished_at": None,
    "files": 183,
    "done": 121,
    "attention": 9,
    "verdicts": [("created", 88), ("updated", 4), ("unchanged", 20), ("needs attention", 9)],
    "may_cancel": True,
}
_DONE = {**_BATCH, "state": "done", "is_moving": False, "done": 183, "is_dry_run": True, "may_cancel": False}
_WAITING = [{"title": "Orders to ERP", "url": "/integrations/orders-to-erp/sources", "fields": ["Title", "Systems and data"]}]
IMPORTS = {"now": NOW, "rows": [_BATCH, _DONE], "next_cursor": None, "can_import": True, "waiting": _WAITING}
IMPORT = {"now": NOW, "batch": _BATCH, "files": _FILES, "verdict": "", "next_cursor": "abc"}
IMPORT_TRIED = {"now": NOW, "batch": _DONE, "files": [], "verdict": "updated", "next_cursor": None}
IMPORT_FORM = {"now": NOW, "form": ImportForm(teams=[("orders", "Order management")]), "extra_errors": []}
IMPORT_FORM_REFUSED = {"now": NOW, "form": ImportForm({"team": "x"}, {}, teams=[("orders", "Order management")]), "extra_errors": []}
_TABS = [
    {"url": "/integrations/orders-to-erp", "label": "Overview", "is_current": False},
    {"url": "/integrations/orders-to-erp/sources", "label": "Sources", "is_current": True},
]
SOURCES: dict[str, Any] = {
    "now": NOW,
    "integration": {"title": "Orders to ERP", "slug": "orders-to-erp", "url": "/integrations/orders-to-erp"},
    "tabs": _TABS,
    "sees_inside": True,
    "divergences": [
        {
            "id": _ONE,
            "field": "Systems and data",
            "machine": "source: read order @ shopify\ntarget: create order @ netsuite\ntarget: notify @ slack",
            "person": "source: read order @ shopify\ntarget: create order @ netsuite",
            "label": "n8n production",
            "path": "teams/order-management/orders.json",
            "state": "open",
            "raised_at": ago(hours=5),
            "resolved_at": None,
            "resolved_by": "",
            "may_answer": True,
        },
        {
            "id": _ONE,
            "field": "Title",
            "machine": "My workflow 7",
            "person": "Orders to ERP",
            "label": "n8n production",
            "path": "orders.json",
            "state": "rejected",
            "raised_at": ago(days=5),
            "resolved_at": ago(days=4),
            "resolved_by": SAMIR,
            "may_answer": False,
        },
    ],
    "sources": [{"field": "Purpose", "label": "n8n production", "path": "orders.json", "at": ago(days=30)}],
    "ai_use": [{"provider": "openai", "model": "gpt-4o-mini", "node": "Classify", "data": ["email", "name", "HubSpot contact"]}],
}
SOURCES_NONE = {**SOURCES, "sees_inside": False, "divergences": [], "sources": [], "ai_use": []}
