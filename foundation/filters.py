"""Filter specifications, compiled once at import: what a list may be filtered, sorted and searched by.

Nothing is built per request; an unknown parameter or a bad value is refused by name (400).
"""

import functools
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q, QuerySet

from foundation.canonical import packed, sha256_digest
from foundation.errors import DomainError, FieldError, Kind
from foundation.searching import Matches, Search, read_search
from foundation.text import BadText, clean, slug_key

RESERVED = frozenset({"limit", "cursor", "count", "fields", "expand", "as_of", "sort", "q"})
OF_A_PAGE = frozenset({"limit", "cursor", "count", "fields"})
RELEVANCE = "relevance"
DEFAULT_LIMIT, MAX_LIMIT, MAX_VALUES, MAX_TEXT = 50, 200, 50, 200
# A filter with its value in quotes, a phrase, or what stands between spaces.
_TYPED = re.compile(r'-?[^\s":]+:"[^"]*"?|-?"[^"]*"?|\S+')
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)\Z")


class BadQuery(DomainError):
    """A query parameter is unknown or has a value it cannot have."""

    kind, code = Kind.MALFORMED, "bad-query"


@dataclass(frozen=True, slots=True)
class FilterField:
    """One filter: the ORM path, how text becomes a value, and what may follow the name.

    `suffixes` maps a parameter suffix ("" or "__gte") to an ORM lookup; `many` allows comma-separated alternatives. Where one
    look-up cannot say it, `build` makes the condition from the value (a list where `many`); `path` then is the relation whose
    one row all conditions on it must hold for, "" for the row itself.
    """

    path: str
    parse: Callable[[str], Any]
    schema: Mapping[str, Any]
    suffixes: Mapping[str, str] = field(default_factory=lambda: {"": "exact"})
    many: bool = True
    contains: bool = False
    build: Callable[[Any], Q] | None = None


def typed_words(text: str) -> list[str]:
    """What was typed, apart at spaces, phrases and filters whose value is in quotes whole."""
    found: list[str] = _TYPED.findall(text)
    return found


def slug(path: str) -> FilterField:
    """A slug, compared by its key; `path` names the key column."""
    return FilterField(path, slug_key, {"type": "string"})


def uuid(path: str) -> FilterField:
    """A UUID in its usual spelling."""
    return FilterField(path, _uuid, {"type": "string", "format": "uuid"})


def choice(path: str, values: Iterable[str]) -> FilterField:
    """One of a fixed set."""
    allowed = tuple(str(value) for value in values)
    return FilterField(path, functools.partial(_choice, allowed), {"type": "string", "enum": list(allowed)})


def integer(path: str) -> FilterField:
    """A 64-bit integer, also as an inclusive range."""
    return FilterField(path, _integer, {"type": "integer"}, {"": "exact", "__gte": "gte", "__lte": "lte"})


def boolean(path: str) -> FilterField:
    """`true` or `false`."""
    return FilterField(path, _boolean, {"type": "boolean"}, many=False)


def absent(path: str) -> FilterField:
    """`true` where nothing is named, `false` where something is."""
    return FilterField(path, _boolean, {"type": "boolean"}, {"": "isnull"}, many=False)


def present(path: str) -> FilterField:
    """`true` where something is named, `false` where nothing is."""
    return FilterField(path, _absent, {"type": "boolean"}, {"": "isnull"}, many=False)


def moment(path: str) -> FilterField:
    """An RFC 3339 time with offset; only as a range."""
    return FilterField(
        path, _moment, {"type": "string", "format": "date-time"}, {"__gte": "gte", "__lte": "lte", "__lt": "lt", "__gt": "gt"}
    )


def member(path: str) -> FilterField:
    """An element of an array column; several mean any of them."""
    return FilterField(path, str, {"type": "string"}, contains=True)


def text(path: str) -> FilterField:
    """Exact text."""
    return FilterField(path, str, {"type": "string"})


def condition(
    build: Callable[[Any], Q],
    *,
    parse: Callable[[str], Any] = str,
    schema: Mapping[str, Any] | None = None,
    on: str = "",
    many: bool = True,
) -> FilterField:
    """What no single look-up says: `build` gives the condition for the parsed values (for the value where not `many`).

    `on` names the relation of which one and the same row must fulfil all conditions on it; it is not part of the look-ups.
    """
    return FilterField(on, parse, schema or {"type": "string"}, many=many, build=build)


