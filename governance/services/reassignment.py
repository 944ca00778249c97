"""Leaving in order: what a person holds goes to others first, all of it in the transaction that switches the account off."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.domain.errors import AdministratorsOnly
from accounts.domain.rights import require_administrator
from accounts.domain.viewers import Viewer
from accounts.models import Membership, Team, User
from accounts.selectors import people, viewers
from accounts.selectors import teams as teams_selectors
from accounts.services import teams, users
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.services import owners
from foundation.errors import FieldError
from foundation.text import slug_key
from governance.domain.errors import InvalidReassignment, PlanStale, StillHolding
from governance.domain.reassignment import LEAD, Held, Item, successors
from governance.models import Board
from governance.selectors.reassignment import Plan, plan_of
from governance.services import boards
from governance.services.notifications import tell

WHERE = "/api/v1/users/{username}/reassignment-plan"


def plan(*, username: str, viewer: Viewer) -> Plan:
    """List everything the person holds; nothing is written. Administrators for everybody, everybody for themselves.

    Raises PersonMissing, AdministratorsOnly.
    """
    user = people.by_username(username)
    if not viewer.is_administrator and viewer.user_id != user.pk:
        raise AdministratorsOnly
    return plan_of(user, viewer)


@transaction.atomic
def deactivate_idle(*, username: str, actor: Actor, now: datetime) -> User:
    """Switch off an account that nothing depends on. Raises StillHolding with counts, and where to make a plan, and LastAdministrator."""
    user = _locked(username)
    found = plan_of(user, viewers.viewer_of(user))
    if found.binding:
        told = {"held": found.counts, "plan": WHERE.format(username=user.username)}
        held = ", ".join(_words(found))
        raise StillHolding(f"{user.display_name} still answers for {held}. Make a reassignment plan first.", extra=told)
    return users.deactivate_user(username=username, actor=actor, now=now)


def _words(found: Plan) -> list[str]:
    names = {Held.INTEGRATION: "integration", Held.TEAM: "team", Held.BOARD: "board seat"}
    counted = [(name, sum(item.kind is kind for item in found.binding)) for kind, name in names.items()]
    return [f"{count} {name}{'' if count == 1 else 's'}" for name, count in counted if count]


def _locked(username: str) -> User:
    """The account, held together with its teams and all above them: of two who leave at once, the second sees that they are the last."""
    user = User.objects.select_for_update().get(pk=people.by_username(username).pk)
    chains = teams_selectors.above(list(Membership.objects.filter(user=user).values_list("team_id", flat=True)))
    everywhere = {team for chain in chains.values() for team in chain}
    list(Team.objects.select_for_update(no_key=True).filter(pk__in=everywhere).order_by("pk").values_list("pk", flat=True))
    return user


@transaction.atomic
def deactivate(
    *,
    username: str,
    token: str,
    default: str | None,
    overrides: Mapping[str, str | None],
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> Plan:
    """Pass on what the plan with this token listed, and switch the account off, all or nothing.

    `overrides`: user name by item (`integration:<slug>`, `team:<slug>`, `board:<slug>`); None gives a seat up.
    Raises: AdministratorsOnly, PersonMissing, PlanStale and LastAdministrator (409), InvalidReassignment (422, with pointers).
    """
    require_administrator(viewer)
    user = _locked(username)
    found = plan_of(user, viewer)
    if token != found.token:
        raise PlanStale(extra={"plan": WHERE.format(username=user.username)})
    chosen = successors(found.items, default=default, overrides=overrides)
    accounts = _accounts(user, {name for name in chosen.values() if name is not None})
    for item in found.binding:
        name = chosen[item.id]
        _pass_on(item, user, accounts[slug_key(name)] if name else None, actor=actor, viewer=viewer, now=now)
    _record(found, actor=actor, now=now)
    _tell_successors(found, chosen, accounts, now=now)
    users.deactivate_user(username=user.username, actor=actor, now=now)
    return found


def _accounts(leaver: User, names: set[str]) -> dict[str, User]:
    """The successors by key; each must be an active person other than who leaves."""
    found = people.by_usernames(names)
    unfit = [name for name in sorted(names) if not _fits(found.get(slug_key(name)), leaver)]
    if unfit:
        detail = "Name an active person other than the one who leaves."
        raise InvalidReassignment(errors=[FieldError("/reassign", "unknown-user", f"{name}: {detail}") for name in unfit])
    return found


def _fits(user: User | None, leaver: User) -> bool:
    return user is not None and user.kind == "human" and user.pk != leaver.pk


def _pass_on(item: Item, leaver: User, successor: User | None, *, actor: Actor, viewer: Viewer, now: datetime) -> None:
    if item.kind is Held.INTEGRATION:
        owners.replace_owner(integration_id=item.id, leaver=leaver.pk, successor=successor, actor=actor, now=now)
    elif item.kind is Held.TEAM:
        team = Team.objects.get(pk=item.id)
        if successor is not None:
            teams.add_member(team=team, user=successor, is_lead=LEAD in item.roles, actor=actor, now=now)
        teams.add_member(team=team, user=leaver, is_lead=False, actor=actor, now=now)
    else:
        board = Board.objects.get(pk=item.id)
        if successor is not None:
            boards.add_member(board=board, user=successor, actor=actor, viewer=viewer, now=now)
        boards.remove_member(board=board, user=leaver, actor=actor, viewer=viewer, now=now)


def _record(found: Plan, *, actor: Actor, now: datetime) -> None:
    facts = {
        "person": found.user.person_id,
        "user": found.user.pk,
        "plan": found.token,
        "integrations": sum(item.kind is Held.INTEGRATION for item in found.items),
        "memberships": sum(item.kind in {Held.TEAM, Held.BOARD} for item in found.binding),
    }
    record("governance.reassignment.applied", subject=("accounts.user", found.user.pk), actor=actor, at=now, facts=facts)


def _tell_successors(found: Plan, chosen: Mapping[UUID, str | None], accounts: Mapping[str, User], *, now: datetime) -> None:
    """Each successor learns once what is theirs now; what they may not see stays unnamed."""
    for key, user in accounts.items():
        count = sum(name is not None and slug_key(name) == key for name in chosen.values())
        tell(
            [user.pk],
            kind="reassignment",
            key=f"reassignment:{found.user.pk}:{found.token[7:39]}",
            title=f"You take over from {found.user.display_name}",
            detail=f"{count} of their duties are yours now. What waits for you is on the stewardship page.",
            path="/stewardship/attestations",
            now=now,
        )
