"""Lanes of agents: reports of health, and what should run."""

import json
from datetime import UTC, datetime
from itertools import count

from benchmarks.estate import Estate
from benchmarks.lanes.base import RUN, get, send
from benchmarks.load import Lane, Reply

READINGS = 100


def batch(estate: Estate, number: int, n: int) -> bytes:
    """A hundred readings with keys of their own."""
    moment = datetime.now(tz=UTC).isoformat().replace("+00:00", "Z")
    slots = estate.slots
    reports = [
        {
            "key": f"{RUN}-{number}-{n}-{index}",
            "slot": str(slots[index % len(slots)].id),
            "integration": slots[index % len(slots)].integration.slug,
            "environment": "production",
            "digest": estate.digests[slots[index % len(slots)].id],
            "window_start": moment,
            "window_end": moment,
            "runs_started": 3,
            "runs_succeeded": 3,
            "runs_failed": 0,
            "records_read": 120,
            "records_written": 120,
            "records_failed": 0,
            "latency_ms": {"count": 3, "sum": 31.5, "max": 14.25},
            "errors": [],
            "seq": n,
        }
        for index in range(READINGS)
    ]
    return json.dumps({"reports": reports}).encode()


def intake(estate: Estate, number: int) -> Lane:
    for n in count():
        yield send("POST", "/runtime/health-reports", estate.runtime, batch(estate, number, n))


def pull(estate: Estate, _number: int) -> Lane:
    """An agent that has nothing yet: the whole signed envelope."""
    while True:
        yield get("/runtime/desired", estate.runtime)


def poll(estate: Estate, _number: int) -> Lane:
    """An agent that asks again: nothing new."""
    reply: Reply = yield get("/runtime/desired", estate.runtime)
    while True:
        known = reply.headers.get("etag", '""')
        reply = yield get("/runtime/desired", estate.runtime, **{"If-None-Match": known})
