"""The native dialect of health reports: checked item by item, stored by one statement.

A faulty item is refused with a pointer, the rest is kept. (runtime, key) makes a resend harmless; the same key with
other content is reported, never overwritten.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from catalog.domain.secrets import secret_in_text, without_secrets
from foundation.errors import DomainError, pointer_of
from foundation.ids import uuid7
from foundation.text import clean

MAX_REPORTS = 1_000
MAX_ERRORS = 50
TOLERANCE = timedelta(minutes=2)
_INT = 2**31 - 1
_BIG = 2**53 - 1
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)\Z")
_COUNTS = {
    "runs_started": _INT,
    "runs_succeeded": _INT,
    "runs_failed": _INT,
    "records_read": _BIG,
    "records_written": _BIG,
    "records_failed": _BIG,
}
_WORDS = ("key", "integration", "environment")
_KNOWN = frozenset(
    {"key", "slot", "integration", "environment", "digest", "window_start", "window_end", "latency_ms", "errors", "seq", *_COUNTS}
)

_PLACES = """
SELECT slot.id, slot.integration_id, slot.environment_id, sent.digest, sent.release_id
  FROM runtime_adapters_slot AS slot
  LEFT JOIN runtime_adapters_deployment AS sent ON sent.slot_id = slot.id AND sent.digest = ANY(%s)
 WHERE slot.runtime_id = %s AND slot.id = ANY(%s)
 ORDER BY sent.timeline NULLS FIRST, sent.generation
