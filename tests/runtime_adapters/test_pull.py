"""Pulled desired state: signed, conditional, and acknowledged by what the agent reports."""

import base64
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from audit.domain import dsse
from audit.models import Event
from foundation.clock import db_now
from runtime_adapters.contract import json_hash
from runtime_adapters.models import Observation, Slot
from runtime_adapters.services import deployments
from runtime_adapters.services.reconcile import reconcile
from tests.given.delivery import DISPATCHER, deployment_of
from tests.runtime_adapters.conftest import Agent, Stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(given):
    return Stage(given, kind="pull")


def opened(answer, agent):
    """The payload, verified with the published key."""
    public = load_pem_public_key(agent.get("/runtime/key").json()["public_key"].encode()).public_bytes_raw()
    return json.loads(dsse.opened(answer.content, "application/vnd.portolan.desired+json", public))


def told(stage, deployment, seq, result="recorded", **more):
    payload = stage.first.manifest["payload"] if deployment.digest == stage.first.digest else stage.second.manifest["payload"]
    item = {
        "slot": str(stage.slot.id),
        "generation": {"timeline": deployment.timeline, "n": deployment.generation},
        "digest": deployment.digest,
        "native_revision": "7",
        "content_hash": json_hash(payload),
        "seq": seq,
        "result": result,
    }
    return {"observations": [{**item, **more}]}


def test_the_envelope_is_signed_and_fetching_it_is_acceptance(stage, agent):
    deployment = stage.given.desire(stage.slot, stage.first)
    reconcile(slot_id=stage.slot.id)
    assert deployment_of(deployment.id).state == "queued"
    answer = agent.get("/runtime/desired")
    payload = opened(answer, agent)
    (slot,) = payload["slots"]
    assert sorted(payload) == ["issued_at", "log_head", "not_after", "runtime", "slots"]
    assert payload["runtime"] == "one"
    expected = {
        "slot": str(stage.slot.id),
        "integration": "orders-to-erp",
        "environment": "test",
        "generation": {"timeline": 1, "n": 1},
        "digest": stage.first.digest,
        "state": "present",
        "payload_digest": stage.given.desired(stage.slot).payload_digest,
        "not_after": None,
        "revoked": False,
    }
    assert {name: slot[name] for name in expected} == expected
    assert sorted(slot) == sorted([*expected, "payload"])
    assert slot["payload"]["flow"] == stage.first.manifest["payload"]["flow"]
    done = deployment_of(deployment.id)
    assert (done.accepted_at is not None, done.recorded_at, done.state) == (True, None, "applying")


