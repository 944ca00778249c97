"""`record`: the one way into the log. Called in the transaction of what it records, so both happen or neither."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.transaction import TransactionManagementError

from audit.domain.actors import Actor
from audit.domain.errors import VersionGap
from audit.domain.leaves import Event, leaf_hash, leaf_of
from audit.models import Event as EventRow
from audit.models import take_event_id
from audit.services import context, disclose
from audit.services.context import first_event_id, upcoming_event_id

__all__ = ["first_event_id", "record", "upcoming_event_id"]

# Event and outbox row in one statement: an event without its outbox row would never reach the log.
_INSERT = """
WITH written AS (
    INSERT INTO audit_event (id, body, leaf_hash, verb, actor_type, actor_ref, subject_type, subject_id, version, at, request_id)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
)
INSERT INTO audit_pending (event_id) SELECT id FROM written
"""


def record(
    verb: str,
    *,
    subject: tuple[str, UUID],
    actor: Actor,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
    texts: Mapping[str, Any] | None = None,
    version: int | None = None,
    outcome: str = "allow",
    policy_digest: str | None = None,
    about: UUID | None = None,
) -> UUID:
    """Append one event to the outbox of the log and return its id.

    `facts` follow the verb's schema; `texts` (words of people, any JSON) become salted commitments, with the encrypted text
    beside the log, under the key of the person they are `about`, else of who acts: erasing that person erases them. `version`
    (1, 2, … without holes) only when the event changed the subject. None facts are left out.
    Raises BadLeaf, BadFact, UnknownVerb (mistakes of the caller), VersionGap, and TransactionManagementError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("An event is recorded inside the transaction of what it records.")
    commitments, salts = disclose.committed(texts or {})
    event = Event(
        id=take_event_id(),
        at=at,
        verb=verb,
        actor=actor,
        subject=subject,
        outcome=outcome,
        version=version,
        previous=_previous(subject, version),
        request_id=context.request_id() or None,
        policy_digest=policy_digest,
        facts=facts or {},
        commitments=commitments,
    )
    _insert(event, leaf_of(event))
    if texts:
        disclose.store(event_id=event.id, owner=about or actor.person_id or actor.ref, texts=texts, salts=salts)
    context.note_event(event.id)
    return event.id


def next_version(subject: tuple[str, UUID]) -> int:
    """The version that the subject's next changing event must carry; call it with the subject's row locked."""
    rows = EventRow.objects.filter(subject_type=subject[0], subject_id=subject[1], version__isnull=False)
    return (rows.order_by("-version").values_list("version", flat=True).first() or 0) + 1


def _previous(subject: tuple[str, UUID], version: int | None) -> str | None:
    if version is None or version == 1:
        return None
    found = EventRow.objects.filter(subject_type=subject[0], subject_id=subject[1], version=version - 1)
    last = found.values_list("leaf_hash", flat=True).first()
    if last is None:
        raise VersionGap(f"Version {version} of {subject[0]} cannot follow: version {version - 1} has no event.")
    return "sha256:" + bytes(last).hex()


def _insert(event: Event, body: bytes) -> None:
    kind, key = event.subject
    row: list[Any] = [event.id, body, leaf_hash(body), event.verb, event.actor.type, event.actor.ref, kind, key]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [*row, event.version, event.at, event.request_id or ""])
