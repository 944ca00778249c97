"""Texts of people stay beside the log; the leaf commits to them with a salted hash, so that they can be erased later.

Unsalted hashes of short texts are guessed in minutes; 16 fresh random bytes per field make the commitment say nothing.
"""

import hashlib
import re
from typing import Any

from audit.domain.errors import BadLeaf
from foundation.canonical import jcs

SALT_BYTES = 16
PATH_RE = re.compile(r"[a-z][a-z0-9_]{0,63}(?:\.[a-z0-9_]{1,64}){0,3}\Z")


def commitment(path: str, value: Any, salt: bytes) -> str:
    """`sha256:` over salt and the RFC 8785 bytes of `[path, value]`."""
    if len(salt) != SALT_BYTES:
        raise BadLeaf(f"A salt has {SALT_BYTES} bytes.")
    if not PATH_RE.match(path):
        raise BadLeaf(f"{path[:80]!r} is not a field name.")
    return "sha256:" + hashlib.sha256(salt + jcs([path, value])).hexdigest()