def test_the_same_state_is_not_sent_twice(stage, agent):
    stage.given.desire(stage.slot, stage.first)
    tag = agent.get("/runtime/desired")["ETag"]
    again = agent.get("/runtime/desired", **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    stage.given.desire(stage.slot, stage.second)
    moved = agent.get("/runtime/desired", **{"If-None-Match": tag})
    assert (moved.status_code, moved["ETag"] != tag) == (200, True)


def test_a_flipped_bit_breaks_the_envelope(stage, agent):
    stage.given.desire(stage.slot, stage.first)
    envelope = json.loads(agent.get("/runtime/desired").content)
    payload = bytearray(base64.b64decode(envelope["payload"]))
    payload[20] ^= 1
    envelope["payload"] = base64.b64encode(payload).decode()
    public = load_pem_public_key(agent.get("/runtime/key").json()["public_key"].encode()).public_bytes_raw()
    with pytest.raises(dsse.BadNote):
        dsse.opened(json.dumps(envelope).encode(), envelope["payloadType"], public)


def test_reports_carry_it_from_recorded_to_started_to_live(stage, agent):
    deployment = stage.given.desire(stage.slot, stage.first)
    agent.get("/runtime/desired")
    assert agent.post("/runtime/observations", told(stage, deployment, 1)).json() == {"accepted": 1, "ignored": 0, "refused": []}
    recorded = deployment_of(deployment.id)
    assert (recorded.state, recorded.recorded_at is not None, recorded.started_at) == ("applied", True, None)
    agent.post("/runtime/observations", told(stage, deployment, 2, "started"))
    reconcile(slot_id=stage.slot.id)
    done = deployment_of(deployment.id)
    assert (done.state, done.started_at is not None, done.is_read_back) == ("succeeded", True, True)
    assert Observation.objects.get().sync == "in_sync"


def test_repeated_late_and_reordered_reports_change_nothing(stage, agent):
    older = stage.given.desire(stage.slot, stage.first)
    agent.get("/runtime/desired")
    newer = stage.given.desire(stage.slot, stage.second)
    agent.get("/runtime/desired")
    agent.post("/runtime/observations", told(stage, newer, 5, "started"))
    for seq in (1, 5, 4):
        assert agent.post("/runtime/observations", told(stage, older, seq, "failed")).json()["ignored"] == 1
    agent.post("/runtime/observations", told(stage, older, 9, "failed"))
    assert deployment_of(older.id).state == "superseded"
    assert deployment_of(newer.id).state == "applied"


def test_other_content_under_our_mark_is_not_recorded(stage, agent):
    deployment = stage.given.desire(stage.slot, stage.first)
    agent.get("/runtime/desired")
    agent.post("/runtime/observations", told(stage, deployment, 1, content_hash="sha256:" + "0" * 64))
    assert deployment_of(deployment.id).recorded_at is None


def test_an_agent_that_could_not_bring_it_up_fails_the_deployment(stage, agent):
    deployment = stage.given.desire(stage.slot, stage.first)
    agent.get("/runtime/desired")
    agent.post("/runtime/observations", told(stage, deployment, 1, "failed", reason="the reload command ended with 3"))
    done = deployment_of(deployment.id)
    assert done.state == "failed"
    assert "ended with 3" in done.reason


@pytest.mark.parametrize("how", ["revoked", "expired", "frozen"])
def test_what_may_not_run_is_told_as_revoked_and_not_accepted(stage, agent, how):
    deployment = stage.given.desire(stage.slot, stage.first)
    now = db_now()
    deployments.authorise(
        slot_id=stage.slot.id,
        digest=stage.first.digest,
        not_after=now if how == "expired" else None,
        revoked_at=now if how == "revoked" else None,
        closed_intervals=[(now - timedelta(hours=1), None)] if how == "frozen" else [],
        actor=DISPATCHER,
        now=now,
    )
    assert opened(agent.get("/runtime/desired"), agent)["slots"][0]["revoked"] is True
    reconcile(slot_id=stage.slot.id)
    done = deployment_of(deployment.id)
    assert done.accepted_at is None
    assert done.state == ("queued" if how == "frozen" else "cancelled")


def test_a_freeze_does_not_take_away_what_runs(stage, agent):
    deployment = stage.given.desire(stage.slot, stage.first)
    agent.get("/runtime/desired")
    agent.post("/runtime/observations", told(stage, deployment, 1))
    now = db_now()
    deployments.authorise(
        slot_id=stage.slot.id,
        digest=stage.first.digest,
        not_after=now,
        revoked_at=None,
        closed_intervals=[(now, None)],
        actor=DISPATCHER,
        now=now,
    )
    slot = opened(agent.get("/runtime/desired"), agent)["slots"][0]
    assert (slot["revoked"], slot["not_after"]) == (False, None)


def test_a_cleared_slot_is_told_absent_and_settles_when_the_agent_says_so(stage, agent):
    deployment = stage.given.desire(stage.slot, stage.first)
    agent.get("/runtime/desired")
    agent.post("/runtime/observations", told(stage, deployment, 1, "started"))
    reconcile(slot_id=stage.slot.id)
    gone = deployments.clear_desired(slot_id=stage.slot.id, change_id=stage.slot.id, actor=DISPATCHER, now=db_now())
    slot = opened(agent.get("/runtime/desired"), agent)["slots"][0]
    assert (slot["state"], slot["digest"], slot["payload"]) == ("absent", "", None)
    agent.post("/runtime/observations", told(stage, gone, 2, digest="", content_hash=""))
    reconcile(slot_id=stage.slot.id)
    assert deployment_of(gone.id).state == "succeeded"


def test_one_runtime_neither_sees_nor_reports_for_another(stage, agent, given):
    deployment = given.desire(stage.slot, stage.first)
    stranger = Agent(given.runtime_token(given.runtime("two", kind="pull")))
    assert opened(stranger.get("/runtime/desired"), stranger)["slots"] == []
    answer = stranger.post("/runtime/observations", told(stage, deployment, 1))
    assert answer.json()["refused"] == [{"index": 0, "pointer": "/observations/0/slot", "code": "not-your-slot"}]
    assert deployment_of(deployment.id).recorded_at is None


def test_a_persons_token_is_no_runtime(given, stage):
    person = given.api(given.administrator(), scopes=["runtime:pull", "runtime:report"])
    answer = person.get("/runtime/desired")
    assert (answer.status_code, answer.json()["code"]) == (403, "not-a-runtime")
    assert given.api(None).get("/runtime/desired").status_code == 401


def test_an_agent_that_fell_silent_vouches_for_nothing(stage, agent):
    deployment = stage.given.desire(stage.slot, stage.first)
    agent.get("/runtime/desired")
    agent.post("/runtime/observations", told(stage, deployment, 1, "started"))
    reconcile(slot_id=stage.slot.id)
    assert Observation.objects.get().sync == "in_sync"
    long_ago = db_now() - timedelta(hours=1)
    Observation.objects.update(received_at=long_ago)
    agent.get("/runtime/desired")  # it goes on fetching, but says nothing of what it holds
    reconcile(slot_id=stage.slot.id)
    assert Observation.objects.get().sync == "unknown"
    assert Slot.objects.get().next_check_at is not None
    agent.post("/runtime/observations", told(stage, deployment, 2, "started"))
    assert Observation.objects.get().sync == "in_sync"


def test_quarantined_content_is_not_given_to_an_agent_that_lost_everything(stage, agent):
    deployment = stage.given.desire(stage.slot, stage.first)
    agent.get("/runtime/desired")
    agent.post("/runtime/observations", told(stage, deployment, 1, "started"))
    assert opened(agent.get("/runtime/desired"), agent)["slots"][0]["revoked"] is False
    deployments.quarantine(slot_id=stage.slot.id, digest=stage.first.digest, actor=DISPATCHER, now=db_now())
    assert opened(agent.get("/runtime/desired"), agent)["slots"][0]["revoked"] is True


def test_an_agent_ahead_of_a_restored_database_shows_as_drifted(stage, agent):
    """The restored database asks for generation 1; the agent, which saw generation 5, refuses and says what it holds."""
    deployment = stage.given.desire(stage.slot, stage.first)
    agent.get("/runtime/desired")
    agent.post("/runtime/observations", told(stage, deployment, 1, "started"))
    reconcile(slot_id=stage.slot.id)
    ahead = {"generation": {"timeline": 1, "n": 5}, "digest": stage.second.digest}
    for seq in (2, 3):
        agent.post("/runtime/observations", told(stage, deployment, seq, **ahead))
    assert Observation.objects.get().sync == "drifted"
    assert Event.objects.filter(verb="runtime_adapters.drift.detected").count() == 1
    assert deployment_of(deployment.id).state == "succeeded"
    deployments.bump_timeline(actor=DISPATCHER, now=db_now())
    anew = stage.given.desire(stage.slot, stage.first)
    assert (anew.timeline, anew.generation) == (2, 2), "it outranks 1.5, so the agent takes it"


@pytest.mark.parametrize("result", ["recorded", "failed"])
def test_what_an_agent_repeats_every_few_seconds_is_recorded_once(stage, agent, result):
    deployment = stage.given.desire(stage.slot, stage.first)
    agent.get("/runtime/desired")
    for seq in range(1, 9):
        agent.post("/runtime/observations", told(stage, deployment, seq, result, reason="so"))
    assert Event.objects.filter(verb="runtime_adapters.observation.received").count() == 1
