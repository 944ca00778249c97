"""Texts of strangers made fit to keep: one line or several, of a length, without controls and without what looks like a secret."""

import re
import unicodedata
from typing import Any

from catalog.domain.secrets import secret_in_text, without_secrets
from foundation.text import BadText, clean

MAX_NOTES = 20_000
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


def listed(text: str) -> frozenset[str]:
    """The words of a text, for lists of names that read better without quotation marks."""
    return frozenset(text.split())


def line(value: Any, most: int) -> str:
    """One clean line of at most `most` characters; "" for what is no text. Longer ones end with an ellipsis."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    return _cut(" ".join(_plain(str(value)[: most * 4]).split()), most)


def prose(value: Any, most: int) -> str:
    """The same with line breaks."""
    if not isinstance(value, str):
        return ""
    text = "\n".join(part.rstrip() for part in _plain(value[: most * 2].replace("\r\n", "\n").replace("\r", "\n")).split("\n"))
    return _cut(text.strip(), most)


def slug_of(text: Any, most: int = 63) -> str:
    """Lower-case ASCII words joined by hyphens; "" when nothing is left."""
    folded = unicodedata.normalize("NFKD", str(text)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", folded)[:most].strip("-")


def words_of(name: str) -> list[str]:
    """Lower-case words of an identifier: `firstName`, `first_name` and `First Name` are the same."""
    return [word.lower() for word in _CAMEL.findall(name[:300])]


def kebab(name: str) -> str:
    """`googleSheets` → `google-sheets`."""
    return "-".join(words_of(name))[:63].strip("-")


def singular(word: str) -> str:
    """A plain English guess: `orders` → `order`, `categories` → `category`; `status` and `address` stay."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ses", "xes", "ches", "shes")) and len(word) > 5:
        return word[:-2]
    return word[:-1] if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")) else word


def _plain(text: str) -> str:
    try:
        cleaned = clean(_CONTROLS.sub("", text), multiline=True)
    except BadText:
        return ""
    told = without_secrets(cleaned)
    return "" if secret_in_text(told) else told


def _cut(text: str, most: int) -> str:
    """Cutting may leave half of something that is a secret only in part; what is left is still without its shape."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
