"""From running to gone and back, over HTTP, with the runtime's agent on the wire."""

import base64
import json

import pytest
from django.test import Client

from catalog.models import Integration, LiveRelease
from foundation.clock import db_now
from governance.services import settlement
from runtime_adapters.contract import MARKS_KEY, json_hash
from runtime_adapters.models import Slot
from runtime_adapters.services.reconcile import reconcile
from tests.given.governance import WORKER
from tests.given.lifecycle import simple_lifecycle
from tests.given.people import Api
from tests.runtime_adapters.conftest import Agent

pytestmark = pytest.mark.django_db
TARGET = {"environment": "production", "runtime": "agent"}
SLUG = "orders-to-erp"


@pytest.fixture
def estate(given):
    """A release of an integration whose lifecycle ends where nothing runs, and an agent in production."""
    given.now = db_now()
    given.environment("production", soak_s=0)
    given.administrator("root")
    given.agent()
    given.policy("default", given.quorum(needs=1))
    given.lifecycle(simple_lifecycle(["used", "ended"], [("used", "ended", ["nothing-live"])]))
    given.releasable()
    return given


def signed_in(given, name):
    """People vote with their session, not with a token."""
    api = Api(None)
    api.client = Client()
    api.client.force_login(given.person(name), backend="django.contrib.auth.backends.ModelBackend")
    return api


def decided(given, body):
    """Asked for by olga, approved by ann, sent; the request's number."""
    asked = given.api("olga").post("/change-requests", {"integration": SLUG, "targets": [TARGET], "reason": "Because.", **body})
    assert asked.status_code == 201, asked.content
    shown = asked.json()
    vote = {"value": "approve", "subject_digest": shown["subject_digest"]}
    voted = signed_in(given, "ann").post(f"/change-requests/{shown['number']}/votes", vote)
    assert (voted.status_code, voted.json()["state"]) == (201, "dispatched")
    return shown["number"]


def delivered(agent, seq):
    """The agent fetches what should be there, brings it in line, tells, and everybody draws their conclusion; what it was told."""
    envelope = json.loads(agent.get("/runtime/desired").content)
    (told,) = json.loads(base64.b64decode(envelope["payload"]))["slots"]
    content = {name: value for name, value in (told["payload"] or {}).items() if name != MARKS_KEY}
    held = {"digest": told["digest"], "content_hash": json_hash(content) if told["digest"] else ""}
    item = {"slot": told["slot"], "generation": told["generation"], "native_revision": "", "seq": seq, "result": "recorded", **held}
    answer = agent.post("/runtime/observations", {"observations": [item]})
    assert answer.json()["accepted"] == 1, answer.content
    reconcile(slot_id=Slot.objects.get().id)
    settlement.settle_due(now=db_now(), actor=WORKER)
    return told["state"]


def test_deployed_taken_out_retired_deleted_and_brought_back(estate):
    given = estate
    olga, root = given.api("olga"), given.api("root")
    agent = Agent(given.runtime_token(given.agent()))
    decided(given, {"release": "1.0.0"})
    assert delivered(agent, 1) == "present"
    assert LiveRelease.objects.get().release.version == "1.0.0"

    stage = olga.get(f"/integrations/{SLUG}")
    stuck = olga.post(f"/integrations/{SLUG}/stage", {"to": "ended"}, if_match=stage.json()["version"])
    assert (stuck.status_code, [fault["code"] for fault in stuck.json()["errors"]]) == (409, ["nothing-live"])
    plan = olga.post(f"/integrations/{SLUG}/deletion-plan").json()
    assert {blocker["code"] for blocker in plan["blockers"]} >= {"live", "desired"}

    number = decided(given, {"action": "retire"})
    diff = olga.get(f"/change-requests/{number}/diff").json()["targets"][0]
    assert (diff["base_version"], diff["new"], diff["statements"][0]["kind"]) == ("1.0.0", None, "removed")
    assert diff["old"]["flow"]["kind"] == "file-to-file"
    assert delivered(agent, 2) == "absent"
    done = olga.get(f"/change-requests/{number}").json()
    assert (done["state"], done["action"], done["release"]) == ("completed", "retire", None)
    assert not LiveRelease.objects.exists()

    version = olga.get(f"/integrations/{SLUG}").json()["version"]
    ended = olga.post(f"/integrations/{SLUG}/stage", {"to": "ended"}, if_match=version)
    assert ended.status_code == 200, ended.content
    plan = olga.post(f"/integrations/{SLUG}/deletion-plan").json()
    assert (plan["blockers"], plan["may_proceed"]) == ([], True)
    gone = olga.post(f"/integrations/{SLUG}/tombstone", {"token": plan["token"]})
    assert gone.status_code == 201, gone.content
    assert olga.get(f"/integrations/{SLUG}").status_code == 404
    back = root.post(f"/tombstones/{gone.json()['id']}/restore", {})
    assert back.status_code == 200, back.content
    assert Integration.objects.get(slug=SLUG).stage == "ended"
    refused = olga.post("/change-requests", {"integration": SLUG, "release": "1.0.0", "targets": [TARGET], "reason": "Again."})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "retired")


def test_what_was_taken_out_runs_again(estate):
    given = estate
    agent = Agent(given.runtime_token(given.agent()))
    for seq, (body, state) in enumerate(
        [({"release": "1.0.0"}, "present"), ({"action": "retire"}, "absent"), ({"release": "1.0.0"}, "present")], start=1
    ):
        decided(given, body)
        assert delivered(agent, seq) == state
    assert LiveRelease.objects.get().release.version == "1.0.0"


def test_refusals_say_what_and_where(estate):
    api = estate.api("olga")
    ask = {"integration": SLUG, "targets": [TARGET], "reason": "Because."}
    for body, status, pointer in (
        ({"action": "retire"}, 422, "/targets/0"),
        ({"action": "retire", "release": "1.0.0"}, 422, "/release"),
        ({"action": "config"}, 400, "/action"),
        ({}, 400, "/release"),
        ({"action": "rollback", "release": None}, 400, "/release"),
    ):
        answer = api.post("/change-requests", {**ask, **body})
        assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (status, [pointer]), answer.content
    for body, status in (({"action": "retire", "manifest": {}}, 422), ({}, 400), ({"manifest": None}, 400)):
        answer = api.post("/evaluate", {"integration": SLUG, "targets": [TARGET], **body})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, "/manifest"), answer.content
