"""Integrations as rows of a sheet: CSV and YAML that can be written, edited by hand and read again without losing anything. Pure.

A row is a mapping from the names in COLUMNS to values in the shape of the API. Reading what was written gives the same rows.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from catalog.domain.errors import SheetUnreadable
from foundation.errors import FieldError, pointer_of
from foundation.secrets import is_random, secret_in_line, secret_in_prose

TEXTS = ("title", "purpose", "type", "team", "visibility", "business_value", "reuse_check")
PEOPLE = ("technical_owner", "business_owner", "on_call", "data_steward")
NUMBERS = ("version", "tier")
LISTS = ("co_owners", "tags")
BLOCKS = ("labels", "support", "change_policy", "deprecation")
COLUMNS = (
    *("slug", "version", "title", "purpose", "type", "team", "tier", "visibility"),
    *PEOPLE,
    *LISTS,
    *("labels", "business_value", "support", "change_policy", "deprecation", "reuse_check", "endpoints"),
)
EDITABLE = frozenset(COLUMNS) - {"slug", "version"}
MAX_ROWS, MAX_CHARS = 500, 1_000_000  # of what is applied at once; MAX_CHARS is also the longest row of a long sheet
MOST_ROWS, MOST_BYTES = 50_000, 48 * 1024 * 1024  # of a long one, which is applied in the background
_GUARDED = ("=", "+", "-", "@", "\t", "\r", "'")  # a spreadsheet takes the first six for a formula; the last marks what was guarded
_PROSE = frozenset({"purpose", "business_value", "reuse_check", "support", "change_policy", "deprecation"})  # may have several lines
_LONG_WORD = re.compile(r"[0-9A-Za-z+/=_-]{32,256}")
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "slug": ((str,), "a text"),
    **dict.fromkeys(TEXTS, ((str,), "a text")),
    **dict.fromkeys(PEOPLE, ((str, type(None)), "a user name or nothing")),
    **dict.fromkeys(NUMBERS, ((int,), "a whole number")),
    **dict.fromkeys(LISTS, ((list,), "a list of texts")),
    **dict.fromkeys(BLOCKS, ((dict, type(None)), "an object")),
    "endpoints": ((list,), "a list of objects"),
}


csv.field_size_limit(MAX_CHARS)


def shape_faults(row: Any, at: str = "") -> list[FieldError]:
    """What is wrong with a row before anybody looks at what it says: unknown columns, values of another type."""
    if not isinstance(row, Mapping):
        return [FieldError(at, "type", "Each row must be an object.")]
    faults = [
        FieldError(at + pointer_of(str(name)[:120]), "unknown-field", "There is no such column.") for name in row if name not in _TYPES
    ]
    if "slug" not in row:
        faults.append(FieldError(f"{at}/slug", "required", "Every row names its integration."))
    for name, value in row.items():
        if name in _TYPES:
            faults.extend(_type_faults(at, name, value))
    return faults


def _type_faults(at: str, name: str, value: Any) -> Iterator[FieldError]:
    allowed, words = _TYPES[name]
    if not isinstance(value, allowed) or isinstance(value, bool):
        yield FieldError(f"{at}/{name}", "wrong-type", f"Expected {words}.")
    elif name in LISTS and isinstance(value, list):
        strangers = [index for index, item in enumerate(value) if not isinstance(item, str)]
        yield from (FieldError(f"{at}/{name}/{index}", "wrong-type", "Expected a text.") for index in strangers)


def written(rows: Iterable[Mapping[str, Any]], form: str) -> Iterator[str]:
    """The sheet in pieces, so that a long one is never held whole. `form` is `csv` or `yaml`."""
    return _csv(rows) if form == "csv" else _yaml(rows)


def read(text: str, form: str) -> list[dict[str, Any]]:
    """The rows of a sheet, columns that it does not have left out. Raises SheetUnreadable with the place."""
    if len(text) > MAX_CHARS:
        raise SheetUnreadable(f"The sheet is longer than {MAX_CHARS} characters. Cut it into several.")
    rows = _read_csv(text) if form == "csv" else _read_yaml(text)
    if len(rows) > MAX_ROWS:
        raise SheetUnreadable(f"The sheet has more than {MAX_ROWS} rows. Cut it into several.")
    return rows


def is_long(text: str, form: str) -> bool:
    """Whether a sheet of at most MAX_CHARS has more rows than are applied at once."""
    if form == "yaml":
        return sum(map(_begins_entry, io.StringIO(text))) > MAX_ROWS
    try:
        return sum(map(any, csv.reader(_lines(text), strict=True))) > MAX_ROWS + 1
    except csv.Error:
        return False


def entries(lines: Iterable[str], form: str) -> Iterator[str]:
    """The rows of a long sheet one by one, each as a text for `entry`, so that the sheet is never held whole.

    What is wrong with a CSV is told here; of YAML only that it is no list. Raises SheetUnreadable.
    """
    found = (json.dumps(row) for row in _csv_rows(lines)) if form == "csv" else _yaml_entries(lines)
    for number, text in enumerate(found, start=1):
        if number > MOST_ROWS:
            raise SheetUnreadable(f"The sheet has more than {MOST_ROWS} rows. Cut it into several.")
        if len(text) > MAX_CHARS:
            raise SheetUnreadable(f"Row {number} of the sheet is longer than {MAX_CHARS} characters.")
        yield text


def entry(text: str, form: str) -> dict[str, Any]:
    """The row that `entries` gave as `text`. Raises SheetUnreadable; lines are counted from the row's own first."""
    if form == "csv":
        row: dict[str, Any] = json.loads(text)
        return row
    rows = _read_yaml(text)
    if len(rows) != 1:
        raise SheetUnreadable("The sheet must be a list of integrations.")
    return rows[0]


