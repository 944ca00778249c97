"""Probes tell what is wrong, to whom it concerns, and nothing that is secret."""

import json
from datetime import timedelta

import pytest
from django.test import RequestFactory

from audit.models import Checkpoint
from config import health
from foundation.clock import db_now

pytestmark = pytest.mark.django_db
PROXIED = {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}


@pytest.fixture
def request_of():
    return lambda **meta: RequestFactory().get("/probe", **meta)


def test_healthz_needs_no_database(request_of, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert health.healthz(request_of()).status_code == 200


def test_readyz_is_red_and_says_why_while_no_worker_lives(request_of):
    answer = health.readyz(request_of())
    checks = json.loads(answer.content)["checks"]
    assert answer.status_code == 503
    assert [name for name, check in checks.items() if not check["ok"]] == ["worker"]
    assert checks["worker"]["detail"] == "no worker is connected"


def test_readyz_is_red_when_commits_may_be_lost(request_of, db):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    checks = json.loads(health.readyz(request_of()).content)["checks"]
    assert checks["durability"] == {"ok": False, "detail": "off: synchronous_commit"}


def test_readyz_tells_a_missing_database_without_its_address(request_of, monkeypatch):
    from django.db import OperationalError

    def refuse(*_args, **_kwargs):
        raise OperationalError("connection to server at 10.0.0.7 as portolan_app failed: password hunter2")

    monkeypatch.setattr(health.connection, "cursor", refuse)
    answer = health.readyz(request_of())
    assert answer.status_code == 503
    assert json.loads(answer.content)["checks"] == {"database": {"ok": False, "detail": "could not be asked (OperationalError)"}}


@pytest.mark.parametrize(
    ("meta", "token", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, "", 200),
        ({"REMOTE_ADDR": "::1"}, "", 200),
        ({"REMOTE_ADDR": "10.0.0.7"}, "", 403),
        ({"REMOTE_ADDR": ""}, "", 403),
        ({"REMOTE_ADDR": "127.0.0.1", **PROXIED}, "", 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_AUTHORIZATION": "Bearer ", **PROXIED}, "", 403),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer right", **PROXIED}, "right", 200),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer wrong"}, "right", 403),
        ({"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer \xe9"}, "right", 403),
    ],
)
def test_metrics_are_for_loopback_or_the_token(request_of, monkeypatch, meta, token, status):
    monkeypatch.setenv("PORTOLAN_METRICS_TOKEN", token)
    assert health.metrics(request_of(**meta)).status_code == status


def test_a_signer_that_refuses_makes_the_log_late(request_of, db):
    """Events go on getting places, so only the missing signature tells."""
    Checkpoint.objects.create(size=3, root=b"\0" * 32, origin="x", signed_note="n", created_at=db_now() - timedelta(hours=1))
    Checkpoint.objects.create(size=5, root=b"\0" * 32, origin="x", created_at=db_now())
    assert health._log_lag().ok, "a moment ago is not late"
    Checkpoint.objects.create(size=4, root=b"\0" * 32, origin="x", created_at=db_now() - timedelta(seconds=61))
    found = json.loads(health.readyz(request_of()).content)["checks"]["log"]
    assert (found["ok"], "no head was signed for 61" in found["detail"]) == (False, True)
