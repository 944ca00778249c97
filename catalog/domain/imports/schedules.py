"""How often something runs, in words: n8n's rules, cron lines, periods in seconds."""

import re
from collections.abc import Mapping
from typing import Any

from catalog.domain.imports.words import line

_CRON = re.compile(r"[@a-z]{3,20}|(?:[0-9*/,\-A-Za-z?#L]+\s+){4,6}[0-9*/,\-A-Za-z?#L]+\Z")
_UNITS = {"seconds": "second", "minutes": "minute", "hours": "hour", "days": "day", "weeks": "week", "months": "month"}


def cadence_of(parameters: Mapping[str, Any]) -> str:
    """The schedule of an n8n trigger: of `rule.interval`, of the older `triggerTimes`, or of `interval` and `unit`."""
    rule = parameters.get("rule")
    intervals = rule.get("interval") if isinstance(rule, Mapping) else None
    times = parameters.get("triggerTimes")
    if isinstance(times, Mapping):
        intervals = times.get("item")
    told = [_told(item) for item in intervals[:5] if isinstance(item, Mapping)] if isinstance(intervals, list) else []
    if not told and parameters.get("interval") is not None:
        told = [every(parameters.get("interval"), str(parameters.get("unit", "seconds")))]
    return line(", ".join(dict.fromkeys(word for word in told if word)), 63)


def every(count: object, unit: str) -> str:
    """`every 5 minutes`; "" when it cannot be told."""
    word = _UNITS.get(unit, "")
    if not word or not re.match(r"[0-9]{1,6}\Z", str(count)) or str(count) == "0":
        return ""
    return f"every {word}" if str(count) == "1" else f"every {count} {word}s"


def cron(text: object) -> str:
    """A cron line or an alias such as `@daily`; "" for anything else."""
    told = line(text, 63).lower() if isinstance(text, str) else ""
    return told if _CRON.match(told) and told != "none" else ""


def _told(item: Mapping[str, Any]) -> str:
    expression = item.get("expression") or item.get("cronExpression")
    if expression:
        return cron(expression)
    mode = str(item.get("mode", ""))
    if mode.startswith("every"):
        return {"everyMinute": "every minute", "everyHour": "every hour", "everyDay": "every day", "everyWeek": "every week"}.get(
            mode, every(item.get("value"), str(item.get("unit", "")))
        )
    field = str(item.get("field", "days"))
    return every(item.get(f"{field}Interval", 1), field)
