"""Health: what is reported, what is kept, what is concluded, and the gate."""

import random
from datetime import timedelta

import pytest

from audit.models import Event
from foundation.clock import db_now
from runtime_adapters.models import Deployment, Expectation, HealthReading, HealthState
from runtime_adapters.selectors.health import health_of, unhealthy
from runtime_adapters.services import health
from runtime_adapters.services.reconcile import reconcile
from tests.given.delivery import deployment_of
from tests.runtime_adapters.conftest import Agent, Stage, manifest

pytestmark = pytest.mark.django_db
URL = "/runtime/health-reports"


@pytest.fixture
def live(stage):
    """Release 1.0.0 runs."""
    deployment = stage.given.desire(stage.slot, stage.first)
    reconcile(slot_id=stage.slot.id)
    stage.deployment = deployment_of(deployment.id)
    assert stage.deployment.state == "succeeded"
    return stage


def settled(now):
    """What the conclusions come to once nothing is due."""
    health.fold_due(now=now)
    names = ("state", "reason", "due_at", "runs_succeeded", "runs_failed", "records_written", "last_reading_at", "last_success_at")
    return list(HealthState.objects.order_by("release_id").values(*names))


def test_reports_are_kept_with_their_release_and_prove_it(live, agent):
    now = db_now()
    answer = agent.post(URL, {"reports": [live.given.report(live.slot, live.first, at=now)]})
    assert (answer.status_code, answer.json()) == (200, {"accepted": 1, "duplicate": 0, "refused": []})
    kept = HealthReading.objects.get()
    assert (kept.release, kept.slot, kept.runs_succeeded, kept.latency_max_ms) == (live.first, live.slot, 1, 12.5)
    health.fold_due(now=db_now())
    assert HealthState.objects.get().state == "healthy"
    assert deployment_of(live.deployment.id).proven_at is not None
    assert Event.objects.filter(verb="health.state.changed").count() == 1


def test_a_resend_is_a_duplicate_and_the_same_key_with_other_content_a_conflict(live, agent):
    report = live.given.report(live.slot, live.first, at=db_now(), key="k1")
    agent.post(URL, {"reports": [report]})
    again = agent.post(URL, {"reports": [report, {**report, "runs_failed": 3}, {**report, "key": "k2"}, {**report, "key": "k2"}]}).json()
    assert again == {
        "accepted": 1,
        "duplicate": 2,
        "refused": [{"index": 1, "pointer": "/reports/1/key", "code": "key-reused"}],
    }
    assert HealthReading.objects.get(key="k1").runs_failed == 0


def test_bad_items_are_refused_by_pointer_and_the_rest_is_kept(live, agent, given):
    now = db_now()
    other = given.slot(given.integration("other-one"), given.runtime("two"))
    good = live.given.report(live.slot, live.first, at=now)
    cases = {
        "/reports/0/window_end": ({**good, "window_end": (now + timedelta(minutes=3)).isoformat()}, "in-the-future"),
        "/reports/1/slot": ({**good, "key": "a", "slot": str(other.id)}, "not-your-slot"),
        "/reports/2/runs_failed": ({**good, "runs_failed": -1}, "out-of-range"),
        "/reports/3/latency_ms/max": ({**good, "latency_ms": {"max": "soon"}}, "wrong-type"),
        "/reports/4/surprise": ({**good, "surprise": 1}, "unknown-field"),
        "/reports/5/errors/0/class": ({**good, "errors": [{"class": 7}]}, "wrong-type"),
        "/reports/6": ("not an object", "not-an-object"),
        "/reports/7/window_start": ({**good, "window_start": "yesterday"}, "not-a-time"),
        "/reports/8/runs_started": ({**good, "runs_started": True}, "wrong-type"),
        "/reports/9/key": ({**good, "key": ""}, "length"),
        "/reports/10/digest": ({**good, "digest": "sha256:short"}, "not-a-digest"),
    }
    answer = agent.post(URL, {"reports": [item for item, _ in cases.values()] + [good]})
    assert answer.status_code == 200
    assert {one["pointer"]: one["code"] for one in answer.json()["refused"]} == {at: code for at, (_, code) in cases.items()}
    assert answer.json()["accepted"] == 1


