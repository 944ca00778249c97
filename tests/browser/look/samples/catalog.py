"""Integrations."""

from .common import NOW

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
