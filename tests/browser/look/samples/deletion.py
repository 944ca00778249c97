"""Deleting and bringing back."""

from .common import FULFILMENT, LENA, NOW, ago

_USES = [
    {"title": "Orders → Warehouse", "detail": "target, create Picking list", "url": "/integrations/orders-to-warehouse"},
    {"title": "Returns from the parcel service to the warehouse and back", "detail": "source, read", "url": "/integrations/returns"},
]
DELETION = {
    "now": NOW,
    "title": "Warehouse Hamburg",
    "slug": "warehouse",
    "kind": "Systems",
    "list_url": "/systems",
    "url": "/systems/warehouse",
    "step": "tombstone",
    "is_integration": False,
    "is_retired": True,
    "token": "sha256:0.e30",
    "may_proceed": False,
    "may_act": True,
    "may_reinstate": True,
    "blockers": [
        {
            "words": "Integrations that read or write it",
            "count": 5,
            "who": "The owners of these integrations, by taking it out of their endpoints.",
        },
        {
            "words": "Releases that run",
            "count": 1,
            "who": "The board, by a change that takes it out of these places.",
            "url": "/reviews/new?integration=orders&action=retire",
        },
    ],
    "groups": [
        {
            "id": "endpoints",
            "words": "Integrations that read or write it",
            "count": 5,
            "blocks": "tombstone",
            "items": _USES,
            "more": "",
            "hidden": "3 that you may not see",
        },
        {
            "id": "relations",
            "words": "Relations",
            "count": 1,
            "blocks": None,
            "items": [{"title": "Parcel service", "detail": "used by", "url": ""}],
            "more": "",
            "hidden": "",
        },
    ],
    "refusal": "Something has changed since this page was shown. Look again before you decide.",
    "changed": ["Integrations that read or write it: 1 came, 0 went. Orders → Warehouse"],
}
DELETION_CLEAR = {
    **DELETION,
    "step": "retire",
    "is_retired": False,
    "may_proceed": True,
    "may_reinstate": False,
    "blockers": [],
    "groups": [],
    "refusal": "",
    "changed": [],
}
TOMBSTONES = {
    "now": NOW,
    "rows": [
        {
            "id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "title": "Orders → Warehouse",
            "slug": "orders-to-warehouse",
            "kind": "Integrations",
            "team": FULFILMENT,
            "by": LENA,
            "at": ago(days=2),
            "asks_for_slug": True,
        },
        {
            "id": "01890a5d-ac96-774b-bcce-b302099a8058",
            "title": "Old catalogue",
            "slug": "old-catalogue",
            "kind": "Systems",
            "team": "",
            "by": "",
            "at": ago(days=90),
            "asks_for_slug": False,
        },
    ],
    "refusal": ["The name was given to another since: restore it under a new slug."],
    "kinds": [("integration", "Integrations"), ("system", "Systems")],
    "kind": "",
    "next_cursor": None,
}
