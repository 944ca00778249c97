"""Who answers for an integration: what its tier asks for, who is there, and whether anybody is."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.domain.documents import REQUIRED
from catalog.domain.vocabulary import OwnerRole, Section

TIERS = (1, 2, 3)
LADDER = (0, 7, 14, 30)


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


_ROLES: Mapping[int, tuple[OwnerRole, ...]] = {
    1: tuple(OwnerRole),
    2: (OwnerRole.ACCOUNTABLE_TEAM, OwnerRole.TECHNICAL_OWNER, OwnerRole.BUSINESS_OWNER),
    3: (OwnerRole.ACCOUNTABLE_TEAM, OwnerRole.TECHNICAL_OWNER),
}
_ATTEST_DAYS: Mapping[int, int] = {1: 90, 2: 180, 3: 365}
DEFAULTS: Mapping[int, TierRules] = {tier: TierRules(tier, _ROLES[tier], REQUIRED[tier], _ATTEST_DAYS[tier]) for tier in TIERS}