def test_an_unknown_digest_is_kept_unattached(live, agent):
    agent.post(URL, {"reports": [live.given.report(live.slot, live.first, at=db_now(), digest="sha256:" + "0" * 64)]})
    assert HealthReading.objects.get().release is None
    assert deployment_of(live.deployment.id).proven_at is None


def test_reports_in_any_order_and_number_come_to_the_same_conclusion(live, agent):
    """Duplicated ten times and shuffled against once and in order."""
    now = db_now()
    reports = [
        live.given.report(live.slot, live.first, at=now - timedelta(seconds=60 - n), key=f"k{n}", runs_succeeded=n % 3, runs_failed=n % 2)
        for n in range(30)
    ]
    agent.post(URL, {"reports": reports})
    later = db_now()
    HealthState.objects.update(due_at=later)
    in_order = settled(later)
    HealthReading.objects.all().delete()
    HealthState.objects.update(state="unknown", reason="", runs_succeeded=0, runs_failed=0, due_at=None)
    many = reports * 10
    random.Random(7).shuffle(many)
    sums = {"accepted": 0, "duplicate": 0}
    for start in range(0, len(many), 37):
        told = agent.post(URL, {"reports": many[start : start + 37]}).json()
        assert told["refused"] == []
        sums = {name: sums[name] + told[name] for name in sums}
        if start % 5 == 0:
            health.fold_due(now=later)
    assert sums == {"accepted": 30, "duplicate": 270}
    HealthState.objects.update(due_at=later)
    assert settled(later) == in_order


def test_a_late_report_of_another_release_does_not_colour_this_one(live, agent):
    before = db_now()
    newer = live.given.desire(live.slot, live.second)
    reconcile(slot_id=live.slot.id)
    failed = live.given.report(live.slot, live.first, at=before, runs_succeeded=0, runs_failed=5)
    agent.post(URL, {"reports": [failed]})
    health.fold_due(now=db_now())
    states = {state.release: state for state in HealthState.objects.all()}
    assert states[live.first].runs_failed == 5
    assert (states[live.second].state, states[live.second].runs_failed) == ("unknown", 0)
    assert deployment_of(newer.id).proven_at is None


def test_silence_is_told_only_where_something_is_expected(given, agent, stage):
    promised = given.release(stage.integration, "2.0.0", manifest=manifest("fake", step=3, health={"every_s": 60, "grace_s": 30}))
    given.desire(stage.slot, promised)
    reconcile(slot_id=stage.slot.id)
    assert Expectation.objects.get().every_s == 60
    now = db_now()
    agent.post(URL, {"reports": [given.report(stage.slot, promised, at=now)]})
    health.fold_due(now=db_now())
    state = HealthState.objects.get(release=promised)
    assert (state.state, state.due_at) == ("healthy", now + timedelta(seconds=90))
    health.fold_due(now=now + timedelta(seconds=90))
    assert HealthState.objects.get(release=promised).state == "silent"
    assert [row.release for row in unhealthy(given.viewer(given.administrator()))] == [promised]
    given.desire(stage.slot, stage.first)
    reconcile(slot_id=stage.slot.id)
    assert not Expectation.objects.exists()
    health.fold_due(now=now + timedelta(days=1))
    assert {row.release.version: (row.is_live, row.state) for row in health_of(stage.integration.id)} == {
        "1.0.0": (True, "unknown"),
        "2.0.0": (False, "unknown"),
    }


def gated(given):
    stage = Stage(given, soak_s=60, gate_good_runs=2, gate_failed_runs=0)
    deployment = given.desire(stage.slot, stage.first)
    reconcile(slot_id=stage.slot.id)
    waiting = deployment_of(deployment.id)
    assert (waiting.state, waiting.settled_at) == ("verifying", None)
    return stage, deployment, Agent(given.runtime_token(stage.runtime))


def age(deployment, **delta):
    """As if it had been recorded that much earlier."""
    moment = db_now() - timedelta(**delta)
    Deployment.objects.filter(pk=deployment.pk).update(requested_at=moment, recorded_at=moment)


