"""Whether rows, histories and log agree: what every governed row says of itself against what the log says of it.

The log proves that it was not changed; it cannot prove that every change went through it. A row changed behind the services' back
shows here: its version, or its history, is not the one that the newest leaf about it names.
"""

# ruff: noqa: SLF001 - `_meta` is Django's documented way to ask a model

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection
from django.db.models import Model, PositiveIntegerField
from psycopg import sql
from simple_history.utils import get_history_manager_for_model

from audit.models import EventStamped

PACKAGES = ("accounts", "catalog", "runtime_adapters", "governance")
SHOWN = 20

# Each is one statement, so that it sees one moment of rows and log while work goes on.
_HOLES = """
SELECT subject_type, subject_id::text, 'has ' || count(*) || ' versions in the log, the newest is ' || max(version)
  FROM audit_event WHERE version IS NOT NULL
 GROUP BY subject_type, subject_id HAVING count(*) <> max(version)
"""
_VERSIONS = """
SELECT {kind}, thing.id::text, 'is at version ' || thing.version || ', the log at ' || coalesce(told.newest::text, 'none')
  FROM {table} AS thing
  LEFT JOIN (SELECT subject_id, max(version) AS newest FROM audit_event WHERE subject_type = {kind} GROUP BY subject_id) AS told
    ON told.subject_id = thing.id
 WHERE told.newest IS DISTINCT FROM thing.version
"""
_UNTOLD = """
SELECT {kind}, row.event_id::text, 'is kept by the history, but the log has no such event'
  FROM (SELECT DISTINCT event_id FROM {table}) AS row
 WHERE NOT EXISTS (SELECT 1 FROM audit_event WHERE audit_event.id = row.event_id)
"""
_UNKEPT = """
SELECT {kind}, told.subject_id::text, 'changed to version ' || told.version || ', but no history row says how'
  FROM audit_event AS told
 WHERE told.subject_type = {kind} AND told.version IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM {table} AS row WHERE row.event_id = told.id)
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement: what kind of thing, which (an id; of an event where a history is at fault), and how."""

    kind: str
    ref: str
    told: str

    def __str__(self) -> str:
        return f"{self.kind} {self.ref} {self.told}."


def findings() -> list[Finding]:
    """Every disagreement, at most SHOWN of each question; an empty list is what should be. Reads whole tables."""
    return [Finding(*row) for statement in _questions() for row in _asked(statement)]


def versioned() -> list[type[Model]]:
    """The models whose rows count their versions, as the log does."""
    return [model for model in _models() if any(f.name == "version" and isinstance(f, PositiveIntegerField) for f in model._meta.fields)]


def histories() -> list[tuple[str, type[Model], bool]]:
    """Every history: of which kind of thing, its model, and whether it is of the thing itself (else of one of its lists)."""
    own = {
        get_history_manager_for_model(model).model: model for model in _models() if hasattr(model._meta, "simple_history_manager_attribute")
    }
    found = [model for model in apps.get_models() if issubclass(model, EventStamped)]
    return [(kind_of(own.get(model, model)), model, model in own) for model in found]


def kind_of(model: type[Model]) -> str:
    """What the log calls it: `catalog.data_object`."""
    return f"{model._meta.app_label}." + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.__name__).lower()


def _questions() -> Iterator[sql.Composable]:
    yield sql.SQL(_HOLES)
    for model in versioned():
        yield _about(_VERSIONS, kind_of(model), model)
    for kind, model, is_own in histories():
        yield _about(_UNTOLD, kind, model)
        if is_own:
            yield _about(_UNKEPT, kind, model)


def _models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in PACKAGES and not issubclass(model, EventStamped)]


def _about(statement: str, kind: str, model: type[Model]) -> sql.Composable:
    return sql.SQL(statement).format(kind=sql.Literal(kind), table=sql.Identifier(model._meta.db_table))


def _asked(statement: sql.Composable) -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute((statement + sql.SQL(" LIMIT {}").format(sql.Literal(SHOWN))).as_string(cursor.connection))
        return list(cursor.fetchall())