"""
# Readings, and the mark that their conclusions must be drawn again, in one statement. ON CONFLICT locks the marked row, so a
# conclusion being drawn meanwhile either sees these readings or is marked again after it.
_STORE = """
WITH input AS (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS item(
        id uuid, key text, content text, slot uuid, integration text, environment text, release uuid, digest text, seq bigint,
        window_start timestamptz, window_end timestamptz, runs_started int, runs_succeeded int, runs_failed int,
        records_read bigint, records_written bigint, records_failed bigint,
        latency_count int, latency_sum double precision, latency_max double precision, errors jsonb)
), written AS (
    INSERT INTO runtime_adapters_healthreading (
        id, runtime_id, key, content_digest, slot_id, integration_slug, environment_slug, release_id, digest, seq,
        window_start, window_end, runs_started, runs_succeeded, runs_failed, records_read, records_written, records_failed,
        latency_count, latency_sum_ms, latency_max_ms, errors, received_at)
    SELECT id, %s, key, decode(content, 'hex'), slot, integration, environment, release, digest, seq,
           window_start, window_end, runs_started, runs_succeeded, runs_failed, records_read, records_written, records_failed,
           latency_count, latency_sum, latency_max, errors, %s
      FROM input
        ON CONFLICT (runtime_id, key) DO NOTHING
    RETURNING key, slot_id, release_id
), marked AS (
    INSERT INTO runtime_adapters_healthstate AS state (
        id, slot_id, integration_id, environment_id, release_id, state, reason, since, due_at,
        runs_succeeded, runs_failed, records_read, records_written, records_failed)
    SELECT gen_random_uuid(), slot.id, slot.integration_id, slot.environment_id, fresh.release_id, 'unknown', '', %s, %s, 0, 0, 0, 0, 0
      FROM (SELECT DISTINCT slot_id, release_id FROM written WHERE release_id IS NOT NULL) AS fresh
      JOIN runtime_adapters_slot AS slot ON slot.id = fresh.slot_id
     ORDER BY slot.id, fresh.release_id
        ON CONFLICT (slot_id, release_id) DO UPDATE SET due_at = excluded.due_at
     WHERE state.due_at IS NULL OR state.due_at > excluded.due_at
    RETURNING 1
)
SELECT key FROM written
"""


class _Refused(Exception):
    """One item cannot be taken: where in it, and why."""

    def __init__(self, member: str, code: str) -> None:
        self.member, self.code = member, code
        super().__init__(code)


@dataclass(slots=True)
class Answer:
    """What became of a batch."""

    accepted: int = 0
    duplicate: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, index: int, member: str, code: str) -> None:
        pointer = f"/reports/{index}{pointer_of(*member.split('.')) if member else ''}"
        self.refused.append({"index": index, "pointer": without_secrets(pointer), "code": code})

    @property
    def body(self) -> dict[str, Any]:
        refused = sorted(self.refused, key=lambda item: item["index"])
        return {"accepted": self.accepted, "duplicate": self.duplicate, "refused": refused}


def take(*, runtime_id: UUID, reports: Sequence[Any], now: datetime) -> Answer:
    """Check and store one batch of at most MAX_REPORTS reports."""
    answer = Answer()
    rows = _read(reports, answer, now)
    rows = _without_secrets(rows, answer)
    rows = _placed(rows, runtime_id, answer)
    if rows:
        _store(rows, runtime_id, answer, now)
    return answer


def _read(reports: Sequence[Any], answer: Answer, now: datetime) -> dict[str, dict[str, Any]]:
    """The good items by key; within a batch the first of a key counts."""
    rows: dict[str, dict[str, Any]] = {}
    latest = now + TOLERANCE
    for index, item in enumerate(reports):
        try:
            row = _row(item, latest)
        except _Refused as refusal:
            answer.refuse(index, refusal.member, refusal.code)
            continue
        row["index"] = index
        known = rows.setdefault(row["key"], row)
        if known is not row:
            _repeated(answer, index, row["content"] == known["content"])
    return rows


def _without_secrets(rows: dict[str, dict[str, Any]], answer: Answer) -> dict[str, dict[str, Any]]:
    """A batch is looked through at once; where there is something, row by row."""
    if not secret_in_text(" ".join(row[name] for row in rows.values() for name in _WORDS)):
        return rows
    kept = {}
    for key, row in rows.items():
        if found := next((name for name in _WORDS if secret_in_text(row[name])), None):
            answer.refuse(row["index"], found, "looks-like-a-secret")
        else:
            kept[key] = row
    return kept


def _repeated(answer: Answer, index: int, is_same: bool) -> None:
    if is_same:
        answer.duplicate += 1
    else:
        answer.refuse(index, "key", "key-reused")


def _row(item: Any, latest: datetime) -> dict[str, Any]:
    """One item as columns. Raises _Refused."""
    if not isinstance(item, dict):
        raise _Refused("", "not-an-object")
    if not item.keys() <= _KNOWN:
        raise _Refused(min(item.keys() - _KNOWN, key=str), "unknown-field")
    row: dict[str, Any] = {
        "id": uuid7(),
        "key": _text(item, "key", 200, least=1),
        "content": hashlib.sha256(orjson.dumps(item, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        "slot": _uuid(item, "slot"),
        "integration": _text(item, "integration", 63),
        "environment": _text(item, "environment", 63),
        "digest": _digest(item),
        "seq": _count(item, "seq", _BIG),
    }
    start, end = _moment(item, "window_start"), _moment(item, "window_end")
    if end < start:
        raise _Refused("window_end", "before-its-start")
    if end > latest:
        raise _Refused("window_end", "in-the-future")
    row["window_start"], row["window_end"] = start, end
    for name, most in _COUNTS.items():
        row[name] = _count(item, name, most)
    _latency(item.get("latency_ms"), row)
    row["errors"] = _errors(item.get("errors"))
    return row


def _text(item: Mapping[str, Any], name: str, most: int, *, least: int = 0) -> str:
    value = item.get(name, "")
    if not isinstance(value, str):
        raise _Refused(name, "wrong-type")
    if not least <= len(value) <= most:
        raise _Refused(name, "length")
    if value.isascii() and value.isprintable():
        return value
    try:
        return clean(value)
    except DomainError as error:
        raise _Refused(name, error.code) from None


def _uuid(item: Mapping[str, Any], name: str) -> UUID:
    value = item.get(name)
    if value is None:
        raise _Refused(name, "missing")
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise _Refused(name, "not-a-uuid") from None


def _digest(item: Mapping[str, Any]) -> str:
    value = item.get("digest") or ""
    if not isinstance(value, str) or (value and not _DIGEST.match(value)):
        raise _Refused("digest", "not-a-digest")
    return value


def _moment(item: Mapping[str, Any], name: str) -> datetime:
    value = item.get(name)
    if value is None:
        raise _Refused(name, "missing")
    if not isinstance(value, str) or not _TIME.match(value):
        raise _Refused(name, "not-a-time")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _Refused(name, "not-a-time") from None


def _count(item: Mapping[str, Any], name: str, most: int, *, at: str = "") -> int:
    value = item.get(name, 0)
    if type(value) is not int:
        raise _Refused(at + name, "wrong-type")
    if not 0 <= value <= most:
        raise _Refused(at + name, "out-of-range")
    return value


def _latency(value: Any, row: dict[str, Any]) -> None:
    told = {} if value is None else value
    if not isinstance(told, dict):
        raise _Refused("latency_ms", "wrong-type")
    if not told.keys() <= {"count", "sum", "max"}:
        raise _Refused("latency_ms", "unknown-field")
    row["latency_count"] = _count(told, "count", _INT, at="latency_ms.")
    for name in ("sum", "max"):
        number = told.get(name, 0)
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise _Refused(f"latency_ms.{name}", "wrong-type")
        if not 0 <= number <= 1e15:
            raise _Refused(f"latency_ms.{name}", "out-of-range")
        row[f"latency_{name}"] = float(number)


def _errors(value: Any) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MAX_ERRORS:
        raise _Refused("errors", "wrong-type" if not isinstance(value, list) else "too-many")
    found = []
    for index, item in enumerate(value):
        if not isinstance(item, dict) or not item.keys() <= {"class", "count"}:
            raise _Refused(f"errors.{index}", "wrong-type")
        if isinstance(item.get("class"), str) and secret_in_text(item["class"]):
            raise _Refused(f"errors.{index}.class", "looks-like-a-secret")
        try:
            found.append({"class": _text(item, "class", 120, least=1), "count": _count(item, "count", _INT)})
        except _Refused as refusal:
            raise _Refused(f"errors.{index}.{refusal.member}", refusal.code) from None
    return found


def _placed(rows: dict[str, dict[str, Any]], runtime_id: UUID, answer: Answer) -> dict[str, dict[str, Any]]:
    """Attach each row to the release that was sent to its slot under that digest; refuse rows of others' slots."""
    if not rows:
        return rows
    digests = sorted({row["digest"] for row in rows.values()})
    slots = sorted({row["slot"] for row in rows.values()})
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [digests, runtime_id, slots])
        found = cursor.fetchall()
    bound = {slot for slot, *_ in found}
    releases = {(slot, digest): release for slot, _, _, digest, release in found if digest}
    kept = {}
    for key, row in rows.items():
        if row["slot"] in bound:
            row["release"] = releases.get((row["slot"], row["digest"]))
            kept[key] = row
        else:
            answer.refuse(row["index"], "slot", "not-your-slot")
    return kept


def _store(rows: dict[str, dict[str, Any]], runtime_id: UUID, answer: Answer, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [orjson.dumps(list(rows.values())).decode(), runtime_id, now, now, now])
        written = {key for (key,) in cursor.fetchall()}
    answer.accepted += len(written)
    known = [row for key, row in rows.items() if key not in written]
    if known:
        _compare(known, runtime_id, answer)


def _compare(rows: Iterable[dict[str, Any]], runtime_id: UUID, answer: Answer) -> None:
    """Rows whose key was there: a resend, or other content under the same key."""
    waiting = {row["key"]: row for row in rows}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, encode(content_digest, 'hex') FROM runtime_adapters_healthreading WHERE runtime_id = %s AND key = ANY(%s)",
            [runtime_id, list(waiting)],
        )
        stored = dict(cursor.fetchall())
    for key, row in waiting.items():
        _repeated(answer, row["index"], stored.get(key) == row["content"])
