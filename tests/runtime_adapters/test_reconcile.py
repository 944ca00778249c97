"""Bringing a slot to what is desired, whatever the runtime does."""

from datetime import timedelta

import pytest
from django.db.models import F

from audit.models import Event
from catalog.models import LiveRelease
from foundation.clock import db_now
from runtime_adapters import contract
from runtime_adapters.domain.plan import Act
from runtime_adapters.models import Attempt, Deployment, DesiredState, Observation, Runtime, Slot
from runtime_adapters.selectors import deployments as selectors
from runtime_adapters.services import deployments, leases, outcomes
from runtime_adapters.services.reconcile import reconcile
from tests.given.delivery import DISPATCHER, deployment_of
from tests.runtime_adapters.conftest import Stage

pytestmark = pytest.mark.django_db


def due_now(deployment):
    """Let the back-off pass without waiting for it."""
    Deployment.objects.filter(pk=deployment.pk).update(next_attempt_at=db_now())


def run(slot, deployment, *, tries=12):
    """Reconcile until the deployment settles, with back-offs cut short; at most `tries` times."""
    for _ in range(tries):
        reconcile(slot_id=slot.id)
        if deployment_of(deployment.id).settled_at is not None:
            break
        due_now(deployment)
    return deployment_of(deployment.id)


def verbs(deployment):
    return list(Event.objects.filter(subject_id=deployment.id).order_by("at", "id").values_list("verb", flat=True))


def test_a_desired_release_is_sent_read_back_and_live(stage, world):
    deployment = stage.given.desire(stage.slot, stage.first)
    done = run(stage.slot, deployment)
    assert (done.state, done.is_read_back) == ("succeeded", True)
    assert done.requested_at <= done.accepted_at <= done.recorded_at
    assert done.started_at is not None
    assert done.proven_at is None
    assert world.held[stage.slot.id]["digest"] == stage.first.digest
    assert LiveRelease.objects.get().release == stage.first
    expected = ["requested", "attempted", "accepted", "recorded", "started", "succeeded"]
    assert verbs(done) == [f"runtime_adapters.deployment.{verb}" for verb in expected]


def test_nothing_is_sent_twice_when_the_slot_is_looked_at_again(stage, world):
    deployment = stage.given.desire(stage.slot, stage.first)
    run(stage.slot, deployment)
    for _ in range(3):
        reconcile(slot_id=stage.slot.id)
    assert world.calls.count("apply") == 1
    assert list(world.effects.values()) == [1]


@pytest.mark.parametrize("fault", ["timeout-after", "garbage-after"])
def test_an_unclear_send_that_took_effect_is_settled_by_looking(stage, world, fault):
    world.faults.append(fault)
    deployment = stage.given.desire(stage.slot, stage.first)
    done = run(stage.slot, deployment)
    assert done.state == "succeeded"
    assert world.calls.count("apply") == 1
    sent = done.attempts.get(step="apply")
    assert sent.outcome == "unknown"
    assert "hunter2" not in sent.detail + done.reason


def test_an_unclear_send_without_effect_is_sent_again_with_the_same_key(stage, world):
    world.faults.append("timeout-before")
    deployment = stage.given.desire(stage.slot, stage.first)
    reconcile(slot_id=stage.slot.id)
    waiting = deployment_of(deployment.id)
    assert waiting.state == "unknown"
    assert waiting.next_attempt_at is not None
    done = run(stage.slot, deployment)
    assert done.state == "succeeded"
    assert list(world.effects.values()) == [1]


def test_a_yes_that_was_not_done_never_counts_as_success(stage, world):
    world.faults.extend(["ignore"] * 50)
    deployment = stage.given.desire(stage.slot, stage.first)
    waiting = run(stage.slot, deployment, tries=5)
    assert waiting.state == "retry_wait"
    assert waiting.recorded_at is None
    Deployment.objects.filter(pk=deployment.pk).update(give_up_at=db_now(), next_attempt_at=db_now())
    reconcile(slot_id=stage.slot.id)
    halted = deployment_of(deployment.id)
    assert (halted.state, halted.settled_at is not None) == ("halted", True)
    assert halted.reason


def test_a_runtime_that_insists_it_has_the_key_gets_three_new_ones_and_then_a_halt(stage, world):
    world.keeps_keys = True
    world.faults.extend(["ignore"] * 50)
    deployment = stage.given.desire(stage.slot, stage.first)
    done = run(stage.slot, deployment, tries=20)
    assert done.state == "halted"
    assert DesiredState.objects.get().apply_epoch == 4
    assert len(world.keys) == 4


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (contract.InvalidInput("the flow names an unknown node"), "failed"),
        (contract.QuotaExceeded("too large"), "failed"),
        (contract.AuthFailed("refused"), "halted"),
        (contract.FencedOut("newer there"), "halted"),
    ],
    ids=["invalid", "quota", "auth", "fenced"],
)
def test_a_refusal_for_good_settles_at_once(stage, world, error, state):
    world.faults.append(error)
    done = run(stage.slot, stage.given.desire(stage.slot, stage.first))
    assert done.state == state
    assert error.detail in done.reason
    assert world.calls.count("apply") == 1


