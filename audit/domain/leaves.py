"""The leaf: one event in its final bytes. The members below are fixed for ever; change means a new `v`."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.domain import facts as fact_types
from audit.domain import verbs
from audit.domain.actors import ACTOR_TYPES, Actor
from audit.domain.errors import BadFact, BadLeaf, LeafTooLarge
from foundation.canonical import packed

LEAF_VERSION = 1
OUTCOMES = frozenset({"allow", "deny", "error"})
BUDGET_BYTES = 16 * 1024
HARD_LIMIT_BYTES = 65_535  # an entry bundle of tlog-tiles has 16-bit lengths

_WORD = re.compile(r"[A-Za-z0-9_.:+/-]{1,128}\Z")
_SUBJECT_TYPE = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*\Z")


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, before it becomes bytes. `version` and `previous` only when it changed the subject."""

    id: UUID
    at: datetime
    verb: str
    actor: Actor
    subject: tuple[str, UUID]
    outcome: str = "allow"
    version: int | None = None
    previous: str | None = None
    request_id: str | None = None
    policy_digest: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    commitments: Mapping[str, str] = field(default_factory=dict)


def leaf_of(event: Event) -> bytes:
    """The canonical bytes of the event; raise BadLeaf (or a subclass) where it breaks the format."""
    body = packed(_members(event))
    limit = HARD_LIMIT_BYTES if event.verb == verbs.REGISTRY_VERB else BUDGET_BYTES
    if len(body) > limit:
        raise LeafTooLarge(f"The event {event.verb} takes {len(body)} bytes; at most {limit} fit.")
    return body


def leaf_hash(body: bytes) -> bytes:
    """RFC 6962 leaf hash."""
    return hashlib.sha256(b"\x00" + body).digest()


def _members(event: Event) -> dict[str, Any]:
    members: dict[str, Any] = {
        "v": LEAF_VERSION,
        "id": str(event.id),
        "at": fact_types.time_text(event.at),
        "verb": event.verb,
        "actor": _actor(event.actor),
        "subject": _subject(event.subject),
        "outcome": event.outcome,
        "facts": _facts(event.verb, event.facts),
        "commitments": _commitments(event.commitments),
    }
    if event.outcome not in OUTCOMES:
        raise BadLeaf(f"An outcome is one of {sorted(OUTCOMES)}.")
    return members | _version(event) | _optional(event)


def _actor(actor: Actor) -> dict[str, str]:
    if actor.type not in ACTOR_TYPES:
        raise BadLeaf(f"{actor.type!r} is no type of actor.")
    return {"type": actor.type, "ref": str(actor.ref)}


def _subject(subject: tuple[str, UUID]) -> dict[str, str]:
    kind, key = subject
    if not _SUBJECT_TYPE.match(kind) or not isinstance(key, UUID):
        raise BadLeaf("A subject is a type such as 'catalog.integration' and a UUID.")
    return {"type": kind, "id": str(key)}


def _facts(verb: str, given: Mapping[str, Any]) -> dict[str, fact_types.FactValue]:
    schema = verbs.schema_of(verb)
    unknown = sorted(set(given) - set(schema))
    if unknown:
        raise BadFact(f"{verb} has no fact {', '.join(unknown)}.")
    present = {name: value for name, value in given.items() if value is not None}
    missing = sorted(name for name, kind in schema.items() if kind.endswith("!") and name not in present)
    if missing:
        raise BadFact(f"{verb} needs the fact {', '.join(missing)}.")
    return {name: fact_types.encode(schema[name], value, name=f"{verb}: {name}") for name, value in present.items()}


def _commitments(given: Mapping[str, str]) -> dict[str, str]:
    if not all(fact_types.PATTERNS["digest"].match(value) for value in given.values()):
        raise BadLeaf("A commitment is a sha256 digest.")
    return dict(given)


def _version(event: Event) -> dict[str, Any]:
    if event.version is None:
        return {}
    if event.version < 1 or (event.version == 1) != (event.previous is None):
        raise BadLeaf("Versions start at 1, and every later one names the leaf before it.")
    return {"version": event.version} | ({"previous": event.previous} if event.previous else {})


def _optional(event: Event) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if event.actor.on_behalf_of is not None:
        members["on_behalf_of"] = str(event.actor.on_behalf_of)
    if event.actor.auth:
        members["auth"] = {name: _word(str(value)) for name, value in event.actor.auth.items() if _word(name)}
    if event.request_id:
        members["request_id"] = _word(event.request_id)
    if event.policy_digest:
        members["policy_digest"] = fact_types.encode("digest", event.policy_digest, name="policy_digest")
    return members


def _word(text: str) -> str:
    if not _WORD.match(text):
        raise BadLeaf(f"{text[:60]!r} is not a machine word.")
    return text
