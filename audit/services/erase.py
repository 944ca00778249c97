"""Erasure: the texts of one person go, with their key; the leaves stay as they are and stay provable."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.domain.actors import Actor
from audit.models import Disclosure, DisclosureKey
from audit.services.record import record


@transaction.atomic
def erase_texts(*, owner: UUID, legal_basis: str, actor: Actor, now: datetime) -> int:
    """Delete every text that `owner` (a person, or the service that acted) wrote or that is about them, and their data key.

    Return how many were deleted. `legal_basis` is a machine word such as `gdpr.art17`. The erasure itself is recorded.
    """
    count, _ = Disclosure.objects.filter(key_id=owner).delete()
    DisclosureKey.objects.filter(subject=owner).delete()
    facts = {"count": count, "legal_basis": legal_basis, "key": owner}
    record("audit.disclosures.erased", subject=("audit.disclosure_key", owner), actor=actor, at=now, facts=facts)
    return count
