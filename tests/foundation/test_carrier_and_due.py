"""A wake-up arrives after commit and never fails its command; due rows are shared without doubles."""

import logging
import random
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction

from foundation import carrier, due
from foundation.clock import db_now
from foundation.models import IdempotencyKey
from tests.foundation import world


@pytest.fixture
def heard(settings):
    """Bursts from a listener thread that is already listening, and the event that ends it."""
    settings.CELERY_BROKER_URL = ""
    stop, ready, arrived, found = threading.Event(), threading.Event(), threading.Event(), []

    def run():
        for burst in carrier.listen(stop, timeout_s=0.2):
            found.extend(burst)
            ready.set()
            if found:
                arrived.set()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(10)
    yield found, arrived
    stop.set()
    thread.join(10)


@pytest.mark.django_db(transaction=True)
def test_a_wake_up_arrives_after_commit_only(heard):
    found, arrived = heard
    with transaction.atomic():
        carrier.wake("a.task", slot_id="1")
        transaction.set_rollback(True)
    with transaction.atomic():
        carrier.wake("b.task", slot_id="2")
    assert arrived.wait(10)
    assert carrier.Wake("b.task", {"slot_id": "2"}) in found
    assert "a.task" not in {wake.name for wake in found}


@pytest.mark.django_db(transaction=True)
def test_the_listener_survives_its_connection_and_foreign_notices(heard):
    found, arrived = heard
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('portolan_wake', 'not json')")
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'"
        )
        assert cursor.fetchone() == (1,)
    for _ in range(100):  # until the rebuilt connection hears one of them
        carrier.wake("c.task")
        if arrived.wait(0.1):
            break
    assert {wake.name for wake in found} == {"c.task"}


@pytest.mark.django_db(transaction=True)
def test_a_carrier_in_trouble_is_counted_and_never_fails_the_command(settings, monkeypatch, caplog):
    settings.CELERY_BROKER_URL = ""
    monkeypatch.setattr(carrier, "_by_notify", lambda *_a: 1 / 0)
    before = carrier.LOST.labels(task="d.task")._value.get()
    with caplog.at_level(logging.WARNING), transaction.atomic():
        carrier.wake("d.task")
    assert carrier.LOST.labels(task="d.task")._value.get() == before + 1


def test_with_a_broker_the_task_is_sent_by_name(settings, monkeypatch):
    import celery

    settings.CELERY_BROKER_URL = "memory://"
    sent = []
    monkeypatch.setattr(celery.current_app, "send_task", lambda name, kwargs, **_o: sent.append((name, kwargs)))
    carrier._send("e.task", {"id": "1"})
    assert sent == [("e.task", {"id": "1"})]


def test_back_off_is_jittered_and_never_beyond_the_cap():
    rng = random.Random(1)
    assert all(0 <= due.backoff_s(n, base=2, factor=2, cap=300, rng=rng) <= min(300, 2**n) for n in range(1, 60))
    top = type("Top", (), {"uniform": staticmethod(lambda _a, b: b)})()
    assert [due.backoff_s(n, rng=top) for n in (0, 1, 2, 3, 8, 9, 10_000)] == [2, 2, 4, 8, 256, 300, 300]


@pytest.mark.django_db(transaction=True)
def test_due_rows_are_taken_once_and_come_back_when_the_lease_runs_out():
    now = db_now()
    IdempotencyKey.objects.bulk_create(
        IdempotencyKey(owner=uuid.UUID(int=1), key=f"{n}", fingerprint="x", status=200, body=b"", expires_at=now + timedelta(seconds=n - 5))
        for n in range(8)
    )
    taken, gate = [], threading.Barrier(4)

    def work():
        gate.wait(10)
        try:
            for _ in range(3):
                taken.extend(due.claim(IdempotencyKey.objects.filter(owner=world.ANN), column="expires_at", limit=2, lease_s=60))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(taken) == sorted(IdempotencyKey.objects.filter(key__lte="5").values_list("pk", flat=True))
    IdempotencyKey.objects.filter(pk=taken[0]).update(expires_at=now)
    assert due.claim(IdempotencyKey.objects.all(), column="expires_at", limit=9, lease_s=60) == [taken[0]]
