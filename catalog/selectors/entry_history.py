"""What changed on a thing of the landscape, field by field, and which log event tells of it."""

# ruff: noqa: SLF001 - `_meta` is Django's documented way to ask a model

from collections.abc import Collection, Sequence
from typing import Any

from simple_history.utils import get_history_manager_for_model

from catalog.selectors.history import LIMIT, Change, FieldChange

_UNTOLD = frozenset({"id", "slug_key", "version"})


def history_of_entry(row: Any, *, hidden: Collection[str] = ()) -> list[Change]:
    """The latest 200 changes of `row`, newest first; of `hidden` fields only that they changed (None before and after).

    References to other things are told by the slugs those have today. The number of queries does not depend on the changes.
    """
    manager: Any = get_history_manager_for_model(type(row))
    states = list(manager.filter(id=row.pk).select_related("history_user").order_by("-history_id")[: LIMIT + 1])
    fields = [field for field in type(row)._meta.concrete_fields if field.name not in _UNTOLD]
    names = _names(fields, states)
    told = [_change(state, before, fields, names, hidden) for state, before in zip(states, [*states[1:], None], strict=True)]
    return told[:LIMIT]


def _change(state: Any, before: Any, fields: Sequence[Any], names: dict[tuple[str, Any], str], hidden: Collection[str]) -> Change:
    changes = []
    for field in fields:
        old, new = (getattr(before, field.attname) if before else None), getattr(state, field.attname)
        if old == new:
            continue
        if field.name in hidden:
            changes.append(FieldChange(field.name, None, None))
        else:
            told = [names.get((field.name, key), key) if field.is_relation else key for key in (old, new)]
            changes.append(FieldChange(field.name, *told))
    by = state.history_user.username if state.history_user else None
    return Change(state.history_date, state.event_id, "entry", state.version, by, changes)


def _names(fields: Sequence[Any], states: Sequence[Any]) -> dict[tuple[str, Any], str]:
    """(field, key) → slug, for every thing that a state referred to."""
    found = {}
    for field in fields:
        if field.is_relation:
            keys = {getattr(state, field.attname) for state in states} - {None}
            slugs = field.related_model._default_manager.filter(pk__in=keys).values_list("pk", "slug") if keys else ()
            found.update({(field.name, pk): slug for pk, slug in slugs})
    return found
