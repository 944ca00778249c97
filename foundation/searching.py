"""Words that people search for: read once, asked of a stored text vector, and marked again in what is shown.

A search is words that must all be there; `"a phrase"` in this order, `-word` or `NOT word` not there, `a OR b` either; `AND` adds
nothing. The last word may be the beginning of one. A word that punctuation joins (`orders-to-erp`, `customer.email`) is its parts in
this order; arrows, commas and the like stand between words. `OrderSync` is also `order sync`. Accents and case do not matter: both
sides are folded here, because not every database can.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, F, Value
from django.db.models.expressions import CombinedExpression, Func

from foundation.text import fold, folded_char

_WORD = re.compile(r"[^\W_]+")
_TERM = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
_APART = re.compile(r"[^\w\-./:@'\u2019&#+]+")  # what stands between words, where other punctuation joins the parts of one
_BREAKS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SIGNS = frozenset({"OR", "AND", "NOT"})
SHORTEST_PREFIX = 2  # one letter begins too many words
SHOWN_CHARS, BEFORE_HIT = 240, 60


@dataclass(frozen=True, slots=True)
class Term:
    """Words in this order; with `is_prefix` the last of them may go on."""

    words: tuple[str, ...]
    is_prefix: bool = False
    is_excluded: bool = False

    def query(self, weights: str) -> str:
        """As `to_tsquery` reads it. Words are letters and digits only, so nothing needs escaping."""
        tails = ["*" if self.is_prefix and at == len(self.words) - 1 else "" for at in range(len(self.words))]
        marks = [f":{tail}{weights}" if tail or weights else "" for tail in tails]
        phrase = " <-> ".join(f"'{word}'{mark}" for word, mark in zip(self.words, marks, strict=True))
        phrase = f"({phrase})" if len(self.words) > 1 else phrase
        return f"!{phrase}" if self.is_excluded else phrase

    def matches(self, words: Sequence[str]) -> bool:
        """Whether these are the words, folded."""
        *head, last = self.words
        if len(words) != len(self.words) or list(words[:-1]) != head:
            return False
        return words[-1].startswith(last) if self.is_prefix else words[-1] == last


@dataclass(frozen=True, slots=True)
class Search:
    """All of `groups`, each any of its terms. `phrase` is the sought words as one line: what a name would be that is exactly this."""

    groups: tuple[tuple[Term, ...], ...]
    phrase: str

    def query(self, weights: str = "") -> str:
        """The text for `to_tsquery`; `weights` ("AB") asks for what is sought in parts of these weights only.

        What is excluded is excluded wherever it stands.
        """
        told = [[term.query("" if term.is_excluded else weights) for term in group] for group in self.groups]
        return " & ".join(f"({' | '.join(group)})" if len(group) > 1 else group[0] for group in told)

    @property
    def sought(self) -> tuple[Term, ...]:
        """The terms that a hit shows."""
        return tuple(term for group in self.groups for term in group if not term.is_excluded)


class Matches(CombinedExpression):
    """`vector @@ query` as a condition."""

    conditional = True

    def __init__(self, column: str, query: str) -> None:
        asked = Func(Value("simple"), Value(query), template="to_tsquery(%(expressions)s)", arg_joiner="::regconfig, ")
        super().__init__(F(column), "@@", asked, output_field=BooleanField())


def words_of(text: str) -> list[str]:
    """The folded words of a text."""
    return _WORD.findall(fold(text))


def stored(text: str) -> str:
    """A text as it is put into a vector: its folded words; `customerEmail` also as two."""
    words = words_of(text)
    apart = words_of(_BREAKS.sub(" ", text))
    return " ".join(words if apart == words else [*words, *apart])


def read_search(text: str) -> Search | None:
    """The search that was typed; None when nothing is sought (no word, or only words to leave out)."""
    typed = list(_typed(text))
    groups: list[list[Term]] = []
    for at, part in enumerate(typed):
        terms = part.terms(is_last=at == len(typed) - 1)
        if part.is_excluded:
            groups.extend([term] for term in terms)
        elif part.is_joined and groups and not groups[-1][0].is_excluded:
            groups[-1].extend(terms)
        else:
            groups.append(terms)
    phrase = " ".join(word for part in typed if not part.is_excluded for word in part.spelt[-1])
    return Search(tuple(map(tuple, groups)), phrase) if phrase else None


@dataclass(frozen=True, slots=True)
class _Typed:
    """One thing typed: its words, spelt in one way or in two; `is_joined` by OR to what stands before it."""

    spelt: tuple[tuple[str, ...], ...]
    is_bare: bool
    is_excluded: bool
    is_joined: bool

    def terms(self, *, is_last: bool) -> list[Term]:
        """Of all that was typed only the last may be the beginning of a word, and never what is to be left out."""
        may_go_on = is_last and self.is_bare and not self.is_excluded
        return [Term(words, may_go_on and len(words[-1]) >= SHORTEST_PREFIX, self.is_excluded) for words in self.spelt]


def _typed(text: str) -> Iterator[_Typed]:
    sign, has_begun = "", False
    for minus, phrase, bare in _TERM.findall(text):
        if bare in _SIGNS and not minus and (has_begun or bare == "NOT"):
            sign = bare
            continue
        is_excluded = bool(minus) or sign == "NOT"
        for piece in [phrase or bare] if phrase or is_excluded else _APART.split(bare):
            spelt = _spelt(piece, is_bare=bool(bare))
            if spelt:
                yield _Typed(spelt, bool(bare), is_excluded, sign == "OR" and not is_excluded)
                sign, has_begun = "", True


def _spelt(piece: str, *, is_bare: bool) -> tuple[tuple[str, ...], ...]:
    """The words of a piece; of `OrderSync` outside quotes both `ordersync` and `order sync`."""
    words = tuple(words_of(piece))
    apart = tuple(words_of(_BREAKS.sub(" ", piece))) if is_bare else words
    return tuple(dict.fromkeys([words, apart])) if words else ()


def spans(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Where the terms stand in `text` as it was written: (start, end), in order, none overlapping."""
    folded, origin = _folded(text)
    tokens = [(match[0], match.start(), match.end()) for match in _WORD.finditer(folded)]
    found: list[tuple[int, int]] = []
    for at, (_, start, _) in enumerate(tokens):
        if found and origin[start] < found[-1][1]:
            continue
        for term in terms:
            window = tokens[at : at + len(term.words)]
            if term.matches([word for word, _, _ in window]):
                found.append((origin[start], _end_of(origin, window[-1][2], len(text))))
                break
    return found


