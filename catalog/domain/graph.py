"""Walking from entity to entity, level by level: which way data and consequences flow, and when to stop. Pure.

An arrow runs the way data does: out of the system that is read into the integration, out of the integration into the system that is
written. What depends on something is downstream of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog.domain.vocabulary import EndpointRole, RelationType

MAX_DEPTH = 6
# Kind and id, both as text: a large walk hashes and compares them a hundred thousand times, which Python's UUID does slowly.
Node = tuple[str, str]


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


@dataclass(slots=True)
class Walk:
    """What a walk found: how far each node is from the start; `is_truncated` when more was there."""

    distance: dict[Node, int]
    is_truncated: bool = False


def walk(start: Node, *, near: Callable[[Mapping[str, list[str]]], Iterable[Node]], depth: int, most: int) -> Walk:
    """Breadth first from `start`: `near` gives all that is one step from the nodes of one level, so a level costs one question.

    Ends by itself in circles; stops after `depth` levels, or before the node that would be number `most` + 1. Nodes found on one level
    are taken in their own order, so that what is cut off does not depend on the database.
    """
    found = Walk({start: 0})
    front = [start]
    for level in range(1, depth + 1):
        new = set(near(by_kind(front))) - found.distance.keys()
        room = most - len(found.distance)
        ordered = sorted(new)
        found.is_truncated |= len(ordered) > room
        front = ordered[:room]
        found.distance.update(dict.fromkeys(front, level))
        if not front or found.is_truncated:
            break
    return found


def by_kind(nodes: Iterable[Node]) -> dict[str, list[str]]:
    """The ids of each kind."""
    found: dict[str, list[str]] = {}
    for kind, key in nodes:
        found.setdefault(kind, []).append(key)
    return found