def flag(build: Callable[[bool], Q]) -> FilterField:
    """`true` or `false` about what no column tells."""
    return condition(build, parse=_boolean, schema={"type": "boolean"}, many=False)


@dataclass(frozen=True, slots=True)
class _Parameter:
    lookup: str
    source: FilterField
    takes_many: bool


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A list's query, typed. `fingerprint` binds cursors to filters and sort.

    `built` has (relation, condition) of the filters that no look-up says; `given` the filters as they were understood, by name.
    """

    where: Mapping[str, Any]
    searched: Any
    order: tuple[str, ...]
    limit: int
    cursor: str
    count: bool
    fields: frozenset[str] | None
    expand: frozenset[str]
    as_of: str
    fingerprint: str
    built: tuple[tuple[str, Q], ...] = ()
    search: Search | None = None
    given: Mapping[str, str] = field(default_factory=dict)

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter only: no order, no page. Conditions on relations are the caller's to group."""
        own = [condition for relation, condition in self.built if not relation]
        found = queryset.filter(*own, **self.where) if self.where or own else queryset
        return found.filter(self.searched) if self.searched is not None else found


@dataclass(frozen=True, slots=True)
class FilterSpec:
    """What `compile_filters` makes; shared by all requests, never changed."""

    parameters: Mapping[str, _Parameter]
    sorts: Mapping[str, tuple[str, ...]]
    default_sort: str
    search: str | tuple[str, ...] | None
    expands: frozenset[str] = frozenset()
    as_of: bool = False
    in_search: frozenset[str] = frozenset()

    def parse(self, params: Mapping[str, str]) -> ParsedQuery:
        """Read a QueryDict or mapping. Raises BadQuery naming each faulty parameter."""
        given = self._lifted({str(name): _joined(params, name) for name in params})
        faults: list[FieldError] = []
        where: dict[str, Any] = {}
        built: list[tuple[str, Q]] = []
        for name, value in given.items():
            parameter = self.parameters.get(name)
            try:
                if parameter is not None and parameter.source.build is not None:
                    built.append((parameter.source.path, parameter.source.build(_values(parameter, clean(value)))))
                elif parameter is not None:
                    lookup, parsed = _condition(parameter, clean(value))
                    where[lookup] = parsed
                elif not self._takes(name):
                    raise _Bad("unknown-parameter", "There is no such filter.")
            except (_Bad, BadText) as error:
                faults.append(FieldError(f"?{name}"[:120], error.code, str(error)))
        reserved = _Reserved(self, given, faults)
        query = reserved.query(where, tuple(built))
        if faults:
            raise BadQuery(f"{faults[0].pointer[1:]}: {faults[0].detail}", errors=faults)
        return query

    def _lifted(self, given: dict[str, str]) -> dict[str, str]:
        """`carries:customer.email` in the search is the filter of that name; what is typed last counts. Phrases are left alone."""
        if not self.in_search or ":" not in given.get("q", ""):
            return given
        words, lifted = [], dict(given)
        for word in typed_words(given["q"]):
            name, colon, value = word.partition(":")
            value = value.strip('"')
            if colon and value and name.lower() in self.in_search:
                lifted[name.lower()] = value
            else:
                words.append(word)
        if lifted == given:
            return given
        lifted["q"] = " ".join(words)
        return lifted if words else {name: value for name, value in lifted.items() if name != "q"}

    def left_out(self, typed: str) -> str:
        """The first filter that stands among the words with a `-` before it, "" for none: filters cannot be turned round."""
        names = (word[1:].partition(":")[0].lower() for word in typed_words(typed) if word.startswith("-") and ":" in word)
        return next((name for name in names if name in self.in_search), "")

    def _takes(self, name: str) -> bool:
        optional = {"q": self.search is not None, "expand": bool(self.expands), "as_of": self.as_of}
        return name in RESERVED and optional.get(name, True)

    def openapi(self, *, paged: bool = True) -> list[dict[str, Any]]:
        """OpenAPI parameter objects; without those of a page where the answer is none."""
        return [each for each in self._described() if paged or each["name"] not in OF_A_PAGE]

    def _described(self) -> list[dict[str, Any]]:
        found = [_described(name, dict(p.source.schema), many=p.takes_many) for name, p in self.parameters.items()]
        keys = [key for name in self.sorts for key in (name, "-" + name)]
        found.append(_described("sort", {"type": "string", "enum": keys, "default": self.default_sort}, many=False))
        found.append(_described("limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}, many=False))
        found.append(_described("cursor", {"type": "string"}, many=False))
        found.append(_described("count", {"type": "boolean", "default": False}, many=False))
        found.append(_described("fields", {"type": "string"}, many=True))
        if self.search is not None:
            found.append(_described("q", {"type": "string", "maxLength": MAX_TEXT}, many=False))
        if self.expands:
            found.append(_described("expand", {"type": "string", "enum": sorted(self.expands)}, many=True))
        if self.as_of:
            found.append(_described("as_of", {"type": "string"}, many=False))
        return found


def compile_filters(
    fields: Mapping[str, FilterField],
    *,
    sorts: Mapping[str, tuple[str, ...]],
    default_sort: str,
    search: str | tuple[str, ...] | None = None,
    expands: Iterable[str] = (),
    as_of: bool = False,
    in_search: Iterable[str] = (),
) -> FilterSpec:
    """Compile a list's filters; call at import.

    `sorts` maps a public key to ORM columns, none nullable (a `-` before the key reverses it, one before a column turns
    that column); the id is always the last. `search` names a tsvector column for `q` or, for small tables, text columns: each
    word must then stand somewhere in one of them. A sort called `relevance` needs a vector, and is what a search is sorted by
    unless told otherwise. `in_search` are filters that may also stand in `q`, as `name:value`. Raises ImproperlyConfigured.
    """
    parameters = {}
    for name, source in fields.items():
        if name in RESERVED:
            raise ImproperlyConfigured(f"{name} is a reserved parameter.")
        for suffix, operation in source.suffixes.items():
            takes_many = source.many and operation == "exact"
            parameters[name + suffix] = _Parameter(_lookup(source, operation), source, takes_many)
    if default_sort.removeprefix("-") not in sorts:
        raise ImproperlyConfigured(f"default_sort {default_sort} is not among the sorts.")
    if unknown := set(in_search) - set(parameters):
        raise ImproperlyConfigured(f"in_search names no filter: {', '.join(sorted(unknown))}.")
    return FilterSpec(parameters, dict(sorts), default_sort, search, frozenset(expands), as_of, frozenset(in_search))


class _Bad(ValueError):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class _Reserved:
    """Reads the parameters that every list has, collecting faults."""

    def __init__(self, spec: FilterSpec, given: Mapping[str, str], faults: list[FieldError]) -> None:
        self.spec, self.given, self.faults = spec, given, faults

    def query(self, where: dict[str, Any], built: tuple[tuple[str, Q], ...]) -> ParsedQuery:
        search = self._read("q", self._search, None) if isinstance(self.spec.search, str) else None
        sort = self._read("sort", self._sort, RELEVANCE if search and RELEVANCE in self.spec.sorts else self.spec.default_sort)
        bound = {name: value for name, value in self.given.items() if name in self.spec.parameters or name in {"q", "as_of"}}
        return ParsedQuery(
            where=where,
            searched=Matches(str(self.spec.search), search.query()) if search else self._in_columns(),
            order=self._order(sort),
            limit=self._read("limit", _limit, DEFAULT_LIMIT),
            cursor=self.given.get("cursor", ""),
            count=self._read("count", _boolean, False),
            fields=self._read("fields", _names, None),
            expand=self._read("expand", self._expand, frozenset()),
            as_of=self.given.get("as_of", ""),
            built=built,
            search=search,
            given=bound,
            fingerprint=sha256_digest(packed([sort, sorted(bound.items())]).replace(b"\x00", b""))[7:23],
        )

    def _read(self, name: str, parse: Callable[[str], Any], default: Any) -> Any:
        if name not in self.given:
            return default
        try:
            return parse(clean(self.given[name]))
        except (_Bad, BadText) as error:
            self.faults.append(FieldError(f"?{name}", error.code, str(error)))
            return default

    def _search(self, value: str) -> Search:
        if name := self.spec.left_out(value):
            raise _Bad("filter-left-out", f"A filter cannot be left out with a minus; -{name}: is none. Choose the values that are wanted.")
        return _search(value)

    def _sort(self, value: str) -> str:
        if value.removeprefix("-") not in self.spec.sorts:
            raise _Bad("unknown-sort", f"Sort by one of: {', '.join(sorted(self.spec.sorts))}.")
        if value.removeprefix("-") == RELEVANCE and "q" not in self.given:
            raise _Bad("needs-a-search", "Without q nothing is more relevant than anything else.")
        return value

    def _order(self, sort: str) -> tuple[str, ...]:
        columns = self.spec.sorts[sort.removeprefix("-")]
        tail = "-pk" if columns and columns[-1].startswith("-") else "pk"
        whole = columns if columns and columns[-1].lstrip("-") in {"pk", "id"} else (*columns, tail)
        return tuple(_turned(column) for column in whole) if sort.startswith("-") else whole

    def _in_columns(self) -> Q | None:
        """Each word somewhere in one of the text columns of a small table."""
        columns = self.spec.search
        if not isinstance(columns, tuple):
            return None
        found = [_in_any(columns, word) for word in self._read("q", _typed, "").split()]
        return functools.reduce(operator.and_, found) if found else None

    def _expand(self, value: str) -> frozenset[str]:
        names = _names(value)
        if names - self.spec.expands:
            raise _Bad("unknown-expand", f"Expand any of: {', '.join(sorted(self.spec.expands))}.")
        return names


def _in_any(columns: tuple[str, ...], word: str) -> Q:
    return functools.reduce(operator.or_, (Q(**{f"{column}__icontains": word}) for column in columns))


def _turned(column: str) -> str:
    return column.removeprefix("-") if column.startswith("-") else "-" + column


def _joined(params: Any, name: str) -> str:
    values = params.getlist(name) if hasattr(params, "getlist") else [params[name]]
    return ",".join(str(value) for value in values)


def _lookup(source: FilterField, operation: str) -> str:
    if source.contains:
        return f"{source.path}__overlap"
    return f"{source.path}__{operation}"


def _values(parameter: _Parameter, value: str) -> Any:
    """The value, or the list of alternatives where several are taken."""
    if not value:
        raise _Bad("empty-value", "The value is empty.")
    if len(value) > MAX_VALUES * MAX_TEXT:
        raise _Bad("too-long", "The value is too long.")
    if not parameter.takes_many:
        return parameter.source.parse(value)
    parts = [parameter.source.parse(part) for part in value.split(",") if part]
    if not parts or len(parts) > MAX_VALUES:
        raise _Bad("too-many-values", f"Between 1 and {MAX_VALUES} values.")
    return parts


def _condition(parameter: _Parameter, value: str) -> tuple[str, Any]:
    parts = _values(parameter, value)
    if parameter.source.contains or not parameter.takes_many:
        return parameter.lookup, parts
    return (parameter.lookup, parts[0]) if len(parts) == 1 else (f"{parameter.source.path}__in", parts)


def _uuid(value: str) -> UUID:
    try:
        found = UUID(value)
    except ValueError:
        raise _Bad("not-a-uuid", "Expected a UUID.") from None
    if str(found) != value.lower():
        raise _Bad("not-a-uuid", "Expected a UUID in its usual spelling.")
    return found


def _choice(allowed: tuple[str, ...], value: str) -> str:
    if value not in allowed:
        raise _Bad("unknown-value", f"Expected one of: {', '.join(allowed)}.")
    return value


def _integer(value: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII):
        raise _Bad("not-an-integer", "Expected an integer.")
    return int(value)


def _limit(value: str) -> int:
    number = _integer(value)
    if not 1 <= number <= MAX_LIMIT:
        raise _Bad("out-of-range", f"Between 1 and {MAX_LIMIT}.")
    return number


def _boolean(value: str) -> bool:
    if value not in {"true", "false"}:
        raise _Bad("not-a-boolean", "Expected true or false.")
    return value == "true"


def _absent(value: str) -> bool:
    return not _boolean(value)


def _moment(value: str) -> datetime:
    try:
        if not _RFC3339.match(value):
            raise ValueError(value)
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _Bad("not-a-time", "Expected an RFC 3339 time such as 2026-11-23T18:00:00Z.") from None


def _typed(value: str) -> str:
    if not value.strip() or len(value) > MAX_TEXT:
        raise _Bad("bad-search", f"Search for 1 to {MAX_TEXT} characters.")
    return value


def _search(value: str) -> Search:
    found = read_search(_typed(value))
    if found is None:
        raise _Bad("bad-search", "Search for at least one word.")
    return found


def _names(value: str) -> frozenset[str]:
    names = frozenset(part.strip() for part in value.split(",") if part.strip())
    if not names or len(names) > MAX_VALUES:
        raise _Bad("bad-names", "Expected names separated by commas.")
    return names


def _described(name: str, schema: dict[str, Any], *, many: bool) -> dict[str, Any]:
    if many:
        return {"in": "query", "name": name, "schema": {"type": "array", "items": schema}, "explode": False, "style": "form"}
    return {"in": "query", "name": name, "schema": schema}
