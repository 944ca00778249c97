"""Text as people type it, made safe to store, compare and search."""

import functools
import re
import unicodedata

from foundation.errors import DomainError, Kind

SLUG_RE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\Z")

_LINE_BREAKS = re.compile(r"\r\n?")
# C0, DEL and C1 controls, line and paragraph separators, every bidirectional control, lone surrogates.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_FORBIDDEN_IN_LINES = re.compile(_FORBIDDEN.pattern.replace("\x00-\x1f", "\x00-\x08\x0b-\x1f"))
# Letters that Unicode does not decompose, as people without the key type them.
_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ŧ": "t", "\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)


class BadText(DomainError):
    """The text holds a character that may not be stored."""

    kind, code = Kind.MALFORMED, "bad-text"


def clean(text: str, *, multiline: bool = False) -> str:
    """Return `text` in NFC; raise BadText on controls, bidirectional overrides and lone surrogates.

    `multiline` allows tabs and line breaks, the latter normalised to `\\n`.
    """
    if text.isascii() and text.isprintable():
        return text
    if multiline:
        text = _LINE_BREAKS.sub("\n", text)
    found = (_FORBIDDEN_IN_LINES if multiline else _FORBIDDEN).search(text)
    if found:
        raise BadText(f"The character U+{ord(found[0]):04X} is not allowed here.")
    return unicodedata.normalize("NFC", text)


def slug_key(text: str) -> str:
    """The key on which names are unique: NFKC-casefold, stable when applied again."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded).casefold()


def fold(text: str) -> str:
    """Lower-case search text without accents, one space between words."""
    lowered = unicodedata.normalize("NFKD", text.casefold()).casefold()
    bare = "".join(char for char in lowered if not unicodedata.combining(char))
    return " ".join(bare.translate(_STROKES).split())


@functools.lru_cache(maxsize=4096)
def folded_char(char: str) -> str:
    """What `fold` makes of one character: nothing of an accent, two letters of a ligature, a space of any space."""
    lowered = unicodedata.normalize("NFKD", char.casefold()).casefold()
    bare = "".join(part for part in lowered if not unicodedata.combining(part)).translate(_STROKES)
    return " " if char.isspace() else bare
