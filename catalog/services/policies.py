"""What each tier asks for: edited by administrators, in force from the moment it is saved."""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import IntegrityError, transaction

from accounts.domain.inputs import Reading
from accounts.domain.rights import require_administrator
from accounts.domain.viewers import Viewer
from accounts.services.rows import is_unique_violation, save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.errors import TierMissing
from catalog.domain.ownership import DEFAULTS
from catalog.domain.vocabulary import OwnerRole, Section
from catalog.models import TierPolicy
from foundation.conditional import VersionMoved

SUBJECT = "catalog.tier_policy"
MAX_DAYS = 3650


@transaction.atomic
def update_tier_policy(
    *, tier: int, changes: Mapping[str, Any], expected_version: int, actor: Actor, viewer: Viewer, now: datetime
) -> TierPolicy:
    """Change owner_roles, sections, attest_every_days or escalate_after_days of a tier; what is not named stays as it is.

    `expected_version` 0 is the default that nobody has edited. Raises: AdministratorsOnly, TierMissing, VersionMoved (412), Invalid (422).
    """
    require_administrator(viewer)
    if tier not in DEFAULTS:
        raise TierMissing
    policy = TierPolicy.objects.select_for_update().filter(tier=tier).first() or _default(tier)
    if policy.version != expected_version:
        raise VersionMoved(policy.version)
    reading = Reading()
    read = {name: reader(reading, name, changes[name]) for name, reader in _READERS.items() if name in changes}
    reading.close()
    changed = [name for name, value in read.items() if value != getattr(policy, name)]
    if changed:
        _save(policy, {name: read[name] for name in changed}, actor=actor, now=now)
    return policy


def _default(tier: int) -> TierPolicy:
    rules = DEFAULTS[tier]
    return TierPolicy(
        tier=tier,
        owner_roles=[role.value for role in rules.owner_roles],
        sections=[section.value for section in rules.sections],
        attest_every_days=rules.attest_every_days,
        escalate_after_days=list(rules.escalate_after_days),
        version=0,
    )


def _save(policy: TierPolicy, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    for name, value in values.items():
        setattr(policy, name, value)
    policy.version += 1
    try:
        save_row(policy, actor=actor, now=now)
    except IntegrityError as error:  # two first edits at once: the other one was faster
        if not is_unique_violation(error):
            raise
        raise VersionMoved(1) from error
    facts = {"tier": policy.tier, "changed": sorted(values)}
    record("catalog.tier_policy.updated", subject=(SUBJECT, policy.id), actor=actor, at=now, facts=facts, version=policy.version)


def _chosen(reading: Reading, name: str, values: list[str], allowed: type[OwnerRole] | type[Section]) -> list[str]:
    """Words of a closed list, each once, in the order of the list."""
    for index, value in enumerate(values):
        reading.one_of((name, index), value, set(allowed))
    return [word.value for word in allowed if word in values]


def _roles(reading: Reading, name: str, values: list[str]) -> list[str]:
    if not values:
        reading.fault(f"/{name}", "empty", "Somebody must answer: name at least one role.")
    return _chosen(reading, name, values, OwnerRole)


def _ladder(reading: Reading, name: str, days: list[int]) -> list[int]:
    """1 to 4 steps, each later than the one before."""
    if not 1 <= len(days) <= 4:
        reading.fault(f"/{name}", "length", "Give 1 to 4 steps: owners, leads, leads above, administrators.")
    if any(later <= earlier for earlier, later in pairwise(days)):
        reading.fault(f"/{name}", "not-rising", "Each step must come later than the one before.")
    for index, day in enumerate(days):
        if not 0 <= day <= MAX_DAYS:
            reading.fault(f"/{name}/{index}", "out-of-range", f"Give days from 0 to {MAX_DAYS}.")
    return list(days)


_READERS: Mapping[str, Callable[[Reading, str, Any], Any]] = {
    "owner_roles": _roles,
    "sections": lambda reading, name, values: _chosen(reading, name, values, Section),
    "attest_every_days": lambda reading, name, value: reading.between(name, value, 1, MAX_DAYS),
    "escalate_after_days": _ladder,
}
