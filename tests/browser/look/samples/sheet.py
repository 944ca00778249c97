"""A sheet: before anything was sent, and what one would change."""

from typing import Any

from portal.forms.bulk import SheetForm

from .common import ago

OUTCOME = {
    "is_dry_run": True,
    "counts": {"created": 1, "changed": 2, "unchanged": 41, "refused": 1},
    "writes": 3,
    "rows": [
        {
            "line": 2,
            "slug": "orders-to-erp",
            "url": "/integrations/orders-to-erp",
            "verdict": "changed",
            "diff": [
                {"field": "tier", "before": "3", "after": "2"},
                {"field": "support", "before": "{}", "after": '{"channel": "#orders-integration", "hours": "Mon to Fri, 8 to 18"}'},
            ],
            "problem": [],
        },
        {"line": 7, "slug": "returns-to-erp", "url": "", "verdict": "created", "diff": [], "problem": []},
        {
            "line": 9,
            "slug": "stock-to-shop",
            "url": "",
            "verdict": "refused",
            "diff": [],
            "problem": ["Somebody has changed this since you read it.", "/version: the present version is 12"],
        },
    ],
}
BATCHES = [
    {"at": ago(days=1), "by": "Mara Lindqvist", "rows": 14, "undone_at": None, "undo_url": "/integrations/batches/1/undo"},
    {"at": ago(days=9), "by": "Kenji Sato", "rows": 1, "undone_at": ago(days=8), "undo_url": ""},
]
SHEET: dict[str, Any] = {"form": SheetForm(), "outcome": None, "batches": []}
SHEET_TRIED = {"form": SheetForm(initial={"content": "slug,version,tier"}), "outcome": OUTCOME, "batches": BATCHES}
