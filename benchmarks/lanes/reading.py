"""Lanes that read: lists, facets, search, one integration, the map, the past, and everything as a sheet."""

import json
from collections.abc import Callable

from benchmarks.estate import Estate
from benchmarks.fixture.integrations import RARE_IN, REGIONS, WORDS, rare_word, word
from benchmarks.lanes.base import dice_of, get, some
from benchmarks.load import Lane

FACETS = ("team", "stage", "tier", "type", "system", "domain")


def list_of(limit: int, who: str = "administrator", query: str = "") -> Callable[[Estate, int], Lane]:
    """The first page."""

    def lane(estate: Estate, _number: int) -> Lane:
        while True:
            yield get(f"/integrations?limit={limit}{query}", getattr(estate, who))

    return lane


def filtered(estate: Estate, number: int) -> Lane:
    """What few have: three filters that are narrow together."""
    dice = dice_of(number)
    while True:
        query = f"team={dice.choice(estate.teams)}&stage=live&system={dice.choice(estate.systems[:40])}&sort=-changed_at"
        yield get(f"/integrations?limit=50&{query}", estate.limited)


def five_filters(limit: int = 50) -> Callable[[Estate, int], Lane]:
    """What many have, by five filters, one of them on endpoints."""

    def lane(estate: Estate, number: int) -> Lane:
        dice = dice_of(number)
        while True:
            yield get(f"/integrations?limit={limit}&{_five(estate, dice)}", estate.limited)

    return lane


def facets(estate: Estate, number: int) -> Lane:
    """The six facets beside the same list."""
    dice = dice_of(number)
    while True:
        yield get(f"/integrations/facets?facets={','.join(FACETS)}&{_five(estate, dice)}", estate.limited)


def all_facets(estate: Estate, _number: int) -> Lane:
    """The six facets of everything: the most that can be counted."""
    while True:
        yield get(f"/integrations/facets?facets={','.join(FACETS)}", estate.limited)


def _five(estate: Estate, dice) -> str:
    """The page is full at fifty thousand; the system is among the busy ones."""
    stage, tiers, region = "live,tested", dice.choice(("1,2", "2,3", "1,3")), dice.choice(REGIONS)
    return f"stage={stage}&tier={tiers}&type=flow,api,file-transfer&label=region:{region}&system={dice.choice(estate.systems[:10])}"


def deep(estate: Estate, _number: int) -> Lane:
    """The page after nine tenths of the list, by the cursor that walking there gives."""
    cursor = _cursor_at(estate, 0.9)
    while True:
        yield get(f"/integrations?limit=50&cursor={cursor}", estate.administrator)


def _cursor_at(estate: Estate, share: float) -> str:
    from benchmarks.statements import send

    step = min(200, max(10, estate.scale // 20))
    while not estate.cursor or estate.walked < estate.scale * share:
        page = json.loads(send(get(f"/integrations?limit={step}&cursor={estate.cursor}", estate.administrator)).body)
        estate.cursor, estate.walked = page["next"], estate.walked + step
    return estate.cursor


def detail(estate: Estate, number: int) -> Lane:
    """One integration with all that a detail shows."""
    for slug in some(estate, number):
        yield get(f"/integrations/{slug}", estate.limited)


def search(estate: Estate, number: int) -> Lane:
    """A word that one integration in fifty has: ranked, with marks."""
    dice = dice_of(number)
    while True:
        yield get(f"/integrations?limit=50&q={word(dice.randrange(WORDS))}", estate.limited)


def search_rare(estate: Estate, number: int) -> Lane:
    """A word that ten have."""
    dice = dice_of(number)
    while True:
        yield get(f"/integrations?limit=50&q={rare_word(dice.randrange(max(RARE_IN, estate.scale)))}", estate.limited)


def suggest(estate: Estate, number: int) -> Lane:
    """The first letters of something."""
    dice = dice_of(number)
    while True:
        typed = dice.choice((f"system-0{dice.randrange(10)}", f"integ {word(dice.randrange(WORDS))}", f"field_{dice.randrange(10)}", "obj"))
        yield get(f"/search/suggestions?q={typed.replace(' ', '%20')}", estate.limited)


def graph_around(estate: Estate, _number: int) -> Lane:
    """One step around the busiest system."""
    while True:
        yield get(f"/graph?node=system:{estate.systems[0]}&depth=1", estate.limited)


def closure(estate: Estate, _number: int) -> Lane:
    """Everything within six steps of the busiest system, up to ten thousand nodes."""
    while True:
        yield get(f"/graph?node=system:{estate.systems[0]}&depth=6&limit=10000", estate.limited)


def past_list(estate: Estate, _number: int) -> Lane:
    """The first page as it was before a quarter of them were changed."""
    while True:
        yield get(f"/integrations?limit=50&as_of={estate.past}", estate.limited)


def past_relations(estate: Estate, _number: int) -> Lane:
    """The first page of all typed relations that stood then."""
    while True:
        yield get(f"/relations?limit=50&as_of={estate.related}", estate.limited)


def export(estate: Estate, _number: int) -> Lane:
    """Every visible integration as CSV."""
    while True:
        yield get("/integrations/export", estate.administrator)
