"""What the organisation asks of each tier: as administrators edited it, else the defaults."""

from catalog.domain.errors import TierMissing
from catalog.domain.ownership import DEFAULTS, TierRules
from catalog.domain.vocabulary import OwnerRole, Section
from catalog.models import TierPolicy


def tier_rules(tier: int) -> TierRules:
    """What an integration of the tier (1 to 3) needs; one query."""
    row = TierPolicy.objects.filter(tier=tier).first()
    return DEFAULTS[tier] if row is None else _rules(row)


def rules_by_tier() -> dict[int, TierRules]:
    """The same of every tier, in one query."""
    return {**DEFAULTS, **{row.tier: _rules(row) for row in TierPolicy.objects.all()}}


def _rules(row: TierPolicy) -> TierRules:
    return TierRules(
        tier=row.tier,
        owner_roles=tuple(OwnerRole(role) for role in row.owner_roles),
        sections=tuple(Section(section) for section in row.sections),
        attest_every_days=row.attest_every_days,
        escalate_after_days=tuple(row.escalate_after_days),
        version=row.version,
    )


def rules_of(tier: int) -> TierRules:
    """`tier_rules` of a number that somebody typed. Raises TierMissing."""
    if tier not in DEFAULTS:
        raise TierMissing
    return tier_rules(tier)
