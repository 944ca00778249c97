"""The worker: polls for due work, listens for wake-ups, keeps the log's sequence.

Due work is always a row, so the poller alone is enough; a wake-up only makes it sooner. Several workers may run at once: tasks take rows
with SKIP LOCKED or an advisory lock. A task that raises is logged and counted and never ends the loop.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.db import close_old_connections, connection
from prometheus_client import Counter, Histogram

from config.health import WORKER_APPLICATION_NAME
from foundation import carrier, idempotency
from foundation.clock import db_now

log = structlog.get_logger(__name__)
RUNS = Counter("portolan_worker_runs_total", "Tasks the worker ran, by outcome.", ["task", "outcome"])
SECONDS = Histogram("portolan_worker_seconds", "Time a task took in the worker.", ["task"])
TASK_PACKAGES = frozenset({"audit", "accounts", "catalog", "runtime_adapters", "governance"})
SEQUENCE_TASK = "audit.sequence"
BUSY_S, IDLE_S = 0.2, 1.0
HEARTBEAT_S = 1.0
STOP_S = 5.0

Task = Callable[..., Any]


@dataclass(frozen=True)
class Duty:
    """A task that looks for due rows, and how often it is asked to."""

    task: str
    every_s: float


DUTIES = (
    Duty("runtime_adapters.reconcile_due", 1.0),
    Duty("runtime_adapters.fold_health_due", 1.0),
    Duty("governance.settle_due", 1.0),
    Duty("governance.review_due", 1.0),
    Duty("governance.escalate_due", 60.0),
    Duty("governance.notify_due", 2.0),
    Duty("governance.warn_due", 60.0),
    Duty("catalog.import_due", 1.0),
    Duty("catalog.apply_sheets_due", 1.0),
    Duty("catalog.refresh_words_due", 2.0),
    Duty("foundation.sweep_idempotency", 600.0),
)


def sweep_idempotency() -> int:
    """Forget answers kept for replay whose 48 hours are over."""
    return idempotency.sweep(now=db_now())


OWN_TASKS: Mapping[str, Task] = {"foundation.sweep_idempotency": sweep_idempotency}


def find_task(name: str) -> Task:
    """Return the registered task `<package>.<verb>`.

    Raises LookupError: a wake-up's name comes from outside and must not make us import or call anything else.
    """
    if name in OWN_TASKS:
        return OWN_TASKS[name]
    package = name.partition(".")[0]
    if package not in TASK_PACKAGES:
        raise LookupError(f"no such task: {name[:100]!r}")
    from config.celery import app

    importlib.import_module(f"{package}.tasks")
    try:
        task: Task = app.tasks[name]
    except KeyError:
        raise LookupError(f"no such task: {name[:100]!r}") from None
    return task


class Worker:
    """One process's threads: a scheduler (the caller's), a small pool, a listener and the sequencer."""

    def __init__(self, *, threads: int = 4, duties: tuple[Duty, ...] = DUTIES, find: Callable[[str], Task] = find_task) -> None:
        self.stop = threading.Event()
        self._find = find
        self._next = dict.fromkeys(duties, 0.0)
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="task")
        self._guard = threading.Lock()
        self._running: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
        self._again: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
        self._sequence_now = threading.Event()
        self._heart: psycopg.Connection[tuple[object, ...]] | None = None

    def run(self) -> None:
        """Work until `stop` is set, then give running tasks up to five seconds to end."""
        side = [threading.Thread(target=self._sequence, name="sequencer", daemon=True)]
        if not settings.CELERY_BROKER_URL:
            side.append(threading.Thread(target=self._listen, name="listener", daemon=True))
        for thread in side:
            thread.start()
        log.info("worker started", duties=[duty.task for duty in self._next])
        beat_at = 0.0
        while not self.stop.is_set():
            now = monotonic()
            if now >= beat_at:
                self._beat()
                beat_at = now + HEARTBEAT_S
            self._ask_duties(now)
            self.stop.wait(0.05)
        self._finish(side)

    def submit(self, name: str, ids: Mapping[str, str] | None = None) -> None:
        """Run a task soon. One already running with the same ids runs once more afterwards: its news came too late for the present run."""
        key = (name, tuple(sorted((ids or {}).items())))
        if name == SEQUENCE_TASK:
            self._sequence_now.set()
            return
        with self._guard:
            if key in self._running:
                self._again.add(key)
                return
            self._running.add(key)
        self._pool.submit(self._work, key)

    def _ask_duties(self, now: float) -> None:
        for duty, due_at in self._next.items():
            if now >= due_at:
                self._next[duty] = now + duty.every_s
                if not self._is_running(duty.task):
                    self.submit(duty.task)

    def _is_running(self, name: str) -> bool:
        with self._guard:
            return (name, ()) in self._running

    def _work(self, key: tuple[str, tuple[tuple[str, str], ...]]) -> None:
        name, ids = key
        while True:
            self.perform(name, dict(ids))
            with self._guard:
                if key not in self._again or self.stop.is_set():
                    self._running.discard(key)
                    self._again.discard(key)
                    return
                self._again.discard(key)

    def perform(self, name: str, ids: Mapping[str, str]) -> Any:
        """Run one task here and now; log and count what it raises and return None then."""
        close_old_connections()
        try:
            with SECONDS.labels(task=name).time():
                result = self._find(name)(**ids)
        except LookupError as error:
            RUNS.labels(task="unknown", outcome="unknown").inc()
            log.error("unknown task", reason=str(error))
            return None
        except Exception:
            RUNS.labels(task=name, outcome="failed").inc()
            log.exception("task failed", task=name, **{f"id_{key}": value for key, value in ids.items()})
            return None
        finally:
            close_old_connections()
        RUNS.labels(task=name, outcome="done").inc()
        return result

    def _sequence(self) -> None:
        """Give committed events their place in the log: soon after each other while there are some, every second otherwise."""
        while not self.stop.is_set():
            done = self.perform(SEQUENCE_TASK, {})
            self._sequence_now.wait(BUSY_S if done else IDLE_S)
            self._sequence_now.clear()
        connection.close()

    def _listen(self) -> None:
        while not self.stop.is_set():
            try:
                for burst in carrier.listen(self.stop, timeout_s=1.0):
                    for wake in burst:
                        self.submit(wake.name, wake.ids)
            except Exception:
                log.exception("listener failed; polling goes on")
                self.stop.wait(1.0)

    def _beat(self) -> None:
        """Show `/readyz` that a worker lives: a statement on a session of its own, whose end the server notices by itself."""
        try:
            if self._heart is None or self._heart.closed:
                kept = connection.get_connection_params()
                for key in ("cursor_factory", "context", "prepare_threshold"):
                    kept.pop(key, None)
                self._heart = psycopg.connect(
                    autocommit=True, **{**kept, "application_name": WORKER_APPLICATION_NAME, "connect_timeout": 3}
                )
            self._heart.execute("SELECT 1")
        except psycopg.Error as error:
            log.warning("heartbeat failed", error=type(error).__name__)
            if self._heart is not None:
                self._heart.close()
                self._heart = None

    def _finish(self, side: list[threading.Thread]) -> None:
        self._sequence_now.set()
        until = monotonic() + STOP_S
        self._pool.shutdown(wait=False, cancel_futures=True)
        for thread in side:
            thread.join(max(0.0, until - monotonic()))
        while self._busy() and monotonic() < until:
            threading.Event().wait(0.02)
        if self._heart is not None:
            self._heart.close()
        log.info("worker stopped", unfinished=self._busy())

    def _busy(self) -> int:
        with self._guard:
            return len(self._running)
