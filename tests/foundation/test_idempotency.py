"""A command repeated under one key has one effect and one answer."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from foundation import idempotency
from foundation.clock import db_now
from foundation.models import IdempotencyKey


def rows():
    return IdempotencyKey.objects.filter(key__startswith="row:").count()


@pytest.mark.django_db
def test_the_same_command_gets_the_same_answer_without_its_secret(api):
    first = api().send({"name": "a"}, Idempotency_Key="k1")
    again = api().send({"name": "a"}, Idempotency_Key="k1")
    assert (again.status_code, again["Idempotency-Replayed"], rows()) == (201, "true", 1)
    assert all(again[name] == first[name] for name in ("ETag", "Location", "Audit-Event", "Content-Type"))
    assert {**again.json(), "secret": "s3cret"} == first.json()
    assert "secret" not in again.json()
    assert b"s3cret" not in bytes(IdempotencyKey.objects.get(key="k1").body)


@pytest.mark.django_db
def test_another_body_or_target_under_the_key_is_refused(api):
    api().send({"name": "a"}, Idempotency_Key="k1")
    for body, path in (({"name": "b"}, "/api/rows"), ({"name": "a"}, "/api/rows?x=1")):
        response = api().send(body, path=path, Idempotency_Key="k1")
        assert (response.status_code, response.json()["code"]) == (422, "idempotency-key-reused")


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "ä", "a\tb"])
def test_odd_keys_are_refused(api, key):
    response = api().send({"name": "a"}, Idempotency_Key=key)
    assert (response.status_code, response.json()["code"]) == (400, "bad-idempotency-key")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["frozen", "refuse", "crash"])
def test_only_success_is_kept(api, name):
    api().send({"name": name}, Idempotency_Key="k1")
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
def test_a_key_is_free_again_after_its_time_and_the_sweep_takes_it(api):
    api().send({"name": "a"}, Idempotency_Key="k1")
    IdempotencyKey.objects.filter(key="k1").update(expires_at=db_now() - timedelta(seconds=1))
    assert api().send({"name": "b"}, Idempotency_Key="k1").status_code == 201
    assert idempotency.sweep(now=db_now() + timedelta(hours=47)) == 2  # the two rows expire after a day
    assert idempotency.sweep(now=db_now() + timedelta(hours=49)) == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_make_one_effect(api):
    """F29: each is the one effect, its replay, or told that it is running."""
    statuses: Counter[tuple[int, str]] = Counter()
    gate = threading.Barrier(50)

    def send():
        client = api()
        gate.wait(30)
        try:
            response = client.send({"name": "a"}, Idempotency_Key="k1")
            statuses[response.status_code, response.json().get("code", "")] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert rows() == 1
    assert set(statuses) <= {(201, ""), (409, "idempotency-in-progress")}
    assert statuses[201, ""] >= 1
    assert statuses.total() == 50
