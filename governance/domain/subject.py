"""Exactly what is voted on, as one digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from foundation.canonical import digest_of


@dataclass(frozen=True, slots=True)
class Target:
    """One slot: what would be sent there (without our marks), how the runtime is set up, and what it replaces."""

    slot: UUID
    payload_digest: str
    runtime_digest: str
    base_digest: str


def subject_of(
    *,
    action: str,
    change_class: str,
    release_digest: str,
    targets: Sequence[Target],
    not_before: datetime | None,
    not_after: datetime | None,
) -> dict[str, Any]:
    """Return everything a voter decides on, as the JSON object whose RFC 8785 digest votes bind to.

    What a slot holds today is part of it: when another change lands first, the difference that voters saw is gone,
    and their votes go with it; when the slot comes back to the same content, the votes hold again.
    """
    return {
        "action": action,
        "class": change_class,
        "release": release_digest,
        "targets": [
            {"slot": str(t.slot), "payload": t.payload_digest, "runtime": t.runtime_digest, "base": t.base_digest}
            for t in sorted(targets, key=lambda t: str(t.slot))
        ],
        "not_before": _instant(not_before),
        "not_after": _instant(not_after),
    }


def subject_digest(subject: dict[str, Any]) -> str:
    """The digest of the subject: ``sha256:<hex>``."""
    return digest_of(subject)


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat()
