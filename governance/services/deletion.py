"""Deleting, step by step: look at the plan, retire with its token, look again, delete with the new token; and bring back.

The token is what somebody has seen. Each step locks the entity, finds again what hangs on it, and goes on only when that is
exactly what was seen: who names, uses or asks for the entity at the same moment either comes first and is seen, or comes too late.
"""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.domain.rights import require_administrator
from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.vocabulary import EntityKind
from catalog.models import Tombstone
from catalog.selectors import deletables, lifecycles
from catalog.services import deletion as catalog_commands
from governance.domain.deletion import UNBLOCKERS, Plan, Step, blocking, is_for, moved_since, way_out
from governance.domain.errors import AlreadyRetired, DeletionBlocked, NotRetired, PlanMoved
from governance.selectors.deletion import plan_of
from governance.services import stages


def preview(*, kind: EntityKind, slug: str, viewer: Viewer, now: datetime) -> tuple[Any, Plan]:
    """The entity and what deleting it would meet. Writes nothing.

    Raises: the kind's error of what is missing, NotYourIntegration, NotYourEntry, AdministratorsOnly (403).
    """
    row = deletables.get(kind, slug, viewer)
    deletables.require_right(kind, row, viewer)
    return row, plan_of(kind, row, viewer, now)


@transaction.atomic
def retire(*, kind: EntityKind, slug: str, token: str, actor: Actor, viewer: Viewer, now: datetime) -> tuple[Any, Plan]:
    """Take it out of use; (the entity, the plan of the next step).

    An integration moves to an end of its lifecycle. Raises: as `preview`, and PlanMoved, AlreadyRetired and DeletionBlocked (409),
    GuardsNotMet (409) for what only the move itself may know.
    """
    row = deletables.locked(kind, slug, viewer)
    deletables.require_right(kind, row, viewer)
    if deletables.is_retired(kind, row):
        raise AlreadyRetired
    plan = _seen(kind, row, token, viewer, now)
    _require_clear(plan, Step.RETIRE)
    if kind is EntityKind.INTEGRATION:
        row = _end(row, plan, actor=actor, viewer=viewer, now=now)
    else:
        catalog_commands.retire(kind, row, plan=plan.digest, actor=actor, now=now)
    return row, plan_of(kind, row, viewer, now)


def _end(row: Any, plan: Plan, *, actor: Actor, viewer: Viewer, now: datetime) -> Any:
    """Its lifecycle's own move to an end, with every guard asked again, and an event that names the plan."""
    move = way_out(lifecycles.lifecycle_of(row), row.stage)
    to = move.target if move else row.stage
    moved = stages.move_stage(slug=row.slug, to=to, reason="", expected_version=row.version, actor=actor, viewer=viewer, now=now)
    facts = {"team": moved.team_id, "plan": plan.digest}
    record("catalog.integration.retired", subject=("catalog.integration", moved.id), actor=actor, at=now, facts=facts)
    return moved


@transaction.atomic
def reinstate(*, kind: EntityKind, slug: str, actor: Actor, viewer: Viewer, now: datetime) -> tuple[Any, Plan]:
    """Take the retirement of something in the landscape back; (the entity, the plan as it is then). An integration has its lifecycle.

    Raises: as `preview`, and NotRetired (409).
    """
    row = deletables.locked(kind, slug, viewer)
    deletables.require_right(kind, row, viewer)
    if kind is EntityKind.INTEGRATION or not deletables.is_retired(kind, row):
        raise NotRetired("Only something in the landscape that is retired can be taken back into use here.")
    catalog_commands.reinstate(kind, row, actor=actor, now=now)
    return row, plan_of(kind, row, viewer, now)


@transaction.atomic
def tombstone(*, kind: EntityKind, slug: str, token: str, actor: Actor, viewer: Viewer, now: datetime) -> Tombstone:
    """Delete it: it vanishes from every surface in this transaction, and its names may be given to others.

    Raises: as `preview`, and NotRetired, PlanMoved and DeletionBlocked (409).
    """
    row = deletables.locked(kind, slug, viewer)
    deletables.require_right(kind, row, viewer)
    if not deletables.may_delete(kind, row, viewer):
        require_administrator(viewer)
    if not deletables.is_retired(kind, row):
        raise NotRetired
    plan = _seen(kind, row, token, viewer, now)
    _require_clear(plan, Step.TOMBSTONE)
    return catalog_commands.bury(kind, row, plan=plan.digest, dependants=len(plan.findings), actor=actor, now=now)


@transaction.atomic
def restore(*, tombstone_id: UUID, slug: str | None = None, actor: Actor, viewer: Viewer, now: datetime) -> tuple[EntityKind, Any]:
    """Bring the same identity back, under another slug where its own was given away. Administrators.

    Raises: AdministratorsOnly, TombstoneMissing, Invalid (422), NameGivenAway and RestFirst (409).
    """
    require_administrator(viewer)
    row = catalog_commands.restore(tombstone_id, slug=slug, actor=actor, now=now)
    return next(kind for kind, model in deletables.MODELS.items() if isinstance(row, model)), row


def _seen(kind: EntityKind, row: Any, token: str, viewer: Viewer, now: datetime) -> Plan:
    """The plan as it is now, under the lock. Raises PlanMoved when it is not the one that the token was given for."""
    plan = plan_of(kind, row, viewer, now)
    if not is_for(token, plan):
        moved = moved_since(token, plan)
        told = [{"what": each.what, "added": each.added, "removed": each.removed, "named": list(each.named[:20])} for each in moved]
        words = f" Changed since: {', '.join(each.what for each in moved)}." if moved else ""
        raise PlanMoved(f"What stands by it is not what this plan showed.{words} Look at the plan again.", extra={"changed": told})
    return plan


def _require_clear(plan: Plan, step: Step) -> None:
    groups = blocking(plan, step)
    if groups:
        counts = Counter(finding.group for finding in plan.findings)
        told = [{"code": group.value, "count": counts[group], "who_can_unblock": UNBLOCKERS[group]} for group in groups]
        raise DeletionBlocked(f"These stand in the way: {', '.join(groups)}.", extra={"blockers": told})
