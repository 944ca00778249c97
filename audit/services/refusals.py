"""Refused and failed requests are events too, in a transaction of their own: the command's was rolled back."""

import re
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.domain.actors import Actor
from audit.services.context import request_id
from audit.services.record import record
from foundation.clock import db_now
from foundation.ids import uuid7

_UNFIT = re.compile(r"[^a-z0-9_.:/-]+")
_METHODS = frozenset({"get", "head", "post", "put", "patch", "delete", "options"})


def record_refusal(*, request: Any, error_code: str, status: int, kind: str) -> UUID:
    """Record that a request was refused (below 500) or failed, and by whom; return the event's id.

    The route is the URL pattern, never the path: what people type into addresses does not enter the log.
    """
    actor = getattr(request, "actor", None)
    match = getattr(request, "resolver_match", None)
    facts = {
        "code": _token(error_code) or "unknown",
        "status": status,
        "kind": _token(kind),
        "method": _method(getattr(request, "method", None)),
        "route": _token(getattr(match, "view_name", None) or ""),
    }
    with transaction.atomic():
        return record(
            "edge.failed" if status >= 500 else "edge.refused",
            subject=("edge.request", _request_uuid()),
            actor=actor if isinstance(actor, Actor) else Actor.anonymous(),
            at=db_now(),
            facts=facts,
            outcome="error" if status >= 500 else "deny",
        )


def _token(text: str) -> str | None:
    return _UNFIT.sub("-", str(text).lower())[:200] or None


def _method(name: str | None) -> str:
    lowered = (name or "").lower()
    return lowered if lowered in _METHODS else "other"


def _request_uuid() -> UUID:
    """The request id where it is a UUID, so that what belongs together is found together."""
    try:
        return UUID(request_id())
    except ValueError:
        return uuid7()
