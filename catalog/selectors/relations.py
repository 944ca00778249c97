"""Typed relations, read from one of their ends and named as they read from there.

What an invisible integration declares is not there. What a visible entity itself declares towards one is shown with an unnamed
placeholder: that it stands in the relation is its own word (decision 13).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.domain.viewers import Viewer
from catalog.domain.errors import RelationMissing
from catalog.domain.vocabulary import INVERSE, EntityKind, RelationType
from catalog.models import Relation
from catalog.selectors.entities import Entity, Named, entity, exists_q, names_of, undeleted_q
from foundation.errors import FieldError
from foundation.filters import BadQuery, FilterField, choice, compile_filters

_TYPE = {"type": choice("type", RelationType)}
_SORTS = {"type": ("type",), "since": ("since",)}
FILTERS = compile_filters(_TYPE, sorts=_SORTS, default_sort="type", as_of=True)
# Of anything: `entity_kind` and `entity` say whose relations are asked for; `asked` takes them out of the conditions.
ALL_FILTERS = compile_filters(
    {
        **_TYPE,
        "entity_kind": replace(choice("entity_kind", EntityKind), many=False),
        "entity": FilterField("entity", str, {"type": "string"}, many=False),
    },
    sorts=_SORTS,
    default_sort="type",
    as_of=True,
)


@dataclass(frozen=True, slots=True)
class Related:
    """A relation as it reads from one side, `of`: its name there, and the `entity` (a slug) that stands at the other end.

    `entity` and `title` are None for a placeholder. `is_declared`: this side is the source, whose keepers may remove it.
    """

    id: UUID
    type: str
    name: str
    is_declared: bool
    of_kind: str
    of: str
    entity_kind: str
    entity: str | None
    title: str | None
    note: str
    since: datetime

    @property
    def is_hidden(self) -> bool:
        """Whether the other end may not be named to who asked."""
        return self.entity is None


def relations_of(ids: Iterable[UUID], viewer: Viewer) -> tuple[QuerySet[Relation], QuerySet[Relation]]:
    """Two disjoint plans for relations of these entities (which `viewer` sees): those they declare, and those declared towards them.

    A relation between two of the ids is in both.
    """
    wanted = list(ids)
    declared = Relation.objects.filter(source_id__in=wanted).filter(undeleted_q("target", viewer))
    towards = Relation.objects.filter(target_id__in=wanted).filter(exists_q("source", viewer))
    return declared, towards


def all_relations(viewer: Viewer) -> QuerySet[Relation]:
    """Every relation that something visible declares."""
    return Relation.objects.filter(undeleted_q("target", viewer) & exists_q("source", viewer))


def asked(where: Mapping[str, Any], viewer: Viewer, *, find: Callable[..., Any] = entity) -> tuple[Any, dict[str, Any]]:
    """(the entity whose relations are asked for or None, the other conditions) of a query by ALL_FILTERS.

    `find(kind, slug, viewer)` says whom a name means: in the past, who had it then.
    Raises BadQuery when only one of kind and name is given, and the kind's `…Missing`.
    """
    rest = dict(where)
    kind, slug = rest.pop("entity_kind__exact", None), rest.pop("entity__exact", None)
    if kind is None and slug is None:
        return None, rest
    if kind is None or slug is None:
        lacking = "?entity_kind" if kind is None else "?entity"
        raise BadQuery("Give entity_kind and entity together.", errors=[FieldError(lacking, "required", "Give both, or neither.")])
    return find(EntityKind(kind), slug, viewer), rest


def told(
    rows: Sequence[Relation], viewer: Viewer, of: UUID | None = None, *, named: Callable[..., Mapping[Entity, Named]] = names_of
) -> list[Related]:
    """The rows as they read from the entity `of` (None: from their sources), names looked up by `named(ends, viewer)`."""
    sides = {row.pk: _sides(row, of) for row in rows}
    names = named([end for pair in sides.values() for end in pair], viewer)
    return [_told(row, *sides[row.pk], names) for row in rows if sides[row.pk][0] in names]


def _told(row: Relation, side: Entity, other: Entity, names: Mapping[Entity, Named]) -> Related:
    is_declared = row.source_id == side[1]
    name = row.type if is_declared else INVERSE[RelationType(row.type)]
    far = names.get(other)
    slug, title = (far.slug, far.title) if far else (None, None)
    return Related(row.id, row.type, name, is_declared, side[0], names[side].slug, other[0], slug, title, row.note, row.since)


def visible(relation_id: UUID, viewer: Viewer) -> Relation:
    """The relation, if its source is something that `viewer` may see. Raises RelationMissing."""
    return found_in(Relation.objects.all(), relation_id, viewer)


def found_in(plan: QuerySet[Relation], relation_id: UUID, viewer: Viewer) -> Relation:
    """The same among the rows of `plan`."""
    found = plan.filter(Q(pk=relation_id) & exists_q("source", viewer) & undeleted_q("target", viewer)).first()
    if found is None:
        raise RelationMissing
    return found


def _sides(row: Relation, of: UUID | None) -> tuple[Entity, Entity]:
    """(the side it is read from, the other one)."""
    source, target = (EntityKind(row.source_kind), row.source_id), (EntityKind(row.target_kind), row.target_id)
    return (target, source) if row.target_id == of else (source, target)
