"""Everything one person holds: asked of every table that names people, for the plan that must precede their leaving."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from accounts.domain.viewers import Viewer
from accounts.models import Membership, User
from catalog.models import Integration
from catalog.selectors.owners import OWNER_COLUMNS, owned_by
from governance.domain.lifecycle import UNDISPATCHED
from governance.domain.reassignment import Held, Item, counts_of, token_of
from governance.models import Attestation, BoardMember, Campaign, ChangeRequest, Escalation


@dataclass(frozen=True, slots=True)
class Plan:
    """What `user` holds as the viewer may see it. `hidden`: how many items the viewer may not see; they count all the same."""

    user: User
    items: tuple[Item, ...]
    token: str
    counts: dict[str, int]

    @property
    def shown(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.is_visible)

    @property
    def hidden(self) -> int:
        return len(self.items) - len(self.shown)

    @property
    def binding(self) -> tuple[Item, ...]:
        """What must pass to somebody before the person can leave."""
        return tuple(item for item in self.items if item.binds)


def plan_of(user: User, viewer: Viewer) -> Plan:
    """Read the plan, in a fixed number of queries. Its token is the same whoever looks."""
    owned = list(owned_by(user.pk).only("pk", "slug", "title", "co_owners", *OWNER_COLUMNS))
    ids = [row.pk for row in owned]
    change_requests = ChangeRequest.objects.filter(requester=user, state__in=UNDISPATCHED).select_related("integration")
    asked = Attestation.objects.filter(integration_id__in=ids, answer="", campaign__state=Campaign.State.OPEN)
    escalations = Escalation.objects.filter(integration_id__in=ids, closed_at__isnull=True)
    changes = list(change_requests.order_by("number"))
    waiting, open_ones = list(asked.order_by("pk")), list(escalations.order_by("pk"))
    seen = _seen({*ids, *(change.integration_id for change in changes)}, viewer)
    named = {row.pk: row for row in owned}
    items = [
        *(Item(Held.INTEGRATION, row.pk, row.slug, row.title, _roles(row, user), row.pk in seen) for row in owned),
        *_seats(user),
        *(Item(Held.CHANGE_REQUEST, c.pk, str(c.number), c.integration.title, is_visible=c.integration_id in seen) for c in changes),
        *(_about(Held.ATTESTATION, row, named, seen) for row in waiting),
        *(_about(Held.ESCALATION, row, named, seen) for row in open_ones),
    ]
    return Plan(user, tuple(items), token_of(user.pk, items), counts_of(items))


def _about(kind: Held, row: Attestation | Escalation, named: dict[UUID, Integration], seen: set[UUID]) -> Item:
    integration = named[row.integration_id]
    return Item(kind, row.pk, integration.slug, integration.title, is_visible=row.integration_id in seen)


def _roles(row: Integration, user: User) -> tuple[str, ...]:
    held = [column.replace("_", "-") for column in OWNER_COLUMNS if getattr(row, f"{column}_id") == user.pk]
    return (*held, "co-owner") if user.pk in row.co_owners else tuple(held)


def _seats(user: User) -> Iterable[Item]:
    """Teams that the person leads and boards that they sit on. A plain membership is no duty."""
    for lead in Membership.objects.filter(user=user, is_lead=True).select_related("team").order_by("team__slug_key"):
        yield Item(Held.TEAM, lead.team_id, lead.team.slug, lead.team.title)
    for seat in BoardMember.objects.filter(user=user).select_related("board").order_by("board__slug_key"):
        yield Item(Held.BOARD, seat.board_id, seat.board.slug, seat.board.title)


def _seen(ids: set[UUID], viewer: Viewer) -> set[UUID]:
    return set(Integration.objects.visible_to(viewer).filter(pk__in=ids).values_list("pk", flat=True))
