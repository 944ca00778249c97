"""Who answers, changed one person at a time: a handover when somebody leaves or disowns, and an owner's word that all is right.

A handover is an edit of the integration (one version, one event). An owner's word moves a clock only.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.domain.viewers import Viewer
from accounts.models import User
from accounts.services.rows import save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.errors import IntegrationMissing, NotAnOwner
from catalog.domain.rights import may_edit
from catalog.models import Integration
from catalog.selectors.owners import OWNER_COLUMNS
from catalog.services.integrations import SUBJECT


def require_owner(integration: Integration, viewer: Viewer) -> None:
    """Owners by name, members of the owning team or of a team above it, and administrators. Raises NotAnOwner."""
    named = {*(getattr(integration, f"{column}_id") for column in OWNER_COLUMNS), *integration.co_owners}
    if viewer.user_id not in named and not may_edit(viewer, integration.team_id):
        raise NotAnOwner


@transaction.atomic
def replace_owner(*, integration_id: UUID, leaver: UUID, successor: User | None, actor: Actor, now: datetime) -> bool:
    """`successor` (None: nobody) takes every role and co-ownership of `leaver` on one integration; False when there was none.

    The right to do so is the caller's to ask. Raises IntegrationMissing.
    """
    row = Integration.objects.select_for_update().filter(pk=integration_id, tombstoned_at__isnull=True).first()
    if row is None:
        raise IntegrationMissing
    changed = [column for column in OWNER_COLUMNS if getattr(row, f"{column}_id") == leaver]
    for column in changed:
        setattr(row, column, successor)
    if leaver in row.co_owners:
        follower = [successor.pk] if successor else []
        row.co_owners = list(dict.fromkeys(step for user in row.co_owners for step in (follower if user == leaver else [user])))
        changed.append("co_owners")
    if changed:
        _save(row, changed, actor=actor, now=now)
    return bool(changed)


def _save(row: Integration, changed: list[str], *, actor: Actor, now: datetime) -> None:
    row.version += 1
    row.changed_at = now
    save_row(row, actor=actor, now=now, update_fields=[*changed, "version", "changed_at"])
    facts = {
        "team": row.team_id,
        "visibility": row.visibility,
        "stage": row.stage,
        "tier": str(row.tier),
        "pattern": row.type,
        "changed": changed,
    }
    record("catalog.integration.updated", subject=(SUBJECT, row.id), actor=actor, at=now, facts=facts, version=row.version)


def record_word(*, integration: Integration, answer: str, campaign_id: UUID | None, actor: Actor, now: datetime) -> None:
    """Record what an owner said of the integration as it stands; `confirm` and `correct` move its clock, and nothing else of it.

    The right to speak, and the correction or disowning itself, are the caller's.
    """
    if answer != "disown":
        Integration.objects.filter(pk=integration.pk).update(attested_at=now)
    facts = {"team": integration.team_id, "campaign": campaign_id, "answer": str(answer)}
    record("catalog.integration.attested", subject=(SUBJECT, integration.pk), actor=actor, at=now, facts=facts)
