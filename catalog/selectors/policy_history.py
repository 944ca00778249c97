"""What changed in what a tier asks for."""

from accounts.domain.viewers import Viewer
from catalog.domain.errors import TierMissing
from catalog.domain.ownership import DEFAULTS
from catalog.models import TierPolicy
from catalog.selectors.entry_history import history_of_entry
from catalog.selectors.history import Change


def history_of(tier: int, viewer: Viewer) -> list[Change]:
    """What administrators changed for the tier, newest first, from the default on. Raises TierMissing."""
    if tier not in DEFAULTS:
        raise TierMissing
    row = TierPolicy.objects.filter(tier=tier).first()
    return [] if row is None else history_of_entry(row, viewer, "tier-policy", before=_default(tier))


def _default(tier: int) -> TierPolicy:
    """What held before anybody edited it."""
    rules = DEFAULTS[tier]
    return TierPolicy(
        tier=tier,
        owner_roles=[role.value for role in rules.owner_roles],
        sections=[section.value for section in rules.sections],
        attest_every_days=rules.attest_every_days,
        escalate_after_days=list(rules.escalate_after_days),
    )
