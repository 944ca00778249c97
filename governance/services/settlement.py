"""Read how the deployments of a change ended, and close it; what failed its gate goes back by itself."""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.domain.actors import Actor
from governance.domain.lifecycle import ChangeClass, Event, State
from governance.domain.outcomes import Outcome, outcome_of
from governance.models import ChangeRequest
from governance.services import rollbacks
from governance.services.transitions import locked, move
from runtime_adapters.domain.states import SETTLED, DeploymentState
from runtime_adapters.models import Deployment
from runtime_adapters.selectors import deployments as deployment_selectors
from runtime_adapters.services import deployments

_log = logging.getLogger(__name__)

EVENT_OF = {
    Outcome.COMPLETED: Event.ALL_SUCCEEDED,
    Outcome.PARTIAL: Event.SOME_FAILED,
    Outcome.FAILED: Event.ALL_FAILED,
    Outcome.SUPERSEDED: Event.SUPERSEDE,
}


def settle_due(*, now: datetime, actor: Actor, limit: int = 100) -> int:
    """Settle every change with a deployment that has ended unread, each in its own transaction; return how many."""
    change_ids = list(dict.fromkeys(d.change_id for d in deployment_selectors.unread_settlements(limit)))
    for change_id in change_ids:
        try:
            settle(change_id=change_id, actor=actor, now=now)
        except Exception:  # noqa: BLE001 - one bad row must not keep the others waiting
            _log.exception("a change could not be settled", extra={"change": str(change_id)})
    return len(change_ids)


@transaction.atomic
def settle(*, change_id: UUID, actor: Actor, now: datetime) -> None:
    """Close the change when all its deployments have ended, rolling back those that failed their gate."""
    number = ChangeRequest.objects.values_list("number", flat=True).get(pk=change_id)
    change = locked(number)
    rows = deployment_selectors.for_change(change_id)
    ended = [row for row in rows if row.state in SETTLED]
    for deployment in ended:
        if deployment.settlement_read_at is None:
            _answer_failure(change, deployment, actor=actor, now=now)
    deployments.mark_settlement_read(ids=[row.id for row in ended], now=now)
    if change.state == State.DISPATCHED and len(ended) == len(rows):
        _close(change, rows, actor=actor, now=now)


def _answer_failure(change: ChangeRequest, deployment: Deployment, *, actor: Actor, now: datetime) -> None:
    """At most one automatic rollback per generation, and never of a rollback."""
    if deployment.state != DeploymentState.UNHEALTHY or change.change_class == ChangeClass.ROLLBACK:
        return
    if deployment.slot.environment.rolls_back_automatically:
        rollbacks.roll_back(deployment, failed=change, actor=actor, now=now)


def _close(change: ChangeRequest, rows: Sequence[Deployment], *, actor: Actor, now: datetime) -> None:
    outcome = outcome_of(DeploymentState(row.state) for row in rows)
    facts = {"deployments": [row.id for row in rows], "reason_code": outcome.value}
    move(change, EVENT_OF[outcome], actor=actor, now=now, facts=facts)
