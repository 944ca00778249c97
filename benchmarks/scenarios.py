"""What is asked of the service, as endless lanes of requests, and which bare request each is held against."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any
from uuid import uuid4

from benchmarks.estate import Estate, word
from benchmarks.load import Lane, Reply, Request

CONNECTIONS = 8
LANES = CONNECTIONS + 2  # one more to count statements with, and one to spare
READINGS = 100
OK = frozenset({200})
_RUN = uuid4().hex[:8]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`lane(estate, number)` gives the requests of one connection. `bare` names its reference in BARE.

    `prepare(estate, seconds)` makes the supply of what can be used only once.
    """

    name: str
    lane: Callable[[Estate, int], Lane]
    bare: str
    expected: frozenset[int] = OK
    connections: int = CONNECTIONS
    prepare: Callable[[Estate, float], None] | None = None
    params: dict[str, Any] = field(default_factory=dict)


def _get(path: str, secret: str, **headers: str) -> Request:
    return Request("GET", f"/api/v1{path}", headers={"Authorization": f"Bearer {secret}", "Accept": "application/json", **headers})


def _send(method: str, path: str, secret: str, body: Any, **headers: str) -> Request:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(method, f"/api/v1{path}", data, {"Authorization": f"Bearer {secret}", "Accept": "application/json", **headers})


def _dice(lane: int) -> random.Random:
    return random.Random(1000 + lane)


def _some(estate: Estate, lane: int) -> Iterator[str]:
    """Slugs of integrations that everybody sees, in an order of the lane's own."""
    dice = _dice(lane)
    seen = [slug for n, slug in enumerate(estate.slugs) if n % 10]
    while True:
        yield dice.choice(seen)


def list_of(limit: int, who: str = "administrator", query: str = "") -> Callable[[Estate, int], Lane]:
    """The first page."""

    def lane(estate: Estate, _number: int) -> Lane:
        while True:
            yield _get(f"/integrations?limit={limit}{query}", getattr(estate, who))

    return lane


def filtered(estate: Estate, number: int) -> Lane:
    dice = _dice(number)
    while True:
        query = f"team=team-{dice.randrange(50):02}&stage=live&system=system-{dice.randrange(40):02}&sort=-changed_at"
        yield _get(f"/integrations?limit=50&{query}", estate.limited)


def deep(estate: Estate, _number: int) -> Lane:
    """The page after nine tenths of the list, by the cursor that walking there gives."""
    cursor = _cursor_at(estate, 0.9)
    while True:
        yield _get(f"/integrations?limit=50&cursor={cursor}", estate.administrator)


