"""Ending a divergence that nobody needs to answer any more: person and machine have come to say the same."""

from collections.abc import Iterable
from datetime import datetime

from accounts.services.rows import account_of
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.models import Divergence, Integration

_SIMPLE = ("title", "purpose", "type", "tags", "ai_use")


def resolve(row: Divergence, state: Divergence.State, *, actor: Actor, now: datetime) -> Divergence:
    """Close the locked divergence, with an event that commits to the machine's value."""
    row.state, row.resolved_at, row.resolved_by_id = state, now, account_of(actor)
    row.save(update_fields=["state", "resolved_at", "resolved_by"])
    tell(state.value, row, actor=actor, now=now)
    return row


def tell(verb: str, row: Divergence, *, actor: Actor, now: datetime) -> None:
    """The event of what became of it."""
    facts = {"integration": row.integration_id, "field": row.field}
    texts = {"value": row.value, "source": f"{row.label}: {row.path}"}
    record(f"catalog.divergence.{verb}", subject=("catalog.divergence", row.id), actor=actor, at=now, facts=facts, texts=texts)


def settle_met(integration: Integration, fields: Iterable[str], *, actor: Actor, now: datetime) -> None:
    """A person has just written `fields`: what a machine says of one of them and is now so has found its answer.

    Endpoints and documents are compared by the next import, which reads what the machine says of them anew.
    """
    written = [name for name in fields if name in _SIMPLE]
    if not written:
        return
    rows = Divergence.objects.select_for_update().filter(integration=integration, field__in=written, state=Divergence.State.OPEN)
    for row in rows.order_by("id"):
        if row.value == getattr(integration, row.field):
            resolve(row, Divergence.State.SETTLED, actor=actor, now=now)
