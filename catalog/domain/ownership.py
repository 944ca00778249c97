"""Who answers for an integration: what its tier asks for, who is there, and whether anybody is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from catalog.domain.documents import REQUIRED
from catalog.domain.vocabulary import OwnerRole, Section

TIERS = (1, 2, 3)
LADDER = (0, 7, 14, 30)
# The roles that name one account, and the column that holds it.
PERSONAL: Mapping[OwnerRole, str] = {
    OwnerRole.TECHNICAL_OWNER: "technical_owner",
    OwnerRole.BUSINESS_OWNER: "business_owner",
    OwnerRole.ON_CALL: "on_call",
    OwnerRole.DATA_STEWARD: "data_steward",
}


@dataclass(frozen=True, slots=True)
class TierRules:
    """What an integration of one tier needs.

    `attest_every_days`: how long an owner's word counts. `escalate_after_days`: days after an escalation opened at which each step
    of the ladder is taken (0 owners and team, 1 its leads, 2 the leads above, 3 administrators). `version` 0: nobody edited it yet.
    """

    tier: int
    owner_roles: tuple[OwnerRole, ...]
    sections: tuple[Section, ...]
    attest_every_days: int
    escalate_after_days: tuple[int, ...] = LADDER
    version: int = 0

    def attest_due_at(self, attested_at: datetime | None, created_at: datetime) -> datetime:
        """When somebody must say again that what is registered is right; what was never attested counts from its registration."""
        return (attested_at or created_at) + timedelta(days=self.attest_every_days)


_ROLES: Mapping[int, tuple[OwnerRole, ...]] = {
    1: tuple(OwnerRole),
    2: (OwnerRole.ACCOUNTABLE_TEAM, OwnerRole.TECHNICAL_OWNER, OwnerRole.BUSINESS_OWNER),
    3: (OwnerRole.ACCOUNTABLE_TEAM, OwnerRole.TECHNICAL_OWNER),
}
_ATTEST_DAYS: Mapping[int, int] = {1: 90, 2: 180, 3: 365}
DEFAULTS: Mapping[int, TierRules] = {tier: TierRules(tier, _ROLES[tier], REQUIRED[tier], _ATTEST_DAYS[tier]) for tier in TIERS}


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody named. `answers`: an active account of a human being; nobody else can answer for anything."""

    id: UUID
    answers: bool


@dataclass(frozen=True, slots=True)
class Owners:
    """Everybody who could answer for one integration. `team`: members of the owning team and of the teams above it."""

    by_role: Mapping[OwnerRole, Account] = field(default_factory=dict)
    co_owners: tuple[Account, ...] = ()
    team: tuple[Account, ...] = ()

    @property
    def named(self) -> frozenset[UUID]:
        """Those who answer in their own name: by a role or as co-owner."""
        return frozenset(account.id for account in (*self.by_role.values(), *self.co_owners) if account.answers)

    @property
    def members(self) -> frozenset[UUID]:
        """Those who answer as members of the owning team or of a team above it."""
        return frozenset(account.id for account in self.team if account.answers)

    @property
    def standing(self) -> "Standing":
        return Standing(has_named=bool(self.named), has_team=bool(self.members))


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether anybody answers, in short: for lists and for the gate."""

    has_named: bool
    has_team: bool

    @property
    def is_orphan(self) -> bool:
        """Nobody active answers for it."""
        return not (self.has_named or self.has_team)

    @property
    def is_user_only(self) -> bool:
        """People answer in their own name only: when they leave, nobody is left. Barred from production."""
        return self.has_named and not self.has_team


def missing_roles(owners: Owners, rules: TierRules) -> tuple[OwnerRole, ...]:
    """The roles that the tier asks for and in which nobody answers, in the order asked. A team without active people is missing."""

    def is_filled(role: OwnerRole) -> bool:
        if role is OwnerRole.ACCOUNTABLE_TEAM:
            return bool(owners.members)
        return role in owners.by_role and owners.by_role[role].answers

    return tuple(role for role in rules.owner_roles if not is_filled(role))
