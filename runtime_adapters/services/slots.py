"""What operators ask of a slot."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.record import record
from runtime_adapters.domain.errors import NotPermitted
from runtime_adapters.models import Deployment, Slot
from runtime_adapters.selectors.deployments import slot_visible_to
from runtime_adapters.services import events
from runtime_adapters.wakeups import wake_reconciler


@transaction.atomic
def look_again(*, slot_id: UUID, actor: Actor, viewer: Viewer, now: datetime) -> Slot:
    """Look at the slot now instead of later; a deployment that is backing off tries at once. Raises NoSuchSlot, NotPermitted."""
    slot = slot_visible_to(slot_id, viewer)
    if not viewer.is_operator:
        raise NotPermitted
    Slot.objects.select_for_update(no_key=True).get(pk=slot_id)
    waiting = Deployment.objects.filter(slot_id=slot_id, settled_at__isnull=True, next_attempt_at__gt=now)
    waiting.update(next_attempt_at=now)
    Slot.objects.filter(pk=slot_id).update(next_check_at=now)
    record("runtime_adapters.slot.checked", subject=(events.SLOT, slot_id), actor=actor, at=now, facts=events.slot_facts(slot))
    wake_reconciler(slot_id)
    return slot
