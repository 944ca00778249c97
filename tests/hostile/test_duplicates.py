"""A command sent many times at once under one key has one effect and one answer."""

import json
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from audit.models import Event
from catalog.models import Integration
from foundation.clock import db_now
from foundation.models import IdempotencyKey
from tests.given import Given

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 50


def test_fifty_duplicates_at_once_make_one_integration(live_server: Any, given: Given):
    """Over HTTP, from fifty threads: one row, one event, one answer; whoever was too early is told to ask again and gets the same."""
    given.now = db_now()
    given.team("payments", members=["olga"])
    body = {"slug": "one-and-only", "title": "One", "type": "flow", "team": "payments", "tier": 2, "endpoints": given.endpoints()}
    headers = {"Authorization": f"Bearer {given.token('olga')}", "Content-Type": "application/json", "Idempotency-Key": "once"}
    gate = threading.Barrier(TIMES)

    def send(_number: int, *, wait: bool = True) -> tuple[int, dict[str, str], bytes]:
        data = json.dumps(body).encode()
        call = urllib.request.Request(f"{live_server.url}/api/v1/integrations", data, headers, method="POST")  # noqa: S310 - http on loopback
        if wait:
            gate.wait(30)
        for _ in range(100):
            try:
                with urllib.request.urlopen(call, timeout=60) as reply:  # noqa: S310
                    return reply.status, dict(reply.headers), reply.read()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, dict(error.headers), error.read()
            except (ConnectionError, urllib.error.URLError):  # the test server's queue of connections is short: what a client would do
                continue
        raise AssertionError("the server took no connection in a hundred attempts")

    with ThreadPoolExecutor(TIMES) as pool:
        answers = list(pool.map(send, range(TIMES)))
    assert {status for status, _, _ in answers} <= {201, 409}, [answer for answer in answers if answer[0] not in {201, 409}][:2]
    made = [answer for answer in answers if answer[0] == 201]
    assert len({content for _, _, content in made}) == 1
    assert sum("Idempotency-Replayed" not in head for _, head, _ in made) == 1
    for status, head, content in answers:
        if status == 409:
            assert json.loads(content)["code"] == "idempotency-in-progress"
            assert int(head["Retry-After"]) >= 1
    again = send(0, wait=False)
    assert (again[0], again[2], again[1]["Idempotency-Replayed"]) == (201, made[0][2], "true")
    row = Integration.objects.get(slug="one-and-only")
    assert Event.objects.filter(subject_id=row.pk).count() == 1
    assert IdempotencyKey.objects.filter(key="once").count() == 1
