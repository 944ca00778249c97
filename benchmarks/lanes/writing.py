"""Lanes that change something: integrations, change requests and votes."""

import json
from itertools import count
from typing import Any

from benchmarks.estate import Estate
from benchmarks.fixture.integrations import version_of, word
from benchmarks.fixture.releases import NEWEST
from benchmarks.lanes.base import LANES, RUN, dice_of, send
from benchmarks.load import Lane, Request
from benchmarks.statements import send as send_here


def create(estate: Estate, number: int) -> Lane:
    dice = dice_of(number)
    for n in count():
        source, target = dice.sample(list(estate.systems), 2)
        item = dice.choice(estate.data_objects)
        ends = [
            {"system": source, "data_object": item, "role": "source", "operation": "read"},
            {"system": target, "data_object": item, "role": "target", "operation": "create"},
        ]
        yield send(
            "POST",
            "/integrations",
            estate.administrator,
            {**words_of(f"made-{RUN}-{number}-{n}"), "team": estate.teams[1], "endpoints": ends},
        )


def words_of(slug: str) -> dict[str, Any]:
    return {"slug": slug, "title": f"Made {slug}", "purpose": "Carries word01.", "type": "flow", "tier": 2, "tags": ["word02"]}


def update(estate: Estate, number: int) -> Lane:
    """A title and tags, each time by the version that the last answer gave."""
    mine = estate.slugs[number::LANES]
    versions = {slug: version_of(n) for n, slug in enumerate(estate.slugs)}
    for n in count():
        slug = mine[n % len(mine)]
        change = {"title": f"Title {n} of lane {number}", "tags": [word(n), word(n + 1)]}
        reply = yield send("PATCH", f"/integrations/{slug}", estate.administrator, change, **{"If-Match": f'"{versions[slug]}"'})
        if reply.status == 200:
            versions[slug] += 1


def submit(estate: Estate, _number: int) -> Lane:
    """Ask for production; what was opened is there for the voters."""
    targets = [{"environment": "production", "runtime": "agent"}]
    while estate.releasable:
        body = {"integration": estate.releasable.popleft(), "release": NEWEST, "targets": targets, "reason": "Measured."}
        reply = yield send("POST", "/change-requests", estate.administrator, body)
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
    return send("POST", f"/change-requests/{number}/votes", secret, {"value": "approve", "subject_digest": digest, "reason": "Seen."})


def supply_open(estate: Estate, seconds: float) -> None:
    estate.open_changes(_supply(seconds))


def supply_voted(estate: Estate, seconds: float) -> None:
    """First votes of the same supply, in process, where the scenario before did not leave enough."""
    wanted = _supply(seconds)
    if len(estate.voted) < wanted // 2:
        estate.open_changes(wanted)
        lane = vote(estate, 0)
        request = next(lane, None)
        while request is not None and len(estate.voted) < wanted:
            try:
                request = lane.send(send_here(request))
            except StopIteration:
                break


def _supply(seconds: float) -> int:
    return max(40, int(90 * seconds))
