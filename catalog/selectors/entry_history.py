"""What changed on a thing of the landscape or a tier's policy, field by field, and which log event tells of it."""

# ruff: noqa: SLF001 - `_meta` is Django's documented way to ask a model

from collections.abc import Collection, Sequence
from typing import Any

from simple_history.utils import get_history_manager_for_model

from accounts.domain.viewers import Viewer
from catalog.models import Connection
from catalog.selectors.connections import sees_references
from catalog.selectors.history import LIMIT, NOTHING, Change, FieldChange

_UNTOLD = frozenset({"id", "slug_key", "version"})


def history_of_entry(row: Any, viewer: Viewer, subject: str, before: Any = None) -> list[Change]:
    """The latest 200 changes of `row`, newest first; `subject` is what its kind is called in them, `before` what held without it.

    Of where secrets are kept others than the team learn only that it changed (None before and after). References to other things
    are told by the slugs those have today. The number of queries does not depend on the changes.
    """
    hidden = ("references",) if isinstance(row, Connection) and not sees_references(row, viewer) else ()
    manager: Any = get_history_manager_for_model(type(row))
    states = list(manager.filter(id=row.pk).select_related("history_user").order_by("-history_id")[: LIMIT + 1])
    fields = [field for field in type(row)._meta.concrete_fields if field.name not in _UNTOLD]
    names = _names(fields, states)
    told = [
        _change(state, subject, _changes(state, earlier, fields, names, hidden))
        for state, earlier in zip(states, [*states[1:], before], strict=True)
    ]
    return told[:LIMIT]


def _change(state: Any, subject: str, changes: list[FieldChange]) -> Change:
    by = state.history_user.username if state.history_user else None
    return Change(state.history_date, state.event_id, subject, state.version, by, changes)


def _changes(
    state: Any, before: Any, fields: Sequence[Any], names: dict[tuple[str, Any], str], hidden: Collection[str]
) -> list[FieldChange]:
    """Of a first state only what it says: an empty list or text is no change from nothing."""
    changes = []
    for field in fields:
        old, new = (getattr(before, field.attname) if before else None), getattr(state, field.attname)
        if old == new or (before is None and new in NOTHING):
            continue
        if field.name in hidden:
            changes.append(FieldChange(field.name, None, None))
        else:
            told = [names.get((field.name, key)) if field.is_relation else key for key in (old, new)]
            changes.append(FieldChange(field.name, *told))
    return changes


def _names(fields: Sequence[Any], states: Sequence[Any]) -> dict[tuple[str, Any], str]:
    """(field, key) → slug, for every thing that a state referred to. What was deleted since has no name any more."""
    found = {}
    for field in fields:
        if field.is_relation:
            keys = {getattr(state, field.attname) for state in states} - {None}
            rows = field.related_model._default_manager.filter(pk__in=keys)
            if hasattr(field.related_model, "tombstoned_at"):
                rows = rows.filter(tombstoned_at__isnull=True)
            slugs = rows.values_list("pk", "slug") if keys else ()
            found.update({(field.name, pk): slug for pk, slug in slugs})
    return found
