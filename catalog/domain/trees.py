"""Trees given as child → parent: what lies below a node, and whether a move would close a circle."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def below(parents: Mapping[Node, Node | None], root: Node) -> frozenset[Node]:
    """`root` and everything under it. A circle, which services refuse, would still end."""
    children: dict[Node | None, list[Node]] = {}
    for child, parent in parents.items():
        children.setdefault(parent, []).append(child)
    found, todo = {root}, [root]
    while todo:
        fresh = [child for child in children.get(todo.pop(), ()) if child not in found]
        found.update(fresh)
        todo.extend(fresh)
    return frozenset(found)


def would_circle(parents: Mapping[Node, Node | None], node: Node, parent: Node | None) -> bool:
    """Whether `node` put into `parent` would lie in itself."""
    return parent is not None and parent in below(parents, node)
