"""The map of systems, integrations, data objects and components, as far as the viewer may see it.

An integration that may not be seen is not there, with whatever only it joins. Where a visible entity itself declares a relation to one,
an unnamed placeholder stands at the other end (decision 13).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

from accounts.domain.viewers import Viewer
from catalog.domain.errors import NodeMissing
from catalog.domain.graph import BACKWARD, FORWARD, READS, Direction, Edge, Node, Walk, by_kind, walk
from catalog.domain.vocabulary import EntityKind, RelationType
from catalog.models import Component, Connection, ConnectionTemplate, DataObject, Domain, Environment, Integration, System
from catalog.selectors import names
from foundation.text import slug_key

MOST_AROUND, MOST_REACHED = 300, 10_000
_MODELS: dict[EntityKind, type[Model]] = {
    EntityKind.SYSTEM: System,
    EntityKind.DATA_OBJECT: DataObject,
    EntityKind.DOMAIN: Domain,
    EntityKind.ENVIRONMENT: Environment,
    EntityKind.COMPONENT: Component,
    EntityKind.CONNECTION_TEMPLATE: ConnectionTemplate,
    EntityKind.CONNECTION: Connection,
}
# Looked up half a million times in a large walk: a dictionary is eight times faster than calling the enumeration.
_KINDS = {kind.value: kind for kind in EntityKind}
_TYPES = {name.value: name for name in RelationType}
# What is one step from the nodes of one level, each once, in one statement: along endpoints, typed relations, the components that releases
# pin, and to where systems and data objects belong. `down` goes with the data and its consequences, `up` against them, `any` both ways and
# along what carries none on; `onward` and `back` are the relations followed from their source and from their target.
_NEAR = """
SELECT 'integration', e.integration_id FROM catalog_flowendpoint e
 WHERE e.system_id = ANY(%(system)s) AND (%(any)s OR (e.role = ANY(%(reads)s)) = %(down)s)
UNION
SELECT 'system', e.system_id FROM catalog_flowendpoint e
 WHERE e.integration_id = ANY(%(integration)s) AND (%(any)s OR (e.role = ANY(%(reads)s)) <> %(down)s)
UNION
SELECT 'data-object', e.data_object_id FROM catalog_flowendpoint e
 WHERE %(any)s AND e.integration_id = ANY(%(integration)s) AND e.data_object_id IS NOT NULL
UNION
SELECT 'integration', e.integration_id FROM catalog_flowendpoint e WHERE %(any)s AND e.data_object_id = ANY(%(data-object)s)
UNION
SELECT r.target_kind, r.target_id FROM catalog_relation r
 WHERE r.source_id = ANY(%(all)s) AND (%(any)s OR r.type = ANY(%(onward)s))
UNION
SELECT r.source_kind, r.source_id FROM catalog_relation r
 WHERE r.target_id = ANY(%(all)s) AND (%(any)s OR r.type = ANY(%(back)s))
UNION
SELECT 'integration', rel.integration_id
  FROM catalog_pin p JOIN catalog_componentversion v ON v.id = p.component_version_id JOIN catalog_release rel ON rel.id = p.release_id
 WHERE v.component_id = ANY(%(component)s) AND (%(any)s OR %(down)s)
UNION
SELECT 'component', v.component_id
  FROM catalog_pin p JOIN catalog_componentversion v ON v.id = p.component_version_id JOIN catalog_release rel ON rel.id = p.release_id
 WHERE rel.integration_id = ANY(%(integration)s) AND (%(any)s OR NOT %(down)s)
UNION
SELECT 'domain', domain_id FROM catalog_system WHERE %(any)s AND id = ANY(%(system)s) AND domain_id IS NOT NULL
UNION
SELECT 'system', id FROM catalog_system WHERE %(any)s AND domain_id = ANY(%(domain)s)
UNION
SELECT 'domain', domain_id FROM catalog_dataobject WHERE %(any)s AND id = ANY(%(data-object)s) AND domain_id IS NOT NULL
UNION
SELECT 'data-object', id FROM catalog_dataobject
 WHERE %(any)s AND (domain_id = ANY(%(domain)s) OR system_of_record_id = ANY(%(system)s))
UNION
SELECT 'system', system_of_record_id FROM catalog_dataobject
 WHERE %(any)s AND id = ANY(%(data-object)s) AND system_of_record_id IS NOT NULL
UNION
SELECT 'domain', parent_id FROM catalog_domain WHERE %(any)s AND id = ANY(%(domain)s) AND parent_id IS NOT NULL
UNION
SELECT 'domain', id FROM catalog_domain WHERE %(any)s AND parent_id = ANY(%(domain)s)
"""
# Everything that joins two of the nodes found, and every relation that one of them declares.
_AMONG = """
SELECT 'endpoint', e.role, e.operation, 'integration', e.integration_id, 'system', e.system_id, e.data_object_id
  FROM catalog_flowendpoint e
 WHERE e.integration_id = ANY(%(integration)s) AND (e.system_id = ANY(%(system)s) OR e.data_object_id = ANY(%(data-object)s))