def secret_faults(text: str, form: str) -> list[FieldError]:
    """Where a row that `entries` gave holds what looks like a secret: rows wait in the database, and there it must not come."""
    if not secret_in_prose(text) and not any(map(is_random, _LONG_WORD.findall(text))):
        return []
    try:
        row = entry(text, form)
    except SheetUnreadable:
        return [FieldError("", "secret-unreadable", "This row cannot be read, and something in it looks like a secret.")]
    told = ((at, secret_in_prose(text) if names[0] in _PROSE else secret_in_line(text, names)) for at, names, text in _texts_of(row))
    return [FieldError(at, *secret) for at, secret in told if secret]


def _texts_of(value: Any, at: str = "", names: Sequence[str] = ()) -> Iterator[tuple[str, Sequence[str], str]]:
    """Every text of a row with its pointer and the names it stands under; a name is a text too, told of at what it names."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            here = at + pointer_of(str(name)[:120])
            yield here, ("name",), str(name)
            yield from _texts_of(item, here, (*names, str(name)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts_of(item, f"{at}/{index}", names)
    elif isinstance(value, str):
        yield at, names or ("row",), value


def _csv(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    yield _taken(line)
    for row in rows:
        writer.writerow([_guarded(_cell(name, row[name])) if name in row else "" for name in COLUMNS])
        yield _taken(line)


def _taken(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text


def _cell(name: str, value: Any) -> str:
    if name in LISTS:
        plain = all(item and item == item.strip() and ";" not in item for item in value)
        text = "; ".join(value)
        return text if plain and not text.startswith("[") else json.dumps(value, ensure_ascii=False)
    if name in BLOCKS or name == "endpoints":
        return json.dumps(value, ensure_ascii=False) if value else ""
    return "" if value is None else str(value)


def _guarded(text: str) -> str:
    """A cell that no spreadsheet runs as a formula; undone when it is read."""
    return f"'{text}" if text.startswith(_GUARDED) else text


def _read_csv(text: str) -> list[dict[str, Any]]:
    return list(_csv_rows(_lines(text)))


def _lines(text: str) -> io.StringIO:
    return io.StringIO(text.removeprefix("\ufeff"), newline="")


def _csv_rows(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    reader = csv.reader(lines, strict=True)
    try:
        columns = [name.strip() for name in next(reader, [])]
        if not reader.line_num:
            raise SheetUnreadable("The sheet is empty: its first line names the columns.")
        _check_columns(columns)
        for number, cells in enumerate(reader, start=2):
            if any(cells):
                yield _row(columns, cells, number)
    except csv.Error as error:
        raise SheetUnreadable(f"This is not CSV: {error}.") from None


def _check_columns(columns: Sequence[str]) -> None:
    faults = [
        FieldError(f"/columns/{index}", "unknown-field", f"There is no column {name[:63]!r}.")
        for index, name in enumerate(columns)
        if name not in _TYPES
    ]
    faults += [
        FieldError(f"/columns/{index}", "duplicate", "This column appears twice.")
        for index, name in enumerate(columns)
        if name in columns[:index]
    ]
    if "slug" not in columns:
        faults.append(FieldError("/columns", "required", "One column must be slug."))
    if faults:
        raise SheetUnreadable("The columns cannot be read.", errors=faults)


def _row(columns: Sequence[str], cells: Sequence[str], number: int) -> dict[str, Any]:
    if len(cells) != len(columns):
        raise SheetUnreadable(f"Line {number} of the sheet has {len(cells)} cells, not {len(columns)}.")
    return {name: _value(name, _bare(cell), number) for name, cell in zip(columns, cells, strict=True)}


def _bare(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_GUARDED) else cell


def _value(name: str, cell: str, number: int) -> Any:
    if name in NUMBERS:
        if not (cell.isascii() and cell.isdigit() and len(cell) <= 9):
            raise SheetUnreadable(f"Line {number}: {name} must be a whole number.")
        return int(cell)
    if name in PEOPLE:
        return cell or None
    if name in LISTS and not cell.startswith("["):
        return [item.strip() for item in cell.split(";") if item.strip()]
    if name in LISTS or name in BLOCKS or name == "endpoints":
        return _json(name, cell, number)
    return cell


def _json(name: str, cell: str, number: int) -> Any:
    if not cell.strip():
        return {} if name in BLOCKS else []
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        raise SheetUnreadable(f"Line {number}: {name} must be JSON.") from None


def _yaml(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    is_empty = True
    for row in rows:
        is_empty = False
        ordered = {name: row[name] for name in COLUMNS if name in row}
        yield yaml.dump([ordered], Dumper=_Writer, allow_unicode=True, sort_keys=False, width=120)
    if is_empty:
        yield "[]\n"


class _Writer(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # the C one where libyaml is there
    """Without anchors: equal values are written twice, because a reader refuses references."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the library's signature
        return True


