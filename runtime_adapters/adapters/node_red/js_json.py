"""JSON exactly as JavaScript writes it, because Node-RED's `rev` is the SHA-256 of JSON.stringify(flows).

ECMA-262: OrdinaryOwnPropertyKeys (array-index keys first, ascending), Number::toString, QuoteJSONString.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

ARRAY_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
MAX_ARRAY_INDEX = 2**32 - 2
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def dumps(value: Any) -> str:
    """Return JSON.stringify(JSON.parse(json of value)). Numbers become IEEE doubles, as they do in JavaScript."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int | float):
        return number(float(value))
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_string(key)}:{dumps(value[key])}" for key in js_order(value)) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join(map(dumps, value)) + "]"
    raise TypeError(f"not JSON: {type(value).__name__}")


def rev_of(flows: Sequence[Mapping[str, Any]]) -> str:
    """Return the `rev` Node-RED gives this array: hexadecimal SHA-256 of its compact JSON, without credentials."""
    bare = [{key: value for key, value in node.items() if key != "credentials"} for node in flows]
    return hashlib.sha256(dumps(bare).encode()).hexdigest()


def js_order(keys: Mapping[str, Any]) -> list[str]:
    """Return the keys as JavaScript enumerates them: array indices ascending, then the rest as inserted."""
    indices = sorted((key for key in keys if _is_index(key)), key=int)
    return indices + [key for key in keys if not _is_index(key)] if indices else list(keys)


def number(value: float) -> str:
    """Return Number::toString(value) in base 10; what JSON cannot hold becomes null."""
    if not math.isfinite(value):
        return "null"
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))  # decimal point's place after `digits` start
    digits = digits.rstrip("0")
    return sign + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    """Write 0.<digits> times 10^point as JavaScript does: plain between 1e-7 and 1e21, otherwise with an exponent."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    exponent = f"e{point - 1:+d}"
    return digits + exponent if count == 1 else f"{digits[0]}.{digits[1:]}{exponent}"


def _string(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return LONE_SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", quoted)


def _is_index(key: str) -> bool:
    return ARRAY_INDEX.fullmatch(key) is not None and int(key) <= MAX_ARRAY_INDEX
