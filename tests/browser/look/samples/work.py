"""Home and the review inbox: full and empty."""

from datetime import datetime, timedelta
from typing import Any

from .common import CHART, ENTRIES, NOW, ago


def _row(
    number: int, title: str, by: str, risk: str, checks: tuple[str, str], have: int, needed: int, due: datetime, **more: Any
) -> dict[str, Any]:
    base = {
        "number": number,
        "url": f"/reviews/{number}",
        "title": title,
        "requester": by,
        "environment": "production",
        "state": "open",
        "risk": risk,
        "checks": {"state": checks[0], "word": checks[1]},
        "approvals": {"have": have, "needed": needed},
        "due_at": due,
        "unblock": "Needs Mara Lindqvist or Piotr Nowak",
    }
    return {**base, **more}


ROWS = [
    _row(2071, "Payments → Ledger posting 3.0.0", "Samir Iyer", "high", ("failed", "1 of 9 failed"), 1, 3, NOW + timedelta(hours=7)),
    _row(2068, "CRM → Billing customer sync 2.1.0", "Ada Okafor", "medium", ("passed", "All 9 passed"), 2, 3, ago(days=2, hours=1)),
    _row(2066, "HR → Payroll waiver renewal", "Joana Duarte", "medium", ("warning", "1 needs a waiver"), 0, 2, ago(days=3)),
    _row(2064, "KYC → Core banking retention 1.4.2", "Piotr Nowak", "low", ("passed", "All 9 passed"), 1, 2, NOW + timedelta(days=1)),
    _row(
        2061,
        "Orders → Warehouse 1.8.0 with a title that goes on for longer than anybody wants to read",
        "Lena Fischer",
        "low",
        ("running", "Running"),
        1,
        2,
        NOW + timedelta(days=9),
    ),
]
HOME = {
    "now": NOW,
    "counts": {"waiting": 5, "overdue": 2, "unhealthy": 3, "changed": 14},
    "waiting": ROWS,
    "unhealthy": [
        {
            "title": "Orders → Warehouse",
            "url": "/integrations/x",
            "environment": "production",
            "state": "failing",
            "reason": "7 of the last 10 runs failed: connection refused",
            "since": ago(minutes=42),
        },
        {
            "title": "HR → Payroll",
            "url": "/integrations/x",
            "environment": "production",
            "state": "silent",
            "reason": "expected a run at 06:00",
            "since": ago(hours=3.6),
        },
        {
            "title": "Product texts → Translation",
            "url": "/integrations/x",
            "environment": "staging",
            "state": "degraded",
            "reason": "one run in four is retried",
            "since": ago(days=2),
        },
    ],
    "overdue": [
        {
            "title": "CRM → Billing customer sync 2.1.0",
            "url": "/reviews/2068",
            "what": "decision was due",
            "due_at": ago(days=2, hours=1),
            "who": "Mara Lindqvist",
        }
    ],
    "recent": ENTRIES[1:],
    "since": ago(hours=16),
    "can_register": True,
    "asks": [{"title": "Is it still right, and still yours?", "text": "3 integrations", "url": "/stewardship/attestations"}],
    "yours": {
        "title": "What you answer for",
        "url": "/integrations?owner=mara",
        "rows": [
            {
                "title": [{"text": "Orders → Warehouse", "is_hit": False}],
                "url": "/integrations/o",
                "systems": ["Shop", "Warehouse"],
                "stage": "live",
                "health": "degraded",
                "releases": [{"version": "1.0.0"}],
                "tier": 1,
            },
            {
                "title": [{"text": f"Returns {'of everything that was ever sold ' * 3}→ ERP", "is_hit": False}],
                "url": "/integrations/r",
                "systems": [],
                "stage": "proposed",
                "health": "unknown",
                "releases": [],
                "tier": 3,
            },
        ],
    },
}
HOME_EMPTY = {
    "now": NOW,
    "counts": {"waiting": 0, "overdue": 0, "unhealthy": 0, "changed": 0},
    "waiting": [],
    "unhealthy": [],
    "overdue": [],
    "recent": [],
    "since": None,
}
INBOX = {
    "now": NOW,
    "tab": "waiting",
    "counts": {"waiting": 5, "mine": 1, "all": 148},
    "late": 2,
    "rows": ROWS,
    "next_cursor": "abc",
    "can_request": True,
    "chart": CHART,
    "facts": [("Decided in the last 30 days", 148), ("Within the 24 h target", "91 %"), ("Sent back for changes", 22)],
}
INBOX_EMPTY = {**INBOX, "rows": [], "counts": {"waiting": 0, "mine": 0, "all": 0}, "late": 0, "chart": None, "next_cursor": None}
INBOX_ALL = {
    **INBOX,
    "tab": "all",
    "chart": None,
    "rows": [
        {**row, "state": state} for row, state in zip(ROWS, ["open", "dispatched", "withdrawn", "completed", "rejected"], strict=True)
    ],
}
