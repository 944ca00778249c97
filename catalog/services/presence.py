"""Naming a thing that may be retired or deleted at the same moment: whoever names it holds it to the end of the transaction.

A foreign key keeps a row, not what the row says of itself: between reading a thing and saving what names it, it may have been
retired or deleted. `hold` takes the very lock that saving the foreign key would take, and reads under it; who retires or deletes
takes the stronger lock first. So one of the two waits, and then sees what the other has done.
"""

# ruff: noqa: SLF001 - `_meta` is Django's documented way to ask a model

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, models
from psycopg import sql

from catalog.domain.errors import IntegrationMissing
from catalog.models import Integration

_HELD = """
SELECT id, {retired} FROM {table} AS held WHERE id = ANY(%s) AND tombstoned_at IS NULL ORDER BY id FOR KEY SHARE
"""
_IS_FINAL = """
EXISTS (SELECT 1 FROM catalog_lifecyclemodel AS model WHERE model.number = held.lifecycle
         AND model.definition->'stages' @> jsonb_build_array(jsonb_build_object('key', held.stage, 'kind', 'final')))
"""


def hold(model: type[models.Model], ids: Iterable[UUID]) -> dict[UUID, bool]:
    """Keep these from being deleted or retired until the transaction ends; those that are there, and whether each is retired.

    An integration is retired at an end of its lifecycle.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    retired = sql.SQL(_IS_FINAL if model is Integration else "retired_at IS NOT NULL")
    statement = sql.SQL(_HELD).format(retired=retired, table=sql.Identifier(model._meta.db_table))
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection), [wanted])
        return dict(cursor.fetchall())


def require_present(integration: Integration) -> bool:
    """Keep it until the transaction ends; whether it is at its end. Raises IntegrationMissing when it was deleted meanwhile."""
    held = hold(Integration, [integration.pk])
    if integration.pk not in held:
        raise IntegrationMissing
    return held[integration.pk]
