"""Bytes of strangers become plain values: within limits of size, depth, number and repetition, or a sentence that says why not."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from catalog.domain.imports.drafts import NotImported

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_DEPTH: Final = 120
MAX_VALUES: Final = 500_000  # values of one document, those that YAML aliases repeat counted each time
MAX_DOCUMENTS: Final = 500
_TEMPLATE = re.compile(r"\$\{\{|\{%-?\s|\{\{\s*cookiecutter|^\s*[\w.-]+:\s*\{\{", re.MULTILINE)
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})\Z")
_FLOAT = re.compile(r"[-+]?(?:[0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18})(?:[eE][-+]?[0-9]{1,2})?\Z")
_WORDS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_PROPERTY = re.compile(r"([A-Za-z][\w.\-]{0,200})[ \t]{0,20}[=:](.*)", re.DOTALL)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def text_of(content: bytes) -> str:
    """The text of a file. Raises NotImported for what is too large, empty or no text."""
    if len(content) > MAX_BYTES:
        raise NotImported(f"The file is larger than {MAX_BYTES // 1024 // 1024} MiB.")
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise NotImported("This is not a text file in UTF-8.") from None
    text = text.lstrip("\ufeff")
    if "\x00" in text:
        raise NotImported("This is a binary file.")
    if not text.strip():
        raise NotImported("The file is empty.")
    return text


def json_of(text: str) -> tuple[Any, str]:
    """The JSON value of a text, unwrapped when it was encoded twice, and a remark ("" for none) about what follows it.

    Raises NotImported.
    """
    value, end = _decoded(text.lstrip())
    rest = text.lstrip()[end:].strip()
    if rest and re.search(r"[{\[]", rest):
        raise NotImported("This is not JSON: something follows the first value.")
    for _ in range(3):
        if not isinstance(value, str):
            break
        value, _end = _decoded(value.strip())
    measured(value)
    return value, "What follows the JSON was ignored." if rest else ""


def _decoded(text: str) -> tuple[Any, int]:
    try:
        return json.JSONDecoder().raw_decode(text)
    except RecursionError:
        raise NotImported("It is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise NotImported(f"This is not JSON: {error.msg} in line {error.lineno}.") from None
    except ValueError:
        raise NotImported("This is not JSON: a number is too long.") from None


def measured(value: Any) -> None:
    """Raise NotImported for a value that is too deep or too large."""
    stack: list[tuple[Any, int]] = [(value, 1)]
    seen = 0
    while stack:
        item, depth = stack.pop()
        seen += 1
        if depth > MAX_DEPTH:
            raise NotImported("It is nested too deeply.")
        if seen > MAX_VALUES:
            raise NotImported("It holds too many values.")
        if isinstance(item, dict):
            stack.extend((inner, depth + 1) for inner in item.values())
        elif isinstance(item, list):
            stack.extend((inner, depth + 1) for inner in item)


def yaml_of(text: str) -> list[Any]:
    """The YAML documents of a text. Tags make no objects: a tagged value is read as if it had no tag. Raises NotImported."""
    try:
        return list(_Documents(text).read())
    except yaml.YAMLError as error:
        if _TEMPLATE.search(text):
            raise NotImported("This is a template, not a document: leave it out, or render it first.") from None
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise NotImported(f"This is not YAML: {getattr(error, 'problem', None) or 'it cannot be read'}{where}.") from None


def properties_of(text: str) -> dict[str, str] | None:
    """`key=value` lines (Java properties); None when the text is something else."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip()[0] in "#!":
            continue
        matched = _PROPERTY.match(line.strip())
        if matched is None:
            return None
        found[matched[1]] = matched[2].strip()
    return found or None


class _Documents:
    """Builds plain values from the parser's events, so that nothing is repeated, nested or made without being counted."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0

    def read(self) -> Iterator[Any]:
        made = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                made += 1
                if made > MAX_DOCUMENTS:
                    raise NotImported(f"It holds more than {MAX_DOCUMENTS} documents.")
                self._anchors, self._count = {}, 0
                yield self._node(next(self._events), 1)

    def _node(self, event: Any, depth: int) -> Any:
        before = self._count
        self._spend(1)
        if isinstance(event, yaml.AliasEvent):
            return self._repeated(str(event.anchor))
        if depth > MAX_DEPTH:
            raise NotImported("It is nested too deeply.")
        if str(getattr(event, "tag", "") or "").startswith("tag:yaml.org,2002:python/"):
            raise NotImported("It asks for objects of a programming language; only plain YAML is read.")
        if isinstance(event, yaml.ScalarEvent):
            value: Any = _scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(depth)
        else:
            value = self._mapping(depth)
        if event.anchor:
            self._anchors[event.anchor] = (value, self._count - before)
        return value

    def _repeated(self, anchor: str) -> Any:
        if anchor not in self._anchors:
            raise NotImported("It repeats something (an alias) that is not there, or that it is itself part of.")
        value, size = self._anchors[anchor]
        self._spend(size)
        return value

    def _sequence(self, depth: int) -> list[Any]:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if key == "<<":
                for each in value if isinstance(value, list) else [value]:
                    for name, inner in each.items() if isinstance(each, dict) else ():
                        merged.setdefault(name, inner)
            else:
                own[key if isinstance(key, str) else _key(key)] = value
        return {**merged, **own}

    def _spend(self, size: int) -> None:
        self._count += size
        if self._count > MAX_VALUES:
            raise NotImported("It holds too many values.")


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.style or not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text


def _key(key: Any) -> str:
    """Keys are texts, as in JSON; `on:` and `404:` keep their look."""
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    return str(key)[:300]
