"""Telling people things in the portal. Telling twice is the same as once."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from governance.models import Notification


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
