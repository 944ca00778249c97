"""Boards and who sits on them."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from governance.models import Board, BoardMember


def boards() -> QuerySet[Board]:
    """Every board; any signed-in person may see them."""
    return Board.objects.order_by("slug_key", "id")


def boards_of(user_id: UUID) -> QuerySet[Board]:
    """Boards on which the account sits."""
    return boards().filter(members__user_id=user_id)


def active_members(slugs: Iterable[str]) -> dict[str, frozenset[UUID]]:
    """Board slug → the persons who may vote for it now: active human accounts only."""
    wanted = set(slugs)
    found: dict[str, set[UUID]] = {slug: set() for slug in wanted}
    rows = BoardMember.objects.filter(board__slug__in=wanted, user__is_active=True, user__kind="human")
    for slug, person in rows.values_list("board__slug", "user__person_id"):
        found[slug].add(person)
    return {slug: frozenset(persons) for slug, persons in found.items()}


def board_groups(slugs: Iterable[str]) -> list[int]:
    """The permission groups of the boards named."""
    return list(Board.objects.filter(slug__in=set(slugs)).values_list("group_id", flat=True))
