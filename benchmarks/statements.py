"""How many SQL statements one request takes: the same requests, in process, through the same URLs."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.load import Lane, Reply, Request
from benchmarks.plans import Plans, Scan

_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE SAVEPOINT")
WARM = 2
LARGE = 100_000  # rows


def send(request: Request) -> Reply:
    """Through Django's test client, with the whole middleware."""
    kind = {"content_type": "application/json"} if request.body else {}
    answer = Client().generic(request.method, request.path, request.body, headers=dict(request.headers), **kind)
    return Reply(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, _body_of(answer))


def _body_of(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@dataclass(frozen=True, slots=True)
class Counted:
    """What one request asked of the database: how many statements, how many that only control transactions, and all their texts."""

    sql: int
    control: int
    status: int
    texts: Sequence[str]

    def scans(self) -> list[Scan]:
        """Large tables that it would read from end to end."""
        plans = Plans()
        plans.look_at(self.texts)
        return plans.sequential(over_rows=LARGE)


def count(lane: Lane, warm: int = WARM) -> Counted:
    """Of the lane's third request, or after so many others: caches are warm by then."""
    request = next(lane)
    for _ in range(warm):
        request = lane.send(send(request))
    with CaptureQueriesContext(connection) as captured:
        reply = send(request)
    told = [query["sql"] for query in captured.captured_queries]
    control = sum(statement.startswith(_CONTROL) for statement in told)
    return Counted(len(told) - control, control, reply.status, told)
