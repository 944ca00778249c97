"""Who is upstream of whom in a flow; rings are walked once."""

from collections.abc import Iterable, Mapping


def reverse(edges: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """The same edges from their ends."""
    found: dict[str, list[str]] = {}
    for start, ends in edges.items():
        for end in ends:
            found.setdefault(end, []).append(start)
    return found


def reached(start: Iterable[str], edges: Mapping[str, Iterable[str]]) -> list[str]:
    """Every node that can be reached from `start`, those included, each once, nearest first."""
    found = dict.fromkeys(start)
    waiting = list(found)
    for node in waiting:
        for following in edges.get(node, ()):
            if following not in found:
                found[following] = None
                waiting.append(following)
    return list(found)
