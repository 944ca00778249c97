"""Looking at the log is recorded in the log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from audit.domain.actors import Actor
from audit.services import keys
from audit.services.record import record

_NAMESPACE = UUID("0d1b6a34-52f1-5c0e-8a7c-6b1c9e1f2a11")


@transaction.atomic
def record_viewing(*, what: str, actor: Actor, now: datetime, facts: Mapping[str, Any] | None = None) -> UUID:
    """Record that somebody read the log: `what` is a machine word such as `events` or `event`."""
    subject = ("audit.log", uuid5(_NAMESPACE, keys.log_origin()))
    return record("audit.log.viewed", subject=subject, actor=actor, at=now, facts={"what": what, **(facts or {})})