def test_retry_after_is_honoured(stage, world):
    world.faults.append(contract.RateLimited("slow down", after_s=900))
    deployment = stage.given.desire(stage.slot, stage.first)
    reconcile(slot_id=stage.slot.id)
    waiting = deployment_of(deployment.id)
    assert waiting.state == "retry_wait"
    assert waiting.next_attempt_at >= db_now() + timedelta(seconds=890)


def test_a_runtime_that_keeps_failing_is_left_alone_for_a_while(stage, world):
    world.look_faults.extend([contract.Unavailable("down")] * 30)
    deployment = stage.given.desire(stage.slot, stage.first)
    run(stage.slot, deployment, tries=5)
    runtime = Runtime.objects.get(pk=stage.runtime.pk)
    assert runtime.failures_in_row == outcomes.FAILURES_BEFORE_PAUSE
    assert runtime.paused_until > db_now()
    looked = world.calls.count("observe")
    due_now(deployment)
    step = reconcile(slot_id=stage.slot.id)
    assert (step.act, step.code) == (Act.WAIT, "runtime-paused")
    assert world.calls.count("observe") == looked
    world.look_faults.clear()
    Runtime.objects.update(paused_until=None)
    assert run(stage.slot, deployment).state == "succeeded"
    assert Runtime.objects.get(pk=stage.runtime.pk).failures_in_row == 0


def test_revoked_between_dispatch_and_send_cancels(stage, world):
    deployment = stage.given.desire(stage.slot, stage.first)
    deployments.authorise(
        slot_id=stage.slot.id,
        digest=stage.first.digest,
        not_after=None,
        revoked_at=db_now(),
        closed_intervals=[],
        actor=DISPATCHER,
        now=db_now(),
    )
    done = run(stage.slot, deployment)
    assert done.state == "cancelled"
    assert "apply" not in world.calls


def test_revoked_between_the_look_and_the_send_cancels(stage, world, monkeypatch):
    deployment = stage.given.desire(stage.slot, stage.first)
    begin = outcomes.begin

    def revoked_just_before(situation, step, *, lease):
        stage.slot.authorisation.__class__.objects.update(revoked_at=db_now())
        return begin(situation, step, lease=lease)

    monkeypatch.setattr(outcomes, "begin", revoked_just_before)
    reconcile(slot_id=stage.slot.id)
    assert deployment_of(deployment.id).state == "cancelled"
    assert world.calls == ["observe"]


def test_a_freeze_holds_the_send_until_it_ends(stage, world):
    deployment = stage.given.desire(stage.slot, stage.first)
    now = db_now()
    freeze = [[now - timedelta(hours=1), now + timedelta(hours=1)]]
    allowed = {"slot_id": stage.slot.id, "digest": stage.first.digest, "not_after": None, "revoked_at": None, "actor": DISPATCHER}
    deployments.authorise(closed_intervals=freeze, now=now, **allowed)
    step = reconcile(slot_id=stage.slot.id)
    assert (step.act, step.code) == (Act.WAIT, "window-closed")
    assert deployment_of(deployment.id).settled_at is None
    deployments.authorise(closed_intervals=[], now=now, **allowed)
    assert run(stage.slot, deployment).state == "succeeded"


def test_a_newer_generation_takes_over(stage, world):
    older = stage.given.desire(stage.slot, stage.first)
    newer = stage.given.desire(stage.slot, stage.second)
    assert deployment_of(older.id).state == "superseded"
    assert run(stage.slot, newer).state == "succeeded"
    assert world.held[stage.slot.id]["digest"] == stage.second.digest
    assert world.calls.count("apply") == 1


def test_an_older_send_that_ends_late_changes_nothing_newer(stage, world):
    older = stage.given.desire(stage.slot, stage.first)
    newer = []
    world.during_apply = lambda: newer or newer.append(stage.given.desire(stage.slot, stage.second))
    reconcile(slot_id=stage.slot.id)
    world.during_apply = None
    assert deployment_of(older.id).state == "superseded"
    assert deployment_of(older.id).recorded_at is None
    done = run(stage.slot, newer[0])
    assert done.state == "succeeded"
    assert world.held[stage.slot.id]["digest"] == stage.second.digest


