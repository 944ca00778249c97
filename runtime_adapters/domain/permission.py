"""What governance allows to be sent, as plain values: re-read before each send."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Interval:
    """[start, end): closed for sending. `end` None is open-ended."""

    start: datetime
    end: datetime | None

    def covers(self, now: datetime) -> bool:
        return self.start <= now and (self.end is None or now < self.end)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing may be sent now. `until` is when it may be looked at again; None: never under this authorisation."""

    code: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Permission:
    """The authorisation row. `digest` is the only release that may be sent ("" permits a removal)."""

    digest: str
    not_after: datetime | None = None
    revoked: bool = False
    closed: tuple[Interval, ...] = ()

    def refusal(self, digest: str, now: datetime) -> Refusal | None:
        """Why `digest` may not be sent at `now`, or None when it may."""
        if self.revoked:
            return Refusal("authorisation-revoked")
        if self.digest != digest:
            return Refusal("authorisation-for-other-digest")
        if self.not_after is not None and now >= self.not_after:
            return Refusal("authorisation-expired")
        closing = [interval for interval in self.closed if interval.covers(now)]
        if closing:
            ends = [interval.end for interval in closing if interval.end is not None]
            return Refusal("window-closed", max(ends) if len(ends) == len(closing) else datetime.max.replace(tzinfo=UTC))
        return None


def intervals(stored: Iterable[Any]) -> tuple[Interval, ...]:
    """Read stored intervals: `[start, end]` or `{"start": …, "end": …}`, RFC 3339 texts, `end` null when open-ended.

    What cannot be read closes everything: an unreadable freeze must not open the gate.
    """
    return tuple(_interval(item) for item in stored)


def _interval(item: Any) -> Interval:
    try:
        start, end = (item["start"], item.get("end")) if isinstance(item, Mapping) else (item[0], item[1])
        return Interval(_moment(start), None if end is None else _moment(end))
    except (KeyError, IndexError, TypeError, ValueError):
        return Interval(datetime.min.replace(tzinfo=UTC), None)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
