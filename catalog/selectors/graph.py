"""The map of systems, integrations, data objects and components, as far as the viewer may see it.

An integration that may not be seen is not there, with whatever only it joins. Where a visible entity itself declares a relation to one,
an unnamed placeholder stands at the other end (decision 13).
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model, Q

from accounts.domain.viewers import Viewer
from catalog.domain.errors import NodeMissing
from catalog.domain.graph import BACKWARD, FORWARD, READS, Direction, Node, Walk, by_kind, walk
from catalog.domain.vocabulary import EntityKind
from catalog.models import Component, Connection, ConnectionTemplate, DataObject, Domain, Environment, Integration, System
from catalog.selectors import names
from foundation.text import slug_key

MOST_AROUND, MOST_REACHED = 300, 10_000
MOST_ALIKE = 12
_MODELS: dict[EntityKind, type[Model]] = {
    EntityKind.SYSTEM: System,
    EntityKind.DATA_OBJECT: DataObject,
    EntityKind.DOMAIN: Domain,
    EntityKind.ENVIRONMENT: Environment,
    EntityKind.COMPONENT: Component,
    EntityKind.CONNECTION_TEMPLATE: ConnectionTemplate,
    EntityKind.CONNECTION: Connection,
    EntityKind.INTEGRATION: Integration,
}
_TABLES = {kind.value: model._meta.db_table for kind, model in _MODELS.items()}  # noqa: SLF001 - Django's public name for it
_PRESENT = {EntityKind.ENVIRONMENT.value: "TRUE"}  # is never deleted
_NAMES = "SELECT '{kind}', id::text, slug, title FROM {table} WHERE id = ANY(%({kind})s::uuid[]) AND {present}"
# What is one step from the nodes of one level and may be seen, each once, in one statement: along endpoints, typed relations, the
# components that releases pin, and to where systems and data objects belong. `down` goes with the data and its consequences, `up` against
# them, `any` both ways and along what carries none on; `onward` and `back` are the relations followed from their source and from their
# target.
_NEAR = """
SELECT near.kind, near.id::text FROM (
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
) AS near(kind, id)
WHERE near.kind <> 'integration' OR EXISTS (SELECT FROM ({visible}) AS seen WHERE seen.id = near.id)
"""
# Everything that joins two of the nodes found, once each and in the direction of the data and of its
# consequences. Nodes are called by their places in the order of their names, which sort and travel better than the names.
_AMONG = """
WITH node AS MATERIALIZED (SELECT id, place::int FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS node(id, place)),
reached AS (
  SELECT e.id, e.role = ANY(%(reads)s) AS is_read, e.operation, owner.place AS owner, e.system_id, e.data_object_id,
         item.slug COLLATE "C" AS via, item.title AS via_title
    FROM catalog_flowendpoint e
    JOIN node AS owner ON owner.id = e.integration_id
    LEFT JOIN catalog_dataobject AS item ON item.id = e.data_object_id AND item.tombstoned_at IS NULL
   WHERE e.integration_id = ANY(%(integration)s::uuid[])
),
line(source, target, type, label, via, via_title) AS (
  SELECT CASE WHEN is_read THEN node.place ELSE owner END, CASE WHEN is_read THEN owner ELSE node.place END,
         CASE WHEN is_read THEN 'reads' ELSE 'writes' END, operation, via, via_title
    FROM reached JOIN node ON node.id = system_id
  UNION ALL
  SELECT owner, node.place, 'carries', '', NULL, NULL FROM reached JOIN node ON node.id = data_object_id
  UNION ALL
  SELECT CASE WHEN r.type = ANY(%(backward)s) THEN target.place ELSE source.place END,
         CASE WHEN r.type = ANY(%(backward)s) THEN source.place ELSE target.place END, 'relation:' || r.type, r.type, NULL, NULL
    FROM catalog_relation r JOIN node AS source ON source.id = r.source_id JOIN node AS target ON target.id = r.target_id
   WHERE r.source_id = ANY(%(ids)s::uuid[])
  UNION ALL
  SELECT node.place, owner.place, 'pins', v.number, NULL, NULL
    FROM catalog_release rel
    JOIN catalog_pin p ON p.release_id = rel.id
    JOIN catalog_componentversion v ON v.id = p.component_version_id
    JOIN node ON node.id = v.component_id
    JOIN node AS owner ON owner.id = rel.integration_id
   WHERE rel.integration_id = ANY(%(integration)s::uuid[])
  UNION ALL
  SELECT part.place, whole.place, 'in-domain', '', NULL, NULL
    FROM (
      SELECT id, domain_id FROM catalog_system WHERE id = ANY(%(system)s::uuid[])
      UNION ALL SELECT id, domain_id FROM catalog_dataobject WHERE id = ANY(%(data-object)s::uuid[])
      UNION ALL SELECT id, parent_id FROM catalog_domain WHERE id = ANY(%(domain)s::uuid[])
    ) AS placed
    JOIN node AS part ON part.id = placed.id
    JOIN node AS whole ON whole.id = placed.domain_id
  UNION ALL
  SELECT part.place, whole.place, 'kept-in', '', NULL, NULL
    FROM catalog_dataobject AS item JOIN node AS part ON part.id = item.id JOIN node AS whole ON whole.id = item.system_of_record_id
)
SELECT DISTINCT source, target, type COLLATE "C", label COLLATE "C", via, via_title
  FROM line ORDER BY 1, 2, 3, 4, 5 NULLS FIRST
