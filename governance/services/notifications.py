"""Telling people things in the portal. Telling twice is the same as once."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count

from governance.models import Notification

SINGLE = 10  # of one kind, told by name to one person within a day


def heard_enough(user_ids: Collection[UUID], *, kind: str, now: datetime) -> set[UUID]:
    """Those of the accounts who were told SINGLE of this kind within a day: what comes on top of that is one line for all of it."""
    heard = Notification.objects.filter(user_id__in=user_ids, kind=kind, at__gt=now - timedelta(days=1)).order_by()
    return {user for user, count in heard.values_list("user_id").annotate(Count("pk")) if count >= SINGLE}


def tell(
    user_ids: Iterable[UUID],
    *,
    kind: str,
    key: str,
    title: str,
    detail: str = "",
    path: str = "",
    integration_id: UUID | None = None,
    now: datetime,
) -> int:
    """Tell each of the accounts once; how many were told now. In the caller's transaction, in one statement.

    `key` (at most 120 characters) names the occasion: the same account is never told twice under one key. `path` is the page to go to.
    What is about an integration is shown only while it is visible to whoever was told.
    """
    wanted = dict.fromkeys(user_ids)
    told = set(Notification.objects.filter(user_id__in=wanted, key=key).values_list("user_id", flat=True))
    rows = [
        Notification(
            user_id=user, kind=kind, key=key, title=title[:200], detail=detail[:4000], path=path, integration_id=integration_id, at=now
        )
        for user in wanted
        if user not in told
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