def segments(text: str, found: Sequence[tuple[int, int]], *, most: int = SHOWN_CHARS) -> list[Mapping[str, Any]]:
    """`[{text, is_hit}]`: the text, or `most` characters of it around the first hit, with an ellipsis where it was cut."""
    start = max(0, min(found[0][0] - BEFORE_HIT, len(text) - most)) if found and len(text) > most else 0
    end = min(len(text), start + most)
    return list(_pieces(text, found, start, end))


def _pieces(text: str, found: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[Mapping[str, Any]]:
    at, lead = start, "…" if start else ""
    for left, right in found:
        if left < start or right > end:
            continue
        if lead or left > at:
            yield {"text": lead + text[at:left], "is_hit": False}
        yield {"text": text[left:right], "is_hit": True}
        at, lead = right, ""
    tail = lead + text[at:end] + ("…" if end < len(text) else "")
    if tail:
        yield {"text": tail, "is_hit": False}


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """The folded text and, for each of its characters, which character of `text` it came from."""
    if text.isascii():
        return text.lower(), range(len(text))
    pieces = [folded_char(char) for char in text]
    folded = "".join(pieces)
    if len(folded) == len(text) and all(len(piece) == 1 for piece in pieces):
        return folded, range(len(text))
    return folded, [at for at, piece in enumerate(pieces) for _ in piece]


def _end_of(origin: Sequence[int], end: int, length: int) -> int:
    """The character after the one that the last folded character came from, accents that were dropped included."""
    return origin[end] if end < len(origin) and origin[end] > origin[end - 1] else min(length, origin[end - 1] + 1)
