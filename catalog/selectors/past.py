"""What was registered at a place in the log: the newest state that each entity had in an event at or before that index.

Visibility is today's: whoever may see an entity now may see what it was. What was deleted since is shown to those who see everything.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from simple_history.utils import get_history_manager_for_model, get_history_model_for_model

from accounts.domain.viewers import Viewer
from accounts.models import Team
from accounts.selectors import people
from catalog.models import (
    DataObject,
    Document,
    Domain,
    Environment,
    FlowEndpoint,
    Integration,
    LiveRelease,
    Relation,
    RoadmapItem,
    System,
)
from catalog.models.integration import inside_q

# Reads each history once, in the order of the log: several rows of one event are told apart by their own number.
_NEWEST = """
SELECT DISTINCT ON (told.id) told.history_id
  FROM {table} AS told JOIN audit_leaf AS leaf ON leaf.event_id = told.event_id
 WHERE leaf.index <= %s {narrowed}
 ORDER BY told.id, leaf.index DESC, told.history_id DESC
"""


def rows_at(model: type[Model], index: int, *, ids: Collection[UUID] | None = None) -> QuerySet[Any]:
    """The history rows that say what every row of `model` (or those of `ids`) was at log index `index`; what was gone is left out."""
    return _newest(model, index, "id", ids).exclude(history_type="-")


def parts_at(model: type[Model], index: int, integration_ids: Collection[UUID]) -> QuerySet[Any]:
    """The same for what hangs on these integrations."""
    return _newest(model, index, "integration_id", integration_ids).exclude(history_type="-")


def _newest(model: type[Model], index: int, column: str, wanted: Collection[UUID] | None) -> QuerySet[Any]:
    history: Any = get_history_model_for_model(model)
    narrowed, params = ("", [index]) if wanted is None else (f"AND told.{column} = ANY(%s)", [index, list(wanted)])
    text = _NEWEST.format(table=f'"{history._meta.db_table}"', narrowed=narrowed)  # noqa: SLF001 - our own table and column names
    rows: QuerySet[Any] = get_history_manager_for_model(model).filter(history_id__in=RawSQL(text, params))  # noqa: S611 - parameters
    return rows


def integrations_at(viewer: Viewer, index: int) -> QuerySet[Any]:
    """What each integration that the viewer may see was at `index`, in the order of the slugs it had then."""
    return _seen(rows_at(Integration, index), viewer).select_related("team").order_by("slug_key", "history_id")


def integration_at(row: Any, *, index: int, viewer: Viewer) -> Any:
    """A row of `integrations_at` with everything that hung on it then, as a detail shows it; `sees_inside` is today's right."""
    found = with_parts_at([row], index, viewer)[0]
    inside = Value(value=True) if viewer.sees_all else ExpressionWrapper(inside_q(viewer), output_field=BooleanField())
    found.sees_inside = Integration.objects.filter(pk=row.id).annotate(now=inside).values_list("now", flat=True).first() or viewer.sees_all
    return found


def with_parts_at(rows: Sequence[Any], index: int, viewer: Viewer) -> list[Any]:
    """The same rows with `endpoints`, `live_releases`, `documents` and `roadmap_items` of then, in a fixed number of queries.

    `co_owner_names` and `alternative` are names too: of accounts as they are now, of the alternative as it was called then.
    """
    found, ids = list(rows), [row.id for row in rows]
    _name(found, index, viewer)
    _point(found, index, {"team": Team})
    endpoints = list(parts_at(FlowEndpoint, index, ids))
    _point(endpoints, index, {"system": System, "data_object": DataObject})
    live = list(parts_at(LiveRelease, index, ids).select_related("release").defer("release__manifest", "release__manifest_bytes"))
    _point(live, index, {"environment": Environment})
    _hand_out(found, "endpoints", sorted(endpoints, key=lambda row: (row.role, row.id)))
    _hand_out(found, "live_releases", sorted(live, key=lambda row: (row.environment.rank, row.runtime_key)))
    _hand_out(found, "documents", parts_at(Document, index, ids).order_by("section"))
    _hand_out(found, "roadmap_items", parts_at(RoadmapItem, index, ids).order_by("quarter", "id"))
    return found


def landscape_at(model: type[Model], index: int) -> QuerySet[Any]:
    """Systems, data objects, domains, environments … as they were, by the slug of then. `pointed` sets what they referred to."""
    rows = rows_at(model, index)
    return (rows if model is Environment else rows.filter(tombstoned_at__isnull=True)).order_by("slug_key", "history_id")


def pointed(rows: Iterable[Any], index: int) -> list[Any]:
    """Landscape rows whose references lead to what those were at `index` too."""
    found = list(rows)
    _point(found, index, {"team": Team, "domain": Domain, "system_of_record": System, "parent": Domain})
    return found


def relations_at(index: int, *, ends: Collection[UUID] | None = None) -> QuerySet[Any]:
    """Typed relations that stood at `index`, or those of them with an end among `ends`."""
    rows = rows_at(Relation, index).order_by("type", "id")
    return rows if ends is None else rows.filter(Q(source_id__in=ends) | Q(target_id__in=ends))


def touching_at(rows: QuerySet[Any], index: int, where: dict[str, Any]) -> tuple[QuerySet[Any], dict[str, Any]]:
    """Apply the conditions on endpoints and live releases as they were then; (rows, the other conditions)."""
    rest = dict(where)
    for prefix, model in (("endpoints__", FlowEndpoint), ("live_releases__", LiveRelease)):
        own = {lookup.removeprefix(prefix): rest.pop(lookup) for lookup in list(rest) if lookup.startswith(prefix)}
        if own:
            rows = rows.filter(id__in=rows_at(model, index).filter(**own).values("integration_id"))
    return rows, rest


def _seen(rows: QuerySet[Any], viewer: Viewer) -> QuerySet[Any]:
    rows = rows.filter(tombstoned_at__isnull=True)
    return rows if viewer.sees_all else rows.filter(id__in=Integration.objects.visible_to(viewer).order_by().values("id"))


def _point(rows: Sequence[Any], index: int, references: dict[str, type[Model]]) -> None:
    """Let foreign keys lead to history rows of `index`: names in an old state are the names of then."""
    for name, model in references.items():
        held = [row for row in rows if getattr(row, f"{name}_id", None) is not None]
        if held:
            then = {row.id: row for row in rows_at(model, index, ids={getattr(row, f"{name}_id") for row in held})}
            for row in held:
                row._state.fields_cache[name] = then.get(getattr(row, f"{name}_id"))  # noqa: SLF001 - a row of another class


def _name(rows: Sequence[Any], index: int, viewer: Viewer) -> None:
    accounts = people.by_ids({account for row in rows for account in row.co_owners})
    wanted = {UUID(row.deprecation["alternative"]) for row in rows if row.deprecation.get("alternative")}
    slugs = {row.id: row.slug for row in _seen(rows_at(Integration, index, ids=wanted), viewer)} if wanted else {}
    for row in rows:
        row.co_owner_accounts = [accounts[account] for account in row.co_owners if account in accounts]
        row.co_owner_names = [account.username for account in row.co_owner_accounts]
        alternative = row.deprecation.get("alternative")
        row.alternative = slugs.get(UUID(alternative)) if alternative else None


def _hand_out(rows: Sequence[Any], name: str, parts: Iterable[Any]) -> None:
    by_owner: dict[UUID, list[Any]] = {row.id: [] for row in rows}
    for part in parts:
        by_owner[part.integration_id].append(part)
    for row in rows:
        setattr(row, name, by_owner[row.id])
