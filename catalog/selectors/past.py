"""What was registered at a place in the log: the newest state that each entity had in an event at or before that index.

Visibility is today's: whoever may see an entity now may see what it was. What was deleted since is shown to those who see everything.
"""

import functools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import AutoField, BigIntegerField, BooleanField, Exists, ExpressionWrapper, Func, Model, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.lookups import LessThanOrEqual
from simple_history.utils import get_history_manager_for_model, get_history_model_for_model

from accounts.domain.viewers import Viewer
from accounts.models import Team
from accounts.selectors import people
from audit.selectors.events import facts_until
from catalog.domain.errors import IntegrationMissing
from catalog.domain.vocabulary import EntityKind
from catalog.models import (
    Component,
    ComponentVersion,
    Connection,
    ConnectionTemplate,
    DataObject,
    Document,
    Domain,
    Environment,
    FlowEndpoint,
    Integration,
    LiveRelease,
    Name,
    Relation,
    RoadmapItem,
    System,
)
from catalog.models.integration import inside_q
from catalog.selectors import finding, names, relations
from catalog.selectors.entities import Entity, Named, entities, entity
from foundation.filters import ParsedQuery
from foundation.text import slug_key

# Of some things: reads their histories once, in the order of the log. Several rows of one event are told apart by their own number.
_NEWEST = """
SELECT DISTINCT ON (told.id) told.history_id
  FROM {table} AS told JOIN audit_leaf AS leaf ON leaf.event_id = told.event_id
 WHERE leaf.index <= %s AND told.{column} = ANY(%s)
 ORDER BY told.id, leaf.index DESC, told.history_id DESC
"""


class _PlaceInLog(Func):
    """The index of the event that wrote a history row. Asked first: it is cheaper than which row is the newest."""

    output_field = BigIntegerField()
    template = "(SELECT leaf.index FROM audit_leaf AS leaf WHERE leaf.event_id = %(expressions)s)"


class _NewestAt(Func):
    """The number of the row that is newest at an index among those of its thing: `_NewestAt("id", index, table=…)`.

    Of everything: asked of each row that the other conditions leave, so that a page in the order of an index reads a page's worth of
    histories, however long those of all are. Only where hardly anything was there yet, what came later is passed over row by row.
    """

    output_field = AutoField()
    arg_joiner = " AND leaf.index <= "
    template = """(
SELECT told.history_id FROM %(table)s AS told JOIN audit_leaf AS leaf ON leaf.event_id = told.event_id
 WHERE told.id = %(expressions)s ORDER BY leaf.index DESC, told.history_id DESC LIMIT 1)"""


def rows_at(model: type[Model], index: int, *, ids: Collection[UUID] | None = None) -> QuerySet[Any]:
    """The history rows that say what every row of `model` (or those of `ids`) was at log index `index`; what was gone is left out."""
    return _newest(model, index, "id", ids).exclude(history_type="-")


def parts_at(model: type[Model], index: int, integration_ids: Collection[UUID]) -> QuerySet[Any]:
    """The same for what hangs on these integrations."""
    return _newest(model, index, "integration_id", integration_ids).exclude(history_type="-")


def _newest(model: type[Model], index: int, column: str, wanted: Collection[UUID] | None) -> QuerySet[Any]:
    history: Any = get_history_model_for_model(model)
    table = f'"{history._meta.db_table}"'  # noqa: SLF001 - our own table and column names
    rows: QuerySet[Any] = get_history_manager_for_model(model).all()
    if wanted is None:
        return rows.filter(LessThanOrEqual(_PlaceInLog("event_id"), index), history_id=_NewestAt("id", Value(index), table=table))
    return rows.filter(history_id__in=RawSQL(_NEWEST.format(table=table, column=column), [index, list(wanted)]))  # noqa: S611 - parameters


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


def landscape_at(model: type[Model], index: int, *, ids: Collection[UUID] | None = None) -> QuerySet[Any]:
    """Systems, data objects, domains, environments … as they were, by the slug of then. `pointed` sets what they referred to."""
    rows = rows_at(model, index, ids=ids)
    return (rows if model is Environment else rows.filter(tombstoned_at__isnull=True)).order_by("slug_key", "history_id")


def pointed(rows: Iterable[Any], index: int) -> list[Any]:
    """Landscape rows whose references lead to what those were at `index` too. The page's statements do not grow with its rows.

    A component has the `newest` version of then; of a connection, `kept_by` is the team that keeps it today, which decides who reads
    where its secrets are.
    """
    found = list(rows)
    _point(found, index, {"team": Team, "domain": Domain, "system_of_record": System, "parent": Domain})
    _point(found, index, {"template": ConnectionTemplate, "system": System, "environment": Environment})
    if found and hasattr(found[0], "template_id"):
        keepers = dict(Connection.objects.filter(pk__in=[row.id for row in found]).values_list("pk", "team_id"))
        for row in found:
            row.kept_by = keepers.get(row.id)
    if found and found[0].instance_type is Component:
        _newest_versions(found, index)
    return found


def entity_at(model: type[Model], slug: str, index: int, kind: EntityKind) -> Any | None:
    """The one that had this name at `index`; else the one that has it now, or had it once, if it was there then."""
    key = slug_key(slug)
    found = landscape_at(model, index, ids=_ever_called(model, key)).filter(slug_key=key).first()
    if found is not None:
        return found
    today = Name.objects.filter(kind=kind, key=key).values_list("entity_id", flat=True).first()
    return None if today is None else landscape_at(model, index, ids=[today]).first()


