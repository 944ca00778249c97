"""Walking from entity to entity, level by level: which way data and consequences flow, and when to stop. Pure.

An arrow runs the way data does: out of the system that is read into the integration, out of the integration into the system that is
written. What depends on something is downstream of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from catalog.domain.vocabulary import EndpointRole, EntityKind, RelationType

MAX_DEPTH = 6
Node = tuple[EntityKind, UUID]


class Direction(StrEnum):
    """Which way to walk: with the data, against it, or both."""

    DOWNSTREAM = "downstream"
    UPSTREAM = "upstream"
    BOTH = "both"


# Endpoints by which data leaves the system towards the integration; by the others it arrives.
READS = frozenset({EndpointRole.SOURCE, EndpointRole.ENRICHMENT})
# Relations whose target is downstream of their source, and those whose source is downstream of their target; the rest carry nothing on.
FORWARD = frozenset({RelationType.FEEDS})
BACKWARD = frozenset({RelationType.DEPENDS_ON, RelationType.USES, RelationType.CALLS, RelationType.PART_OF})


@dataclass(frozen=True, slots=True)
class Edge:
    """One connection. `label` is the endpoint's operation, the relation's type or the pinned version; `via` what it carries, if known."""

    source: Node
    target: Node
    type: str
    label: str = ""
    via: UUID | None = None

    def passes(self, direction: Direction) -> Iterable[tuple[Node, Node]]:
        """(from, to) for each way this edge may be walked in `direction`."""
        ways = []
        if direction is not Direction.UPSTREAM and self.flows_forward:
            ways.append((self.source, self.target))
        if direction is not Direction.DOWNSTREAM and self.flows_forward:
            ways.append((self.target, self.source))
        if direction is Direction.BOTH and not self.flows_forward:
            ways += [(self.source, self.target), (self.target, self.source)]
        return ways

    @property
    def flows_forward(self) -> bool:
        """Whether a consequence travels from source to target; data objects and names for the same thing carry none on."""
        return self.type in _CARRYING


_CARRYING = frozenset({"reads", "writes", "pins", *(f"relation:{each.value}" for each in FORWARD | BACKWARD)})


@dataclass(slots=True)
class Walk:
    """What a walk found: how far each node is from the start, and the edges between them; `is_truncated` when more was there."""

    distance: dict[Node, int]
    edges: list[Edge] = field(default_factory=list)
    is_truncated: bool = False


def walk(
    start: Node,
    *,
    expand: Callable[[Mapping[EntityKind, list[UUID]]], Iterable[Edge]],
    direction: Direction,
    depth: int,
    most: int,
    order: Callable[[Node], object] = lambda node: node,
) -> Walk:
    """Breadth first from `start`: `expand` gives all edges at the nodes of one level, so a level costs one question.

    Ends by itself in circles; stops after `depth` levels, or before the node that would be number `most` + 1. Nodes found on one level
    are taken in `order`, so that what is cut off does not depend on the database.
    """
    found = Walk({start: 0})
    seen: set[Edge] = set()
    front = [start]
    for level in range(1, depth + 1):
        by_kind: dict[EntityKind, list[UUID]] = {}
        for kind, key in front:
            by_kind.setdefault(kind, []).append(key)
        here = set(front)
        new: dict[Node, None] = {}
        for edge in expand(by_kind):
            for origin, reached in edge.passes(direction):
                if origin in here:
                    seen.add(edge)
                    if reached not in found.distance:
                        new[reached] = None
        room = most - len(found.distance)
        ordered = sorted(new, key=order)  # type: ignore[arg-type]  # keys of one walk are of one type
        found.is_truncated |= len(ordered) > room
        front = ordered[:room]
        found.distance.update(dict.fromkeys(front, level))
        if not front:
            break
    found.edges = sorted(
        (edge for edge in seen if edge.source in found.distance and edge.target in found.distance),
        key=lambda edge: (edge.type, edge.source, edge.target, edge.label, str(edge.via)),
    )
    return found