UNION ALL
SELECT 'relation', r.type, '', r.source_kind, r.source_id, r.target_kind, r.target_id, NULL
  FROM catalog_relation r
 WHERE r.source_id = ANY(%(all)s) AND (r.target_id = ANY(%(all)s) OR (%(limited)s AND r.target_kind = 'integration'))
UNION ALL
SELECT DISTINCT 'pin', 'pins', v.number, 'integration', rel.integration_id, 'component', v.component_id, NULL::uuid
  FROM catalog_pin p
  JOIN catalog_componentversion v ON v.id = p.component_version_id
  JOIN catalog_release rel ON rel.id = p.release_id
 WHERE rel.integration_id = ANY(%(integration)s) AND v.component_id = ANY(%(component)s)
UNION ALL
SELECT 'place', 'in-domain', '', 'system', id, 'domain', domain_id, NULL
  FROM catalog_system WHERE id = ANY(%(system)s) AND domain_id = ANY(%(domain)s)
UNION ALL
SELECT 'place', 'in-domain', '', 'data-object', id, 'domain', domain_id, NULL
  FROM catalog_dataobject WHERE id = ANY(%(data-object)s) AND domain_id = ANY(%(domain)s)
UNION ALL
SELECT 'place', 'in-domain', '', 'domain', id, 'domain', parent_id, NULL
  FROM catalog_domain WHERE id = ANY(%(domain)s) AND parent_id = ANY(%(domain)s)
