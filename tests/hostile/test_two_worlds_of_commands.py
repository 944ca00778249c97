"""A command is no oracle: in two databases that differ only in what somebody may not see, each of their commands is answered alike.

Commands are read from the API's own description. Each is sent to what the stranger has (on which the hidden integration leans, in the
richer world), with every text of its body in turn replaced by the name of what is hidden and of what is not, and to the hidden
integration's own address. Each is undone before the next. Excepted: that a name is taken (decision 13), and that a deletion plan counts,
without a name, what it would break (docs/deletion.md).
"""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.hostile.operations import Operation, example, filled, operations, put, text_fields
from tests.hostile.own import CONNECTION, FLOW, PART, add_own, lean_on
from tests.hostile.test_access_matrix import BODIES
from tests.hostile.test_two_worlds import SECRETS, body, plain, world
from tests.hostile.worlds import SLUGS

WHO = "eve"
UNSEEN = SLUGS["late"]
WORDS = (UNSEEN, FLOW, "erp")
# What the examples name, and what the stranger has instead.
OWN = {"payments": "logistics", "orders-to-erp": FLOW, "round-amounts": PART, "erp-production": CONNECTION}
MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
SECRET = re.compile(rb'"secret":"[^"]+"')
TOKEN = re.compile(rb'"key":"token:\w{8}","kind":"token","name":"\w{8}"')  # is called by the beginning of its secret
TAKEN = {"slug-taken", "name-taken"}


def commands() -> list[Operation]:
    return [each for each in operations() if each.method != "GET"]


def bodies(operation: Operation, places: dict[str, str]) -> Iterator[bytes]:
    """The example as the stranger would send it, and one with each word at each place of a text."""
    if operation.body is None:
        yield b""
        return
    given = json.dumps({**example(operation.body), **BODIES.get(operation.id, {})})
    base = json.loads(re.sub(r'"([\w-]+)"', lambda found: f'"{OWN.get(found[1], found[1])}"', given))
    if operation.id == "change_requests_vote":
        base["subject_digest"] = places["digest"]
    yield json.dumps(base).encode()
    for (place, _schema), word in itertools.product(text_fields(operation.body), WORDS):
        yield json.dumps(put(base, place, word, operation.body)).encode()


def answers(estate: Any, own: dict[str, str]) -> dict[str, tuple[int, bytes]]:
    """What the stranger is told, by command; every command is undone."""
    told = {}
    for operation in commands():
        mine = {**estate.places, **own}
        asked = [(filled(operation.path, mine), data) for data in bodies(operation, mine)]
        unseen = filled(operation.path, {**mine, "integration": UNSEEN})
        for path, data in dict.fromkeys([*asked, (unseen, asked[0][1])]):
            told[f"{operation.id} {plain(path)} {plain(data)!r}"] = answered(estate, operation, path, data)
    return told


def answered(estate: Any, operation: Operation, path: str, data: bytes) -> tuple[int, bytes]:
    """Status and body, without moments, ids and secrets, which are new each time."""
    with transaction.atomic():
        headers = {"If-Match": '"1"', "X-Request-ID": "the-same-for-both"}
        answer = estate.call(WHO, operation.method, path, data, headers=headers)
        transaction.set_rollback(True)
    shown = TOKEN.sub(b"", SECRET.sub(b"", SECRETS.sub(b"", plain(body(answer)))))
    if operation.id.endswith("deletion_plan_create") and answer.status_code == 200:
        shown = uncounted(shown)
    return answer.status_code, ID.sub(b"<id>", MOMENT.sub(b"<moment>", shown))


def uncounted(plan: bytes) -> bytes:
    """A deletion plan without how many releases pin a component, and the token that is bound to them."""
    told = json.loads(plan)
    pins = [group for group in told["dependants"] if group["group"] == "pins"]
    told |= {"token": "", "dependants": [{**group, "count": 0, "hidden": 0} if group in pins else group for group in told["dependants"]]}
    return json.dumps(told).encode()


def is_excepted(told: tuple[int, bytes]) -> bool:
    """That a name is taken may be learnt, and nothing else of who has it."""
    return told[0] == 409 and json.loads(told[1])["code"] in TAKEN and not any(name.encode() in told[1] for name in ("needle", "olga"))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_what_may_not_be_seen_changes_the_answer_to_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    with world(monkeypatch, has_more=False) as poor:
        fewer = answers(poor, add_own(poor))
    with world(monkeypatch, has_more=True) as rich:
        own = add_own(rich)
        lean_on(rich.given, UNSEEN)
        more = answers(rich, own)
    assert len(fewer) > 500
    assert {key.partition(" ")[0] for key in fewer} == {each.id for each in commands()}
    assert not fewer.keys() ^ more.keys()
    other = {key: (fewer[key], more[key]) for key in fewer if fewer[key] != more[key] and not is_excepted(more[key])}
    shown = "\n".join(f"{key}\n  {one}\n  {two}" for key, (one, two) in sorted(other.items())[:10])
    assert not other, f"{len(other)} answers differ:\n{shown[:8000]}"
    assert not [key for key, (status, _) in more.items() if status >= 500]
    done = {key.partition(" ")[0] for key, (status, _) in more.items() if status < 300}
    assert len(done) > 25, sorted({each.id for each in commands()} - done)
