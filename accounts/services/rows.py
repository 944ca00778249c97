"""Saving rows that have a history: when, by whom, and what a broken unique key means."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models

from accounts.models import User
from audit.domain.actors import Actor
from foundation.errors import DomainError


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


def is_unique_violation(error: IntegrityError) -> bool:
    """Whether PostgreSQL refused the row for a unique key (SQLSTATE 23505)."""
    return getattr(error.__cause__, "sqlstate", "") == "23505"


def account_of(actor: Actor) -> UUID | None:
    """The account that acts: the user, or the owner of the token in use; None for machines without one."""
    if actor.type == "user":
        return actor.ref
    return actor.on_behalf_of if actor.type in {"token", "runtime"} else None
