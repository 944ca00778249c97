"""Saving rows that have a history: when, by whom, and what a broken unique key means."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, models
from simple_history.utils import bulk_create_with_history, get_history_manager_for_model

from accounts.models import User
from audit.domain.actors import Actor
from foundation.errors import DomainError

Row = TypeVar("Row", bound=models.Model)


def save_row(
    row: models.Model, *, actor: Actor, now: datetime, taken: type[DomainError] | None = None, update_fields: list[str] | None = None
) -> None:
    """Save `row`; its history row says `now` and the acting account.

    A broken unique key raises `taken`: the database decides races, and the service's transaction rolls back.
    """
    stamped: Any = row
    stamped._history_date = now  # noqa: SLF001 - how django-simple-history takes the moment
    account = account_of(actor)
    if account is not None:
        stamped._history_user = User(pk=account)  # noqa: SLF001 - only the key is written
    try:
        row.save(update_fields=update_fields)
    except IntegrityError as error:
        if taken is None or not is_unique_violation(error):
            raise
        raise taken from error


def create_rows(rows: Sequence[Row], *, actor: Actor, now: datetime) -> list[Row]:
    """Save new rows of one model with their history in two statements, however many they are."""
    if not rows:
        return []
    account = account_of(actor)
    user = None if account is None else User(pk=account)
    made: list[Row] = bulk_create_with_history(list(rows), type(rows[0]), default_user=user, default_date=now)
    return made


def delete_rows(rows: Sequence[models.Model], *, actor: Actor, now: datetime) -> None:
    """Delete rows of one model; their history says that they went, when and by whom. Two statements."""
    if not rows:
        return
    model, account = type(rows[0]), account_of(actor)
    history = get_history_manager_for_model(model).model
    gone = [
        history(
            history_date=now,
            history_user_id=account,
            history_type="-",
            history_relation_id=row.pk,
            **{field.attname: getattr(row, field.attname) for field in history.tracked_fields},
        )
        for row in rows
    ]
    history.objects.bulk_create(gone)
    found = model._default_manager.filter(pk__in=[row.pk for row in rows])  # noqa: SLF001 - Django's public name for it
    found._raw_delete(found.db)  # noqa: SLF001 - without simple-history's receiver, which would tell it again row by row


def is_unique_violation(error: IntegrityError) -> bool:
    """Whether PostgreSQL refused the row for a unique key (SQLSTATE 23505)."""
    return getattr(error.__cause__, "sqlstate", "") == "23505"


def account_of(actor: Actor) -> UUID | None:
    """The account that acts: the user, or the owner of the token in use; None for machines without one."""
    if actor.type == "user":
        return actor.ref
    return actor.on_behalf_of if actor.type in {"token", "runtime"} else None
