"""A lifecycle written as YAML or JSON text: its value, and the line on which each of its places stands."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from accounts.domain.errors import Invalid
from foundation.errors import FieldError, pointer_of

MAX_LENGTH: Final = 100_000
MAX_DEPTH: Final = 20


def parse(text: str) -> tuple[Any, dict[str, int]]:
    """(the value, line by JSON pointer, both counted as people count). Raises Invalid with the line in its words.

    Aliases are refused: a few lines of them describe more than fits anywhere. So is a member that is written twice.
    """
    if len(text) > MAX_LENGTH:
        raise _unreadable(f"Use at most {MAX_LENGTH} characters.")
    try:
        _require_plain(text := text.expandtabs(2))
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines = dict(_lines(node, ()))
        return yaml.safe_load(text), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _unreadable(f"{error.problem or 'This cannot be read'}.", mark.line + 1 if mark else None) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unreadable("This is neither YAML nor JSON.") from error


def line_of(pointer: str, lines: Mapping[str, int]) -> int | None:
    """The line of a place, or of the nearest place around it that is there."""
    while pointer not in lines and pointer:
        pointer = pointer.rpartition("/")[0]
    return lines.get(pointer)


def _require_plain(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise _unreadable("Write it out: aliases are not followed.", _line(event))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _unreadable(f"More than {MAX_DEPTH} levels.", _line(event))


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _lines(node: yaml.Node | None, at: tuple[str | int, ...]) -> Iterator[tuple[str, int]]:
    if node is None:
        return
    yield pointer_of(*at), node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, inner in node.value:
            name = str(key.value)
            if name in seen:
                raise _unreadable(f"{name[:63]} is written twice.", key.start_mark.line + 1)
            seen.add(name)
            yield from _lines(inner, (*at, name))
            yield pointer_of(*at, name), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, inner in enumerate(node.value):
            yield from _lines(inner, (*at, index))


def _unreadable(words: str, line: int | None = None) -> Invalid:
    where = f"Line {line}: " if line else ""
    return Invalid(errors=[FieldError("/definition", "unreadable", where + words)])
