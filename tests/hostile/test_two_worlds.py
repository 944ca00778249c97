"""Two databases that differ only in what somebody may not see answer that person byte for byte alike, on every route.

Routes and their parameters are read from the code: the API's own description, and the portal's table of addresses. Ids come from a
counter, so that what both worlds have is the same in both; what one of them has besides takes its ids from another. Excepted are, by
decision 13: that a name is taken, numbers of change requests, places in the log and its size, and unnamed placeholders where a visible
entity itself declares the relation.
"""

import functools
import itertools
import re
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

import foundation.ids
from portal import urls as portal_urls
from tests.architecture.places import PACKAGES, ROOT
from tests.given import NOON
from tests.hostile import estate as estates
from tests.hostile.operations import Operation, filled, operations, resolved, variables
from tests.hostile.worlds import add_unseen, common

WHO = "eve"
WORDS = (
    "erp",
    "orders",
    "payments",
    "orders-to-erp",
    "unseen-flow",
    "needle",
    "customer.email",
    "system:erp",
    "true",
    "1",
    "csv",
    "2026-11-24T00:00:00Z",
)
LEFT_OUT = {"cursor", "as_of", "fields"}  # cursors are walked below; the past has tests of its own; fields choose among what is compared
# Places in the log and its size are what decision 13 excepts; tokens against forgery, and the prefixes of secrets, are random.
# How long ago something was, or how long it has, moves on between the worlds; the moment itself stands beside it.
RANDOM = re.compile(
    rb'csrfmiddlewaretoken" value="[^"]+"|"x-csrftoken": "[^"]+"|Log: <span class="num">\d+</span>|log \d+|index \d+'
    rb"|\d+ \w+ ago|just now|in \d+ \w+|\d+ \w+ late"
)
SECRETS = re.compile(rb'"prefix":"[^"]+"|"last_used_at":"[^"]+"')
NUMBER = re.compile(r"\b10000\d\d\b")
OURS = tuple(str(ROOT / package) for package in (*PACKAGES, "tests"))
PORTAL = {"collection": "systems", "slug": "erp", "source": "1", "act": "confirm"}  # what only pages have in their addresses
# What pages are asked besides; the bare addresses are read from the code.
ASKED_OF_PAGES = (
    "/integrations?q=needle",
    "/integrations?q=needlex",
    "/integrations?q=erp+needle",
    "/integrations?carries=need*&more=1",
    "/integrations?system=erp&more=1",
    "/integrations/export?system=erp&format=yaml",
    "/map?node=system:erp&depth=3",
    "/map?node=integration:open-one&depth=2&direction=upstream",
    "/map?node=integration:unseen-flow",
    "/map?node=integration:needle",
    "/map?node=data-object:orders",
    "/teams?q=pay",
    "/people/olga",
    "/stewardship?team=payments",
    "/integrations?owner=olga",
)
PLACES = {"integration": ("orders-to-erp", "open-one", "unseen-flow")}


class Ids:
    """UUIDs that depend on what is made, not on when: counted for each place in our code that asks for one.

    What only one world has counts for itself, so that it moves nothing that both have.
    """

    def __init__(self) -> None:
        self._counters: dict[tuple[bool, tuple[str, int]], int] = {}
        self._is_unseen = False

    def __call__(self) -> uuid.UUID:
        asked = (self._is_unseen, _asked_from())
        self._counters[asked] = self._counters.get(asked, 0) + 1
        place = [key for key in self._counters if key[0] is self._is_unseen].index(asked)
        number = (int(self._is_unseen) << 60) + (place << 30) + self._counters[asked]
        return uuid.UUID(int=(0x01930000_0000_7000_8000_000000000000 + number))

    @contextmanager
    def unseen(self) -> Iterator[None]:
        self._is_unseen = True
        try:
            yield
        finally:
            self._is_unseen = False


def _asked_from() -> tuple[str, int]:
    """The innermost line of ours that wants an id."""
    frame = sys._getframe(2)
    while frame.f_back is not None and (not frame.f_code.co_filename.startswith(OURS) or frame.f_code.co_name == "uuid7"):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


@contextmanager
def world(monkeypatch: pytest.MonkeyPatch, *, has_more: bool) -> Iterator[Any]:
    """An estate, with unseen things before and after everything else where `has_more`; gone at the end."""
    ids = Ids()
    monkeypatch.setattr(foundation.ids, "_uuid7", ids)
    monkeypatch.setattr(estates, "db_now", lambda: NOON)
    (Path(settings.PORTOLAN_KEYS_DIR) / "log_signed_head.json").unlink(missing_ok=True)  # each world has a log of its own
    with numbers_of_its_own(), transaction.atomic():
        try:
            made = estates.build(before=functools.partial(_begin, ids, has_more))
            if has_more:
                _add(ids, made.given, "late")
            yield made
        finally:
            transaction.set_rollback(True)