"""
# What the nodes themselves declare about integrations that are there and may not be seen.
_DECLARED = """
SELECT node.place, r.type
  FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS node(id, place)
  JOIN catalog_relation r ON r.source_id = node.id
  JOIN catalog_integration AS other ON other.id = r.target_id AND other.tombstoned_at IS NULL
 WHERE r.target_kind = 'integration' AND NOT EXISTS (SELECT FROM ({visible}) AS seen WHERE seen.id = r.target_id)
 ORDER BY node.place, r.type COLLATE "C"
 LIMIT %(most)s
"""


class Shown(NamedTuple):
    """A node as it is shown. A hidden one has a number and nothing else."""

    id: str
    kind: str
    slug: str | None
    title: str | None
    distance: int
    is_hidden: bool = False


class Line(NamedTuple):
    """An edge between shown nodes, in the direction of the data.

    `label` is the endpoint's operation, the relation's type or the pinned version; `via` the slug of the data object carried, if known.
    """

    source: str
    target: str
    type: str
    label: str
    via: str | None
    via_title: str | None = None


class Map(NamedTuple):
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
    return kind.value, str(found)


def alike(name: str, viewer: Viewer) -> list[tuple[EntityKind, str, str]]:
    """(kind, slug, title) of at most `MOST_ALIKE` visible entities that have the words of `kind:words` in title or slug; of any kind
    where it names none.
    """
    before, colon, after = name.partition(":")
    kinds = [EntityKind(before)] if colon and before in set(EntityKind) else list(EntityKind)
    words = (after if colon else before).split()
    found: list[tuple[EntityKind, str, str]] = []
    for kind in kinds if words else ():
        rows = _visible(kind, viewer)
        for word in words:
            rows = rows.filter(Q(title__icontains=word) | Q(slug_key__contains=slug_key(word)))
        found += [(kind, slug, title) for slug, title in rows.order_by("slug_key").values_list("slug", "title")[:MOST_ALIKE]]
    return found[:MOST_ALIKE]


def around(root: Node, *, viewer: Viewer, depth: int = 1, direction: Direction = Direction.BOTH, most: int = MOST_AROUND) -> Map:
    """The map up to `depth` steps from `root`, at most `most` nodes, with everything that joins two of them.

    One statement a level, one for the names of what was found, one for what joins it, and one for the placeholders that it declares.
    Raises NodeMissing when `root` is gone.
    """
    visible, params = _seen_by(viewer)
    near, ways = _NEAR.format(visible=visible), _ways(direction)
    found = walk(root, near=lambda front: _asked(near, {**_listed(front), **ways, **params}), depth=depth, most=most)
    nodes = _named(found)
    if root not in nodes:
        raise NodeMissing
    shown, ids = [*nodes.values()], _array(key for _, key in nodes)
    joined = _asked(_AMONG, {**_listed(by_kind(nodes)), "ids": ids, **ways})
    lines = [Line(shown[source - 1].id, shown[target - 1].id, *rest) for source, target, *rest in joined]
    room, declared = most - len(found.distance), []
    if not viewer.sees_all and (room or not found.is_truncated):
        declared = _asked(_DECLARED.format(visible=visible), {"ids": ids, "most": room + 1, **params})
    hidden = [_placeholder(number, shown[place - 1], name) for number, (place, name) in enumerate(declared[:room], start=1)]
    return Map(
        nodes[root].id,
        sorted([*shown, *(node for node, _ in hidden)], key=lambda node: (node.distance, node.kind, node.id)),
        _in_order([*lines, *(line for _, line in hidden)]) if hidden else lines,
        found.is_truncated or len(declared) > room,
    )


def _placeholder(number: int, source: Shown, name: str) -> tuple[Shown, Line]:
    """The end of a relation to what may not be seen. Drawn the way consequences travel, like every relation."""
    node = Shown(f"hidden:{number}", EntityKind.INTEGRATION.value, None, None, source.distance + 1, is_hidden=True)
    ends = (node.id, source.id) if name in BACKWARD else (source.id, node.id)
    return node, Line(*ends, f"relation:{name}", name, None)


def _in_order(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.source, line.target, line.type, line.label, line.via or ""))


def _named(found: Walk) -> dict[Node, Shown]:
    """What was found and is still there, in the order of its names. Integrations were looked at when they were found."""
    ids = by_kind(found.distance)
    parts = [_NAMES.format(kind=kind, table=_TABLES[kind], present=_PRESENT.get(kind, "tombstoned_at IS NULL")) for kind in ids]
    rows = sorted((f"{kind}:{slug}", kind, key, slug, title) for kind, key, slug, title in _asked(" UNION ALL ".join(parts), _listed(ids)))
    return {(kind, key): Shown(name, kind, slug, title, found.distance[kind, key]) for name, kind, key, slug, title in rows}


def _ways(direction: Direction) -> dict[str, Any]:
    down = direction is Direction.DOWNSTREAM
    onward, back = (FORWARD, BACKWARD) if down else (BACKWARD, FORWARD)
    return {
        "any": direction is Direction.BOTH,
        "down": down,
        "reads": [role.value for role in READS],
        "backward": [name.value for name in BACKWARD],
        "onward": [name.value for name in onward],
        "back": [name.value for name in back],
    }


def _seen_by(viewer: Viewer) -> tuple[str, dict[str, Any]]:
    """The ids of the integrations that may be seen, as SQL and its named parameters."""
    sql, params = Integration.objects.visible_to(viewer).order_by().values("id").query.sql_with_params()
    named = {f"seen_{number}": value for number, value in enumerate(params)}
    return sql % tuple(f"%({name})s" for name in named), named


def _listed(nodes: Mapping[str, list[str]]) -> dict[str, str]:
    """The ids of each kind, and of all."""
    return {**{kind.value: _array(nodes.get(kind.value, ())) for kind in EntityKind}, "all": _array(chain.from_iterable(nodes.values()))}


def _array(ids: Iterable[str]) -> str:
    """As PostgreSQL writes an array: one parameter, however many there are."""
    return f"{{{','.join(ids)}}}"


def _asked(statement: str, params: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def _visible(kind: EntityKind, viewer: Viewer) -> Any:
    if kind is EntityKind.INTEGRATION:
        return Integration.objects.visible_to(viewer)
    rows = _MODELS[kind]._default_manager.all()  # noqa: SLF001 - Django's public name for it
    return rows if kind is EntityKind.ENVIRONMENT else rows.filter(tombstoned_at__isnull=True)
