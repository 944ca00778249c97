"""Probes: `/healthz` (this process answers), `/readyz` (the service can do its work), `/metrics` (Prometheus).

They name what is wrong without addresses, names or secrets.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django_prometheus.exports import ExportToDjangoView

from foundation.clock import db_now
from governance.domain.lifecycle import VOTABLE
from governance.models import ChangeRequest
from runtime_adapters.models import HealthState, Slot

WORKER_APPLICATION_NAME = "portolan-worker"
WORKER_SILENT_S = 15.0
LATE_S = 60.0


@dataclass(frozen=True)
class Check:
    """One answer; `detail` is a sentence or a measured value."""

    ok: bool
    detail: str


@never_cache
@require_GET
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers at all. Touches nothing else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_GET
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when every check passes, otherwise 503; `checks` tells which and why."""
    checks = examine()
    ready = all(check.ok for check in checks.values())
    body = {"status": "ready" if ready else "not ready", "checks": {name: vars(check) for name, check in checks.items()}}
    return JsonResponse(body, status=200 if ready else 503)


@never_cache
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text for loopback, or for whoever carries PORTOLAN_METRICS_TOKEN as a bearer token."""
    if not _may_scrape(request):
        return HttpResponse("forbidden\n", status=403, content_type="text/plain")
    exported: HttpResponse = ExportToDjangoView(request)
    return exported


def examine() -> dict[str, Check]:
    """Run every check. Without a database the others cannot be asked."""
    database = _guarded(_database)
    if not database.ok:
        return {"database": database}
    return {"database": database, **{name: _guarded(check) for name, check in CHECKS.items()}}


def _guarded(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except DatabaseError as error:
        return Check(False, f"could not be asked ({type(error).__name__})")


def _database() -> Check:
    with _asking() as ask:
        ask("SELECT 1")
    return Check(True, "reachable")


def _durability() -> Check:
    """A log that may lose committed events after a power cut is no evidence."""
    with _asking() as ask:
        (row,) = ask("SELECT current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes')")
    off = [name for name, value in zip(("fsync", "synchronous_commit", "full_page_writes"), row, strict=True) if value in {"off", "local"}]
    return Check(not off, f"off: {', '.join(off)}" if off else "on")


def _migrations() -> Check:
    waiting = _unapplied()
    return Check(not waiting, f"{waiting} not applied" if waiting else "applied")


def _unapplied() -> int:
    """Number of migrations the code has and the database lacks. Once none is missing, none can go missing while this process lives."""
    if _all_applied.cache_info().currsize:
        return 0
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not waiting:
        _all_applied()
    return waiting


@cache
def _all_applied() -> bool:
    return True


def _worker() -> Check:
    """The worker asks the database something every second, under a name of its own; its session ends when it dies."""
    with _asking() as ask:
        (row,) = ask(
            "SELECT extract(epoch FROM clock_timestamp() - max(query_start))::float FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = %s",
            [WORKER_APPLICATION_NAME],
        )
    if row[0] is None:
        return Check(False, "no worker is connected")
    return Check(row[0] < WORKER_SILENT_S, f"last heard {max(row[0], 0.0):.1f} s ago")


def _log_lag() -> Check:
    """Age of the oldest event that has no place in the log yet, and of the oldest head that should have been signed by now.

    The signer refuses when the log contradicts what it signed before: that must not go unseen.
    """
    with _asking() as ask:
        (row,) = ask(
            "SELECT extract(epoch FROM clock_timestamp() - min(e.at))::float, count(*)"
            " FROM audit_pending p JOIN audit_event e ON e.id = p.event_id"
        )
        (head,) = ask(
            "SELECT extract(epoch FROM clock_timestamp() - min(created_at))::float FROM audit_checkpoint WHERE size >"
            " coalesce((SELECT max(size) FROM audit_checkpoint WHERE signed_note IS NOT NULL), -1)"
        )
    waiting = f"{row[1]} waiting, oldest {row[0] or 0.0:.1f} s"
    if (head[0] or 0.0) >= LATE_S:
        return Check(False, f"{waiting}; no head was signed for {head[0]:.1f} s")
    return Check((row[0] or 0.0) < LATE_S, waiting)


def _due_work() -> Check:
    """How late the worker is: age of the oldest row that asked to be looked at and that nobody holds."""
    now = db_now()
    with _asking():
        waiting = (
            Slot.objects.filter(next_check_at__lte=now).exclude(lease_expires_at__gt=now).aggregate(since=Min("next_check_at")),
            HealthState.objects.filter(due_at__lte=now).aggregate(since=Min("due_at")),
            ChangeRequest.objects.filter(next_check_at__lte=now, state__in=VOTABLE).aggregate(since=Min("next_check_at")),
        )
    late_s = max((now - row["since"]).total_seconds() if row["since"] else 0.0 for row in waiting)
    return Check(late_s < LATE_S, f"oldest {late_s:.1f} s")


CHECKS: dict[str, Callable[[], Check]] = {
    "durability": _durability,
    "migrations": _migrations,
    "worker": _worker,
    "due_work": _due_work,
    "log": _log_lag,
}


@contextmanager
def _asking() -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """Give a function that runs one statement and returns its rows, each statement limited to two seconds."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '2s'")

        def ask(statement: str, parameters: list[str] | None = None) -> list[tuple[Any, ...]]:
            cursor.execute(statement, parameters)
            return list(cursor.fetchall())

        yield ask


def _may_scrape(request: HttpRequest) -> bool:
    """Behind a proxy everything comes from loopback: a forwarded request needs the token."""
    token = os.environ.get("PORTOLAN_METRICS_TOKEN", "")
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if token and scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode()):
        return True
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
