"""Telling values that look like secrets. We keep references only; a leaked value cannot be taken back from an immutable release.

Three signs: a shape that a provider documents for its keys, a value under a name such as `password`, and a long word
without pattern (Shannon entropy). References and placeholders of runtimes pass.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from foundation.errors import FieldError, pointer_of

REFERENCE_RE = re.compile(r"(?:env://[A-Za-z_][A-Za-z0-9_]*|(?:file|vault|k8s)://[^\s@]{1,300})\Z")

# (code, what people call it, shape)
_SHAPES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("private-key", "a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    ("portolan-token", "a Portolan token", re.compile(r"\bptl_[0-9A-Za-z]{8}_[0-9A-Za-z]{36}\b")),
    ("github-token", "a GitHub token", re.compile(r"\b(?:gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{50,})")),
    ("gitlab-token", "a GitLab token", re.compile(r"\bglpat-[0-9A-Za-z_-]{20,}")),
    ("aws-key", "an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("slack-token", "a Slack token", re.compile(r"\bxox[abeoprs]-[0-9A-Za-z-]{10,}")),
    ("google-key", "a Google API key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    ("stripe-key", "a Stripe key", re.compile(r"\b[rs]k_(?:live|test)_[0-9A-Za-z]{16,}")),
    ("sendgrid-key", "a SendGrid key", re.compile(r"\bSG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}")),
    ("npm-token", "an npm token", re.compile(r"\bnpm_[0-9A-Za-z]{36}\b")),
    ("jwt", "a signed token (JWT)", re.compile(r"\beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}")),
    ("bearer", "an authorization header", re.compile(r"\b(?:[Bb]earer|[Bb]asic)\s+(?!\$|\{)[0-9A-Za-z+/=_.~-]{20,}")),
    (
        "url-password",
        "a password in an address",
        re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,100}:(?![$<{*])[^\s/:@\"'<>]{1,200}@"),
    ),
)
_NAMES = frozenset(
    {"password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "authorization", "connectionstring"}
    | {f"{kind}token" for kind in ("api", "access", "refresh", "auth", "bearer", "sas")}
    | {f"{kind}key" for kind in ("private", "secret", "access", "secretaccess", "account", "shared", "signing", "encryption")}
)
_NAME_ENDINGS = ("password", "passphrase", "secret", "apikey", "accesstoken", "privatekey", "secretkey")
_PLACEHOLDER = re.compile(r"\s*(?:\$\{[^}]*\}|\$\([^)]*\)|=?\s*\{\{.*\}\}|<[^<>]*>|\*+|x{3,}|%\([^)]*\)s?|ENC\[[^\]]*\])\s*\Z", re.DOTALL)
# How a runtime says that a value is looked up elsewhere: Node-RED's typed inputs have a `<name>Type` beside the value.
_LOOKED_UP = frozenset({"env", "msg", "flow", "global", "jsonata", "cred"})
_WORD = re.compile(r"[0-9A-Za-z+/=_-]{32,256}\Z")
# Identifiers of other products are random words too, and public.
_ID_NAME = re.compile(r"(?:^|[a-z_-])(?:id|Id|ID)s?\Z|^(?:etag|digest|hash|sha|signature|cursor)", re.IGNORECASE)
_MIN_ENTROPY_BITS = 4.5
REMOVED = "[left out]"
# "password: hunter2", "api_key = abc123"; not "password: see the vault", whose next word has only letters.
_SAID = re.compile(
    r"((?:pass(?:word|wd|phrase)?|pwd|secret|token|api[ _-]?key|access[ _-]?key)[\"'`]{0,2}\s{0,3}[:=]\s{0,3}[\"'`]{0,2})"
    r"(?=[^\s\"'`]{0,100}[0-9$!#%&*+])[^\s\"'`,;<>]{4,200}",
    re.IGNORECASE,
)


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


def secret_in_text(text: str) -> tuple[str, str] | None:
    """(code, sentence) when prose holds something in the shape of a provider's key; entropy says nothing about prose."""
    for code, words, shape in _SHAPES:
        if shape.search(text):
            return f"secret-{code}", f"This looks like {words}. Write where it is kept (env://, file://, vault://, k8s://), not the value."
    return None


def without_secrets(text: str) -> str:
    """Prose with everything left out that has the shape of a key or stands behind a word such as `password:`.

    For texts that machines bring in, where nobody is there to write a reference instead.
    """
    for _code, _words, shape in _SHAPES:
        text = shape.sub(REMOVED, text)
    return _SAID.sub(lambda said: f"{said[1]}{REMOVED}", text)


def is_reference(text: str) -> bool:
    """Whether `text` is a secret reference that a worker can resolve."""
    return REFERENCE_RE.match(text) is not None


def _fault(names: tuple[str, str], siblings: Mapping[str, Any], text: str) -> tuple[str, str] | None:
    if is_reference(text) or _PLACEHOLDER.match(text):
        return None
    name = names[1]
    shaped = secret_in_text(text)
    if shaped:
        return shaped
    if _names_a_secret(name) and siblings.get(f"{name}Type") not in _LOOKED_UP:
        return "secret-named", f"A value under the name {name[:60]!r} is taken for a secret. Write a reference (env://NAME)."
    if _WORD.match(text) and _is_random(text) and not any(_ID_NAME.search(word) for word in names):
        return "secret-random", "This long word without pattern looks like a key. Write a reference (env://NAME)."
    return None


def _names_a_secret(name: str) -> bool:
    bare = re.sub(r"[^a-z]", "", name.lower())
    return bare in _NAMES or bare.endswith(_NAME_ENDINGS)


def _is_random(word: str) -> bool:
    """Mixed case and digits at 4.5 bits a character: above hexadecimal digests (4.0) and words of languages."""
    if not (any(map(str.isdigit, word)) and any(map(str.islower, word)) and any(map(str.isupper, word))):
        return False
    size = len(word)
    return -sum(n / size * math.log2(n / size) for n in Counter(word).values()) >= _MIN_ENTROPY_BITS