def named_integration_at(slug: str, index: int, viewer: Viewer) -> Any:
    """The same for integrations that `viewer` may see, with everything that hung on it. Raises IntegrationMissing."""
    row = _integration_called(slug, index, viewer)
    if row is None:
        raise IntegrationMissing
    return integration_at(row, index=index, viewer=viewer)


def found_at(kind: EntityKind, slug: str, viewer: Viewer, *, index: int) -> Any:
    """Anything that has a name: who had it at `index`, else who has it today, of whom nothing is told then.

    Raises the kind's own `…Missing` where it leads to neither.
    """
    if kind is EntityKind.INTEGRATION:
        row = _integration_called(slug, index, viewer)
    else:
        row = entity_at(entities(kind, viewer).model, slug, index, kind)
    return entity(kind, slug, viewer) if row is None else row


def _integration_called(slug: str, index: int, viewer: Viewer) -> Any | None:
    key = slug_key(slug)
    called = _seen(rows_at(Integration, index, ids=_ever_called(Integration, key)), viewer).filter(slug_key=key)
    row = called.select_related("team").first()
    if row is None:
        today = names.renamed(EntityKind.INTEGRATION, slug) or (
            Integration.objects.visible_to(viewer).filter(slug_key=key).values_list("pk", flat=True).first()
        )
        row = None if today is None else _seen(rows_at(Integration, index, ids=[today]), viewer).select_related("team").first()
    return row


def _ever_called(model: type[Model], key: str) -> set[UUID]:
    """Everything that had this name at some time: asking for one thing must not read the history of all."""
    return set(get_history_manager_for_model(model).filter(slug_key=key).values_list("id", flat=True))


def told_relations(rows: Sequence[Any], *, index: int, viewer: Viewer, of: UUID | None = None) -> list[relations.Related]:
    """Relations of then as they read from `of`, with the names of then; what may not be seen today is a placeholder or absent."""
    return relations.told(rows, viewer, of, named=functools.partial(_names_then, index=index))


def _names_then(ends: Iterable[Entity], viewer: Viewer, *, index: int) -> dict[Entity, Named]:
    by_kind: dict[EntityKind, set[UUID]] = {}
    for kind, key in ends:
        by_kind.setdefault(kind, set()).add(key)
    found = {}
    for kind, ids in by_kind.items():
        model = entities(kind, viewer).model
        rows = _seen(rows_at(model, index, ids=ids), viewer) if model is Integration else landscape_at(model, index, ids=ids)
        found.update({(kind, row.id): Named(row.slug, row.title) for row in rows})
    return found


def _newest_versions(rows: Sequence[Any], index: int) -> None:
    """Which versions there were is told by the events of their publication."""
    told = facts_until("catalog.component.version_published", [row.id for row in rows], index)
    known = {
        str(version.pk): version for version in ComponentVersion.objects.filter(pk__in=[facts["component_version"] for _, facts in told])
    }
    newest: dict[UUID, ComponentVersion] = {}
    for component, facts in told:
        version = known[facts["component_version"]]
        if component not in newest or newest[component].number_sort < version.number_sort:
            newest[component] = version
    for row in rows:
        row.newest = newest[row.id].number if row.id in newest else None


def relations_at(index: int, viewer: Viewer, *, ends: Collection[UUID] | None = None) -> QuerySet[Any]:
    """Typed relations that stood at `index` and that something visible declares, or those of them with an end among `ends`.

    An end that was deleted since is one of then, where the viewer may read of it: integrations for those who see everything.
    """
    ids = None
    if ends is not None:  # the ends of a relation never change, so that only its rows need to be read
        touching = Q(source_id__in=ends) | Q(target_id__in=ends)
        ids = set(get_history_manager_for_model(Relation).filter(touching).values_list("id", flat=True))
    gone = _gone_at(index)
    rows = rows_at(Relation, index, ids=ids).exclude(Q(source_id__in=gone) | Q(target_id__in=gone)).order_by("type", "id")
    if viewer.sees_all:
        return rows
    there = Integration.objects.filter(tombstoned_at__isnull=True)
    seen = Integration.objects.visible_to(viewer).order_by()
    return rows.filter(
        ~Q(source_kind=EntityKind.INTEGRATION) | Q(Exists(seen.filter(pk=OuterRef("source_id")))),
        ~Q(target_kind=EntityKind.INTEGRATION) | Q(Exists(there.filter(pk=OuterRef("target_id")))),
    )


def _gone_at(index: int) -> set[UUID]:
    """Everything that was deleted at `index`, whether or not it came back later. Few are: only what ever was deleted is read."""
    gone: set[UUID] = set()
    for model in (Integration, System, DataObject, Domain, Component, ConnectionTemplate, Connection):
        history: Any = get_history_manager_for_model(model)
        ever = set(history.filter(tombstoned_at__isnull=False).values_list("id", flat=True))
        if ever:
            gone.update(rows_at(model, index, ids=ever).filter(tombstoned_at__isnull=False).values_list("id", flat=True))
    return gone


def touching_at(rows: QuerySet[Any], index: int, query: ParsedQuery) -> tuple[QuerySet[Any], ParsedQuery]:
    """Apply the conditions on endpoints and live releases as they were then: (rows, the query without them).

    All conditions on endpoints must hold for one and the same endpoint.
    """
    rest = dict(query.where)
    for relation, model in (("endpoints", FlowEndpoint), ("live_releases", LiveRelease)):
        rest = {lookup: value for lookup, value in rest.items() if not lookup.startswith(relation + "__")}
        related = finding.related_q(query, relation)
        if related:
            rows = rows.filter(id__in=rows_at(model, index).filter(related).values("integration_id"))
    return rows, replace(query, where=rest)


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
        row.aliases = []  # names are of today: the present ones may already lead elsewhere
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
