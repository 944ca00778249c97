"""Integrations."""

from .common import FULFILMENT, NOW, PEOPLE_TEAM

INTEGRATIONS = {
    "now": NOW,
    "typed": "warehouse",
    "kept": [("team", "fulfilment")],
    "query": "q=warehouse&team=fulfilment",
    "rows": [
        {
            "title": [{"text": "Orders → ", "is_hit": False}, {"text": "Warehouse", "is_hit": True}],
            "url": "/integrations/a",
            "team": FULFILMENT,
            "stage": "live",
            "tier": 1,
            "visibility": "organisation",
            "systems": ["Shop", "Warehouse"],
            "health": "degraded",
            "releases": [{"environment": "production", "version": "1.0.0"}, {"environment": "staging", "version": "2.0.0"}],
            "found_in": [
                (
                    "Purpose",
                    [
                        {"text": "…of every order that the shop takes to the ", "is_hit": False},
                        {"text": "warehouse", "is_hit": True},
                        {
                            "text": " that is nearest to the customer, with a very-long-identifier-that-has-no-break-0123456789…",
                            "is_hit": False,
                        },
                    ],
                )
            ],
        },
        {
            "title": [{"text": "HR → Payroll", "is_hit": False}],
            "url": "/integrations/b",
            "team": PEOPLE_TEAM,
            "stage": "deprecated",
            "tier": 2,
            "visibility": "restricted",
            "systems": ["HR", "Payroll"],
            "health": "silent",
            "releases": [{"environment": "production", "version": "4.2.0"}],
            "found_in": [("Documents", [{"text": "Warehouses", "is_hit": True}, {"text": " are paid by the hour.", "is_hit": False}])],
        },
        {
            "title": [{"text": "Product texts → Translation", "is_hit": False}],
            "url": "/integrations/c",
            "team": "Content",
            "stage": "a-stage-of-their-own",
            "tier": 3,
            "visibility": "organisation",
            "systems": [],
            "health": "unknown",
            "releases": [],
            "found_in": [],
        },
    ],
    "count": 1234,
    "next_url": "?cursor=n",
    "first_url": "?",
    "chips": [{"label": "Search", "value": "warehouse", "url": "?"}, {"label": "Team", "value": "Fulfilment", "url": "?"}],
    "facets": [
        {
            "name": "team",
            "label": "Team",
            "values": [
                {"label": "Fulfilment", "count": 812, "url": "?", "is_active": True},
                {"label": "A team with a very long name that must break somewhere", "count": 7, "url": "?", "is_active": False},
            ],
            "folded": [{"label": "Content", "count": 1, "url": "?", "is_active": False}],
            "other_values": 3,
            "is_multiple": False,
        },
        {
            "name": "stage",
            "label": "Stage",
            "values": [{"label": "Live", "count": 1000, "url": "?", "is_active": False}],
            "folded": [],
            "other_values": 0,
            "is_multiple": False,
        },
    ],
    "facets_url": "",
    "more_url": "",
    "sorts": [{"label": "Relevance", "url": "?", "is_current": True}, {"label": "Name", "url": "?", "is_current": False}],
    "exports": [("?format=csv", "As CSV")],
    "views": [
        {
            "id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "title": "Live, without an owner",
            "url": "?",
            "by": "",
            "is_shared": False,
            "may_remove": True,
        },
        {
            "id": "01890a5d-ac96-774b-bcce-b302099a8058",
            "title": "Personal data to marketing",
            "url": "?",
            "by": "Mara Lindqvist",
            "is_shared": True,
            "may_remove": False,
        },
    ],
    "is_filtered": True,
    "can_register": True,
}
