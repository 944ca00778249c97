"""Following an integration's documents: who asks to be told, of which sections."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.domain.errors import Invalid
from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.vocabulary import Section
from catalog.selectors import integrations
from foundation.errors import FieldError
from governance.models import Subscription

SUBJECT = "governance.subscription"


@transaction.atomic
def subscribe(*, integration: str, sections: Collection[str] = (), actor: Actor, viewer: Viewer, now: datetime) -> Subscription:
    """Be told when these sections change (none named: all). Asking again replaces what was asked before.

    Raises: IntegrationMissing, Invalid (422: no such section).
    """
    found = integrations.get_visible(integration, viewer)
    wanted = _sections(sections)
    row, is_new = Subscription.objects.select_for_update(of=("self",)).get_or_create(
        user_id=viewer.user_id, integration=found, defaults={"sections": wanted, "since": now}
    )
    row.integration = found
    if not is_new and row.sections == wanted:
        return row
    if not is_new:
        row.sections = wanted
        row.save(update_fields=["sections"])
    facts = {"integration": found.id, "sections": wanted}
    record("governance.subscription.added", subject=(SUBJECT, row.id), actor=actor, at=now, facts=facts)
    return row


@transaction.atomic
def unsubscribe(*, integration: str, actor: Actor, viewer: Viewer, now: datetime) -> bool:
    """Be told no more; False when nothing was asked for. Raises IntegrationMissing."""
    found = integrations.get_visible(integration, viewer)
    row = Subscription.objects.select_for_update().filter(user_id=viewer.user_id, integration=found).first()
    if row is None:
        return False
    record("governance.subscription.removed", subject=(SUBJECT, row.id), actor=actor, at=now, facts={"integration": found.id})
    row.delete()
    return True


def _sections(sections: Collection[str]) -> list[str]:
    """In the order of the vocabulary; all of them are the same as none named."""
    faults = [
        FieldError(f"/sections/{place}", "not-a-choice", f"Choose one of: {', '.join(Section)}.")
        for place, section in enumerate(sections)
        if section not in set(Section)
    ]
    if faults:
        raise Invalid(errors=faults)
    wanted = [section.value for section in Section if section in set(sections)]
    return [] if len(wanted) == len(Section) else wanted
