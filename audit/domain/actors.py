"""Who did it, by pseudonym: the log knows references, never names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid5

ActorType = Literal["user", "token", "runtime", "worker", "system", "db"]
ACTOR_TYPES: frozenset[str] = frozenset({"user", "token", "runtime", "worker", "system", "db"})

_NAMESPACE = UUID("6f1b6c1e-3f0a-5d53-9c5e-2f7b7d0c1a55")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `person_id` is the natural person behind the account; `auth` says how they proved it (machine words only)."""

    type: ActorType
    ref: UUID
    person_id: UUID | None = None
    on_behalf_of: UUID | None = None
    auth: Mapping[str, str] | None = None

    @classmethod
    def system(cls, name: str) -> "Actor":
        """A part of the product that acts by itself; the same name has the same reference in every installation."""
        return cls(type="system", ref=uuid5(_NAMESPACE, f"system:{name}"))

    @classmethod
    def worker(cls) -> "Actor":
        """The background worker."""
        return cls(type="worker", ref=uuid5(_NAMESPACE, "worker"))

    @classmethod
    def anonymous(cls) -> "Actor":
        """Somebody who has not signed in."""
        return cls.system("anonymous")
