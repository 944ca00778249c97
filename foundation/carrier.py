"""Wake-ups: a task's name and ids, carried to a worker after commit.

The database row is the queue, and a poller finds every due row; a wake-up only makes it sooner. So losing one is
harmless, and an error here must never fail the command that asked for it.
"""

import functools
import json
import logging
import random
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import psycopg
from django.conf import settings
from django.db import connection, transaction
from prometheus_client import Counter

from foundation.due import backoff_s

CHANNEL = "portolan_wake"
LOST = Counter("portolan_wakeups_lost_total", "Wake-ups that could not be sent; the pollers find the work later.", ["task"])
_BURST = 1_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wake:
    """One call for a worker: run the task of this name with these keyword arguments."""

    name: str
    ids: Mapping[str, str] = field(default_factory=dict)


def wake(name: str, **ids: str) -> None:
    """Ask a worker to run task `name` once the present transaction has committed; at once outside one."""
    transaction.on_commit(functools.partial(_send, name, ids), robust=True)


def _send(name: str, ids: dict[str, str]) -> None:
    try:
        if settings.CELERY_BROKER_URL:
            _by_celery(name, ids)
        else:
            _by_notify(name, ids)
    except Exception:  # noqa: BLE001 - whatever the carrier's trouble is, the poller finds the row
        LOST.labels(task=name).inc()
        _log.warning("wake-up lost", extra={"task": name}, exc_info=True)


def _by_celery(name: str, ids: dict[str, str]) -> None:
    from celery import current_app

    current_app.send_task(name, kwargs=ids, retry=False)


def _by_notify(name: str, ids: dict[str, str]) -> None:
    """A statement of its own: NOTIFY inside a busy transaction serialises every commit of the server."""
    payload = json.dumps({"name": name, "ids": ids}, sort_keys=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def listen(stop: threading.Event, timeout_s: float = 5.0) -> Iterator[list[Wake]]:
    """Yield bursts of wake-ups, each at most once per burst, until `stop` is set.

    An empty list comes after `timeout_s` without news and after each (re)connection, so that the caller polls what it
    may have missed. Uses a direct connection of its own; a broken one is rebuilt with growing pauses.
    """
    attempt = 0
    while not stop.is_set():
        try:
            with _direct_connection() as direct:
                direct.execute(f"LISTEN {CHANNEL}")
                attempt = 0
                yield []
                while not stop.is_set():
                    yield _burst(direct, timeout_s)
        except psycopg.Error as error:
            attempt += 1
            _log.warning("listener reconnects", extra={"attempt": attempt, "error": type(error).__name__})
            stop.wait(backoff_s(attempt, base=0.5, cap=30, rng=random))


def _direct_connection() -> "psycopg.Connection[tuple[object, ...]]":
    params = connection.get_connection_params()
    kept = {key: value for key, value in params.items() if key not in {"cursor_factory", "context", "prepare_threshold"}}
    return psycopg.connect(autocommit=True, **kept)


def _burst(direct: "psycopg.Connection[tuple[object, ...]]", timeout_s: float) -> list[Wake]:
    seen: dict[str, None] = {}
    for notice in direct.notifies(timeout=timeout_s, stop_after=1):
        seen[notice.payload] = None
    if seen:  # what else has already arrived, without waiting for more
        for notice in direct.notifies(timeout=0):
            seen[notice.payload] = None
            if len(seen) >= _BURST:
                break
    return [found for found in map(_parsed, seen) if found is not None]


def _parsed(payload: str) -> Wake | None:
    """Anybody who may connect may NOTIFY: what is not ours is dropped."""
    try:
        message = json.loads(payload)
        name, ids = message["name"], message["ids"]
        if isinstance(name, str) and all(isinstance(value, str) for value in ids.values()):
            return Wake(name, dict(ids))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    _log.warning("dropped an unreadable wake-up")
    return None
