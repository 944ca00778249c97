"""The clocks that machines move: when an integration was last observed, and when it last succeeded.

They stand beside the entity: a report every few seconds must neither make a person's If-Match stale nor write a history.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection

_NOTE = """
INSERT INTO catalog_observationclock (integration_id, {column})
SELECT wanted.id, %s FROM unnest(%s::uuid[]) AS wanted(id)
ON CONFLICT (integration_id) DO UPDATE SET {column} = GREATEST(catalog_observationclock.{column}, excluded.{column})
WHERE catalog_observationclock.{column} IS NULL OR catalog_observationclock.{column} < excluded.{column}
"""


def note_observed(integration_ids: Iterable[UUID], *, at: datetime) -> None:
    """A runtime told of these integrations at `at`. Older news changes nothing. One statement; rows in the order of their ids."""
    _note("observed_at", integration_ids, at)


def note_success(integration_ids: Iterable[UUID], *, at: datetime) -> None:
    """A run of these integrations ended well at `at`."""
    _note("last_success_at", integration_ids, at)


def _note(column: str, integration_ids: Iterable[UUID], at: datetime) -> None:
    wanted = sorted(set(integration_ids))
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE.format(column=column), [at, wanted])
