"""Integrations."""

from .common import ENTRIES, NEW, NOW, OLD, RUNS, ago
from .documents import DOCUMENT_ROWS, TABS

INTEGRATION = {
    "now": NOW,
    "integration": {
        "title": "Orders → Warehouse",
        "slug": "orders-to-warehouse",
        "purpose": "Turns paid orders into picking lists within a minute.",
        "stage": "live",
        "tier": "1",
        "type": "Event flow",
        "visibility": "everyone signed in",
        "created_at": ago(days=240),
        "health": "degraded",
    },
    "owners": [{"role": "Owning team", "name": "Fulfilment"}, {"role": "Lead", "name": "Lena Fischer"}],
    "endpoints": [
        {
            "system": "Shop",
            "data_object": "Order",
            "role": "source",
            "operation": "subscribe",
            "address": "https://shop.example/events/orders",
        },
        {"system": "Warehouse", "data_object": "Picking list", "role": "target", "operation": "create", "address": "", "redacted": True},
    ],
    "releases": [
        {"version": "2.0.0", "digest": NEW, "at": ago(days=1), "by": "Samir Iyer", "is_live_in": [], "request_url": "/reviews/new"},
        {
            "version": "1.0.0",
            "digest": OLD,
            "at": ago(days=90),
            "by": "Lena Fischer",
            "is_live_in": ["production", "staging"],
            "request_url": "",
            "identical_to": "0.9.0",
        },
    ],
    "documents": DOCUMENT_ROWS,
    "tabs": TABS,
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
    "changes": [
        {"number": 2071, "title": "2.0.0 into production", "state": "open", "at": ago(hours=28), "by": "Samir Iyer", "url": "/reviews/2071"}
    ],
    "entries": ENTRIES,
    "may_edit": True,
    "may_release": True,
    "may_request": True,
}
INTEGRATIONS = {
    "now": NOW,
    "filters": {"q": "", "team": "f", "stage": "", "tier": "", "system": "", "health": ""},
    "choices": {
        "team": [("f", "Fulfilment")],
        "system": [("s", "Shop")],
        "stage": [("live", "Live")],
        "tier": [("1", "1")],
        "health": [("failing", "Failing")],
    },
    "rows": [
        {
            "title": "Orders → Warehouse",
            "url": "/integrations/a",
            "team": "Fulfilment",
            "stage": "live",
            "tier": "1",
            "systems": ["Shop", "Warehouse"],
            "health": "degraded",
            "releases": [{"environment": "production", "version": "1.0.0"}, {"environment": "staging", "version": "2.0.0"}],
        },
        {
            "title": "HR → Payroll",
            "url": "/integrations/b",
            "team": "People",
            "stage": "deprecated",
            "tier": "2",
            "systems": ["HR", "Payroll"],
            "health": "silent",
            "releases": [{"environment": "production", "version": "4.2.0"}],
        },
        {
            "title": "Product texts → Translation",
            "url": "/integrations/c",
            "team": "Content",
            "stage": "proposed",
            "tier": "3",
            "systems": ["PIM", "Translation"],
            "health": "unknown",
            "releases": [],
        },
    ],
    "next_cursor": "n",
    "is_filtered": True,
    "can_register": True,
}
