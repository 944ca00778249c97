"""Boards: registered by administrators; membership kept in step with the board's permission group."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from accounts.domain.inputs import Reading
from accounts.domain.viewers import Viewer
from accounts.models import User
from audit.domain.actors import Actor
from audit.services.record import record
from foundation.text import slug_key
from governance.domain.errors import NotAllowed, SlugTaken
from governance.models import Board, BoardMember


def require_administrator(viewer: Viewer) -> None:
    """Raise NotAllowed for everybody else."""
    if not viewer.is_administrator:
        raise NotAllowed("Only administrators change boards and policies.")


@transaction.atomic
def register_board(*, slug: str, title: str, members: Sequence[User] = (), actor: Actor, viewer: Viewer, now: datetime) -> Board:
    """Create a board with its first members. Raises Invalid, SlugTaken (conflict), NotAllowed (forbidden)."""
    require_administrator(viewer)
    reading = Reading()
    slug, title = reading.slug("slug", slug), reading.line("title", title, most=120)
    reading.close()
    try:
        with transaction.atomic():
            group = Group.objects.create(name=f"board:{slug_key(slug)}")
            board = Board.objects.create(slug=slug, slug_key=slug_key(slug), title=title, group=group)
    except IntegrityError as error:
        raise SlugTaken(f"A board “{slug}” exists.") from error
    record(
        "governance.board.registered",
        subject=("governance.board", board.id),
        actor=actor,
        at=now,
        version=1,
        texts={"slug": slug, "title": title},
    )
    for user in members:
        add_member(board=board, user=user, actor=actor, viewer=viewer, now=now)
    return board


@transaction.atomic
def add_member(*, board: Board, user: User, actor: Actor, viewer: Viewer, now: datetime) -> None:
    """Seat a person on the board; seating them again changes nothing."""
    require_administrator(viewer)
    _, created = BoardMember.objects.get_or_create(board=board, user=user, defaults={"since": now})
    if created:
        user.groups.add(board.group_id)
        _record_membership("governance.board.member_added", board=board, user=user, actor=actor, now=now)


@transaction.atomic
def remove_member(*, board: Board, user: User, actor: Actor, viewer: Viewer, now: datetime) -> None:
    """Take a person off the board. Their votes stop counting with the next evaluation."""
    require_administrator(viewer)
    removed, _ = BoardMember.objects.filter(board=board, user=user).delete()
    if removed:
        user.groups.remove(board.group_id)
        _record_membership("governance.board.member_removed", board=board, user=user, actor=actor, now=now)


def _record_membership(verb: str, *, board: Board, user: User, actor: Actor, now: datetime) -> None:
    facts = {"board": board.id, "person": user.person_id, "user": user.id}
    record(verb, subject=("governance.board", board.id), actor=actor, at=now, facts=facts)
