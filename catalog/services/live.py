"""What runs where, as the runtime side tells it: facts written down to the catalog, never a person's edit."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.services.rows import delete_rows, save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.vocabulary import Stage
from catalog.models import Environment, Integration, LiveRelease

_BEFORE_LIVE = (Stage.PROPOSED, Stage.DESIGNED, Stage.BUILT, Stage.TESTED)


@transaction.atomic
def record_live(*, integration_id: UUID, environment_id: UUID, runtime_key: str, release_id: UUID | None, at: datetime) -> bool:
    """Note which release is live on one slot (None: nothing is); False when that was known. Older news is ignored.

    The first release that goes live in production moves the integration's stage to live.
    """
    slot = {"integration_id": integration_id, "environment_id": environment_id, "runtime_key": runtime_key}
    found = LiveRelease.objects.select_for_update(of=("self",)).filter(**slot).first()
    row, known = found or LiveRelease(**slot, since=at), found and found.release_id
    if known == release_id or at < row.since:
        return False
    if release_id is None:
        delete_rows([row], actor=Actor.worker(), now=at)
        _tell(row, None, at)
        return True
    row.release_id, row.since = release_id, at
    save_row(row, actor=Actor.worker(), now=at)
    _tell(row, release_id, at)
    if Environment.objects.filter(pk=environment_id, is_production=True).exists():
        _reach_live(integration_id, at)
    return True


def _tell(row: LiveRelease, release_id: UUID | None, at: datetime) -> None:
    facts = {"environment": row.environment_id, "release": release_id, "runtime": row.runtime_key}
    subject = ("catalog.integration", row.integration_id)
    record("catalog.live_release.changed", subject=subject, actor=Actor.worker(), at=at, facts=facts)


def _reach_live(integration_id: UUID, at: datetime) -> None:
    """No new version: a machine's news must not make a person's If-Match stale."""
    found = Integration.objects.select_for_update().filter(pk=integration_id, stage__in=_BEFORE_LIVE)
    integration = found.defer("search_text", "search_vector").first()
    if integration is None:
        return
    integration.stage = Stage.LIVE
    worker = Actor.worker()
    save_row(integration, actor=worker, now=at, update_fields=["stage"])
    facts = {"stage": Stage.LIVE, "changed": ["stage"]}
    record("catalog.integration.updated", subject=("catalog.integration", integration.id), actor=worker, at=at, facts=facts)