def test_a_stolen_lease_writes_nothing(stage, world):
    deployment = stage.given.desire(stage.slot, stage.first)
    world.during_apply = lambda: Slot.objects.filter(pk=stage.slot.pk).update(lease_epoch=F("lease_epoch") + 1)
    assert reconcile(slot_id=stage.slot.id) is None
    world.during_apply = None
    left = deployment_of(deployment.id)
    assert (left.state, left.accepted_at) == ("applying", None)
    assert left.attempts.get(step="apply").ended_at is None
    Slot.objects.filter(pk=stage.slot.pk).update(lease_expires_at=db_now())
    done = run(stage.slot, deployment)
    assert done.state == "succeeded"
    assert world.calls.count("apply") == 1
    assert done.attempts.get(step="apply").outcome == "lost"


def test_a_slot_is_held_by_one_worker(stage):
    stage.given.desire(stage.slot, stage.first)
    lease = leases.acquire(stage.slot.id)
    assert leases.acquire(stage.slot.id) is None
    assert reconcile(slot_id=stage.slot.id) is None
    leases.release(lease, next_check_at=None)
    assert leases.acquire(stage.slot.id).epoch == lease.epoch + 1


def test_an_expired_lease_is_refused_at_the_guard(stage):
    lease = leases.acquire(stage.slot.id)
    Slot.objects.filter(pk=stage.slot.pk).update(lease_expires_at=db_now() - timedelta(seconds=1))
    with pytest.raises(leases.LeaseLost):
        leases.guard(lease)


def test_a_look_asked_for_while_the_slot_was_held_is_kept(stage):
    lease = leases.acquire(stage.slot.id)
    asked = db_now()
    Slot.objects.filter(pk=stage.slot.pk).update(next_check_at=asked)
    leases.release(lease, next_check_at=asked + timedelta(hours=1))
    assert Slot.objects.get(pk=stage.slot.pk).next_check_at == asked


def test_drift_is_told_at_the_second_look_and_its_end_at_once(stage, world):
    run(stage.slot, stage.given.desire(stage.slot, stage.first))
    world.held[stage.slot.id]["payload"] = {"flow": "edited by hand"}
    reconcile(slot_id=stage.slot.id)
    assert Observation.objects.get().sync == "in_sync"
    reconcile(slot_id=stage.slot.id)
    reconcile(slot_id=stage.slot.id)
    assert Observation.objects.get().sync == "drifted"
    assert Event.objects.filter(verb="runtime_adapters.drift.detected").count() == 1
    assert world.calls.count("apply") == 1
    del world.held[stage.slot.id]
    reconcile(slot_id=stage.slot.id)
    reconcile(slot_id=stage.slot.id)
    assert Observation.objects.get().sync == "missing"
    assert Event.objects.filter(verb__startswith="runtime_adapters.drift").count() == 1


def test_a_quarantined_release_does_not_come_back(stage):
    run(stage.slot, stage.given.desire(stage.slot, stage.first))
    deployments.quarantine(slot_id=stage.slot.id, digest=stage.first.digest, actor=DISPATCHER, now=db_now())
    with pytest.raises(deployments.SlotQuarantined):
        stage.given.desire(stage.slot, stage.first)


def test_a_cleared_slot_is_emptied(stage, world):
    run(stage.slot, stage.given.desire(stage.slot, stage.first))
    gone = deployments.clear_desired(slot_id=stage.slot.id, change_id=stage.slot.id, actor=DISPATCHER, now=db_now())
    done = run(stage.slot, gone)
    assert (done.state, done.generation) == ("succeeded", 2)
    assert world.held == {}
    assert not LiveRelease.objects.exists()


def test_a_removal_waits_for_no_gate(given, world):
    stage = Stage(given, soak_s=600)
    stage.given.desire(stage.slot, stage.first)
    reconcile(slot_id=stage.slot.id)
    assert world.held
    done = run(stage.slot, deployments.clear_desired(slot_id=stage.slot.id, change_id=stage.slot.id, actor=DISPATCHER, now=db_now()))
    assert (done.state, done.is_read_back, world.held) == ("succeeded", True, {})


@pytest.mark.parametrize("fault", ["timeout-after", "garbage-after"])
def test_an_unclear_removal_that_took_effect_is_settled_by_looking(stage, world, fault):
    run(stage.slot, stage.given.desire(stage.slot, stage.first))
    world.faults.append(fault)
    done = run(stage.slot, deployments.clear_desired(slot_id=stage.slot.id, change_id=stage.slot.id, actor=DISPATCHER, now=db_now()))
    assert (done.state, world.calls.count("remove"), world.held) == ("succeeded", 1, {})


