"""Exports leave a trace: who took which part of the catalog away, and in which form."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid5

from django.db import transaction
from django.db.models import QuerySet

from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain import sheets
from catalog.models import Integration
from catalog.selectors import sheets as selectors
from foundation.canonical import sha256_digest


def export_integrations(
    *, plan: QuerySet[Integration], query: str, form: str, actor: Actor, viewer: Viewer, now: datetime
) -> Iterator[str]:
    """The sheet of every integration of `plan`, in pieces; `form` is `csv` or `yaml`. Recorded before the first piece is given."""
    with transaction.atomic():
        facts: dict[str, Any] = {"format": form, "query_digest": sha256_digest(query.encode())}
        subject = ("catalog.export", uuid5(viewer.user_id, query))
        record("catalog.export.downloaded", subject=subject, actor=actor, at=now, facts=facts, texts={"query": query})
    return sheets.written(selectors.exported(plan, viewer), form)