def _begin(ids: Ids, has_more: bool, given: Any) -> None:
    common(given)
    if has_more:
        _add(ids, given, "early")


def _add(ids: Ids, given: Any, when: str) -> None:
    with ids.unseen():
        add_unseen(given, when)


@contextmanager
def numbers_of_its_own() -> Iterator[None]:
    """Sequences are not rolled back: both worlds count from the same numbers on, and the tests that follow from where those before were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname || '.' || sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        before = cursor.fetchall()
    _count_from([(name, 1_000_000, True) for name, _ in before])
    try:
        yield
    finally:
        _count_from([(name, last or 1, last is not None) for name, last in before])


def _count_from(numbers: list[tuple[str, int, bool]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany("SELECT setval(%s::regclass, %s, %s)", numbers)


def reading() -> list[Operation]:
    return [each for each in operations() if each.method == "GET"]


def questions(operation: Operation) -> list[str]:
    """The bare question, and one for each value of each parameter that the description names."""
    found = [""]
    for parameter in operation.spec.get("parameters", []):
        if parameter["in"] == "query" and parameter["name"] not in LEFT_OUT:
            found += [f"?{parameter['name']}={value}" for value in values_of(resolved(parameter["schema"]))]
    return found


def values_of(schema: dict[str, Any]) -> list[str]:
    schema = resolved(schema.get("items", schema))
    if "enum" in schema:
        return [str(value) for value in schema["enum"]]
    if schema.get("type") == "boolean":
        return ["true", "false"]
    return ["1", "2", "50"] if schema.get("type") == "integer" else list(WORDS)


def paths(template: str, places: dict[str, str]) -> list[str]:
    """The path with what is visible, what is not, and what only one world has."""
    kinds = {kind for _, kind in variables(template)}
    choices = [[(kind, value) for value in PLACES[kind]] for kind in sorted(kinds & set(PLACES))]
    return [filled(template, places, **dict(chosen)) for chosen in itertools.product(*choices)]


def pages(places: dict[str, str]) -> list[str]:
    """Every address of the portal that is read."""
    found = []
    places = {**PORTAL, **places}
    for pattern in portal_urls.urlpatterns:
        template = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
        try:
            found += paths(template, places)
        except KeyError as missing:
            raise AssertionError(f"{template}: tests/hostile names no place for {missing}") from None
    return found


def answers(estate: Any) -> dict[str, tuple[int, bytes]]:
    """What the person is told, by question."""
    told = {}
    for operation in reading():
        for path, question in itertools.product(paths(operation.path, estate.places), questions(operation)):
            answer = estate.call(WHO, "GET", path + question, headers={"X-Request-ID": "the-same-for-both"})
            told[plain(path) + question] = (answer.status_code, SECRETS.sub(b"", plain(body(answer))))
    client = Client(raise_request_exception=False)
    client.force_login(estate.given.person(WHO), backend="django.contrib.auth.backends.ModelBackend")
    for path in [*pages(estate.places), *ASKED_OF_PAGES]:
        answer = client.get(path, headers={"X-Request-ID": "the-same-for-both"})
        told[plain(path)] = (answer.status_code, RANDOM.sub(b"", plain(body(answer))))
    return told


def plain(text: Any) -> Any:
    """Without numbers of change requests: the sequences begin at a million."""
    return NUMBER.sub("N", text) if isinstance(text, str) else NUMBER.sub("N", text.decode()).encode()


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_what_may_not_be_seen_changes_no_byte_of_any_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with world(monkeypatch, has_more=False) as poor:
        fewer = answers(poor)
    with world(monkeypatch, has_more=True) as rich:
        more = answers(rich)
    assert len(fewer) > 1_000
    assert fewer.keys() == more.keys()
    other = {question: (fewer[question], more[question]) for question in fewer if fewer[question] != more[question]}
    shown = "\n".join(f"{question}\n  {one}\n  {two}" for question, (one, two) in sorted(other.items())[:10])
    assert not other, f"{len(other)} answers differ:\n{shown[:8000]}"
    assert not [question for question, (status, _) in more.items() if status >= 500]
    assert sum(status == 200 for status, _ in more.values()) > len(more) // 3