def test_what_appears_in_an_emptied_slot_is_told_and_goes_by_another_removal(stage, world):
    run(stage.slot, stage.given.desire(stage.slot, stage.first))
    kept = world.held[stage.slot.id]
    run(stage.slot, deployments.clear_desired(slot_id=stage.slot.id, change_id=stage.slot.id, actor=DISPATCHER, now=db_now()))
    assert selectors.holding([stage.slot.id]) == set()
    world.held[stage.slot.id] = kept
    for _ in range(2):
        reconcile(slot_id=stage.slot.id)
    assert Observation.objects.get().sync == "extra"
    assert world.held, "nobody asked for it to go again"
    assert selectors.holding([stage.slot.id]) == {stage.slot.id}
    done = run(stage.slot, deployments.clear_desired(slot_id=stage.slot.id, change_id=stage.slot.id, actor=DISPATCHER, now=db_now()))
    assert (done.state, world.held, selectors.holding([stage.slot.id])) == ("succeeded", {}, set())


def test_a_runtime_that_cannot_be_read_is_believed_and_says_so(given, world):
    stage = Stage(given, kind="blind")
    done = run(stage.slot, given.desire(stage.slot, stage.first))
    assert (done.state, done.is_read_back, done.recorded_at) == ("succeeded", False, None)
    assert "cannot be read back" in done.reason


def test_an_unclear_send_to_a_runtime_that_cannot_be_read_is_never_repeated(given, world):
    stage = Stage(given, kind="blind")
    world.faults.append("timeout-after")
    deployment = given.desire(stage.slot, stage.first)
    waiting = run(stage.slot, deployment, tries=4)
    assert waiting.state == "unknown"
    assert world.calls.count("apply") == 1


def test_a_runtime_ahead_of_us_is_not_overwritten(stage, world):
    run(stage.slot, stage.given.desire(stage.slot, stage.first))
    world.held[stage.slot.id]["generation"] = contract.Generation(1, 9)
    halted = run(stage.slot, stage.given.desire(stage.slot, stage.second))
    assert halted.state == "halted"
    assert "newer generation" in halted.reason
    deployments.bump_timeline(actor=DISPATCHER, now=db_now())
    assert run(stage.slot, stage.given.desire(stage.slot, stage.second)).state == "succeeded"


def test_a_halted_deployment_can_be_resumed(stage, world):
    world.faults.append(contract.AuthFailed("refused"))
    deployment = stage.given.desire(stage.slot, stage.first)
    assert run(stage.slot, deployment).state == "halted"
    deployments.resume(deployment_id=deployment.id, actor=DISPATCHER, now=db_now())
    assert run(stage.slot, deployment).state == "succeeded"


def test_an_adapter_that_renders_other_content_than_was_approved_sends_nothing(stage, world):
    deployment = stage.given.desire(stage.slot, stage.first)
    DesiredState.objects.update(payload_digest="sha256:" + "0" * 64)
    done = run(stage.slot, deployment)
    assert done.state == "failed"
    assert "apply" not in world.calls


def test_attempts_are_numbered_without_holes(stage, world):
    world.faults.extend(["timeout-before", contract.Unavailable("down"), "timeout-before"])
    deployment = stage.given.desire(stage.slot, stage.first)
    done = run(stage.slot, deployment)
    numbers = list(Attempt.objects.filter(deployment=done).values_list("number", flat=True))
    assert numbers == list(range(1, done.attempt_count + 1))
    assert done.attempt_count == 4


def test_a_runtime_that_was_switched_off_is_not_vouched_for_and_nothing_waits_for_ever(stage, world):
    done = run(stage.slot, stage.given.desire(stage.slot, stage.first))
    assert Observation.objects.get().sync == "in_sync"
    Runtime.objects.update(is_enabled=False)
    Observation.objects.update(received_at=db_now() - timedelta(hours=1))
    looks = len(world.calls)
    reconcile(slot_id=stage.slot.id)
    assert (Observation.objects.get().sync, len(world.calls)) == ("unknown", looks)
    assert deployment_of(done.id).state == "succeeded"
    newer = stage.given.desire(stage.slot, stage.second)
    reconcile(slot_id=stage.slot.id)
    waiting = deployment_of(newer.id)
    assert (waiting.state, waiting.settled_at, waiting.reason) == ("queued", None, "The runtime is switched off here.")
    Deployment.objects.filter(pk=newer.pk).update(give_up_at=db_now())
    reconcile(slot_id=stage.slot.id)
    assert deployment_of(newer.id).state == "halted"
    assert len(world.calls) == looks


def test_a_look_that_is_answered_ends_the_row_of_failures(stage, world):
    """Five failures spread over a week are no outage: only consecutive ones open the circuit."""
    run(stage.slot, stage.given.desire(stage.slot, stage.first))
    Runtime.objects.update(failures_in_row=4, last_seen_at=None)
    reconcile(slot_id=stage.slot.id)
    runtime = Runtime.objects.get()
    assert (runtime.failures_in_row, runtime.paused_until, runtime.last_seen_at is not None) == (0, None, True)
