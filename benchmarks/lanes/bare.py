"""Lanes of the bare reference."""

import json
from collections.abc import Callable
from itertools import count

from benchmarks.estate import Estate
from benchmarks.fixture.integrations import WORDS, word
from benchmarks.lanes.base import LANES, RUN, dice_of, some
from benchmarks.lanes.runtime import batch
from benchmarks.lanes.writing import words_of
from benchmarks.load import Lane, Request


def _bare(path: str) -> Callable[[Estate, int], Lane]:
    def lane(_estate: Estate, _number: int) -> Lane:
        while True:
            yield Request("GET", path)

    return lane


def _bare_detail(estate: Estate, number: int) -> Lane:
    for slug in some(estate, number):
        yield Request("GET", f"/one/{slug}")


def _bare_deep(estate: Estate, _number: int) -> Lane:
    after = estate.slugs[int(len(estate.slugs) * 0.9)]
    while True:
        yield Request("GET", f"/deep?after={after}")


def _bare_search(_estate: Estate, number: int) -> Lane:
    dice = dice_of(number)
    while True:
        yield Request("GET", f"/search?q={word(dice.randrange(WORDS))}")


def _bare_insert(estate: Estate, number: int) -> Lane:
    for n in count():
        yield Request("POST", "/insert", json.dumps({**words_of(f"bare-{RUN}-{number}-{n}"), "team_id": str(estate.team_ids[1])}).encode())


def _bare_row(_estate: Estate, _number: int) -> Lane:
    while True:
        yield Request("POST", "/row", json.dumps({"value": "approve", "reason": "Seen."}).encode())


def _bare_intake(estate: Estate, number: int) -> Lane:
    for n in count():
        yield Request("POST", "/intake", batch(estate, LANES + number, n))


BARE: dict[str, Callable[[Estate, int], Lane]] = {
    "list": _bare("/list"),
    "deep": _bare_deep,
    "search": _bare_search,
    "detail": _bare_detail,
    "insert": _bare_insert,
    "row": _bare_row,
    "intake": _bare_intake,
}
