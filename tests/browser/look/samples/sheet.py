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
_ONE = "/integrations/batches/018f0000-0000-7000-8000-000000000001"


def _batch(**more: Any) -> dict[str, Any]:
    told = {"url": _ONE, "by": "Mara Lindqvist", "what": "edit", "state": "done", "is_moving": False, "created_at": ago(days=1)}
    counts = {"rows": 48212, "done": 48212, "writes": 0, "verdicts": []}
    return {**told, **counts, "undone_at": None, "cancel_url": "", "apply_url": "", "undo_url": "", **more}


BATCHES = [
    _batch(state="running", is_moving=True, what="trial", created_at=ago(minutes=2)),
    _batch(rows=14, undo_url=f"{_ONE}/undo"),
    _batch(by="Kenji Sato", rows=1, created_at=ago(days=9), undone_at=ago(days=8)),
]
_VERDICTS = [("created", 12), ("changed", 18204), ("unchanged", 29990), ("refused", 6)]
_ROWS = [OUTCOME["rows"][2], *OUTCOME["rows"][:2]]
_WAITING = {"line": 31001, "slug": "waiting-row", "url": "", "verdict": "waiting", "diff": [], "problem": []}
_REST = {"verdict": "", "next_cursor": "eyJ", "rows": _ROWS}
BATCH_MOVING = {
    **_REST,
    "rows": [*_ROWS, _WAITING],
    "batch": _batch(
        state="running", is_moving=True, done=31000, verdicts=_VERDICTS, created_at=ago(minutes=2), cancel_url=f"{_ONE}/cancel"
    ),
}
BATCH_TRIED = {**_REST, "batch": _batch(what="trial", writes=18216, verdicts=_VERDICTS, apply_url=f"{_ONE}/apply")}
BATCH_DONE = {**_REST, "verdict": "changed", "rows": [], "batch": _batch(verdicts=_VERDICTS, undo_url=f"{_ONE}/undo")}
SHEET: dict[str, Any] = {"form": SheetForm(), "outcome": None, "batches": []}
SHEET_TRIED = {"form": SheetForm(initial={"content": "slug,version,tier"}), "outcome": OUTCOME, "batches": BATCHES}
