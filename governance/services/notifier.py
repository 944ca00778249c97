"""Telling people what the log has: read from a stored place on, in order, nothing left out, nothing told twice.

Telling and moving the place on are one transaction. Were the place ever older than what was told (a restored backup), the keys of
what was told keep it from being told again.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from accounts.selectors import people, teams
from audit.selectors import events
from audit.selectors.events import EventView
from catalog.models import Integration
from catalog.selectors import owners
from governance.domain.notices import WATCHED, Audience, Notice, notice_of
from governance.models import NotifierPlace, Subscription
from governance.selectors.notifications import may_see
from governance.services.notifications import tell

BATCH = 500  # places of the log in one transaction
BATCHES = 20  # transactions in one run; what is left waits for the next


def notify_due(*, now: datetime) -> int:
    """Read what the log has had since; how many people were told, each telling counted."""
    told = 0
    for _ in range(BATCHES):
        count, is_more = notify_once(now=now)
        told += count
        if not is_more:
            break
    return told


@transaction.atomic
def notify_once(*, now: datetime) -> tuple[int, bool]:
    """One batch: (tellings, whether the log may have more). Another notifier at work is left to it."""
    NotifierPlace.objects.get_or_create(pk=1)
    place = NotifierPlace.objects.select_for_update(skip_locked=True).filter(pk=1).first()
    if place is None:
        return 0, False
    found, next_index = events.next_of(place.next_index, verbs=WATCHED, limit=BATCH)
    told = _tell_all(found, now) if found else 0
    is_more = next_index - place.next_index == BATCH
    if next_index != place.next_index:
        place.next_index = next_index
        place.save(update_fields=["next_index"])
    return told, is_more


def _tell_all(found: list[EventView], now: datetime) -> int:
    about = {event.id: _integration_of(event) for event in found}
    rows = (
        Integration.objects.filter(pk__in=set(about.values()), tombstoned_at__isnull=True).defer("search_text", "search_vector").in_bulk()
    )
    causes = {event.id: _account_of(event) for event in found}
    names = {user.id: user.display_name for user in people.by_ids({one for one in causes.values() if one}).values()}
    audience = _Audience(rows.values())
    told = 0
    for event in found:
        row = rows.get(about[event.id])
        if row is None:
            continue
        cause = causes[event.id]
        notice = notice_of(
            event.verb,
            event.facts,
            event=str(event.id),
            integration=str(row.id),
            title=row.title,
            who=names.get(cause, "Portolan") if cause else "Portolan",
        )
        if notice is not None:
            told += _tell(notice, row, audience.of(notice, row) - {cause}, now)
    return told


def _tell(notice: Notice, row: Integration, audience: Iterable[UUID | None], now: datetime) -> int:
    documents = f"/integrations/{row.slug}/documents"
    path = f"{documents}/{notice.section}" if notice.section else f"/integrations/{row.slug}"
    wanted = sorted(account for account in audience if account)
    return tell(wanted, kind=notice.kind, key=notice.key, title=notice.title, path=path, integration_id=row.id, now=now) if wanted else 0


class _Audience:
    """Who is told of a batch: read once for all its integrations.

    Owners are who answers in a role, co-owners and the owning team; the teams above it only where nobody is left in it.
    """

    def __init__(self, rows: Iterable[Integration]) -> None:
        self._rows = list(rows)
        self._owners = owners.owners_of(self._rows)
        self._teams = teams.active_members({row.team_id for row in self._rows})
        self._seers: dict[tuple[UUID, UUID], bool] = {}
        self._follows: dict[UUID, list[tuple[User, frozenset[str]]]] = {}
        following = Subscription.objects.filter(integration__in=self._rows, user__is_active=True).select_related("user")
        for one in following.order_by("id"):
            self._follows.setdefault(one.integration_id, []).append((one.user, frozenset(one.sections)))

    def of(self, notice: Notice, row: Integration) -> set[UUID | None]:
        """Accounts in use that may see the integration now."""
        if notice.audience is Audience.FOLLOWERS:
            following = [user for user, sections in self._follows.get(row.id, ()) if not sections or notice.section in sections]
            return {user.pk for user in following if self._sees(user, row)}
        found = self._owners[row.id]
        told = people.by_ids(found.named | (self._teams.get(row.team_id, frozenset()) or found.members))
        return {user.pk for user in told.values() if self._sees(user, row)}

    def _sees(self, user: User, row: Integration) -> bool:
        key = (user.pk, row.id)
        if key not in self._seers:
            self._seers[key] = may_see(user, row)
        return self._seers[key]


def _integration_of(event: EventView) -> UUID:
    kind, subject = event.subject
    named = event.facts.get("integration")
    return subject if kind == "catalog.integration" or named is None else UUID(str(named))


def _account_of(event: EventView) -> UUID | None:
    """The account that did it: of a token, the one it acts for; None for machines."""
    kind, ref = event.actor
    if kind == "user":
        return ref
    behalf = event.leaf.get("on_behalf_of")
    return UUID(str(behalf)) if behalf else None