def _cursor_at(estate: Estate, share: float) -> str:
    from benchmarks.statements import send

    step = min(200, max(10, estate.scale // 20))
    while not estate.cursor or estate.walked < estate.scale * share:
        page = json.loads(send(_get(f"/integrations?limit={step}&cursor={estate.cursor}", estate.administrator)).body)
        estate.cursor, estate.walked = page["next"], estate.walked + step
    return estate.cursor


def detail(estate: Estate, number: int) -> Lane:
    for slug in _some(estate, number):
        yield _get(f"/integrations/{slug}", estate.limited)


def search(estate: Estate, number: int) -> Lane:
    dice = _dice(number)
    while True:
        yield _get(f"/integrations?limit=50&q={word(dice.randrange(100))}", estate.limited)


def create(estate: Estate, number: int) -> Lane:
    dice = _dice(number)
    for n in count():
        source, target = dice.sample(list(estate.systems), 2)
        item = dice.choice(estate.data_objects)
        ends = [
            {"system": source, "data_object": item, "role": "source", "operation": "read"},
            {"system": target, "data_object": item, "role": "target", "operation": "create"},
        ]
        yield _send(
            "POST", "/integrations", estate.administrator, {**_words(f"made-{_RUN}-{number}-{n}"), "team": "team-01", "endpoints": ends}
        )


def _words(slug: str) -> dict[str, Any]:
    return {"slug": slug, "title": f"Made {slug}", "purpose": "Carries word01.", "type": "flow", "tier": 2, "tags": ["word02"]}


def update(estate: Estate, number: int) -> Lane:
    """A title and tags, each time by the version that the last answer gave."""
    mine = estate.slugs[number::LANES]
    versions = dict.fromkeys(mine, 1)
    for n in count():
        slug = mine[n % len(mine)]
        change = {"title": f"Title {n} of lane {number}", "tags": [word(n), word(n + 1)]}
        reply = yield _send("PATCH", f"/integrations/{slug}", estate.administrator, change, **{"If-Match": f'"{versions[slug]}"'})
        if reply.status == 200:
            versions[slug] += 1


def submit(estate: Estate, _number: int) -> Lane:
    """Ask for production; what was opened is there for the voters."""
    targets = [{"environment": "production", "runtime": "agent"}]
    while estate.releasable:
        body = {"integration": estate.releasable.popleft(), "release": "1.0.0", "targets": targets, "reason": "Measured."}
        reply = yield _send("POST", "/change-requests", estate.administrator, body)
        if reply.status == 201:
            made = json.loads(reply.body)
            estate.opened.append((made["number"], made["subject_digest"]))


def vote(estate: Estate, _number: int) -> Lane:
    """The first of two approvals: recorded, judged, not enough."""
    while estate.opened:
        number, digest = estate.opened.popleft()
        reply = yield _vote(number, digest, estate.voters[0])
        if reply.status == 201:
            estate.voted.append((number, digest))


def deciding_vote(estate: Estate, _number: int) -> Lane:
    """The second: approves, and writes desired state in the same transaction."""
    while estate.voted:
        number, digest = estate.voted.popleft()
        yield _vote(number, digest, estate.voters[1])


def _vote(number: int, digest: str, secret: str) -> Request:
    return _send("POST", f"/change-requests/{number}/votes", secret, {"value": "approve", "subject_digest": digest, "reason": "Seen."})


def _supply_open(estate: Estate, seconds: float) -> None:
    estate.open_changes(_supply(seconds))


def _supply_voted(estate: Estate, seconds: float) -> None:
    """First votes of the same supply, in process, where the scenario before did not leave enough."""
    from benchmarks.statements import send

    wanted = _supply(seconds)
    if len(estate.voted) < wanted // 2:
        estate.open_changes(wanted)
        lane = vote(estate, 0)
        request = next(lane, None)
        while request is not None and len(estate.voted) < wanted:
            try:
                request = lane.send(send(request))
            except StopIteration:
                break


def _supply(seconds: float) -> int:
    return max(6, int(90 * seconds))


def batch(estate: Estate, number: int, n: int) -> bytes:
    """A hundred readings with keys of their own."""
    moment = datetime.now(tz=UTC).isoformat().replace("+00:00", "Z")
    slots = estate.slots
    reports = [
        {
            "key": f"{_RUN}-{number}-{n}-{index}",
            "slot": str(slots[index % len(slots)].id),
            "integration": slots[index % len(slots)].integration.slug,
            "environment": "production",
            "digest": manifest_digest(),
            "window_start": moment,
            "window_end": moment,
            "runs_started": 3,
            "runs_succeeded": 3,
            "runs_failed": 0,
            "records_read": 120,
            "records_written": 120,
            "records_failed": 0,
            "latency_ms": {"count": 3, "sum": 31.5, "max": 14.25},
            "errors": [],
            "seq": n,
        }
        for index in range(READINGS)
    ]
    return json.dumps({"reports": reports}).encode()


@cache
def manifest_digest() -> str:
    """Of the release that every slot should run."""
    from benchmarks.estate import MANIFEST
    from foundation.canonical import digest_of

    return digest_of(MANIFEST)


def intake(estate: Estate, number: int) -> Lane:
    for n in count():
        yield _send("POST", "/runtime/health-reports", estate.runtime, batch(estate, number, n))


def pull(estate: Estate, _number: int) -> Lane:
    """An agent that has nothing yet: the whole signed envelope."""
    while True:
        yield _get("/runtime/desired", estate.runtime)


def poll(estate: Estate, _number: int) -> Lane:
    """An agent that asks again: nothing new."""
    reply: Reply = yield _get("/runtime/desired", estate.runtime)
    while True:
        known = reply.headers.get("etag", '""')
        reply = yield _get("/runtime/desired", estate.runtime, **{"If-None-Match": known})


SCENARIOS: Sequence[Scenario] = (
    Scenario("list50_administrator", list_of(50), "list"),
    Scenario("list50_limited", list_of(50, "limited"), "list"),
    Scenario("list50_filtered", filtered, "list"),
    Scenario("list50_one_connection", list_of(50, "limited"), "list", connections=1),
    Scenario("deep_page", deep, "deep", params={"at": 0.9}),
    Scenario("detail", detail, "detail"),
    Scenario("search", search, "search"),
    Scenario("create", create, "insert", frozenset({201})),
    Scenario("update", update, "insert"),
    Scenario("submit", submit, "row", frozenset({201})),
    Scenario("vote", vote, "row", frozenset({201}), prepare=_supply_open),
    Scenario("deciding_vote", deciding_vote, "row", frozenset({201}), prepare=_supply_voted),
    Scenario("intake", intake, "intake", params={"batch": READINGS}),
    Scenario("pull_all", pull, "detail", params={"slots": 50}),
    Scenario("pull_unchanged", poll, "detail", frozenset({200, 304}), params={"slots": 50}),
)


def _bare(path: str) -> Callable[[Estate, int], Lane]:
    def lane(_estate: Estate, _number: int) -> Lane:
        while True:
            yield Request("GET", path)

    return lane


def _bare_detail(estate: Estate, number: int) -> Lane:
    for slug in _some(estate, number):
        yield Request("GET", f"/one/{slug}")


def _bare_deep(estate: Estate, _number: int) -> Lane:
    after = estate.slugs[int(len(estate.slugs) * 0.9)]
    while True:
        yield Request("GET", f"/deep?after={after}")


def _bare_search(_estate: Estate, number: int) -> Lane:
    dice = _dice(number)
    while True:
        yield Request("GET", f"/search?q={word(dice.randrange(100))}")


def _bare_insert(estate: Estate, number: int) -> Lane:
    for n in count():
        yield Request("POST", "/insert", json.dumps({**_words(f"bare-{_RUN}-{number}-{n}"), "team_id": str(estate.team_ids[1])}).encode())


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
