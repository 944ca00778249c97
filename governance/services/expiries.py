"""Teams are told of their connections: once when one expires soon, once when it has expired.

Level-based like the escalations: every run looks at what is at `now`. A notice in the row's own words, connection, need and day, makes
running twice, or two workers at once, the same as once.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from accounts.selectors import people, teams
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.connections import Upkeep
from catalog.models import Connection
from governance.models import ExpiryNotice
from governance.selectors import expiries
from governance.services.notifications import heard_enough, tell

BATCH, MOST_BATCHES = 200, 50
KIND = "connection-expiry"
_TITLES = {
    Upkeep.EXPIRES_SOON: "The connection {title} expires on {day}",
    Upkeep.EXPIRED: "The connection {title} expired on {day}",
}
_DETAILS = {
    Upkeep.EXPIRES_SOON: "It reaches {system} in {environment}. Exchange what it needs, then tell the new day on its page.",
    Upkeep.EXPIRED: "What reaches {system} in {environment} by it may fail now. Exchange what it needs, then tell the new day on its page.",
}


def warn_due(*, now: datetime, actor: Actor) -> int:
    """Tell of every connection in use that nobody was told of yet; of how many that was now."""
    return sum(_warn_all(need, actor=actor, now=now) for need in expiries.WARNED_OF)


def _warn_all(need: Upkeep, *, actor: Actor, now: datetime) -> int:
    """Batch by batch, each in its own transaction; what a run leaves, the next one finds."""
    warned = 0
    for _ in range(MOST_BATCHES):
        found = list(expiries.untold(need, now)[:BATCH])
        if not found:
            break
        warned += _warn(need, found, actor=actor, now=now)
    return warned


@transaction.atomic
def _warn(need: Upkeep, found: Sequence[Connection], *, actor: Actor, now: datetime) -> int:
    notices = [ExpiryNotice(connection=row, need=need, expires_at=_end_of(row), at=now) for row in found]
    ExpiryNotice.objects.bulk_create(notices, ignore_conflicts=True)  # another worker may have been faster
    made = set(ExpiryNotice.objects.filter(pk__in=[one.pk for one in notices]).values_list("connection_id", flat=True))
    audiences = _audiences(found)
    for row in found:
        if row.pk in made:
            told = _tell(need, row, audiences[row.team_id], now=now)
            facts = {"team": row.team_id, "need": need.value, "expires_at": _end_of(row), "told": told}
            record("governance.expiry.told", subject=("catalog.connection", row.pk), actor=actor, at=now, facts=facts)
    return len(made)


def _end_of(row: Connection) -> datetime:
    """When it expires; what is warned of has an end."""
    if row.expires_at is None:
        raise ValueError("A connection without an end does not expire.")
    return row.expires_at.astimezone(UTC)


def _audiences(found: Sequence[Connection]) -> dict[UUID, Collection[UUID]]:
    """By team, its members; where nobody is left in it those of the nearest team above, then administrators.

    Connections are of the landscape: whoever is told may see them.
    """
    members = teams.nearest_members({row.team_id for row in found})
    administrators = frozenset() if all(members.values()) else frozenset(people.administrators().values_list("pk", flat=True))
    return {team: users or administrators for team, users in members.items()}


def _tell(need: Upkeep, row: Connection, audience: Collection[UUID], *, now: datetime) -> int:
    """Each by name, up to a number a day; what comes on top of that is one line a day, which leads to the list."""
    full = heard_enough(audience, kind=KIND, now=now)
    if full:
        tell(
            sorted(full),
            kind=KIND,
            key=f"expiries:{need.value}:{now:%Y-%m-%d}",
            title="More connections that expire soon" if need is Upkeep.EXPIRES_SOON else "More connections that have expired",
            detail="There are too many to name each. The list has all of them.",
            path=f"/landscape/connections?upkeep={need.value}",
            now=now,
        )
    ends_at = _end_of(row)
    words = {"title": row.title, "day": f"{ends_at:%Y-%m-%d}", "system": row.system.title, "environment": row.environment.title}
    return len(full) + tell(
        sorted(set(audience) - full),
        kind=KIND,
        key=f"expiry:{need.value}:{row.pk}:{ends_at.isoformat()}",
        title=_TITLES[need].format(**words),
        detail=_DETAILS[need].format(**words),
        path=f"/landscape/connections/{row.slug}",
        now=now,
    )
