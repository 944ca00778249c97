"""Both adapters under the whole delivery: the real agent process's code against the served API, and a real Node-RED."""

import json
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from catalog.models import LiveRelease
from foundation.clock import db_now
from runtime_adapters.agent.flow import FlowEngine
from runtime_adapters.agent.link import Link
from runtime_adapters.agent.loop import Agent, Pace
from runtime_adapters.agent.releases import Releases
from runtime_adapters.agent.state import State
from runtime_adapters.models import Deployment, HealthReading, Observation
from runtime_adapters.services import deployments
from runtime_adapters.services.reconcile import reconcile
from tests.conformance.releases import flow
from tests.given.delivery import DISPATCHER
from tests.real import node_red as real

FLOW = {"kind": "file-to-file", "every_s": 1, "transform": {"rename": {"customer": "buyer"}}}
ORDERS = {"runtime_kind": "reference-agent", "payload": {"flow": FLOW}}
STRICTER = {"runtime_kind": "reference-agent", "payload": {"flow": {**FLOW, "transform": {"require": ["vat_number"]}}}}


class TestAgent:
    @pytest.fixture
    def stage(self, live_server, given, tmp_path):
        given.environment("test", soak_s=0)
        self.given, self.folder, self.url = given, tmp_path, live_server.url
        self.runtime = given.runtime("files", kind="reference-agent")
        integration = given.integration("orders-to-erp")
        self.first = given.release(integration, "1.0.0", manifest=ORDERS)
        self.second = given.release(integration, "1.1.0", manifest=STRICTER)
        self.slot = given.slot(integration, self.runtime)
        (tmp_path / "token").write_text(given.runtime_token(self.runtime))
        return self

    def agent(self) -> Agent:
        state = State(self.folder / "state")
        releases = Releases(self.folder / "releases", state, None)
        pace = Pace(every_s=0.1, health_s=0.0, observe_s=0.0)
        return Agent(Link(self.url, self.folder / "token"), state, releases, flows=FlowEngine(self.folder / "work"), pace=pace)

    def document(self):
        path = self.folder / "releases" / "orders-to-erp--test" / "release.json"
        return json.loads(path.read_bytes()) if path.exists() else None

    def test_from_desired_to_measured(self, stage):
        deployment = stage.given.desire(stage.slot, stage.first)
        reconcile(slot_id=stage.slot.id)
        agent = stage.agent()
        agent.cycle()
        reconcile(slot_id=stage.slot.id)
        assert stage.document()["release"] == stage.first.digest
        done = Deployment.objects.get(pk=deployment.pk)
        assert done.accepted_at <= done.recorded_at
        assert done.started_at is not None
        assert Observation.objects.get(slot=stage.slot).content_hash == stage.given.desired(stage.slot).content_hash
        agent._flows.run_due(time.monotonic())
        agent.cycle()
        (reading,) = HealthReading.objects.all()
        assert (reading.release_id, reading.runs_succeeded, reading.runs_failed) == (stage.first.id, 1, 0)
        assert reading.records_written == len(list((stage.folder / "work" / str(stage.slot.id) / "outbox").iterdir()))

    def test_a_newer_release_follows_and_a_cleared_one_goes(self, stage):
        agent = stage.agent()
        stage.given.desire(stage.slot, stage.first)
        agent.cycle()
        stage.given.desire(stage.slot, stage.second)
        agent.cycle()
        assert stage.document()["release"] == stage.second.digest
        deployments.clear_desired(slot_id=stage.slot.id, change_id=uuid4(), actor=DISPATCHER, now=db_now())
        agent.cycle()
        assert stage.document() is None
        assert Observation.objects.get(slot=stage.slot).is_present is False


@pytest.fixture(scope="module")
def node_red() -> Iterator[real.RealNodeRed]:
    if real.installed() is None:
        pytest.skip("Node-RED is not installed (tests/real/install_node_red.sh)")
    with real.RealNodeRed() as running:
        yield running


@pytest.mark.real
@pytest.mark.django_db
class TestNodeRed:
    @pytest.fixture
    def stage(self, given, node_red, monkeypatch):
        monkeypatch.setenv("NODE_RED_TOKEN", real.TOKEN)
        node_red.deploy([])
        given.environment("test", soak_s=0)
        config = {"base_url": node_red.base_url, "token_ref": "env://NODE_RED_TOKEN"}
        runtime = given.runtime("flows", kind="node-red", config=config)
        integration = given.integration("orders-to-erp")
        self.given, self.node_red = given, node_red
        self.first = given.release(integration, "1.0.0", manifest=flow("first"))
        self.second = given.release(integration, "1.1.0", manifest=flow("second"))
        self.slot = given.slot(integration, runtime)
        return self

    def answer(self):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            status, body = self.node_red.request("GET", "/orders")
            if status == 200:
                return json.loads(body)
            time.sleep(0.02)
        raise AssertionError("the flow never answered")

    def test_what_was_approved_runs_and_says_so_itself(self, stage):
        deployment = stage.given.desire(stage.slot, stage.first)
        reconcile(slot_id=stage.slot.id)
        done = Deployment.objects.get(pk=deployment.pk)
        assert (done.state, done.is_read_back) == ("succeeded", True)
        assert done.started_at is not None
        assert stage.answer() == {"answer": "first", "release": stage.first.digest}

    def test_a_newer_release_takes_over_and_the_older_comes_back(self, stage):
        for release, answer in [(stage.first, "first"), (stage.second, None), (stage.first, "first")]:
            stage.given.desire(stage.slot, release)
            reconcile(slot_id=stage.slot.id)
            if answer:
                assert stage.answer()["release"] == release.digest
        assert [row.state for row in Deployment.objects.order_by("generation")] == ["succeeded"] * 3

    def test_what_is_taken_out_does_not_answer_any_more_and_what_others_deployed_does(self, stage):
        theirs = {"id": "theirs", "type": "tab", "label": "Theirs"}
        stage.node_red.deploy([theirs])
        stage.given.desire(stage.slot, stage.first)
        reconcile(slot_id=stage.slot.id)
        assert stage.answer()["release"] == stage.first.digest
        gone = deployments.clear_desired(slot_id=stage.slot.id, change_id=uuid4(), actor=DISPATCHER, now=db_now())
        reconcile(slot_id=stage.slot.id)
        done = Deployment.objects.get(pk=gone.pk)
        assert (done.state, done.is_read_back) == ("succeeded", True)
        assert stage.node_red.request("GET", "/orders")[0] == 404
        assert "theirs" in [node["id"] for node in stage.node_red.flows()["flows"]]
        assert not LiveRelease.objects.exists()
