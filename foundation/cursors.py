"""Keyset pages: a cursor says after which row to go on, so page ninety costs what page one costs.

Rows inserted meanwhile appear where they sort; none is seen twice or left out because of them.
"""

import base64
import binascii
import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured, ValidationError
from django.db.models import BooleanField, F, Model, Q, QuerySet, Value
from django.db.models.expressions import CombinedExpression, Func

from foundation.errors import FieldError
from foundation.filters import BadQuery, ParsedQuery
from foundation.scopes import Scope, rows_in

VERSION = 1
Column = Any  # a model field: Django's generic class cannot be subscripted when the program runs
_LONGEST = 2048


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order, the cursor after the last of them (None at the end), and a count where one was asked for."""

    rows: list[Any]
    next: str | None
    count: int | None = None


def paginate(
    query: ParsedQuery,
    *branches: QuerySet[Any],
    scopes: Sequence[Scope] = (),
    listed: Sequence[str] = (),
    counted: QuerySet[Any] | None = None,
) -> Page:
    """One page of the filtered, sorted rows.

    Several disjoint branches of one model are each read in index order up to the limit and merged. With disjoint `scopes` (what a
    viewer may see, part by part) the same is done in one statement, whatever lies in front of the visible rows. Rows are named tuples
    of the columns `listed`, which scopes need, or else instances. `counted` are the rows that a count counts, where the branches do
    not say it. Raises BadQuery for a cursor that is not ours or belongs to other filters.
    """
    columns = _columns_of(branches[0], query.order)
    after = _decoded(query, columns)
    windows = [_window(branch, query, columns, after) for branch in branches]
    if scopes:
        rows = rows_in(windows[0], scopes, columns=listed, order=query.order, limit=query.limit + 1)
    else:
        told = [window.values_list(*listed, named=True) if listed else window for window in windows]
        rows = _merged([window.order_by(*query.order)[: query.limit + 1] for window in told], query.order)
    more = len(rows) > query.limit
    rows = rows[: query.limit]
    plans = branches if counted is None else (counted,)
    count = sum(query.apply(plan).order_by().count() for plan in plans) if query.count else None
    return Page(rows, _encoded(query, rows[-1]) if more else None, count)


def _window(plan: QuerySet[Any], query: ParsedQuery, columns: Sequence[Column], after: Sequence[Any] | None) -> QuerySet[Any]:
    found = query.apply(plan)
    return found if after is None else found.filter(_beyond(query.order, columns, after))


def _merged(windows: Sequence[QuerySet[Any]], order: Sequence[str]) -> list[Any]:
    rows = [row for window in windows for row in window]
    if len(windows) == 1:
        return rows
    for column in reversed(order):  # stable sorts from the last key to the first
        rows.sort(key=functools.partial(_value_of, column.lstrip("-")), reverse=column.startswith("-"))
    return rows


def _value_of(path: str, row: Any) -> Any:
    value = row
    for step in path.split("__"):
        value = getattr(value, step)
    return value.encode() if isinstance(value, str) else value  # bytes compare as COLLATE "C" does


def _beyond(order: Sequence[str], columns: Sequence[Column], after: Sequence[Any]) -> Any:
    names = [name.lstrip("-") for name in order]
    values = [Value(value, output_field=column) for value, column in zip(after, columns, strict=True)]
    backwards = {name.startswith("-") for name in order}
    if len(backwards) == 1:
        operator = "<" if backwards.pop() else ">"
        return _Compared(_Row(*map(F, names)), operator, _Row(*values), output_field=BooleanField())
    condition = Q()
    for depth, name in enumerate(order):
        equal = {names[at]: values[at] for at in range(depth)}
        step = "lt" if name.startswith("-") else "gt"
        condition |= Q(**equal, **{f"{names[depth]}__{step}": values[depth]})
    return condition


class _Row(Func):
    """A row value: compared as a whole, along the index."""

    template = "(%(expressions)s)"
    output_field = BooleanField()


class _Compared(CombinedExpression):
    conditional = True


def _columns_of(branch: QuerySet[Any], order: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns of the order; what was annotated on the branch counts as one."""
    computed, model = branch.query.annotations, cast("Any", branch.model)
    if not computed:
        return _columns(model, order)
    names = [name.lstrip("-") for name in order]
    return tuple(computed[name].output_field if name in computed else _column(branch.model, name) for name in names)


@functools.lru_cache(maxsize=512)
def _columns(model: type[Model], order: tuple[str, ...]) -> tuple[Column, ...]:
    return tuple(_column(model, name.lstrip("-")) for name in order)


def _column(model: type[Model], path: str) -> Column:
    found: Any = None
    owner: Any = model
    try:
        for step in path.split("__"):
            found = owner._meta.pk if step == "pk" else owner._meta.get_field(step)  # noqa: SLF001 - Django's documented model API
            owner = found.related_model
    except (FieldDoesNotExist, AttributeError):
        raise ImproperlyConfigured(f"{model.__name__} has no column {path} to sort by.") from None
    if found.null:
        raise ImproperlyConfigured(f"{model.__name__}.{path} may be NULL, which has no place in a keyset.")
    return found


def _encoded(query: ParsedQuery, row: Any) -> str:
    values = []
    for name in query.order:
        value: Any = row
        for step in name.lstrip("-").split("__"):
            value = getattr(value, step)
        values.append(_plain(value))
    payload = json.dumps([VERSION, query.fingerprint, *values], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(payload.encode()).rstrip(b"=").decode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value


def _decoded(query: ParsedQuery, columns: Sequence[Column]) -> list[Any] | None:
    if not query.cursor:
        return None
    try:
        payload = _unpacked(query.cursor)
        version, fingerprint, *values = payload
        if version != VERSION or len(values) != len(columns):
            raise ValueError("shape")
        restored = [_restored(column, value) for column, value in zip(columns, values, strict=True)]
    except (ValueError, TypeError, ValidationError, OverflowError, RecursionError):
        raise _bad_cursor("bad-cursor", "The cursor is not one of ours.") from None
    if fingerprint != query.fingerprint:
        raise _bad_cursor("cursor-of-other-query", "The cursor belongs to other filters or another sort.")
    return restored


def _unpacked(cursor: str) -> list[Any]:
    if len(cursor) > _LONGEST or not cursor.isascii():
        raise ValueError("length")
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("base64") from None
    found = json.loads(raw.decode())
    if not isinstance(found, list):
        raise TypeError("list")
    return found


def _restored(column: Column, value: Any) -> Any:
    if value is None or isinstance(value, list | dict | float):
        raise ValueError("type")
    if isinstance(value, str) and ("\x00" in value or not value.isprintable()):
        raise ValueError("text")
    restored = column.to_python(value)
    if isinstance(restored, datetime) and restored.tzinfo is None:
        raise ValueError("naive")
    if isinstance(restored, int) and not isinstance(restored, bool) and abs(restored) >= 2**63:
        raise ValueError("range")
    return restored


def _bad_cursor(code: str, detail: str) -> BadQuery:
    return BadQuery(detail, errors=[FieldError("?cursor", code, detail)])
