"""Escalations by clock: opened when nobody answers or an owner's word ran out, told one step higher at a time, closed when put right.

Level-based: every run looks at what is, and does only what is due at `now`. Running twice, or two workers at once, does nothing twice.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Membership
from accounts.selectors import people, teams
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.ownership import TierRules
from catalog.models import Integration
from catalog.selectors import owners, policies
from foundation import due
from governance.domain.ladder import Step, heard_by, next_step_at, steps_due
from governance.models import Escalation
from governance.selectors import stewardship
from governance.selectors.notifications import may_see
from governance.services.notifications import heard_enough, tell

SUBJECT = "governance.escalation"
BATCH, MOST_BATCHES, LEASE_S = 200, 50, 300.0
Kind = Escalation.Kind
_log = logging.getLogger(__name__)


def escalate_due(*, now: datetime, actor: Actor) -> int:
    """Open what fell due, close what was put right, take the steps whose day has come; how many rows were touched."""
    rules = policies.rules_by_tier()
    served = stewardship.served()
    wrong = {Kind.ORPHAN: served.filter(owners.orphan_q()), Kind.ATTESTATION: served.filter(stewardship.overdue_q(rules, now))}
    touched = sum(_close_healed(kind, rows, actor=actor, now=now) for kind, rows in wrong.items())
    touched += sum(_open_all(kind, rows, rules, actor=actor, now=now) for kind, rows in wrong.items())
    return touched + _climb_due(rules, actor=actor, now=now)


def _open_all(kind: Kind, wrong: QuerySet[Integration], rules: dict[int, TierRules], *, actor: Actor, now: datetime) -> int:
    """Batch by batch along the ids, each in its own transaction; what a run leaves, the next one finds."""
    opened, last = 0, None
    for _ in range(MOST_BATCHES):
        found = _candidates(kind, wrong, last)
        if not found:
            break
        opened += _open(kind, found, rules, actor=actor, now=now)
        last = found[-1].pk
    return opened


def _candidates(kind: Kind, wrong: QuerySet[Integration], last: UUID | None) -> list[Integration]:
    is_open = stewardship.escalating(kind).filter(integration=OuterRef("pk"))
    rows = wrong.filter(~Exists(is_open)).order_by("pk").only("pk", "tier")
    return list((rows.filter(pk__gt=last) if last else rows)[:BATCH])


@transaction.atomic
def _open(kind: Kind, found: Sequence[Integration], rules: dict[int, TierRules], *, actor: Actor, now: datetime) -> int:
    rows = [
        Escalation(
            integration_id=row.pk,
            kind=kind,
            opened_at=now,
            next_check_at=next_step_at(rules[row.tier].escalate_after_days, opened_at=now, taken=0),
        )
        for row in found
    ]
    Escalation.objects.bulk_create(rows, ignore_conflicts=True)  # another worker may have been faster
    made = set(Escalation.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    for row in rows:
        if row.pk in made:
            _record("opened", row, actor=actor, now=now)
    return len(made)


def _close_healed(kind: Kind, wrong: QuerySet[Integration], *, actor: Actor, now: datetime) -> int:
    """What is no longer wrong, has ended or was deleted escalates no more."""
    still = wrong.filter(pk=OuterRef("integration_id"))
    healed = list(stewardship.escalating(kind).filter(~Exists(still)).order_by("pk").values_list("pk", flat=True)[: BATCH * MOST_BATCHES])
    for at in range(0, len(healed), BATCH):
        _close(healed[at : at + BATCH], actor=actor, now=now)
    return len(healed)


@transaction.atomic
def _close(ids: Sequence[UUID], *, actor: Actor, now: datetime) -> None:
    for row in Escalation.objects.select_for_update().filter(pk__in=ids, closed_at__isnull=True).order_by("pk"):
        row.closed_at, row.next_check_at = now, None
        row.save(update_fields=["closed_at", "next_check_at"])
        _record("closed", row, actor=actor, now=now, step=row.step)


def _climb_due(rules: dict[int, TierRules], *, actor: Actor, now: datetime) -> int:
    """Take the steps that are due, each escalation in its own transaction. One that cannot be told waits its turn again."""
    waiting = Escalation.objects.filter(closed_at__isnull=True)
    ids = due.claim(waiting, column="next_check_at", limit=BATCH, lease_s=LEASE_S, now=now)
    for key in ids:
        try:
            _climb(key, rules, actor=actor, now=now)
        except Exception:  # noqa: BLE001 - one bad row must not keep the others waiting
            _log.exception("an escalation could not be told", extra={"escalation": str(key)})
    return len(ids)


@transaction.atomic
def _climb(key: Any, rules: dict[int, TierRules], *, actor: Actor, now: datetime) -> None:
    row = Escalation.objects.select_for_update().filter(pk=key, closed_at__isnull=True).first()
    if row is None:
        return
    integration = Integration.objects.select_related("team").get(pk=row.integration_id)
    days = rules[integration.tier].escalate_after_days
    audiences = audiences_of(integration)
    for step in steps_due(days, opened_at=row.opened_at, taken=row.step, now=now):
        told = _tell(row, integration, step, audiences[heard_by(step, audiences)], now=now)
        row.step = step + 1
        _record("advanced", row, actor=actor, now=now, step=row.step, told=told)
    row.next_check_at = next_step_at(days, opened_at=row.opened_at, taken=row.step)
    row.save(update_fields=["step", "next_check_at"])


def audiences_of(integration: Integration) -> list[list[UUID]]:
    """By step of the ladder, the accounts that it tells: those of each step who may see what it is about."""
    named = owners.owners_of([integration])[integration.pk].named
    members = Membership.objects.filter(team_id=integration.team_id, user__is_active=True, user__kind="human")
    own = sorted(named | set(members.values_list("user_id", flat=True)))
    above = integration.team.parent_id
    administrators = list(people.administrators().values_list("pk", flat=True))
    steps = [own, teams.active_leads(integration.team_id), teams.active_leads(above) if above else [], administrators]
    if integration.visibility != "restricted":
        return steps
    # A restricted one may name an owner who is not let in: telling them would be telling nobody.
    known = people.by_ids({user for step in steps for user in step})
    seeing = {key for key, user in known.items() if may_see(user, integration)}
    return [[user for user in step if user in seeing] for step in steps]


_TITLES = {Kind.ORPHAN: "Nobody answers for {title}", Kind.ATTESTATION: "The owners of {title} have not confirmed it"}
_DETAILS = {
    Kind.ORPHAN: "No active person is named as its owner, and its team has no active member. It keeps running, but nothing new is sent.",
    Kind.ATTESTATION: "Somebody who answers for it should confirm, correct or disown what is registered.",
}


_MORE = {
    Kind.ORPHAN: "More integrations that nobody answers for",
    Kind.ATTESTATION: "More integrations that their owners have not confirmed",
}


def _tell(row: Escalation, integration: Integration, step: Step, audience: Sequence[UUID], *, now: datetime) -> int:
    """Each by name, up to SINGLE a day for one person; what comes on top of that is one line a day, which leads to the list."""
    kind = Kind(row.kind)
    full = heard_enough(audience, kind="escalation", now=now)
    if full:
        tell(
            sorted(full),
            kind="escalation",
            key=f"escalations:{kind.value}:{now:%Y-%m-%d}",
            title=_MORE[kind],
            detail="There are too many to name each. The list has all that you may see.",
            path=f"/stewardship/escalations?open=true&kind={kind.value}",
            now=now,
        )
    return len(full) + tell(
        [user for user in audience if user not in full],
        kind="escalation",
        key=f"escalation:{row.pk}:{step.value}",
        title=_TITLES[kind].format(title=integration.title),
        detail=_DETAILS[kind],
        path=f"/integrations/{integration.slug}",
        integration_id=integration.pk,
        now=now,
    )


def _record(what: str, row: Escalation, *, actor: Actor, now: datetime, **facts: int) -> None:
    told = {"integration": row.integration_id, "kind": row.kind, **facts}
    record(f"governance.escalation.{what}", subject=(SUBJECT, row.pk), actor=actor, at=now, facts=told)
