"""Idempotency-Key: a command repeated with the same key has one effect and one answer.

Everything happens inside the command's own transaction, so the effect and its kept answer commit together.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from foundation.canonical import sha256_digest
from foundation.clock import db_now
from foundation.errors import DomainError, Kind
from foundation.models import IdempotencyKey
from foundation.secrets import secret_in_text

KEPT_FOR = timedelta(hours=48)
_KEY = re.compile(r"[\x20-\x7e]{1,255}\Z")


class BadIdempotencyKey(DomainError):
    """An Idempotency-Key is 1 to 255 printable ASCII characters, and no credential."""

    kind, code = Kind.MALFORMED, "bad-idempotency-key"


class IdempotencyInProgress(DomainError):
    """The same command is still running; ask again shortly."""

    kind, code = Kind.CONFLICT, "idempotency-in-progress"


class IdempotencyKeyReused(DomainError):
    """This key was used for another command or body."""

    kind, code = Kind.INVALID, "idempotency-key-reused"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who sends which command under which key; `fingerprint` covers method, target and body."""

    owner: UUID
    key: str
    fingerprint: str

    @classmethod
    def of(cls, *, owner: UUID, key: str, method: str, target: str, body: bytes) -> "Attempt":
        """Raises BadIdempotencyKey."""
        if not _KEY.match(key) or secret_in_text(key):
            raise BadIdempotencyKey
        return cls(owner, key, sha256_digest(f"{method} {target}\n".encode("utf-8", "surrogateescape") + body))


@dataclass(frozen=True, slots=True)
class Answer:
    """What is kept and replayed: status, a few headers, the rendered body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def replay(attempt: Attempt) -> Answer | None:
    """The kept answer, or None when the command is to run now; the key is then held until the transaction ends.

    Raises IdempotencyInProgress, IdempotencyKeyReused. Call inside the command's transaction.
    """
    if not _hold(attempt):
        raise IdempotencyInProgress(retry_after_s=1)
    row = IdempotencyKey.objects.filter(owner=attempt.owner, key=attempt.key).first()
    if row is None:
        return None
    if row.expires_at <= db_now():
        row.delete()
        return None
    if row.fingerprint != attempt.fingerprint:
        raise IdempotencyKeyReused
    return Answer(row.status, row.headers, bytes(row.body))


def keep(attempt: Attempt, answer: Answer, *, now: datetime) -> None:
    """Keep a successful answer for 48 hours, in the command's transaction."""
    if 200 <= answer.status < 300:
        IdempotencyKey.objects.create(
            owner=attempt.owner,
            key=attempt.key,
            fingerprint=attempt.fingerprint,
            status=answer.status,
            headers=dict(answer.headers),
            body=answer.body,
            expires_at=now + KEPT_FOR,
        )


def sweep(*, now: datetime, limit: int = 10_000) -> int:
    """Delete up to `limit` expired answers; return how many."""
    expired = IdempotencyKey.objects.filter(expires_at__lte=now).order_by("expires_at").values("pk")[:limit]
    deleted, _ = IdempotencyKey.objects.filter(pk__in=expired).delete()
    return deleted


def _hold(attempt: Attempt) -> bool:
    number = hashlib.sha256(attempt.owner.bytes + attempt.key.encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(number, signed=True)])
        (held,) = cursor.fetchone()
    return bool(held)
