"""What runs where, as the runtime side tells it: facts written down to the catalog, never a person's edit."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.services.rows import delete_rows, save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.models import Environment, Integration, LiveRelease
from catalog.selectors import lifecycles
from catalog.services.stages import follow_what_runs


@transaction.atomic
def record_live(*, integration_id: UUID, environment_id: UUID, runtime_key: str, release_id: UUID | None, at: datetime) -> bool:
    """Note which release is live on one slot (None: nothing is); False when that was known. Older news is ignored.

    A release that goes live in production moves the integration's stage where its lifecycle says (`on_live`).
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
    """Follow the `on_live` of the lifecycle the integration is on; no guard is asked, because it does run (docs/decisions/0010).

    Looked at without a lock first: most news is of something that is live already. The lock lets others point at the row.
    """
    rows = Integration.objects.defer("search_text", "search_vector")
    found = rows.get(pk=integration_id)
    lifecycle = lifecycles.lifecycle_of(found)
    if lifecycle.after_going_live(found.stage) is None:
        return
    integration = rows.select_for_update(no_key=True).get(pk=integration_id)
    if integration.lifecycle != found.lifecycle:
        lifecycle = lifecycles.lifecycle_of(integration)
    stage = lifecycle.after_going_live(integration.stage)
    if stage is not None:
        follow_what_runs(integration, stage, now=at)
