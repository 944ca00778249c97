"""Everything one person holds: asked of every table that names people, for the plan that must precede their leaving."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from accounts.domain.viewers import Viewer
from accounts.models import Membership, RoleGrant, Token, User
from accounts.selectors import teams
from catalog.models import Integration, IntegrationUserObjectPermission, SavedView
from catalog.selectors import lifecycles
from catalog.selectors.grants import PERMISSIONS
from catalog.selectors.owners import OWNER_COLUMNS, owned_by, roles_of
from governance.domain.lifecycle import UNDISPATCHED
from governance.domain.reassignment import LAST_MEMBER, LEAD, Held, Item, counts_of, token_of
from governance.models import Attestation, BoardMember, Campaign, ChangeRequest, Escalation, Subscription
from runtime_adapters.models import Runtime


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
    grants, followed = _grants(user), list(Subscription.objects.filter(user=user).select_related("integration").order_by("pk"))
    about = (
        {change.integration_id for change in changes}
        | {row.integration_id for row in followed}
        | {grant.content_object_id for grant in grants}
    )
    seen = _seen({*ids, *about}, viewer)
    named = {row.pk: row for row in owned}
    items = [
        *(Item(Held.INTEGRATION, row.pk, row.slug, row.title, roles_of(row, user.pk), row.pk in seen) for row in owned),
        *_seats(user),
        *(Item(Held.CHANGE_REQUEST, c.pk, str(c.number), c.integration.title, is_visible=c.integration_id in seen) for c in changes),
        *(_about(Held.ATTESTATION, row, named, seen) for row in waiting),
        *(_about(Held.ESCALATION, row, named, seen) for row in open_ones),
        *_of_the_account(user, viewer),
        *(_on(Held.GRANT, grant.content_object_id, grant.content_object, seen, roles=(grant.permission.codename,)) for grant in grants),
        *(_on(Held.SUBSCRIPTION, row.pk, row.integration, seen) for row in followed),
    ]
    return Plan(user, tuple(items), token_of(user.pk, items), counts_of(items))


def _about(kind: Held, row: Attestation | Escalation, named: dict[UUID, Integration], seen: set[UUID]) -> Item:
    return _on(kind, row.pk, named[row.integration_id], seen)


def _on(kind: Held, key: UUID, integration: Integration, seen: set[UUID], roles: tuple[str, ...] = ()) -> Item:
    return Item(kind, key, integration.slug, integration.title, roles, integration.pk in seen)


def _grants(user: User) -> list[IntegrationUserObjectPermission]:
    """What people granted by name; the passing view of a voter is none of it."""
    held = IntegrationUserObjectPermission.objects.filter(user=user, permission__codename__in=PERMISSIONS.values())
    held = held.filter(content_object__tombstoned_at__isnull=True)
    return list(held.select_related("content_object", "permission").order_by("content_object__slug_key", "permission__codename"))


def _seats(user: User) -> Iterator[Item]:
    """Teams that the person leads or is the last to answer through, other memberships, and boards that they sit on."""
    last = _last_through(user)
    for member in Membership.objects.filter(user=user).select_related("team").order_by("team__slug_key"):
        roles = ((LEAD,) if member.is_lead else ()) + ((LAST_MEMBER,) if member.team_id in last else ())
        yield Item(Held.TEAM if roles else Held.MEMBERSHIP, member.team_id, member.team.slug, member.team.title, roles)
    others = BoardMember.objects.filter(board=OuterRef("board"), user__is_active=True).exclude(user=user)
    seats = BoardMember.objects.filter(user=user).select_related("board").annotate(has_others=Exists(others))
    for seat in seats.order_by("board__slug_key"):
        yield Item(Held.BOARD, seat.board_id, seat.board.slug, seat.board.title, () if seat.has_others else (LAST_MEMBER,))


def _last_through(user: User) -> set[UUID]:
    """Their teams without which nobody of the team, or above it, would answer for some integration in use."""
    emptied = teams.emptied_without(user.pk)
    owned = Integration.objects.filter(team_id__in=emptied, tombstoned_at__isnull=True).exclude(lifecycles.final_q())
    return {own for team in owned.order_by().values_list("team_id", flat=True).distinct() for own in emptied[team]}


def _of_the_account(user: User, viewer: Viewer) -> Iterator[Item]:
    """What they opened, what works with the account, and what sleeps or ends with it. A view of one's own is nobody else's to read."""
    for campaign in Campaign.objects.filter(opened_by=user, state=Campaign.State.OPEN).order_by("pk"):
        yield Item(Held.CAMPAIGN, campaign.pk, str(campaign.pk), campaign.title)
    for runtime in Runtime.objects.filter(service_user=user).order_by("slug_key"):
        yield Item(Held.RUNTIME, runtime.pk, runtime.slug, runtime.title)
    for grant in RoleGrant.objects.filter(user=user).order_by("role"):
        yield Item(Held.ROLE, grant.pk, grant.role, grant.get_role_display())
    working = Token.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=Now()), user=user, revoked_at__isnull=True)
    for token in working.defer("secret_hash").order_by("pk"):
        yield Item(Held.TOKEN, token.pk, token.prefix, token.label)
    for view in SavedView.objects.filter(owner=user).order_by("pk"):
        is_visible = view.is_shared or viewer.user_id == user.pk
        yield Item(Held.VIEW, view.pk, view.title, view.title, ("shared",) if view.is_shared else (), is_visible)


def _seen(ids: set[UUID], viewer: Viewer) -> set[UUID]:
    return set(Integration.objects.visible_to(viewer).filter(pk__in=ids).values_list("pk", flat=True))
