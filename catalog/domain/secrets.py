"""Telling values of programs and labels that look like secrets: a leaked value cannot be taken back from an immutable release.

Besides the shapes of `foundation.secrets`, a value under a name such as `password` counts. References and placeholders of runtimes pass.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from foundation.errors import FieldError, pointer_of
from foundation.secrets import is_random, is_reference, names_an_id, secret_in_text, without_secrets

__all__ = ["is_reference", "secret_in_text", "secrets_in", "without_secrets"]

_NAMES = frozenset(
    {"password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "authorization", "connectionstring"}
    | {f"{kind}token" for kind in ("api", "access", "refresh", "auth", "bearer", "sas")}
    | {f"{kind}key" for kind in ("private", "secret", "access", "secretaccess", "account", "shared", "signing", "encryption")}
)
_NAME_ENDINGS = ("password", "passphrase", "secret", "apikey", "accesstoken", "privatekey", "secretkey")
_PLACEHOLDER = re.compile(r"\s*(?:\$\{[^}]*\}|\$\([^)]*\)|=?\s*\{\{.*\}\}|<[^<>]*>|\*+|x{3,}|%\([^)]*\)s?|ENC\[[^\]]*\])\s*\Z", re.DOTALL)
# How a runtime says that a value is looked up elsewhere: Node-RED's typed inputs have a `<name>Type` beside the value.
_LOOKED_UP = frozenset({"env", "msg", "flow", "global", "jsonata", "cred"})


def secrets_in(value: Any, at: str = "") -> Iterator[FieldError]:
    """Every place in a JSON value that looks like a secret, by RFC 6901 pointer below `at`. The value itself is never told."""
    stack: list[tuple[str, tuple[str, str], Mapping[str, Any], Any]] = [(at, ("", ""), {}, value)]
    while stack:
        pointer, names, siblings, item = stack.pop()
        if isinstance(item, Mapping):
            stack.extend((pointer + pointer_of(key), (names[1], key), item, inner) for key, inner in reversed(list(item.items())))
        elif isinstance(item, list | tuple):
            stack.extend((f"{pointer}/{index}", names, siblings, inner) for index, inner in reversed(list(enumerate(item))))
        elif isinstance(item, str) and item:
            fault = _fault(names, siblings, item)
            if fault:
                yield FieldError(pointer, *fault)


def _fault(names: tuple[str, str], siblings: Mapping[str, Any], text: str) -> tuple[str, str] | None:
    if is_reference(text) or _PLACEHOLDER.match(text):
        return None
    name = names[1]
    shaped = secret_in_text(text)
    if shaped:
        return shaped
    if _names_a_secret(name) and siblings.get(f"{name}Type") not in _LOOKED_UP:
        return "secret-named", f"A value under the name {name[:60]!r} is taken for a secret. Write a reference (env://NAME)."
    if is_random(text) and not names_an_id(names):
        return "secret-random", "This long word without pattern looks like a key. Write a reference (env://NAME)."
    return None


def _names_a_secret(name: str) -> bool:
    bare = re.sub(r"[^a-z]", "", name.lower())
    return bare in _NAMES or bare.endswith(_NAME_ENDINGS)
