"""Deployments and runtimes."""

from datetime import timedelta

from .common import ENTRIES, NEW, NOW, OLD, ago

_FACTS = [("requested", "done", 9), ("accepted", "done", 8), ("recorded", "done", 6), ("started", "now", None), ("proven", "waiting", None)]
DEPLOYMENT = {
    "now": NOW,
    "deployment": {
        "integration": "Orders → Warehouse",
        "integration_url": "/integrations/orders",
        "environment": "production",
        "runtime": "Node-RED, Hamburg",
        "runtime_url": "/runtimes/x",
        "version": "2.0.0",
        "digest": NEW,
        "generation": 2,
        "state": "verifying",
        "reason": "",
        "cause": "change",
        "change_number": 2071,
        "change_url": "/reviews/2071",
        "is_moving": True,
        "next_check_at": NOW + timedelta(seconds=20),
        "next_check_why": "3 of 5 good runs seen",
        "unblock": "",
        "note": "",
    },
    "facts": [{"key": key, "status": status, "at": ago(seconds=s) if s else None} for key, status, s in _FACTS],
    "attempts": [
        {
            "n": 2,
            "at": ago(seconds=9),
            "ended_at": ago(seconds=7.6),
            "outcome": "applied",
            "evidence": {"status": 204, "rev": "1f3a", "idempotency_key": "8a0d"},
        },
        {
            "n": 1,
            "at": ago(seconds=40),
            "ended_at": ago(seconds=10),
            "outcome": "unknown",
            "error": "The connection was reset after the bytes had left; read back before trying again.",
            "evidence": None,
        },
    ],
    "desired": {"digest": NEW, "version": "2.0.0", "generation": 2, "at": ago(seconds=50)},
    "observed": {"digest": NEW, "generation": 2, "native_revision": "f1e2d3c4b5a697", "at": ago(seconds=6), "source": "admin API"},
    "drift": {"state": "in_sync", "detail": "Our tab and its content hash are there; 4 other tabs were not touched."},
    "health": {
        "state": "unknown",
        "reason": "3 good runs of this digest so far; 5 are needed.",
        "since": ago(seconds=20),
        "expected": "A run every 5 seconds.",
    },
    "gate": {"sentence": "Proven after 5 good runs and 30 s of soak; otherwise 1.0.0 comes back by itself.", "passed": False},
    "entries": ENTRIES,
}
DEPLOYMENT_FAILED = {
    **DEPLOYMENT,
    "deployment": {
        **DEPLOYMENT["deployment"],
        "state": "halted",
        "is_moving": False,
        "reason": "12 attempts in 24 hours.",
        "unblock": "An operator can retry from the runtime's page, or an owner can ask for another release.",
        "note": "This runtime cannot say whether a flow has started.",
    },
    "facts": [
        {"key": k, "status": s, "at": ago(seconds=9) if s == "done" else None}
        for k, s in [("requested", "done"), ("accepted", "failed"), ("recorded", "waiting"), ("started", "absent"), ("proven", "waiting")]
    ],
    "attempts": [],
    "observed": None,
    "drift": {"state": "missing"},
    "health": {"state": "silent", "reason": "Nothing was reported."},
    "gate": None,
}
DEPLOYMENTS = {
    "now": NOW,
    "filters": {"integration": "", "environment": "", "state": ""},
    "choices": {"environment": [("p", "production")], "state": [("halted", "Halted")]},
    "rows": [
        {
            "url": "/deployments/1",
            "integration": "Orders → Warehouse",
            "environment": "production",
            "runtime": "Node-RED, Hamburg",
            "version": "2.0.0",
            "digest": NEW,
            "generation": 2,
            "state": "verifying",
            "fact": "started",
            "at": ago(seconds=40),
            "next_check_at": NOW + timedelta(seconds=20),
        },
        {
            "url": "/deployments/2",
            "integration": "HR → Payroll",
            "environment": "production",
            "runtime": "Agent",
            "version": "4.2.0",
            "digest": OLD,
            "generation": 9,
            "state": "halted",
            "reason": "12 attempts in 24 hours",
            "fact": "requested",
            "at": ago(hours=4),
        },
        {
            "url": "/deployments/3",
            "integration": "KYC → Core banking",
            "environment": "staging",
            "runtime": "Agent",
            "version": "1.4.2",
            "digest": OLD,
            "generation": 3,
            "state": "succeeded",
            "fact": "proven",
            "at": ago(days=4),
        },
    ],
    "next_cursor": None,
    "is_filtered": False,
}
RUNTIMES = {
    "now": NOW,
    "rows": [
        {
            "title": "Node-RED, Hamburg",
            "url": "/runtimes/nr",
            "kind": "node-red",
            "mode": "push",
            "environments": ["production"],
            "state": "connected",
            "last_seen_at": ago(seconds=8),
            "slots": 42,
            "drifted": 1,
            "unmanaged": 4,
        },
        {
            "title": "Reference agent",
            "url": "/runtimes/ra",
            "kind": "agent",
            "mode": "pull",
            "environments": ["staging", "production"],
            "state": "silent",
            "last_seen_at": ago(hours=2),
            "slots": 7,
            "drifted": 0,
            "unmanaged": 0,
            "reason": "polls every 5 s, last seen 2 hours ago",
        },
    ],
}
RUNTIME = {
    "now": NOW,
    "runtime": {
        "title": "Node-RED, Hamburg",
        "slug": "nr",
        "kind": "node-red",
        "mode": "push",
        "adapter": "node_red",
        "adapter_version": "1.0",
        "version": "4.1.1",
        "state": "connected",
        "reason": "",
        "last_seen_at": ago(seconds=8),
        "environments": ["production"],
        "address": "http://127.0.0.1:1880",
        "clock_offset": "0.2 s",
    },
    "abilities": [
        {"name": "Reads back content", "has": True, "meaning": "Recorded means the content hash matched."},
        {"name": "Says whether a flow started", "has": False, "meaning": "Started is taken from the first run."},
    ],
    "slots": [
        {
            "integration": "Orders → Warehouse",
            "url": "/deployments/1",
            "environment": "production",
            "version": "2.0.0",
            "generation": 2,
            "desired_digest": NEW,
            "drift": "drifted",
            "deployment_state": "verifying",
            "health": "unknown",
        }
    ],
    "unmanaged": [{"name": "tab “Flow 1”", "seen_at": ago(hours=3), "detail": "12 nodes, not made by Portolan"}],
    "entries": ENTRIES,
}
