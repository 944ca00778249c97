"""Secrets by reference, resolved at the moment of sending and kept nowhere.

`env://NAME` is an environment variable of the worker, `file:///path` a file it can read. A value is never logged,
stored, or repeated in an error.
"""

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from catalog.domain.secrets import secret_in_text
from runtime_adapters.contract import AuthFailed

MAX_BYTES = 64 * 1024
_VARIABLE = re.compile(r"env://[A-Za-z_][A-Za-z0-9_]*\Z")


def is_reference(value: object) -> bool:
    """Whether a configuration value names a secret instead of holding one; a secret pasted behind a scheme is none."""
    if not isinstance(value, str) or secret_in_text(value):
        return False
    if _VARIABLE.match(value):
        return True
    try:
        parts = urlsplit(value)
    except ValueError:  # such as an unbalanced bracket
        return False
    return parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc


def resolve(reference: str) -> str:
    """The secret behind a reference, without trailing line breaks. Raises AuthFailed, which names the reference only."""
    if not is_reference(reference):
        raise AuthFailed("the configured secret is not a reference (env:// or file://)")
    parts = urlsplit(reference)
    value = os.environ.get(parts.netloc, "") if parts.scheme == "env" else _from_file(unquote(parts.path))
    if not value:
        raise AuthFailed(f"the secret {parts.scheme}://… does not resolve on the worker")
    return value


def _from_file(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES).decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        return ""