UNION ALL
SELECT 'place', 'kept-in', '', 'data-object', id, 'system', system_of_record_id, NULL
  FROM catalog_dataobject WHERE id = ANY(%(data-object)s) AND system_of_record_id = ANY(%(system)s)
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A node as it is shown. A hidden one has a number and nothing else."""

    id: str
    kind: str
    slug: str | None
    title: str | None
    distance: int
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """An edge between shown nodes, in the direction of the data."""

    source: str
    target: str
    type: str
    label: str
    via: str | None


@dataclass(frozen=True, slots=True)
class Map:
    """What was found around a node. `is_truncated`: there is more than was asked for."""

    root: str
    nodes: list[Shown]
    edges: list[Line]
    is_truncated: bool


def find_node(name: str, viewer: Viewer) -> Node:
    """The node that `kind:slug` names. Raises NodeMissing for an unknown kind or name, and for what the viewer may not see."""
    kind_text, _, slug = name.partition(":")
    if kind_text not in set(EntityKind) or not slug:
        raise NodeMissing
    kind = EntityKind(kind_text)
    rows = _visible(kind, viewer)
    found = rows.filter(slug_key=slug_key(slug)).values_list("pk", flat=True).first()
    earlier = names.renamed(kind, slug) if found is None else None
    found = found or (earlier and rows.filter(pk=earlier).values_list("pk", flat=True).first())
    if found is None:
        raise NodeMissing
    return kind, found


def around(root: Node, *, viewer: Viewer, depth: int = 1, direction: Direction = Direction.BOTH, most: int = MOST_AROUND) -> Map:
    """The map up to `depth` steps from `root`, at most `most` nodes, with everything that joins two of them.

    Two statements a level, two for what joins them, and one for each kind of node shown.
    """
    seeing = _Seeing(viewer, root, direction)
    found = walk(root, near=seeing.near, depth=depth, most=most)
    return seeing.drawn(root, found, most)


class _Seeing:
    """Answers for one walk, among what the viewer may see."""

    def __init__(self, viewer: Viewer, root: Node, direction: Direction) -> None:
        self._viewer = viewer
        self._direction = direction
        self._seen: dict[UUID, bool] = {root[1]: True} if root[0] is EntityKind.INTEGRATION else {}
        self._hidden: dict[tuple[Node, str, UUID], None] = {}

    def near(self, front: Mapping[EntityKind, list[UUID]]) -> list[Node]:
        """What is one step from the nodes of one level."""
        rows = _asked(_NEAR, front, **_ways(self._direction))
        self._look({key for kind, key in rows if kind == "integration"})
        return [node for node in ((_KINDS[kind], key) for kind, key in rows) if self._shows(node)]

    def _between(self, nodes: Mapping[Node, int]) -> list[Edge]:
        """Everything that joins two of the nodes, each once; notes the relations that one of them declares to what may not be seen."""
        rows = _asked(_AMONG, by_kind(nodes), limited=not self._viewer.sees_all)
        self._look({row[6] for row in rows if row[5] == "integration"})
        found = {edge for row in rows for edge in self._edges(row) if edge.source in nodes and edge.target in nodes}
        return sorted(found, key=lambda edge: (edge.type, edge.source, edge.target, edge.label, str(edge.via)))

    def _look(self, integration_ids: Collection[UUID]) -> None:
        unknown = set(integration_ids) - self._seen.keys()
        if unknown:
            visible = set(_visible(EntityKind.INTEGRATION, self._viewer).filter(pk__in=unknown).values_list("pk", flat=True))
            self._seen.update({key: key in visible for key in unknown})

    def _edges(self, row: tuple[Any, ...]) -> Iterable[Edge]:
        what, name, label, source_kind, source_id, target_kind, target_id, via = row
        source, target = (_KINDS[source_kind], source_id), (_KINDS[target_kind], target_id)
        if not self._shows(source):
            return
        if what == "relation":
            if self._shows(target):
                yield _related(source, target, _TYPES[name])
            else:
                self._hidden[(source, name, target_id)] = None
        elif what == "pin":
            yield Edge(target, source, "pins", label)
        elif what == "place":
            yield Edge(source, target, name)
        else:
            yield Edge(target, source, "reads", label, via) if name in READS else Edge(source, target, "writes", label, via)
            if via is not None:
                yield Edge(source, (EntityKind.DATA_OBJECT, via), "carries")

    def _shows(self, node: Node) -> bool:
        return node[0] is not EntityKind.INTEGRATION or self._seen.get(node[1], False)

    def drawn(self, root: Node, found: Walk, most: int) -> Map:
        """Nodes with their names, edges between them, and the placeholders that shown nodes declare; at most `most` nodes."""
        edges = self._between(found.distance)
        vias = {edge.via for edge in edges if edge.via}
        known = _named([*found.distance, *((EntityKind.DATA_OBJECT, via) for via in vias)], self._viewer)
        nodes = [Shown(_id(node, known), node[0], *known[node], distance) for node, distance in found.distance.items() if node in known]
        lines = [
            Line(_id(edge.source, known), _id(edge.target, known), edge.type, edge.label, _via(edge, known))
            for edge in edges
            if edge.source in known and edge.target in known
        ]
        declared = [each for each in self._hidden if each[0] in known and each[0] in found.distance]
        shown = sorted(declared, key=lambda each: (_id(each[0], known), each[1]))[: max(most - len(nodes), 0)]
        for number, (source, name, _) in enumerate(shown, start=1):
            distance = found.distance[source] + 1
            nodes.append(Shown(f"hidden:{number}", EntityKind.INTEGRATION, None, None, distance, is_hidden=True))
            lines.append(_drawn_relation(_id(source, known), f"hidden:{number}", RelationType(name)))
        nodes.sort(key=lambda node: (node.distance, node.kind, node.id))
        return Map(
            _id(root, known),
            nodes,
            sorted(set(lines), key=lambda line: (line.source, line.target, line.type, line.label)),
            found.is_truncated or len(shown) < len(declared),
        )


def _ways(direction: Direction) -> dict[str, Any]:
    down = direction is Direction.DOWNSTREAM
    onward, back = (FORWARD, BACKWARD) if down else (BACKWARD, FORWARD)
    return {
        "any": direction is Direction.BOTH,
        "down": down,
        "reads": [role.value for role in READS],
        "onward": [name.value for name in onward],
        "back": [name.value for name in back],
    }


def _asked(statement: str, nodes: Mapping[EntityKind, list[UUID]], **more: Any) -> list[tuple[Any, ...]]:
    params: dict[str, Any] = {kind.value: nodes.get(kind, []) for kind in EntityKind}
    params["all"] = [key for keys in nodes.values() for key in keys]
    with connection.cursor() as cursor:
        cursor.execute(statement, {**params, **more})
        return list(cursor.fetchall())


def _related(source: Node, target: Node, name: RelationType) -> Edge:
    """Drawn the way consequences travel: what is depended on stands before what depends."""
    ends = (target, source) if name in BACKWARD else (source, target)
    return Edge(*ends, f"relation:{name.value}", name.value)


def _drawn_relation(source: str, target: str, name: RelationType) -> Line:
    ends = (target, source) if name in BACKWARD else (source, target)
    return Line(*ends, f"relation:{name.value}", name.value, None)


def _visible(kind: EntityKind, viewer: Viewer) -> Any:
    if kind is EntityKind.INTEGRATION:
        return Integration.objects.visible_to(viewer)
    rows = _MODELS[kind]._default_manager.all()  # noqa: SLF001 - Django's public name for it
    return rows if kind is EntityKind.ENVIRONMENT else rows.filter(tombstoned_at__isnull=True)


def _named(nodes: Iterable[Node], viewer: Viewer) -> dict[Node, tuple[str, str]]:
    """(slug, title) of each node that is there; one statement a kind."""
    by_kind: dict[EntityKind, set[UUID]] = {}
    for kind, key in nodes:
        by_kind.setdefault(kind, set()).add(key)
    return {
        (kind, key): (slug, title)
        for kind, keys in by_kind.items()
        for key, slug, title in _visible(kind, viewer).filter(pk__in=keys).values_list("pk", "slug", "title")
    }


def _id(node: Node, known: Mapping[Node, tuple[str, str]]) -> str:
    return f"{node[0].value}:{known[node][0]}" if node in known else ""


def _via(edge: Edge, known: Mapping[Node, tuple[str, str]]) -> str | None:
    return known.get((EntityKind.DATA_OBJECT, edge.via), (None,))[0] if edge.via else None
