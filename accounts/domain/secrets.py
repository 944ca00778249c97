"""The shape of token secrets: `ptl_<8 base62>_<30 base62><6 base62 CRC-32>`.

The fixed prefix lets secret scanners find leaked tokens; the check digits refuse a mistyped one without a look at the database.
"""

import re
import secrets
import string
import zlib

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET_RE = re.compile(r"ptl_(?P<prefix>[0-9A-Za-z]{8})_(?P<body>[0-9A-Za-z]{30})(?P<crc>[0-9A-Za-z]{6})\Z")


def new_secret() -> tuple[str, str]:
    """(prefix, whole secret); 178 random bits."""
    prefix, body = _random(8), _random(30)
    return prefix, f"ptl_{prefix}_{body}{_check(prefix, body)}"


def well_formed(secret: str) -> bool:
    """Whether the shape and the check digits are right; says nothing about the token being known."""
    found = SECRET_RE.match(secret)
    return found is not None and found["crc"] == _check(found["prefix"], found["body"])


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _check(prefix: str, body: str) -> str:
    number = zlib.crc32(f"ptl_{prefix}_{body}".encode())
    digits = ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    return digits
