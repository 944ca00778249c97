"""Due work: rows that say when they want to be looked at, shared fairly between workers."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now


class Rng(Protocol):
    """What jitter needs: `random` itself, or a seeded Random in tests."""

    def uniform(self, a: float, b: float) -> float: ...


def backoff_s(attempt: int, *, base: float = 2, factor: float = 2, cap: float = 300, rng: Rng) -> float:
    """Seconds to wait after failure number `attempt` (from 1): full jitter, 0 to `base * factor**(attempt-1)`, never beyond `cap`."""
    ceiling = base
    for _ in range(max(attempt, 1) - 1):
        if ceiling >= cap:
            break
        ceiling *= factor
    return rng.uniform(0.0, min(ceiling, cap))


def claim(queryset: QuerySet[Any], *, column: str, limit: int, lease_s: float, now: datetime | None = None) -> list[Hashable]:
    """Take up to `limit` due rows, oldest first, and push their `column` out by `lease_s`; return their primary keys.

    Rows that another worker is taking are passed over. A worker that dies simply lets its lease run out. Times are the
    database's, unless the caller's work counts from a `now` of its own. The rows' task must tolerate running twice.
    """
    moment: Any = now or _clock()
    with transaction.atomic():
        due = queryset.filter(**{f"{column}__lte": moment}).order_by(column, "pk")
        ids = list(due.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:limit])
        if ids:
            queryset.filter(pk__in=ids).update(**{column: moment + timedelta(seconds=lease_s)})
    return ids


def _clock() -> Now:
    """clock_timestamp(), also inside a long transaction."""
    return _ClockTimestamp()


class _ClockTimestamp(Now):
    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="CLOCK_TIMESTAMP()", **extra)
