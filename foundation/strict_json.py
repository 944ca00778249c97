"""JSON as strangers send it, refused with a pointer where two readers could disagree on it.

The C decoder of the standard library does the work. One linear pass before it looks for what it would accept or
trip over (deep nesting, lone surrogates, NUL, numbers out of range); only a suspect document is read token by token.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from foundation.errors import DomainError, FieldError, Kind, pointer_of

MAX_DEPTH = 64
MAX_MEMBERS = 10_000
MAX_SAFE_INT = 2**53 - 1

_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
# U+0000 or a surrogate; a number of sixteen digits or with a three-digit exponent, where a value may start.
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|(?:^|[\s:,\[])-?(?:[0-9]{16}|[0-9]++(?:\.[0-9]++)?[eE]\+?[0-9]{3})")
# The last alternative swallows an unterminated string whole, so that the scan stays linear.
_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]+|"[\s\S]*+')
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")


class MalformedJSON(DomainError):
    """The body is not JSON that every reader understands alike."""

    kind, code = Kind.MALFORMED, "malformed-json"


class _Refused(ValueError):
    """Raised inside the decoder to stop it; the token pass finds out where."""


def loads(
    data: bytes, *, max_depth: int = MAX_DEPTH, max_keys: int = MAX_MEMBERS, max_items: int = MAX_MEMBERS, max_int: int = MAX_SAFE_INT
) -> Any:
    """Decode UTF-8 JSON bytes.

    Raises MalformedJSON, with the JSON Pointer of the place, for bad syntax, bad UTF-8, a byte order mark, NUL or a lone
    surrogate in any string, duplicate keys, NaN, Infinity, numbers that overflow a double, integers beyond `max_int`,
    more than `max_depth` levels, and more than `max_keys` or `max_items` members of one object or array.
    """
    text = _decoded(data)
    limits = _Limits(max_keys=max_keys, max_items=max_items, max_int=max_int)
    _check_depth(data, text, max_depth)
    if _SUSPECT.search(data) or data.count(b",") >= min(max_keys, max_items):
        _raise_fault(text, limits)
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        pointer = _Scan(limits).pointer_at(text, error.pos)
        raise _malformed(pointer, "syntax", f"{error.msg} at line {error.lineno}, column {error.colno}.") from error
    except (_Refused, ValueError, RecursionError) as error:
        _raise_fault(text, limits)
        raise _malformed("", "syntax", "The document cannot be read.") from error


def _malformed(pointer: str, code: str, detail: str) -> MalformedJSON:
    shown = pointer.encode("utf-8", "replace").decode()[:1024]
    return MalformedJSON(detail, errors=[FieldError(shown, code, detail)])


def _decoded(data: bytes) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        raise _malformed("", "byte-order-mark", "JSON must not start with a byte order mark (RFC 8259, 8.1).")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed("", "not-utf-8", f"Byte {error.start} is not UTF-8.") from error


def _check_depth(data: bytes, text: str, max_depth: int) -> None:
    if data.count(b"[") + data.count(b"{") <= max_depth:
        return
    bare = _STRINGS.sub(b'""', data)
    depth = 0
    for found in _BRACKETS.finditer(bare):
        depth += 1 if found[0] in b"[{" else -1
        if depth > max_depth:
            pointer = _Scan(_Limits()).pointer_at_depth(text, max_depth)
            raise _malformed(pointer, "too-deep", f"More than {max_depth} levels of nesting.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Refused("duplicate key")
    return members


def _refuse(constant: str) -> None:
    raise _Refused(constant)


def _raise_fault(text: str, limits: "_Limits") -> None:
    fault = _Scan(limits).first_fault(text)
    if fault is not None:
        raise _malformed(*fault)


@dataclass(frozen=True, slots=True)
class _Limits:
    max_keys: int = MAX_MEMBERS
    max_items: int = MAX_MEMBERS
    max_int: int = MAX_SAFE_INT


@dataclass(slots=True)
class _Frame:
    """An open object or array: what was seen in it, and where in it we are."""

    is_object: bool
    at: str | int = 0
    wants_key: bool = False
    count: int = 0
    keys: set[str] = field(default_factory=set)


class _Scan:
    """A token pass that only keeps the path; used to explain a refusal, never to build values."""

    def __init__(self, limits: _Limits) -> None:
        self.limits = limits
        self.stack: list[_Frame] = []

    def first_fault(self, text: str) -> tuple[str, str, str] | None:
        """(pointer, code, detail) of the first refused token, or None; bad syntax is left to the decoder."""
        for found in _TOKENS.finditer(text):
            fault = self._step(found[0])
            if fault is not None:
                return self._pointer(), *fault
        return None

    def pointer_at(self, text: str, position: int) -> str:
        """Where in the document the character at `position` stands."""
        for found in _TOKENS.finditer(text, 0, position):
            self._step(found[0])
        return self._pointer()

    def pointer_at_depth(self, text: str, depth: int) -> str:
        """Where the first value deeper than `depth` starts."""
        for found in _TOKENS.finditer(text):
            if found[0] in "[{" and len(self.stack) >= depth:
                break
            self._step(found[0])
        return self._pointer()

    def _pointer(self) -> str:
        return pointer_of(*(frame.at for frame in self.stack if not (frame.is_object and frame.at == 0)))

    def _step(self, lexeme: str) -> tuple[str, str] | None:
        top = self.stack[-1] if self.stack else None
        if lexeme in "{[":
            fault = self._count(top)
            self.stack.append(_Frame(is_object=lexeme == "{", wants_key=lexeme == "{"))
            return fault
        if lexeme in "}]":
            if self.stack:
                self.stack.pop()
        elif lexeme == ",":
            self._next(top)
        elif lexeme == ":":
            if top:
                top.wants_key = False
        elif lexeme[0] == '"':
            return self._string(lexeme, top)
        else:
            return self._count(top) or self._literal(lexeme)
        return None

    def _next(self, top: _Frame | None) -> None:
        if top is None:
            return
        if top.is_object:
            top.wants_key = True
        elif isinstance(top.at, int):
            top.at += 1

    def _count(self, top: _Frame | None) -> tuple[str, str] | None:
        if top is None or top.is_object:
            return None
        top.count += 1
        return ("too-many-items", f"More than {self.limits.max_items} items.") if top.count > self.limits.max_items else None

    def _string(self, lexeme: str, top: _Frame | None) -> tuple[str, str] | None:
        value = _unquoted(lexeme)
        if top is not None and top.is_object and top.wants_key:
            top.at = value
            fault = self._key(value, top)
        else:
            fault = self._count(top)
        if "\x00" in value:
            return "nul", "U+0000 is not allowed."
        if _SURROGATE.search(value):
            return "lone-surrogate", "A lone surrogate is not text."
        return fault

    def _key(self, value: str, top: _Frame) -> tuple[str, str] | None:
        if value in top.keys:
            return "duplicate-key", "The key appears twice in one object."
        top.keys.add(value)
        if len(top.keys) > self.limits.max_keys:
            return "too-many-keys", f"More than {self.limits.max_keys} keys."
        return None

    def _literal(self, lexeme: str) -> tuple[str, str] | None:
        if lexeme in {"NaN", "Infinity", "-Infinity"}:
            return "not-a-number", f"{lexeme} is not JSON."
        number = _NUMBER.match(lexeme)
        if number is None:
            return None
        if number[1] or number[2]:
            return None if abs(float(lexeme)) != float("inf") else ("out-of-range", "The number does not fit a double.")
        if len(lexeme) > 40 or abs(int(lexeme)) > self.limits.max_int:
            return "out-of-range", f"The integer is beyond {self.limits.max_int}; send it as a string."
        return None


def _unquoted(lexeme: str) -> str:
    try:
        value: str = json.loads(lexeme)
    except ValueError:  # a bad escape or a control character: the decoder names it
        return ""
    return value
