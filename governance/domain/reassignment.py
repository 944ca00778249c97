"""What somebody who leaves holds, and to whom each of it goes. Pure: the same list, the same token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from foundation.canonical import digest_of
from foundation.errors import FieldError
from governance.domain.errors import InvalidReassignment


class Held(StrEnum):
    """Kinds of what is held. The first three must pass to somebody, the next five stay where they are, the rest goes with the account.

    A team is held by whoever leads it, or is the last active person who answers through it; any other membership is no duty.
    """

    INTEGRATION = "integration"
    TEAM = "team"
    BOARD = "board"
    CHANGE_REQUEST = "change-request"
    ATTESTATION = "attestation"
    ESCALATION = "escalation"
    CAMPAIGN = "campaign"  # that they opened
    RUNTIME = "runtime"  # that works with this account
    MEMBERSHIP = "membership"
    ROLE = "role"  # organisation-wide: administrator, auditor …
    GRANT = "grant"  # by name, on one integration
    TOKEN = "token"  # noqa: S105 - the name of a kind
    SUBSCRIPTION = "subscription"
    VIEW = "view"


BINDING = frozenset({Held.INTEGRATION, Held.TEAM, Held.BOARD})
# What sleeps or ends when the account is switched off; nothing else of the list depends on it.
OWN = frozenset({Held.MEMBERSHIP, Held.ROLE, Held.GRANT, Held.TOKEN, Held.SUBSCRIPTION, Held.VIEW})
LEAD, LAST_MEMBER = "lead", "last-member"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing held. `name`: slug, or number. `roles`: in which roles of an integration; of a team or a board `lead`, `last-member`."""

    kind: Held
    id: UUID
    name: str
    title: str
    roles: tuple[str, ...] = ()
    is_visible: bool = True

    @property
    def key(self) -> str:
        """How an override names it: ``integration:orders-to-erp``."""
        return f"{self.kind.value}:{self.name}"

    @property
    def binds(self) -> bool:
        return self.kind in BINDING

    @property
    def may_end(self) -> bool:
        """A seat may be given up; an integration must not lose its owner by a plan, nor by the last person's leaving its team."""
        return self.kind is Held.BOARD or (self.kind is Held.TEAM and LAST_MEMBER not in self.roles)


def token_of(person: UUID, items: Sequence[Item]) -> str:
    """The digest of exactly this list for this person: what is held, in which roles. Names and titles may change meanwhile."""
    listed = sorted([item.kind.value, str(item.id), *item.roles] for item in items)
    return digest_of({"person": str(person), "items": listed})


def counts_of(items: Sequence[Item]) -> dict[str, int]:
    """By kind, how many are held; every kind is named."""
    return {kind.value.replace("-", "_"): sum(item.kind is kind for item in items) for kind in Held}


def successors(items: Sequence[Item], *, default: str | None, overrides: Mapping[str, str | None]) -> dict[UUID, str | None]:
    """User name by item that must pass to somebody; None where a seat is given up.

    Raises InvalidReassignment with a pointer for every item without anybody, and for an override that names nothing listed.
    """
    binding = [item for item in items if item.binds]
    known = {item.key for item in binding}
    faults = [FieldError(f"/reassign/overrides/{key}", "not-held", "The plan has no such item.") for key in overrides if key not in known]
    chosen = {item.id: overrides.get(item.key, default) for item in binding}
    left = [item for item in binding if chosen[item.id] is None and not (item.key in overrides and item.may_end)]
    faults += [FieldError("/reassign/default", "nobody-named", f"Nobody takes over {item.key}.") for item in left]
    if faults:
        raise InvalidReassignment(errors=faults[:50])
    return chosen
