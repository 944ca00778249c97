"""What is different, in words first: two JSON documents compared member by member."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_DIFFERENCES = 500
MAX_VALUE = 80


class Difference(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Statement:
    """One difference. `place` is a JSON Pointer; `subject` names the thing it is in (a node, a step), when it has a name."""

    kind: Difference
    place: str
    subject: str
    text: str


def differences(old: Any, new: Any) -> list[Statement]:
    """List what `new` adds, removes and changes against `old`, at most MAX_DIFFERENCES, in document order.

    Items of a list are paired by their ``id`` (else ``name``), so that moving one says nothing; lists without are paired by place.
    """
    found: list[Statement] = []
    for statement in _walk(old, new, "", ""):
        found.append(statement)
        if len(found) == MAX_DIFFERENCES:
            break
    return found


def removal(version: str) -> list[Statement]:
    """A retirement in words: nothing of what stands there stays. `version` is empty where only the rest of an earlier one is left."""
    text = f"{version} is taken out: nothing of it stays there" if version else "whatever is left there is taken out"
    return [Statement(Difference.REMOVED, "", "", text)]


def _walk(old: Any, new: Any, place: str, subject: str) -> Iterator[Statement]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _walk_members(old, new, place, subject)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _walk_items(old, new, place, subject)
    elif isinstance(old, bool) is not isinstance(new, bool) or old != new:  # 1 and 1.0 are one number (RFC 8785), 1 and true are not
        yield Statement(Difference.CHANGED, place, subject, f"{_leaf(place)} changes from {_short(old)} to {_short(new)}")


def _walk_members(old: dict[str, Any], new: dict[str, Any], place: str, subject: str) -> Iterator[Statement]:
    for key in [*old, *(key for key in new if key not in old)]:
        here = f"{place}/{key.replace('~', '~0').replace('/', '~1')}"
        if key not in new:
            yield Statement(Difference.REMOVED, here, subject, f"{key} is removed (was {_short(old[key])})")
        elif key not in old:
            yield Statement(Difference.ADDED, here, subject, f"{key} is added: {_short(new[key])}")
        else:
            yield from _walk(old[key], new[key], here, subject)


def _walk_items(old: list[Any], new: list[Any], place: str, subject: str) -> Iterator[Statement]:
    key = _pairing_key(old, new)
    if key is None:
        yield from _walk_places(old, new, place, subject)
        return
    before = {item[key]: item for item in old}
    after = {item[key]: index for index, item in enumerate(new)}
    for index, item in enumerate(old):
        if item[key] not in after:
            yield Statement(Difference.REMOVED, f"{place}/{index}", _named(item) or subject, f"{_title(item)} is removed")
    for index, item in enumerate(new):
        if item[key] in before:
            yield from _walk(before[item[key]], item, f"{place}/{index}", _named(item) or subject)
        else:
            yield Statement(Difference.ADDED, f"{place}/{index}", _named(item) or subject, f"{_title(item)} is added")


def _walk_places(old: list[Any], new: list[Any], place: str, subject: str) -> Iterator[Statement]:
    for index in range(max(len(old), len(new))):
        here = f"{place}/{index}"
        if index >= len(new):
            yield Statement(Difference.REMOVED, here, subject, f"{_leaf(place)}: {_short(old[index])} is removed")
        elif index >= len(old):
            yield Statement(Difference.ADDED, here, subject, f"{_leaf(place)}: {_short(new[index])} is added")
        else:
            yield from _walk(old[index], new[index], here, subject)


def _pairing_key(old: list[Any], new: list[Any]) -> str | None:
    for key in ("id", "name"):
        if (old or new) and _told_apart(old, key) and _told_apart(new, key):
            return key
    return None


def _told_apart(items: list[Any], key: str) -> bool:
    named = all(isinstance(item, dict) and isinstance(item.get(key), str) for item in items)
    return named and len({item[key] for item in items}) == len(items)


def _named(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    for key in ("name", "label", "title", "id"):
        if isinstance(item.get(key), str) and item[key]:
            return str(item[key])
    return ""


def _title(item: Any) -> str:
    kind = item.get("type") if isinstance(item, dict) else None
    return f"{kind} “{_named(item)}”" if isinstance(kind, str) else f"“{_named(item)}”"


def _leaf(place: str) -> str:
    parts = [part for part in place.split("/") if part and not part.isdigit()]
    return parts[-1].replace("~1", "/").replace("~0", "~") if parts else "the content"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"