class _Reader(yaml.SafeLoader):
    """YAML as people write it by hand: days stay texts, and no anchors, which could make a small file enormous."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise SheetUnreadable("References (*name) are not read. Write the value out.")
        return super().compose_node(parent, index)


_Reader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _begins_entry(line: str) -> bool:
    return line.startswith("-") and line[1:2] in {"", " ", "\t", "\n", "\r"}


def _yaml_entries(lines: Iterable[str]) -> Iterator[str]:
    """The texts of the entries of a list, cut where a line begins one; before the first, only comments and marks."""
    piece: list[str] = []
    size, is_begun = 0, False
    for line in lines:
        begins = _begins_entry(line)
        if begins and is_begun:
            yield "".join(piece)
            piece, size = [], 0
        is_begun = is_begun or begins
        piece.append(line)
        size += len(line)
        if not is_begun and line.strip() and not line.startswith(("#", "%", "---")):
            raise SheetUnreadable("A long sheet must be a list in which each integration begins with “- ” on a line of its own.")
        if size > MAX_CHARS:
            raise SheetUnreadable(f"An entry of the sheet is longer than {MAX_CHARS} characters.")
    if is_begun:
        yield "".join(piece)


def _read_yaml(text: str) -> list[dict[str, Any]]:
    try:
        found = yaml.load(text, Loader=_Reader)  # noqa: S506 - a safe loader, made stricter
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError, TypeError) as error:
        place = getattr(error, "problem_mark", None)
        where = f" at line {place.line + 1}" if place is not None else ""
        raise SheetUnreadable(f"This is not YAML{where}.") from None
    if not isinstance(found, list):
        raise SheetUnreadable("The sheet must be a list of integrations.")
    for number, row in enumerate(found):
        if not isinstance(row, dict):
            raise SheetUnreadable("Each entry must be an object.", errors=[FieldError(f"/{number}", "type", "This is no object.")])
    return [{str(name): value for name, value in row.items()} for row in found]
