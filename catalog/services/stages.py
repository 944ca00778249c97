"""Writing where an integration stands. Whether it may go there is decided above: by governance's guards, or by what runs."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from accounts.services.rows import save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.models import Integration

SUBJECT = "catalog.integration"


def write_stage(
    integration: Integration, stage: str, *, move: UUID, guards: Sequence[str], reason: str, actor: Actor, now: datetime
) -> None:
    """Put the locked integration on `stage` by a person's word: one version, one history row, one event that names the guards passed."""
    previous, integration.stage = integration.stage, stage
    integration.version += 1
    integration.changed_at = now
    save_row(integration, actor=actor, now=now, update_fields=["stage", "version", "changed_at"])
    facts = {**_facts(integration, previous), "guards": list(guards), "move": move}
    texts = {"reason": reason} if reason else None
    subject = (SUBJECT, integration.id)
    version = integration.version
    record("catalog.integration.stage_moved", subject=subject, actor=actor, at=now, facts=facts, texts=texts, version=version)


def follow_what_runs(integration: Integration, stage: str, *, now: datetime) -> None:
    """Put the locked integration on `stage` because a release of it runs in production.

    No new version: a machine's news must not make a person's If-Match stale.
    """
    previous, integration.stage = integration.stage, stage
    worker = Actor.worker()
    save_row(integration, actor=worker, now=now, update_fields=["stage"])
    record("catalog.integration.stage_moved", subject=(SUBJECT, integration.id), actor=worker, at=now, facts=_facts(integration, previous))


def write_migration(integration: Integration, *, lifecycle: int, stage: str, actor: Actor, now: datetime) -> None:
    """Put the locked integration on another version of the lifecycle, at the stage that the mapping gives for its own."""
    previous = (integration.lifecycle, integration.stage)
    integration.lifecycle, integration.stage = lifecycle, stage
    integration.version += 1
    save_row(integration, actor=actor, now=now, update_fields=["lifecycle", "stage", "version"])
    facts = {
        "team": integration.team_id,
        "lifecycle": lifecycle,
        "previous_lifecycle": previous[0],
        "stage": stage,
        "previous_stage": previous[1],
    }
    subject = (SUBJECT, integration.id)
    record("catalog.integration.lifecycle_migrated", subject=subject, actor=actor, at=now, facts=facts, version=integration.version)


def _facts(integration: Integration, previous: str) -> dict[str, object]:
    return {
        "team": integration.team_id,
        "stage": integration.stage,
        "previous_stage": previous,
        "lifecycle": integration.lifecycle,
    }
