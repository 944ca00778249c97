"""A person has read what they were told."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.record import record
from governance.models import Notification
from governance.selectors import notifications


@transaction.atomic
def mark_read(*, notification_id: UUID, actor: Actor, viewer: Viewer, now: datetime) -> Notification:
    """One was read; the first time counts. Raises NotificationMissing."""
    found = notifications.get(notification_id, viewer)
    if found.read_at is None and _mark([found.pk], viewer, actor, now):
        found.read_at = now
    return found


@transaction.atomic
def mark_all_read(*, actor: Actor, viewer: Viewer, now: datetime) -> int:
    """All that can be seen now were read; how many were unread. What is hidden stays as it is."""
    unread = notifications.notifications_of(viewer).filter(read_at__isnull=True)
    return _mark(list(unread.order_by().values_list("pk", flat=True)), viewer, actor, now)


def _mark(ids: list[UUID], viewer: Viewer, actor: Actor, now: datetime) -> int:
    count = Notification.objects.filter(pk__in=ids, read_at__isnull=True).update(read_at=now)
    if count:
        subject = ("accounts.user", viewer.user_id)
        record("governance.notifications.read", subject=subject, actor=actor, at=now, facts={"count": count})
    return count
