"""What makes an integration a product: labels, the promise of support, how changes are announced, how it ends, what models it uses.

Shapes only. Each reader takes the command's `Reading`, the field's name and its value; faults name their place by a JSON pointer.
Members left empty are not kept, so that the same promise always looks the same.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from accounts.domain.inputs import Reading
from catalog.domain.secrets import secrets_in
from foundation.errors import pointer_of
from foundation.secrets import secret_in_text

At = tuple[str | int, ...]
Member = Callable[[Reading, At, Any], Any]

MAX_LABELS, MAX_LABEL, MAX_CO_OWNERS, MAX_NOTICE_DAYS, MAX_AI_USES = 50, 500, 20, 3650, 50
_LABEL_KEY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,118}[A-Za-z0-9])?\Z")
# An address a person may follow: no other scheme runs in their browser, and no name or password stands before the host.
_LINK = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#][^\s\\]*)?\Z", re.IGNORECASE)
_QUARTER = re.compile(r"20[0-9]{2}-Q[1-4]\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_EMPTY: tuple[Any, ...] = ("", None)


def labels(reading: Reading, name: str, value: Any) -> dict[str, str]:
    """A flat map of texts, sorted by key. A key is 1 to 120 letters, digits and . _ - / ; a value is one line."""
    if not isinstance(value, Mapping):
        reading.fault(pointer_of(name), "type", "This must be an object of texts.")
        return {}
    if len(value) > MAX_LABELS:
        reading.fault(pointer_of(name), "too-many", f"At most {MAX_LABELS} labels.")
        return {}
    for key in value:
        if not isinstance(key, str) or not _LABEL_KEY.match(key):
            reading.fault(pointer_of(name, str(key)), "label-key", "Name it with 1 to 120 letters, digits and . _ - / ; no blanks.")
        elif secret := secret_in_text(key):
            reading.fault(pointer_of(name), *secret)  # the pointer must not tell it either
    read = {str(key): _line(MAX_LABEL, least=0)(reading, (name, str(key)), text) for key, text in sorted(value.items(), key=str)}
    reading.faults.extend(fault for fault in secrets_in(read, pointer_of(name)) if fault.code == "secret-named")
    return read


def support(reading: Reading, name: str, value: Any) -> dict[str, Any]:
    """`{channel, hours, response_target, escalation, runbook}`, all texts; the runbook is a link. None is no promise."""
    return _block(reading, name, value, SUPPORT)


def change_policy(reading: Reading, name: str, value: Any) -> dict[str, Any]:
    """`{notice_days, maintenance_window, approval, text}`: how many days ahead, when, on whose word, and the rest in words."""
    return _block(reading, name, value, CHANGE_POLICY)


def deprecation(reading: Reading, name: str, value: Any) -> dict[str, Any]:
    """`{effective_on, removal_on, alternative, documentation, reason}`: days are ISO dates, the alternative is a slug, still unresolved.

    Removal is not before the day it takes effect.
    """
    block = _block(reading, name, value, DEPRECATION)
    starts, ends = block.get("effective_on"), block.get("removal_on")
    if starts and ends and ends < starts:
        reading.fault(
            pointer_of(name, "removal_on"), "before-effective", "Removal cannot come before the day the deprecation takes effect."
        )
    return block


def ai_use(reading: Reading, name: str, value: Any) -> list[dict[str, Any]]:
    """What models a flow calls, as an import found it: flat objects of texts, flags and lists of texts."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > MAX_AI_USES:
        reading.fault(pointer_of(name), "type", f"This must be a list of at most {MAX_AI_USES} objects.")
        return []
    return [_use(reading, (name, index), item) for index, item in enumerate(value)]


def quarter(reading: Reading, name: str, value: Any) -> str:
    """A quarter as `2027-Q1`, which sorts as the quarters do."""
    if not isinstance(value, str) or not _QUARTER.match(value):
        reading.fault(pointer_of(name), "quarter", "Give a quarter as 2027-Q1.")
        return ""
    return value


