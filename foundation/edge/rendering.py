"""JSON answers."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer
from rest_framework.utils.serializer_helpers import ReturnDict, ReturnList

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS


def dumps(data: Any) -> bytes:
    """Compact JSON: times RFC 3339 with `Z`, UUIDs and decimals as strings, sets sorted."""
    try:
        return orjson.dumps(data, default=_default, option=_OPTIONS)
    except orjson.JSONEncodeError:  # an integer beyond 64 bits or a lone surrogate: slower, never refused
        return json.dumps(data, default=_slow_default, separators=(",", ":")).encode()


def _default(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, ReturnDict | Mapping):
        return dict(value)
    if isinstance(value, ReturnList):
        return list(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def _slow_default(value: Any) -> Any:
    if isinstance(value, Mapping | set | frozenset | Decimal):
        return _default(value)
    return orjson.loads(orjson.dumps(value, default=str, option=_OPTIONS))


class JSONRenderer(BaseRenderer):
    """application/json by orjson."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data: Any, *_context: Any, **_more: Any) -> bytes:
        """The bytes; none for an answer without content."""
        return b"" if data is None else dumps(data)
