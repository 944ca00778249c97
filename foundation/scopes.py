"""Disjoint scopes of one list, each read in index order up to the limit and merged: one statement, built once, whatever the filters.

What a viewer may see is often "these rows or those". As one condition that makes the database walk over everything that lies in
front; as a UNION ALL of windows each scope stops after a page of its own. The windows find keys alone: what is told of the rows is read
once, for those that remain. The queryset is compiled once, with a mark where the scope goes, because compiling it again for every scope
would cost more than reading the rows.
"""

import functools
import re
from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import BooleanField, Model, QuerySet
from django.db.models.expressions import Expression

_MARK = "/* scope */ TRUE"
# An array, so that the windows are read first, and the rows by their keys.
_AMONG = 'ANY(ARRAY(SELECT "pk" FROM ({found}) AS found))'
_PLACEHOLDER = re.compile(r"(?<!%)(?:%%)*%s")


@dataclass(frozen=True, slots=True)
class Scope:
    """A condition in SQL on the listed table, with `%s` for `params`.

    With `each` (an array type and its values) there is one window for every value, which the condition calls `scope.value`.
    """

    condition: str
    params: tuple[Any, ...] = ()
    each: tuple[str, Sequence[Any]] | None = None


class _Mark(Expression):
    """Where the scope goes."""

    conditional = True
    output_field = BooleanField()

    def as_sql(self, *_: Any, **__: Any) -> tuple[str, tuple[str | int, ...]]:
        return _MARK, ()


def rows_in(window: QuerySet[Any], scopes: Sequence[Scope], *, columns: Sequence[str], order: Sequence[str], limit: int) -> list[Any]:
    """The first `limit` rows of all scopes together, as named tuples of `columns`, which hold every column of `order`.

    `window` is an unsliced queryset of a model whose key has one column.
    """
    if window.query.annotations:  # they may be columns or order, and are then known to the windows only
        statement, values = _merged(window, scopes, columns, order, limit)
    else:
        found, values = _merged(window, scopes, tuple(dict.fromkeys(["pk", *(name.lstrip("-") for name in order)])), order, limit)
        model: Any = window.model
        statement = _told(model, tuple(columns), tuple(order)).replace(_MARK, _AMONG.format(found=found))
    with connections[window.db].cursor() as cursor:
        cursor.execute(statement, values)
        return [*map(_row_type(tuple(columns))._make, cursor.fetchall())]


def _merged(
    window: QuerySet[Any], scopes: Sequence[Scope], columns: Sequence[str], order: Sequence[str], limit: int
) -> tuple[str, list[Any]]:
    """One statement for all scopes, and its parameters."""
    sql, params = window.filter(_Mark()).order_by(*order).values_list(*columns)[:limit].query.sql_with_params()
    before, _mark, after = sql.partition(_MARK)
    lead = len(_PLACEHOLDER.findall(before))
    parts, values = [], []
    for scope in scopes:
        parts.append(_window(before, scope, after))
        values += [*([list(scope.each[1])] if scope.each else []), *params[:lead], *scope.params, *params[lead:]]
    ordinals = ", ".join(f"{columns.index(name.lstrip('-')) + 1}{' DESC' if name.startswith('-') else ''}" for name in order)
    return f"{' UNION ALL '.join(parts)} ORDER BY {ordinals} LIMIT {int(limit)}", values


@functools.lru_cache(maxsize=64)
def _told(model: type[Model], columns: tuple[str, ...], order: tuple[str, ...]) -> str:
    """What tells `columns` of the rows that the mark is true of; the same for whatever filters, so it is compiled once."""
    rows = model._base_manager.filter(_Mark()).order_by(*order).values_list(*columns)  # noqa: SLF001 - Django's public name for it
    sql, _ = rows.query.sql_with_params()
    key = f'"{model._meta.db_table}"."{model._meta.pk.column}"'  # noqa: SLF001
    return sql.replace(_MARK, f"{key} = {_MARK}")


@functools.lru_cache(maxsize=64)
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)  # noqa: PYI024 - the columns are known when the program runs


def _window(before: str, scope: Scope, after: str) -> str:
    one = f"({before}{scope.condition}{after})"
    if scope.each is None:
        return one
    return f"(SELECT one.* FROM unnest(%s::{scope.each[0]}) AS scope(value) CROSS JOIN LATERAL {one} AS one)"  # noqa: S608 - both are SQL of ours
