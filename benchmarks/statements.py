"""How many SQL statements one request takes: the same requests, in process, through the same URLs."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.load import Lane, Reply, Request

_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE SAVEPOINT")
WARM = 2


def send(request: Request) -> Reply:
    """Through Django's test client, with the whole middleware."""
    kind = {"content_type": "application/json"} if request.body else {}
    answer = Client().generic(request.method, request.path, request.body, headers=dict(request.headers), **kind)
    return Reply(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content)


def count(lane: Lane) -> tuple[int, int, int]:
    """(statements, transaction control statements beside them, status) of the lane's third request: caches are warm by then."""
    request = next(lane)
    for _ in range(WARM):
        request = lane.send(send(request))
    with CaptureQueriesContext(connection) as captured:
        reply = send(request)
    told = [query["sql"] for query in captured.captured_queries]
    control = sum(statement.startswith(_CONTROL) for statement in told)
    return len(told) - control, control, reply.status
