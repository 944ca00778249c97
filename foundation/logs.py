"""One JSON object a log line, with the request's id and without secrets."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

REDACTED = "[redacted]"
_SECRET_KEY = re.compile(
    r"secret|passw|token|authori[sz]ation|cookie|api_?key|private_?key|credential|pepper|session_?id|csrf|otp", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"(?i:\b(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,})"
    r"|\b[a-z]{2,12}_[A-Za-z0-9]{36}\b"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: blank the values of keys that name secrets, and tokens wherever they stand in text."""
    for key in list(event):
        event[key] = _clean(key, event[key], 0)
    return event


def _clean(key: str, value: Any, depth: int) -> Any:
    if _SECRET_KEY.search(key) and not isinstance(value, bool | int | None):
        return REDACTED
    if isinstance(value, str):
        return _SECRET_TEXT.sub(REDACTED, value)
    if depth < 6 and isinstance(value, dict):
        return {name: _clean(str(name), item, depth + 1) for name, item in value.items()}
    if depth < 6 and isinstance(value, list | tuple):
        return [_clean("", item, depth + 1) for item in value]
    return value


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _as_text,
        redact,
    ]


def _as_text(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Values that JSON has no form for become text before the redaction looks at them."""
    for key, value in event.items():
        if not key.startswith("_") and not isinstance(value, str | int | float | bool | dict | list | tuple | None):
            event[key] = str(value)
    return event


def logging_config(level: str = "INFO") -> dict[str, Any]:
    """The LOGGING setting: everything to standard error as JSON lines."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "foundation.logs.formatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {"django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
    }


def formatter() -> logging.Formatter:
    """A formatter that renders the standard library's records and structlog's alike."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(default=str)],
    )


def configure() -> None:
    """Send structlog's own loggers through the standard library's handlers."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
