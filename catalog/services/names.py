"""Names of entities: claimed when registered, kept as an alias when renamed, given back when deleted."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from accounts.domain.errors import SlugTaken
from accounts.services.rows import is_unique_violation
from catalog.domain.vocabulary import EntityKind
from catalog.models import Name
from foundation.text import slug_key


def claim(kind: EntityKind, row: Any, *, now: datetime) -> None:
    """Give `row` its slug. Raises SlugTaken when another entity has it, now or as an alias; the database decides races."""
    try:
        Name.objects.create(kind=kind, key=row.slug_key, slug=row.slug, entity_id=row.id, since=now)
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise SlugTaken from error


def pass_on(kind: EntityKind, row: Any, *, now: datetime) -> None:
    """`row` carries a new slug: the old one becomes an alias. One of its own aliases may become its name again. Raises SlugTaken."""
    Name.objects.filter(entity_id=row.id, is_current=True).update(is_current=False)
    back = Name.objects.filter(kind=kind, key=row.slug_key, entity_id=row.id).update(is_current=True, slug=row.slug, since=now)
    if not back:
        claim(kind, row, now=now)


def give_back(entity_id: UUID) -> None:
    """The entity was deleted: its name and aliases may be given to a new identity."""
    Name.objects.filter(entity_id=entity_id).delete()


def names_of(entity_id: UUID) -> list[Name]:
    """Every name that leads to the entity, oldest first: what `give_back` gives back."""
    return list(Name.objects.filter(entity_id=entity_id).order_by("since", "id"))


def take_back(kind: EntityKind, entity_id: UUID, former: Iterable[Mapping[str, Any]]) -> None:
    """The entity was restored: those of its former names `{slug, since}` that nobody has taken lead to it again."""
    rows = [
        Name(kind=kind, key=slug_key(each["slug"]), slug=each["slug"], entity_id=entity_id, is_current=False, since=each["since"])
        for each in former
    ]
    Name.objects.bulk_create(rows, ignore_conflicts=True)
