"""What only Node-RED can go wrong with, on the fake (chosen faults) and on Node-RED itself (real consequences)."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runtime_adapters.adapters.node_red import checks, flows
from runtime_adapters.adapters.node_red.adapter import NodeRedAdapter
from runtime_adapters.adapters.node_red.js_json import dumps
from runtime_adapters.conformance import PlainHttp, slot
from runtime_adapters.contract import (
    ApplyRequest,
    AuthFailed,
    Conflict,
    Context,
    Generation,
    InvalidInput,
    Marks,
    NotApplied,
    Outcome,
    OutcomeUnknown,
    RemoveRequest,
    Severity,
    Unavailable,
    Unsupported,
)
from tests.conformance.releases import FIRST, FOREIGN, SECOND, flow
from tests.fakes import node_red as fake
from tests.real import node_red as real

ORDERS = slot("orders")


def adapter_for(runtime: Any) -> NodeRedAdapter:
    return NodeRedAdapter({"base_url": runtime.base_url, "token_ref": "vault:node-red"})


def context(token: str = fake.TOKEN, seconds: float = 10.0) -> Context:
    return Context(http=PlainHttp(), secret=lambda _ref: token, deadline=time.monotonic() + seconds)


def request(manifest: dict[str, Any] = FIRST, n: int = 1, place: Any = ORDERS) -> ApplyRequest:
    digest = f"sha256:{n:064x}"
    payload = NodeRedAdapter({"base_url": "http://localhost"}).render(manifest, Marks(place, digest, Generation(1, n)))
    return ApplyRequest(place, digest, Generation(1, n), payload, f"key-{n}")


@pytest.fixture
def runtime() -> Iterator[fake.FakeNodeRed]:
    with fake.FakeNodeRed() as running:
        running.put([dict(node) for node in FOREIGN])
        yield running


class TestRendering:
    def test_the_tab_carries_the_marks_and_a_derived_id(self):
        tab, *nodes = request().payload["flows"]
        assert tab["id"] == flows.tab_id(ORDERS.id)
        assert {entry["name"]: entry["value"] for entry in tab["env"]} == {
            "PORTOLAN_INTEGRATION": "orders",
            "PORTOLAN_RELEASE": f"sha256:{1:064x}",
            "PORTOLAN_DEPLOYMENT": "1.1",
            "PORTOLAN_SLOT": str(ORDERS.id),
            "PORTOLAN_ENVIRONMENT": "production",
        }
        assert all(node["z"] == tab["id"] and node["id"].startswith(tab["id"]) for node in nodes)
        assert nodes[0]["wires"] == [[nodes[1]["id"]]]

    def test_a_node_that_only_forgot_its_place_is_still_work(self):
        """Without x and y Node-RED takes a node for configuration; one with wires gets a place."""
        bare = [
            {"id": "a", "type": "inject", "wires": [["b"]]},
            {"id": "b", "type": "debug", "wires": []},
            {"id": "c", "type": "mqtt-broker"},
        ]
        _, inject, debug, broker = request({"payload": {"flows": bare}}).payload["flows"]
        assert {"x", "y"} <= inject.keys() & debug.keys()
        assert "x" not in broker

    def test_two_slots_share_no_id(self):
        ids = [{node["id"] for node in request(place=slot(name)).payload["flows"]} for name in ("orders", "invoices")]
        assert not ids[0] & ids[1]

    def test_subflows_and_configuration_nodes_become_ours(self):
        nodes = [
            {"id": "sub1", "type": "subflow", "name": "s", "in": [{"x": 1, "y": 2, "wires": [{"id": "in1"}]}], "out": []},
            {"id": "in1", "type": "function", "z": "sub1", "x": 1, "y": 1, "wires": [[]]},
            {"id": "use1", "type": "subflow:sub1", "z": "t", "x": 1, "y": 1, "wires": [[]]},
            {"id": "broker1", "type": "mqtt-broker", "name": "b"},
            {"id": "mqtt1", "type": "mqtt in", "z": "t", "broker": "broker1", "topic": "broker1", "x": 1, "y": 1, "wires": [["use1"]]},
        ]
        tab, sub, inside, use, broker, mqtt = request({"payload": {"flows": nodes}}).payload["flows"]
        assert "z" not in sub
        assert (inside["z"], sub["in"][0]["wires"][0]["id"]) == (sub["id"], inside["id"])
        assert use["type"] == f"subflow:{sub['id']}"
        assert (broker["z"], mqtt["broker"], mqtt["topic"]) == (tab["id"], broker["id"], "broker1")
        assert len(flows.owned([*FOREIGN, tab, sub, inside, use, broker, mqtt], tab["id"])) == 6

    @pytest.mark.real
    def test_every_published_flow_is_told_apart_or_rendered(self, real_data: Path):
        """158 real flow files: each renders the same twice and normalises stably, or is refused with a reason and a pointer."""
        rendered = 0
        files = sorted((real_data / "node-red").glob("*.json"))
        for path in files:
            payload = {"flows": json.loads(path.read_bytes())}
            findings = [found for found in checks.offline(payload) if found.severity is Severity.ERROR]
            assert all(found.pointer.startswith("/flows") and found.code and found.detail for found in findings)
            if findings:
                continue
            first, again = request({"payload": payload}).payload, request({"payload": payload}).payload
            assert dumps(first) == dumps(again)
            assert flows.content_hash(flows.normalised(first["flows"])) == flows.content_hash(first["flows"])
            assert not [found for found in checks.offline({"flows": unmarked(first["flows"])}) if found.severity is Severity.ERROR]
            rendered += 1
        assert len(files) > 100
        assert rendered > len(files) * 0.7

    def test_layout_is_no_content_and_work_is(self):
        nodes = request().payload["flows"]
        moved = [{**node, **({"x": 900, "y": 1} if "x" in node else {})} for node in reversed(nodes)]
        edited = [{**node, **({"func": "return null"} if "func" in node else {})} for node in nodes]
        assert flows.content_hash(moved) == flows.content_hash(nodes)
        assert flows.content_hash(edited) != flows.content_hash(nodes)


def unmarked(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**node, "env": []} if node["type"] == "tab" else node for node in nodes]


@pytest.mark.parametrize(
    ("nodes", "code"),
    [
        ([], "no-flows"),
        (["x"], "not-a-node"),
        ([{"type": "debug"}], "missing"),
        ([{"id": "t", "type": "tab"}], "no-nodes"),
        ([{"id": "a", "type": "debug"}, {"id": "a", "type": "debug"}], "duplicate-id"),
        ([{"id": "a", "type": "debug", "wires": [["b"]]}], "wire-to-nowhere"),
        ([{"id": "a", "type": "debug", "wires": "b"}], "wires-shape"),
        ([{"id": "a", "type": "debug", "credentials": {"password": "x"}}], "credentials-refused"),
        ([{"id": "t", "type": "tab"}, {"id": "u", "type": "tab"}, {"id": "a", "type": "debug"}], "second-tab"),
        ([{"id": "t", "type": "tab"}, {"id": "a", "type": "debug", "z": "elsewhere"}], "orphan"),
        ([{"id": "t", "type": "tab", "env": [{"name": "PORTOLAN_RELEASE"}]}, {"id": "a", "type": "debug"}], "reserved-name"),
        ([{"id": "a", "type": "subflow:gone"}], "subflow-missing"),
        ([{"id": n, "type": "http in", "url": "/x", "method": "get"} for n in "ab"], "endpoint-twice"),
    ],
)
def test_what_node_red_would_swallow_is_refused(nodes, code):
    found = NodeRedAdapter.validate({"base_url": "http://localhost:1880"}, {"flows": nodes}, None)
    assert code in {finding.code for finding in found if finding.severity is Severity.ERROR}


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"base_url": "ftp://x"},
        {"base_url": "http://u:p@x"},
        {"base_url": "http://x", "token": "t"},
        {"base_url": "http://x", "token_ref": 5},
    ],
)
def test_a_bad_configuration_is_refused(config):
    with pytest.raises(InvalidInput):
        NodeRedAdapter(config)


class TestFaults:
    def test_an_unknown_node_type_is_named_and_nothing_is_sent(self, runtime):
        unknown = {"payload": {"flows": [{"id": "a", "type": "no-such-node", "x": 1, "y": 1, "wires": []}]}}
        with pytest.raises(InvalidInput, match="no-such-node"):
            adapter_for(runtime).apply(request(unknown), context())
        assert ("POST", "/flows") not in runtime.seen

    def test_an_endpoint_that_another_tab_answers_is_refused(self, runtime):
        with pytest.raises(InvalidInput, match="GET /hand"):
            adapter_for(runtime).apply(request(flow("x", "/hand")), context())

    def test_a_busy_editor_is_met_again(self, runtime):
        runtime.fail("POST", "/flows", "someone-else", times=3)
        result = adapter_for(runtime).apply(request(), context())
        assert (result.outcome, result.evidence["attempt"]) == (Outcome.APPLIED, 4)
        assert len([node for node in runtime.stored if node["id"].startswith("human")]) == 3

    def test_an_editor_that_never_rests_is_a_conflict(self, runtime):
        runtime.fail("POST", "/flows", "someone-else", times=20)
        with pytest.raises(Conflict):
            adapter_for(runtime).apply(request(), context())
        assert len(runtime.faults) == 15

    @pytest.mark.parametrize("how", ["then-reset", "then-html", "then-bad-json"])
    def test_applied_but_not_said_is_settled_by_reading_back(self, runtime, how):
        runtime.fail("POST", "/flows", how)
        result = adapter_for(runtime).apply(request(), context())
        assert (result.outcome, result.evidence["settled_by"]) == (Outcome.APPLIED, "read-back")

    @pytest.mark.parametrize("how", ["reset", "html", "bad-json", "wrong-shape", "500"])
    def test_not_applied_and_not_said_stays_unknown(self, runtime, how):
        runtime.fail("POST", "/flows", how)
        with pytest.raises(OutcomeUnknown):
            adapter_for(runtime).apply(request(), context())
        assert runtime.effects == 1

    def test_a_hanging_write_ends_in_time_and_is_looked_after(self, runtime):
        runtime.fail("POST", "/flows", "then-hang")
        began = time.monotonic()
        result = adapter_for(runtime).apply(request(), context(seconds=2))
        assert result.evidence["settled_by"] == "read-back"
        assert time.monotonic() - began < fake.HANG_S / 2

    def test_a_hanging_read_ends_in_time(self, runtime):
        runtime.fail("GET", "/flows", "hang")
        began = time.monotonic()
        with pytest.raises(Unavailable):
            adapter_for(runtime).observe([ORDERS], context(seconds=1))
        assert time.monotonic() - began < fake.HANG_S / 2

    def test_an_endless_answer_is_cut(self, runtime):
        runtime.fail("GET", "/flows", "huge")
        with pytest.raises(Unavailable):
            adapter_for(runtime).observe([ORDERS], context())

    def test_a_full_disk_is_proof_that_nothing_changed(self, runtime):
        runtime.fail("POST", "/flows", "save-failure")
        with pytest.raises(NotApplied, match="EPERM") as refused:
            adapter_for(runtime).apply(request(), context())
        assert "/srv" not in str(refused.value)

    def test_a_wrong_token_is_never_tried_twice(self, runtime):
        with pytest.raises(AuthFailed):
            adapter_for(runtime).apply(request(), context(token="wrong"))
        assert len(runtime.seen) == 1

    @pytest.mark.parametrize("version", ["3.1.0", "6.0.0", "", "four"])
    def test_a_version_out_of_range_is_refused(self, version):
        with fake.FakeNodeRed(version=version) as old, pytest.raises(Unsupported):
            adapter_for(old).probe(context())

    def test_an_open_admin_interface_is_told(self):
        with fake.FakeNodeRed(token=None) as open_to_all:
            found = NodeRedAdapter({"base_url": open_to_all.base_url}).probe(context())
        assert [finding.code for finding in found.findings] == ["admin-open"]

    def test_a_stopped_runtime_has_not_started_anything(self, runtime):
        adapter_for(runtime).apply(request(), context())
        runtime.state = "stop"
        (seen,) = adapter_for(runtime).observe([ORDERS], context())
        assert (seen.digest, seen.started) == (request().digest, False)

    def test_a_poisoned_runtime_is_not_believed(self, runtime):
        """Node-RED says that all is started while an unknown type on any tab keeps it from starting anything new."""
        adapter_for(runtime).apply(request(), context())
        runtime.put([*runtime.stored, {"id": "poison0000000001", "type": "no-such-node", "z": "handmade00000001"}])
        (seen,) = adapter_for(runtime).observe([ORDERS], context())
        assert (seen.started, seen.evidence["missing_types"]) == (False, ["no-such-node"])

    def test_others_credentials_survive(self, runtime):
        runtime.put([*FOREIGN, {"id": "broker0000000001", "type": "mqtt-broker", "credentials": {"user": "u", "password": "p"}}])
        adapter_for(runtime).apply(request(), context())
        assert runtime.credentials == {"broker0000000001": {"user": "u", "password": "p"}}


@pytest.fixture(scope="module")
def node_red() -> Iterator[real.RealNodeRed]:
    if real.installed() is None:
        pytest.skip("Node-RED is not installed (tests/real/install_node_red.sh)")
    with real.RealNodeRed() as running:
        yield running


@pytest.mark.real
class TestReal:
    @pytest.fixture(autouse=True)
    def fresh(self, node_red: real.RealNodeRed) -> None:
        node_red.deploy(FOREIGN)

    def test_the_deployed_flow_answers_with_its_own_digest(self, node_red):
        adapter_for(node_red).apply(request(FIRST, 1), context())
        assert answer_of(node_red, "/orders") == {"answer": "first", "release": request(FIRST, 1).digest}
        adapter_for(node_red).apply(request(flow("second"), 2), context())
        assert answer_of(node_red, "/orders") == {"answer": "second", "release": request(SECOND, 2).digest}

    def test_the_revision_computed_beforehand_is_the_one_told(self, node_red):
        result = adapter_for(node_red).apply(request(flow("é 🚚 \u2028 注文")), context())
        assert result.evidence["rev_matches"] is True
        assert node_red.flows()["rev"] == result.evidence["rev"]

    def test_others_keep_their_bytes_and_their_memory(self, node_red):
        node_red.deploy(COUNTING)
        assert answer_of(node_red, "/count") == 1
        before = dumps(node_red.flows()["flows"])
        adapter_for(node_red).apply(request(FIRST, 1), context())
        adapter_for(node_red).apply(request(SECOND, 2), context())
        adapter_for(node_red).remove(_removal(), context())
        assert answer_of(node_red, "/count") == 2, "an in-memory counter survives deployments of other tabs"
        assert dumps(node_red.flows()["flows"]) == before

    def test_removing_ends_the_endpoint(self, node_red):
        adapter_for(node_red).apply(request(FIRST, 1), context())
        assert answer_of(node_red, "/orders")
        adapter_for(node_red).remove(_removal(), context())
        assert until_status(node_red, "/orders", 404)

    def test_an_unknown_type_never_reaches_it(self, node_red):
        unknown = {"payload": {"flows": [{"id": "a", "type": "no-such-node", "x": 1, "y": 1, "wires": []}]}}
        before = node_red.flows()["rev"]
        with pytest.raises(InvalidInput, match="no-such-node"):
            adapter_for(node_red).apply(request(unknown), context())
        assert node_red.flows()["rev"] == before

    def test_a_poisoned_runtime_is_not_believed(self, node_red):
        adapter_for(node_red).apply(request(FIRST, 1), context())
        poison = {"id": "poison0000000001", "type": "no-such-node", "z": "handmade00000001", "x": 1, "y": 1, "wires": []}
        node_red.deploy([*node_red.flows()["flows"], poison], "flows")
        assert json.loads(node_red.request("GET", "/flows/state")[1])["state"] == "start", "what Node-RED itself says"
        (seen,) = adapter_for(node_red).observe([ORDERS], context())
        assert (seen.started, seen.evidence["missing_types"]) == (False, ["no-such-node"])

    def test_a_hand_edit_is_seen_though_the_mark_is_ours(self, node_red):
        asked = request(FIRST, 1)
        adapter_for(node_red).apply(asked, context())
        stored = node_red.flows()["flows"]
        edited = [
            {**node, "func": "msg.payload='by hand';return msg;"}
            if node["id"].startswith(flows.tab_id(ORDERS.id)) and "func" in node
            else node
            for node in stored
        ]
        node_red.deploy(edited, "flows")
        (seen,) = adapter_for(node_red).observe([ORDERS], context())
        assert seen.digest == asked.digest
        assert seen.content_hash != NodeRedAdapter.content_hash(adapter_for(node_red), asked.payload)
        (change,) = adapter_for(node_red).plan(asked.payload, seen.content)
        assert (change.kind, change.pointer.endswith("/func")) == ("change", True)

    def test_it_survives_a_kill(self, node_red):
        asked = request(FIRST, 1)
        result = adapter_for(node_red).apply(asked, context())
        node_red.stop(kill=True)
        with pytest.raises(Unavailable):
            adapter_for(node_red).observe([ORDERS], context())
        node_red.start()
        (seen,) = adapter_for(node_red).observe([ORDERS], context())
        assert (seen.digest, seen.native_revision, seen.started) == (asked.digest, result.native_revision, True)

    def test_eight_writers_at_once_lose_nothing(self, node_red):
        """Every slot lands, whatever the order; 409 is met again, and who gives up says so."""
        places = [slot(f"race-{n}") for n in range(8)]
        outcomes: dict[Any, Any] = {}

        def write(place: Any) -> None:
            asked = request(flow("x", f"/{place.integration}"), place=place)
            for _ in range(10):
                try:
                    outcomes[place] = adapter_for(node_red).apply(asked, context(seconds=30)).outcome
                    return
                except Conflict:
                    continue

        threads = [threading.Thread(target=write, args=(place,)) for place in places]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        seen = adapter_for(node_red).observe(places, context())
        assert set(outcomes.values()) == {Outcome.APPLIED}
        assert all(one.present and one.started for one in seen)

    def test_a_limited_token_is_told_by_the_probe(self, node_red):
        found = adapter_for(node_red).probe(context(real.LIMITED_TOKEN))
        assert [(finding.code, finding.severity) for finding in found.findings] == [("cannot-read", Severity.ERROR)]
        with pytest.raises(AuthFailed):
            adapter_for(node_red).apply(request(), context(real.LIMITED_TOKEN))

    def test_the_probe_tells_version_and_clock(self, node_red):
        probe = adapter_for(node_red).probe(context())
        assert probe.version.startswith("4.")
        assert abs(probe.clock_offset_s) <= 3
        assert probe.findings == ()


COUNTING = [
    {"id": "counting00000001", "type": "tab", "label": "counts", "disabled": False, "info": "", "env": []},
    {
        "id": "counting00000002",
        "type": "http in",
        "z": "counting00000001",
        "url": "/count",
        "method": "get",
        "x": 1,
        "y": 2,
        "wires": [["counting00000003"]],
    },
    {
        "id": "counting00000003",
        "type": "function",
        "z": "counting00000001",
        "func": "const n=(context.get('n')||0)+1;context.set('n',n);msg.payload=n;return msg;",
        "outputs": 1,
        "x": 2,
        "y": 2,
        "wires": [["counting00000004"]],
    },
    {"id": "counting00000004", "type": "http response", "z": "counting00000001", "x": 3, "y": 2, "wires": []},
]


def answer_of(node_red: real.RealNodeRed, path: str) -> Any:
    """Node-RED answers a deployment before the flow has started: ask with a bound."""
    return json.loads(until_status(node_red, path, 200))


def until_status(node_red: real.RealNodeRed, path: str, status: int) -> bytes:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        told, body = node_red.request("GET", path)
        if told == status:
            return body
        time.sleep(0.02)
    raise AssertionError(f"{path} never answered {status}")


def _removal() -> Any:
    return RemoveRequest(ORDERS, Generation(1, 9), "removal")


def test_the_payload_of_another_slot_is_refused(runtime):
    with pytest.raises(InvalidInput, match="another slot"):
        adapter_for(runtime).apply(replace(request(), slot=slot("invoices")), context())