def test_the_gate_passes_after_the_soak_with_enough_good_runs(given):
    stage, deployment, agent = gated(given)
    agent.post(URL, {"reports": [given.report(stage.slot, stage.first, at=db_now(), runs_started=2, runs_succeeded=2)]})
    reconcile(slot_id=stage.slot.id)
    soaking = deployment_of(deployment.id)
    assert (soaking.state, soaking.proven_at is not None) == ("verifying", True)
    age(deployment, seconds=61)
    reconcile(slot_id=stage.slot.id)
    assert deployment_of(deployment.id).state == "succeeded"


def test_a_failed_run_in_the_gate_is_unhealthy_at_once(given):
    stage, deployment, agent = gated(given)
    agent.post(URL, {"reports": [given.report(stage.slot, stage.first, at=db_now(), runs_succeeded=5, runs_failed=1)]})
    health.fold_due(now=db_now())
    reconcile(slot_id=stage.slot.id)
    done = deployment_of(deployment.id)
    assert (done.state, done.settled_at is not None) == ("unhealthy", True)
    assert Event.objects.filter(verb="runtime_adapters.deployment.unhealthy").count() == 1


def test_missing_evidence_neither_passes_nor_fails_the_gate(given):
    stage, deployment, _ = gated(given)
    age(deployment, hours=1)
    reconcile(slot_id=stage.slot.id)
    assert deployment_of(deployment.id).state == "verifying"


def test_runs_from_before_the_deployment_do_not_count_in_its_gate(given):
    stage, deployment, agent = gated(given)
    before = deployment_of(deployment.id).requested_at - timedelta(seconds=5)
    agent.post(URL, {"reports": [given.report(stage.slot, stage.first, at=before, runs_succeeded=0, runs_failed=9)]})
    reconcile(slot_id=stage.slot.id)
    assert deployment_of(deployment.id).state == "verifying"


@pytest.mark.parametrize("body", [[], {}, {"reports": {}}, {"reports": [], "more": 1}, {"reports": [{}] * 1001}])
def test_a_body_of_another_shape_is_malformed(agent, body):
    answer = agent.post(URL, body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad-report"


def test_a_batch_costs_the_same_number_of_statements_whatever_its_size(live, agent, django_assert_max_num_queries):
    reports = [live.given.report(live.slot, live.first, at=db_now()) for _ in range(500)]
    agent.post(URL, {"reports": reports[:1]})
    with django_assert_max_num_queries(6):
        assert agent.post(URL, {"reports": reports[1:]}).json()["accepted"] == 499


def test_what_still_runs_is_watched_while_a_newer_release_cannot_come(given, agent, stage):
    """A delivery that fails, or takes its time, must not hide that what runs meanwhile fell silent."""
    promised = given.release(stage.integration, "2.0.0", manifest=manifest("fake", step=3, health={"every_s": 60, "grace_s": 30}))
    newer = given.release(stage.integration, "2.1.0", manifest=manifest("fake", step=4, health={"every_s": 60, "grace_s": 30}))
    given.desire(stage.slot, promised)
    reconcile(slot_id=stage.slot.id)
    now = db_now()
    agent.post(URL, {"reports": [given.report(stage.slot, promised, at=now)]})
    given.desire(stage.slot, newer)
    health.fold_due(now=now + timedelta(seconds=90))
    assert HealthState.objects.get(release=promised).state == "silent"
    assert [row.release for row in unhealthy(given.viewer(given.administrator()))] == [promised]
    reconcile(slot_id=stage.slot.id)
    HealthState.objects.update(due_at=now)
    health.fold_due(now=db_now())
    assert {row.release.version: row.is_live for row in health_of(stage.integration.id)} == {"2.1.0": True, "2.0.0": False}


def test_a_gate_that_asks_for_no_good_run_still_wants_the_one_that_is_due(given):
    stage = Stage(given, soak_s=60, gate_good_runs=0)
    promised = given.release(stage.integration, "2.0.0", manifest=manifest("fake", step=3, health={"every_s": 600, "grace_s": 30}))
    deployment = given.desire(stage.slot, promised)
    reconcile(slot_id=stage.slot.id)
    age(deployment, seconds=61)
    reconcile(slot_id=stage.slot.id)
    assert deployment_of(deployment.id).state == "verifying"
