"""Connections whose days are counted, and of which nobody was told yet."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.domain.connections import SOON, Upkeep
from catalog.models import Connection
from catalog.selectors import connections
from governance.models import ExpiryNotice

WARNED_OF = (Upkeep.EXPIRES_SOON, Upkeep.EXPIRED)


def untold(need: Upkeep, now: datetime) -> QuerySet[Connection]:
    """Connections in use of this need at `now` that no notice tells of, those that end first before the others.

    What has expired before anybody could tell that it would is told of as expired only.
    """
    when = Q(expires_at__lte=now) if need is Upkeep.EXPIRED else Q(expires_at__gt=now, expires_at__lte=now + SOON)
    told = ExpiryNotice.objects.filter(connection=OuterRef("pk"), need=need, expires_at=OuterRef("expires_at"))
    return connections.connections().filter(when, ~Exists(told), retired_at__isnull=True).order_by("expires_at", "id")