def names(reading: Reading, name: str, value: Any, *, most: int) -> list[str]:
    """A list of at most `most` texts, as they were given."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        reading.fault(pointer_of(name), "type", "This must be a list of texts.")
        return []
    if len(value) > most:
        reading.fault(pointer_of(name), "too-many", f"At most {most} entries.")
        return []
    return [_line(190)(reading, (name, index), item) for index, item in enumerate(value)]


def line(reading: Reading, at: At, value: Any, *, most: int, least: int = 1) -> str:
    """One line of `least` to `most` characters that holds nothing like a secret."""
    return str(_line(most, least=least)(reading, at, value))


def prose(reading: Reading, at: At, value: Any, *, most: int = 4000) -> str:
    """Lines of people's words that hold nothing like a secret."""
    return _text(reading, at, value, lambda text: reading.lines(at, text, most=most))


def _block(reading: Reading, name: str, value: Any, members: Mapping[str, Member]) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        reading.fault(pointer_of(name), "type", "This must be an object.")
        return {}
    for key in value.keys() - members.keys():
        reading.fault(pointer_of(name, str(key)), "unknown-field", "Unknown member.")
    read = {key: member(reading, (name, key), value[key]) for key, member in members.items() if key in value and value[key] not in _EMPTY}
    return {key: inner for key, inner in read.items() if inner not in _EMPTY}


def _use(reading: Reading, at: At, item: Any) -> dict[str, Any]:
    if not isinstance(item, Mapping):
        reading.fault(pointer_of(*at), "type", "This must be an object.")
        return {}
    read: dict[str, Any] = {}
    for key, inner in item.items():
        place = (*at, str(key))
        if isinstance(inner, list | tuple):
            read[str(key)] = [_line(300, least=0)(reading, (*place, index), text) for index, text in enumerate(inner)]
        else:
            read[str(key)] = inner if inner is None or isinstance(inner, bool) else _line(300, least=0)(reading, place, inner)
    return read


def _line(most: int, *, least: int = 1) -> Member:
    return lambda reading, at, value: _text(reading, at, value, lambda text: reading.line(at, text, most=most, least=least))


def _lines(most: int) -> Member:
    return lambda reading, at, value: prose(reading, at, value, most=most)


def _text(reading: Reading, at: At, value: Any, read: Callable[[str], str]) -> str:
    if not isinstance(value, str):
        reading.fault(pointer_of(*at), "type", "This must be a text.")
        return ""
    return read(value)


def _link(reading: Reading, at: At, value: Any) -> str:
    text = _line(500, least=0)(reading, at, value)
    if text and not _LINK.match(text):
        reading.fault(
            pointer_of(*at), "link", "Give a whole address that starts with https:// or http://, without a name or password in it."
        )
    return str(text)


def _day(reading: Reading, at: At, value: Any) -> str:
    """An ISO date as text, which sorts as the days do."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) and _DAY.match(value) else _no_day(reading, at)
    except ValueError:
        return _no_day(reading, at)


def _no_day(reading: Reading, at: At) -> str:
    reading.fault(pointer_of(*at), "date", "Give a day as YYYY-MM-DD.")
    return ""


def _days(reading: Reading, at: At, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_NOTICE_DAYS:
        reading.fault(pointer_of(*at), "out-of-range", f"Give a whole number from 0 to {MAX_NOTICE_DAYS}.")
        return 0
    return value


SUPPORT: Final[Mapping[str, Member]] = {
    "channel": _line(200),
    "hours": _line(200),
    "response_target": _line(200),
    "escalation": _lines(1000),
    "runbook": _link,
}
CHANGE_POLICY: Final[Mapping[str, Member]] = {
    "notice_days": _days,
    "maintenance_window": _line(200),
    "approval": _line(200),
    "text": _lines(4000),
}
DEPRECATION: Final[Mapping[str, Member]] = {
    "effective_on": _day,
    "removal_on": _day,
    "alternative": _line(190),
    "documentation": _link,
    "reason": _lines(1000),
}
