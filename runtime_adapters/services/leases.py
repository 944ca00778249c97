"""One worker at a time for a slot: a lease with an epoch, kept by the database's clock.

Whoever writes for a slot proves in the same transaction that his epoch still holds; a worker that slept too long is refused.
"""

import os
import secrets
import socket
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.db import connection

SAFETY_S = 2.0

_ACQUIRE = """
UPDATE runtime_adapters_slot
   SET lease_owner = %s, lease_epoch = lease_epoch + 1, lease_expires_at = clock_timestamp() + make_interval(secs => %s)
 WHERE id = %s AND (lease_expires_at IS NULL OR lease_expires_at <= clock_timestamp())
RETURNING lease_epoch, next_check_at
"""
_RENEW = """
UPDATE runtime_adapters_slot SET lease_expires_at = clock_timestamp() + make_interval(secs => %s)
 WHERE id = %s AND lease_epoch = %s AND lease_expires_at > clock_timestamp()
RETURNING lease_epoch
"""
_GUARD = """
SELECT 1 FROM runtime_adapters_slot
 WHERE id = %s AND lease_epoch = %s AND lease_expires_at > clock_timestamp() FOR NO KEY UPDATE
"""
# Whoever asked for an earlier look while we held the lease keeps it.
_RELEASE = """
UPDATE runtime_adapters_slot
   SET lease_expires_at = NULL, lease_owner = '',
       next_check_at = CASE WHEN next_check_at IS NOT DISTINCT FROM %s THEN %s ELSE LEAST(next_check_at, %s) END
 WHERE id = %s AND lease_epoch = %s
"""


class LeaseLost(Exception):
    """Another worker has, or may have, this slot now: what was found out is not written."""


@dataclass(frozen=True, slots=True)
class Lease:
    """`length_s` seconds from the last grant or renewal, measured here on the monotonic clock; the database decides."""

    slot_id: UUID
    epoch: int
    found_next_check_at: datetime | None
    length_s: float
    granted_at: float = field(default_factory=monotonic)

    def remaining_s(self) -> float:
        """Seconds that an outside call may take: less than what is left of the lease."""
        return self.length_s - (monotonic() - self.granted_at) - SAFETY_S


def owner() -> str:
    """Who holds it, for people: host, process and a random part."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(4)}"


def acquire(slot_id: UUID) -> Lease | None:
    """Take the slot if nobody holds it; None when somebody does or there is no such slot."""
    length_s = float(settings.PORTOLAN_LEASE_S)
    started = monotonic()
    with connection.cursor() as cursor:
        cursor.execute(_ACQUIRE, [owner(), length_s, slot_id])
        row = cursor.fetchone()
    if row is None:
        return None
    return Lease(slot_id, row[0], row[1], length_s, granted_at=started)


def renew(lease: Lease) -> Lease:
    """A full term again, before an outside call. Raises LeaseLost."""
    started = monotonic()
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, [lease.length_s, lease.slot_id, lease.epoch])
        if cursor.fetchone() is None:
            raise LeaseLost
    return replace(lease, granted_at=started)


def guard(lease: Lease) -> None:
    """Lock the slot for this transaction and prove that the epoch still holds. Raises LeaseLost."""
    with connection.cursor() as cursor:
        cursor.execute(_GUARD, [lease.slot_id, lease.epoch])
        if cursor.fetchone() is None:
            raise LeaseLost


def release(lease: Lease, *, next_check_at: datetime | None) -> None:
    """Give the slot back and say when to look again; harmless when the epoch moved on."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [lease.found_next_check_at, next_check_at, next_check_at, lease.slot_id, lease.epoch])
