"""The types a fact may have. A fact is a machine word, a number or a reference; words of people never are facts.

A type is written as text, because the registry is itself published in the log:
`uuid`, `digest`, `int`, `decimal`, `time`, `bool`, `semver`, `token`, `row`, `enum:<a|b|c>`, `list:<type>`;
a trailing `!` makes the fact required. Every value is a JSON string, except `bool` (true, false) and `list:` (an array).
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from audit.domain.errors import BadFact

FactValue = str | bool | list[str]

_HEX = "[0-9a-f]"
PATTERNS: dict[str, re.Pattern[str]] = {
    "uuid": re.compile(rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}\Z"),
    "digest": re.compile(rf"sha256:{_HEX}{{64}}\Z"),
    "int": re.compile(r"(?:0|-?[1-9][0-9]{0,18})\Z"),
    "decimal": re.compile(r"-?(?:0|[1-9][0-9]{0,27})(?:\.[0-9]{1,18})?\Z"),
    "time": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\Z"),
    "semver": re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]{1,100})?\Z"),
    "token": re.compile(r"[a-z0-9_.:/-]{1,200}\Z"),
    "row": re.compile(r"[a-z0-9_.:|,!= -]{1,2000}\Z"),
}
MAX_ITEMS = 1000


def time_text(moment: datetime) -> str:
    """UTC with microseconds, always 27 characters: `2026-01-31T12:00:00.000000Z`."""
    if moment.tzinfo is None:
        raise BadFact("A time without a time zone cannot be recorded.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def encode(type_text: str, value: Any, *, name: str = "fact") -> FactValue:
    """The value as the leaf holds it; raise BadFact when it is not of the type."""
    kind, _, inner = type_text.removesuffix("!").partition(":")
    if kind == "list":
        if isinstance(value, str | bytes) or not isinstance(value, Sequence | set | frozenset) or len(value) > MAX_ITEMS:
            raise BadFact(f"{name} must be a list of at most {MAX_ITEMS}.")
        texts = [_scalar(*_split(inner), item, name) for item in value]
        return sorted(texts) if isinstance(value, set | frozenset) else texts
    if kind == "bool":
        if not isinstance(value, bool):
            raise BadFact(f"{name} must be true or false.")
        return value
    return _scalar(kind, inner, value, name)


def _split(type_text: str) -> tuple[str, str]:
    kind, _, inner = type_text.partition(":")
    return kind, inner


def _scalar(kind: str, inner: str, value: Any, name: str) -> str:
    text = _text(kind, value, name)
    fits = text in inner.split("|") if kind == "enum" else bool(PATTERNS[kind].match(text))
    if not fits:
        raise BadFact(f"{name} is not a {kind}: {text[:60]!r}")
    return text


def _text(kind: str, value: Any, name: str) -> str:
    if isinstance(value, str):
        return str(value)  # an enumeration member becomes its plain value
    if kind == "uuid" and isinstance(value, UUID):
        return str(value)
    if kind == "time" and isinstance(value, datetime):
        return time_text(value)
    if kind == "int" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if kind == "decimal" and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return format(Decimal(value), "f")
    raise BadFact(f"{name} must be a {kind}, not a {type(value).__name__}.")
