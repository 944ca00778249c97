"""What may have been meant where a search finds nothing: a word spelt otherwise, its beginning, or one condition less.

Each is counted for the viewer as the list would count it, so nothing is offered that would be empty too, and nothing tells of what may
not be seen. The only words that spellings are taken from are names of the landscape, which everybody sees.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from accounts.domain.viewers import Viewer
from accounts.models import Team
from catalog.models import Component, DataObject, Domain, Integration, System
from catalog.selectors.finding import FILTERS, narrowed
from foundation.filters import BadQuery, typed_words
from foundation.searching import words_of

MOST_OFFERED, MOST_TRIED, MOST_NAMES = 4, 16, 5_000
SHORTEST, NEAR_ENOUGH = 3, 0.75
_NOT_ASKED = ("count", "cursor", "fields", "limit", "sort")


@dataclass(frozen=True, slots=True)
class Near:
    """Another question, as parameters of the list, and how many it finds. `without` is what it leaves away, "" where it asks otherwise."""

    params: Mapping[str, str]
    count: int = 0
    without: str = ""


def nearby(given: Mapping[str, str], viewer: Viewer) -> list[Near]:
    """At most `MOST_OFFERED` questions near `given` that find something, other spellings first; at most `MOST_TRIED` counts."""
    base = {name: value for name, value in given.items() if name not in _NOT_ASKED}
    found: list[Near] = []
    tries = MOST_TRIED
    for choices in _others(base):
        for near in choices[:tries]:
            tries -= 1
            if count := _count(near.params, viewer):
                found.append(replace(near, count=count))
                break  # the likeliest of these is enough
    return found[:MOST_OFFERED]


def _count(params: Mapping[str, str], viewer: Viewer) -> int:
    try:
        plan, rest = narrowed(Integration.objects.visible_to(viewer), FILTERS.parse(params))
    except BadQuery:  # only words to leave out remain, say
        return 0
    return rest.apply(plan).order_by().count()


def _others(base: Mapping[str, str]) -> Iterator[list[Near]]:
    """Spellings of each word, then one condition less at a time: lists of which the first that finds something is wanted."""
    words = typed_words(base.get("q", ""))
    rest = {name: value for name, value in base.items() if name != "q"}
    for at, word in enumerate(words):
        others = [*words[:at], *words[at + 1 :]]  # the word that may go on is the last one
        yield [Near({**rest, "q": " ".join([*others, spelt])}) for spelt in _spelt_otherwise(word)]
    if len(words) > 1:
        yield from ([Near({**rest, "q": " ".join([*words[:at], *words[at + 1 :]])}, without=word)] for at, word in enumerate(words))
    if len(base) > 1:
        for name, value in rest.items():
            yield [Near({key: kept for key, kept in base.items() if key != name}, without=f"{name}:{value}")]


def _spelt_otherwise(word: str) -> list[str]:
    """The nearest names of the landscape, then ever shorter beginnings."""
    parts = words_of(word)
    if len(parts) != 1 or word.startswith(("-", '"')) or len(parts[0]) <= SHORTEST:
        return []
    (folded,) = parts
    close = [each for each in get_close_matches(folded, _names(), n=2, cutoff=NEAR_ENOUGH) if each != folded]
    return [*close, *(folded[:length] for length in range(len(folded) - 1, max(SHORTEST, len(folded) // 2) - 1, -1))]


def _names() -> list[str]:
    present = [model.objects.filter(tombstoned_at__isnull=True) for model in (System, DataObject, Component, Domain)]
    rows = Team.objects.order_by().values_list("title").union(*(plan.order_by().values_list("title") for plan in present))
    return sorted({word for (title,) in rows[:MOST_NAMES] for word in words_of(title)})
