"""Values that several sample pages share."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

NOW = datetime(2026, 11, 16, 9, 41, tzinfo=UTC)
OLD = "sha256:" + "4be1c20a" * 8
NEW = "sha256:" + "9f86d081" * 8


FULFILMENT = SimpleNamespace(slug="fulfilment", title="Fulfilment", contact="#fulfilment", parent=None)
PEOPLE_TEAM = SimpleNamespace(slug="people", title="People", contact="", parent=FULFILMENT)
ADA = SimpleNamespace(username="ada", display_name="Ada Okafor")
LENA = SimpleNamespace(username="lena", display_name="Lena Fischer")
MARA = SimpleNamespace(username="mara", display_name="Mara Lindqvist")
PIOTR = SimpleNamespace(username="piotr", display_name="Piotr Nowak-Wielgosławski of the northern shops")
SAMIR = SimpleNamespace(username="samir", display_name="Samir Iyer")


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


BEFORE = """{
  "runtime_kind": "node-red",
  "payload": {
    "label": "Orders to warehouse",
    "nodes": [
      {"id": "in", "type": "http in", "url": "/orders"},
      {"id": "map", "type": "function", "name": "to picking list"},
      {"id": "limit", "type": "delay", "rate": 10},
      {"id": "out", "type": "http request", "url": "https://warehouse.example/v1/pick"}
    ],
    "env": {"REGION": "eu-north"},
    "retries": 3,
    "timeout_s": 20,
    "currency": "EUR",
    "amount": {"type": "number"},
    "notes": "none"
  }
}
"""
AFTER = (
    BEFORE.replace("/v1/pick", "/v2/pick")
    .replace('"amount": {"type": "number"}', '"amount": {"type": "string", "format": "decimal"}')
    .replace('"rate": 10', '"rate": 25')
    .replace('    "notes": "none"\n', '    "notes": "none",\n    "idempotency": true\n')
)

RUNBOOK = """# When it fails

1. Look at the **warehouse** status page.
2. Replay with `replay --since 1h`.

| code | meaning |
|---|---|
| 409 | already picked |

<script>alert(1)</script> [call](https://example.org)
"""

ENTRIES = [
    {"at": ago(hours=30), "title": "Draft made", "by": "Samir Iyer", "icon": "doc", "index": 4102},
    {"at": ago(hours=28), "title": "Sent to the board", "by": "Samir Iyer", "tone": "info", "icon": "review", "index": 4105},
    {"at": ago(hours=27.9), "title": "9 checks ran, 1 failed", "by": "worker", "tone": "bad", "icon": "bad", "index": 4106},
    {
        "at": ago(hours=3),
        "title": "Approved",
        "by": "Ada Okafor",
        "tone": "ok",
        "icon": "ok",
        "note": "Read the mapping with the warehouse team.\nThe decimal string is what they asked for.",
        "index": 4188,
        "url": "/log/1",
    },
]


CHART = {
    "title": "Time to decision",
    "labels": ["7 Sep", "14 Sep", "21 Sep", "28 Sep", "5 Oct", "12 Oct", "19 Oct", "26 Oct"],
    "series": [
        {"name": "Median", "values": [22, 20, 19, 24, 22, 20, 21, 16]},
        {"name": "90th", "values": [41, 44, 49, 40, 36, None, 33, 27]},
    ],
    "summary": "The median fell from 22 to 16 working hours in eight weeks.",
    "unit": " h",
    "narrow": True,
}
RUNS = {
    "title": "Runs in production, 1.0.0",
    "labels": [f"{h:02d}:00" for h in range(12)],
    "series": [
        {"name": "good", "values": [40, 41, 40, 39, 40, 40, 38, 40, 40, 41, 40, 40]},
        {"name": "failed", "values": [0, 0, 1, 0, 0, 3, 2, 0, 0, 0, 0, 0]},
    ],
    "summary": "479 of 485 runs were good; the last failure was 5 hours ago.",
}
