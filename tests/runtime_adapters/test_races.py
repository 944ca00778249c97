"""Real threads on real connections: one send, whoever comes first."""

import threading

import pytest
from django.db import connection, transaction

from foundation.clock import db_now
from runtime_adapters import tasks
from runtime_adapters.intake import native
from runtime_adapters.models import Deployment, HealthReading, HealthState, Slot
from runtime_adapters.services import deployments, health
from runtime_adapters.services.reconcile import reconcile
from tests.given.delivery import DISPATCHER, deployment_of

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """Run every call in a thread of its own, all started together; return what they raised."""
    gate, raised = threading.Barrier(len(calls)), []

    def run(call):
        try:
            gate.wait(timeout=10)
            call()
        except Exception as error:  # noqa: BLE001 - a thread's failure is judged by the test
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return raised


def test_two_workers_send_once(stage, world):
    deployment = stage.given.desire(stage.slot, stage.first)
    assert at_once(*[lambda: reconcile(slot_id=stage.slot.id)] * 6) == []
    reconcile(slot_id=stage.slot.id)
    assert deployment_of(deployment.id).state == "succeeded"
    assert world.calls.count("apply") == 1
    assert list(world.effects.values()) == [1]


def test_a_worker_and_a_dispatch_never_leave_an_older_generation_running(stage, world):
    for _ in range(5):
        stage.given.desire(stage.slot, stage.first)
        raised = at_once(lambda: reconcile(slot_id=stage.slot.id), lambda: stage.given.desire(stage.slot, stage.second))
        assert raised == []
    Deployment.objects.filter(settled_at__isnull=True).update(next_attempt_at=db_now())
    reconcile(slot_id=stage.slot.id)
    newest = Deployment.objects.order_by("-generation").first()
    assert newest.generation == 10
    assert world.held[stage.slot.id]["digest"] == newest.digest
    assert Deployment.objects.filter(settled_at__isnull=True).count() == 0


def test_the_poller_alone_brings_all_due_slots_to_an_end(stage, world):
    given = stage.given
    slots = [stage.slot] + [given.slot(given.integration(f"flow-{n}"), stage.runtime) for n in range(5)]
    for slot in slots:
        release = given.release(slot.integration, "1.0.0", manifest=stage.first.manifest)
        given.desire(slot, release)
    assert tasks.reconcile_due() == 6
    assert set(Deployment.objects.values_list("state", flat=True)) == {"succeeded"}
    assert world.calls.count("apply") == 6
    assert tasks.reconcile_due() == 0


def test_a_broken_slot_does_not_hold_up_the_others(stage, world, monkeypatch):
    given = stage.given
    other = given.slot(given.integration("other-flow"), stage.runtime)
    fine = given.desire(other, given.release(other.integration, "1.0.0", manifest=stage.first.manifest))
    given.desire(stage.slot, stage.first)
    whole = tasks.reconcile

    def broken(*, slot_id):
        if slot_id == stage.slot.id:
            raise RuntimeError("poison")
        return whole(slot_id=slot_id)

    monkeypatch.setattr(tasks, "reconcile", broken)
    assert tasks.reconcile_due() == 2
    assert deployment_of(fine.id).state == "succeeded"


def test_generations_are_dense_under_concurrent_dispatches(stage):
    releases = [stage.first, stage.second] * 4
    assert at_once(*[lambda release=release: stage.given.desire(stage.slot, release) for release in releases]) == []
    assert sorted(Deployment.objects.values_list("generation", flat=True)) == list(range(1, 9))
    assert Deployment.objects.filter(settled_at__isnull=True).get().generation == 8


def test_a_rolled_back_dispatch_leaves_nothing(stage, world):
    with transaction.atomic():
        stage.given.desire(stage.slot, stage.first)
        transaction.set_rollback(True)
    assert reconcile(slot_id=stage.slot.id) is None
    assert (world.calls, Deployment.objects.count(), Slot.objects.get().next_check_at) == ([], 0, None)


def test_readings_that_come_while_a_conclusion_is_drawn_are_not_lost(stage, world):
    stage.given.desire(stage.slot, stage.first)
    reconcile(slot_id=stage.slot.id)
    runtime, now = stage.runtime.id, db_now()
    batches = [[stage.given.report(stage.slot, stage.first, at=now) for _ in range(20)] for _ in range(6)]
    calls = [lambda batch=batch: native.take(runtime_id=runtime, reports=batch, now=now) for batch in batches]
    assert at_once(*calls, *[lambda: health.fold_due(now=db_now())] * 3) == []
    while health.fold_due(now=db_now()):
        pass
    assert HealthReading.objects.count() == 120
    assert HealthState.objects.get(release=stage.first).runs_succeeded == 120


def test_the_same_batch_sent_at_once_by_many_is_kept_once(stage):
    stage.given.desire(stage.slot, stage.first)
    reconcile(slot_id=stage.slot.id)
    now, answers = db_now(), []
    batch = [stage.given.report(stage.slot, stage.first, at=now) for _ in range(50)]
    sends = [lambda: answers.append(native.take(runtime_id=stage.runtime.id, reports=batch, now=now))] * 5
    assert at_once(*sends) == []
    assert (sum(answer.accepted for answer in answers), sum(answer.duplicate for answer in answers)) == (50, 200)
    assert HealthReading.objects.count() == 50


def test_a_restore_raises_the_timeline_once_per_call(stage):
    assert at_once(*[lambda: deployments.bump_timeline(actor=DISPATCHER, now=db_now())] * 4) == []
    deployment = stage.given.desire(stage.slot, stage.first)
    assert deployment.timeline == 5


def test_reports_and_conclusions_never_wait_for_a_dispatch_in_a_ring(stage, world):
    """A dispatch holds the slot and then marks the conclusions; whoever locked the other way round would end in a deadlock."""
    stage.given.desire(stage.slot, stage.first)
    reconcile(slot_id=stage.slot.id)
    report = stage.given.report(stage.slot, stage.first, at=db_now())
    HealthState.objects.update(due_at=db_now())
    state = HealthState.objects.get()

    def meanwhile():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            assert native.take(runtime_id=stage.runtime.id, reports=[report], now=db_now()).accepted == 1
            assert health.fold(state_id=state.id, now=db_now()) is False, "it leaves the slot to whoever holds it"

    with transaction.atomic():
        deployments.quarantine(slot_id=stage.slot.id, digest=stage.second.digest, actor=DISPATCHER, now=db_now())
        assert at_once(meanwhile) == []
    assert health.fold(state_id=state.id, now=db_now())
    assert HealthState.objects.get().state == "healthy"
