"""Every governance route over HTTP: what it answers, and each way it refuses."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from foundation.clock import db_now
from governance.domain.lifecycle import State
from governance.models import ChangeRequest, Vote
from runtime_adapters.domain.states import DeploymentState as Ended
from tests.given.governance import flow
from tests.given.people import Api

BOARD = {"slug": "risk", "title": "Risk board", "members": ["ann", "bob"]}
QUORUM = {"kind": "quorum", "name": "risk", "needs": 1, "boards": ["risk"]}
POLICY = {"slug": "risk-rules", "title": "Risk rules", "environments": ["production"], "requirements": [QUORUM]}
TARGET = {"environment": "production", "runtime": "agent"}
ASK = {"integration": "orders-to-erp", "release": "1.0.0", "targets": [TARGET], "reason": "Because."}
OTHER = "sha256:" + "0" * 64


@pytest.fixture
def now(given):
    """The API reads the database's clock, so what is given begins now."""
    given.now = db_now()
    return given


@pytest.fixture
def session():
    """An HTTP client signed in to the portal: people vote with their session, not with a token."""

    def of(user):
        api = Api(None)
        api.client = Client()
        api.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return api

    return of


@pytest.fixture
def change(now):
    return now.change_in_review(needs=2)


def problem(response, status, code):
    """The answer is an RFC 9457 document with this status and code."""
    assert response.status_code == status, response.content[:500]
    assert response["Content-Type"].startswith("application/problem+json")
    body = response.json()
    assert (body["status"], body["code"]) == (status, code), body
    assert {"type", "title", "detail", "errors", "request_id"} <= body.keys()
    return body


def pointers(response):
    return [fault["pointer"] for fault in response.json()["errors"]]


ROUTES = [
    ("GET", "/boards", None),
    ("POST", "/boards", BOARD),
    ("GET", "/boards/change-board", None),
    ("PUT", "/boards/change-board/members/dora", None),
    ("DELETE", "/boards/change-board/members/ann", None),
    ("GET", "/policies", None),
    ("POST", "/policies", POLICY),
    ("GET", "/policies/default", None),
    ("PATCH", "/policies/default", {"title": "New"}),
    ("POST", "/evaluate", {"integration": "orders-to-erp", "manifest": flow(), "targets": [TARGET]}),
    ("GET", "/change-requests", None),
    ("POST", "/change-requests", ASK),
    ("GET", "/change-requests/{n}", None),
    ("PATCH", "/change-requests/{n}", {"reason": "New"}),
    ("POST", "/change-requests/{n}/votes", {"value": "approve", "subject_digest": OTHER}),
    ("POST", "/change-requests/{n}/withdraw", {"reason": ""}),
    ("POST", "/change-requests/{n}/dispatch", None),
    ("GET", "/change-requests/{n}/diff", None),
    ("GET", "/change-requests/{n}/timeline", None),
    ("GET", "/change-requests/{n}/evidence", None),
    ("POST", "/slots/{slot}/rollback", {"reason": "Back."}),
]


def call(api, method, path, body, change, **more):
    path = path.format(n=change.number, slot=change.targets.get().slot_id)
    return api.get(path) if method == "GET" else api._send(method, path, body, **more)


def test_the_table_names_every_route():
    """Of boards, policies and changes; routes of other areas are in the matrix of tests/hostile."""
    from governance.api.urls import urlpatterns

    named = set()
    for pattern in urlpatterns:
        view = pattern.callback.view_class
        if view.__module__ in {"governance.api.changes", "governance.api.landscape"}:
            named |= {(method.upper(), pattern.name) for method in view.scopes}
    assert len(named) == len(ROUTES)


@pytest.mark.parametrize(("method", "path", "body"), ROUTES, ids=lambda value: value if isinstance(value, str) else "")
def test_nobody_gets_in_unknown_and_no_token_does_what_it_was_not_made_for(now, change, method, path, body):
    problem(call(now.api(None), method, path, body, change), 401, "not-authenticated")
    wrong = now.api("root", scopes=["catalog:read"])
    problem(call(wrong, method, path, body, change), 403, "scope-missing")
    before = ChangeRequest.objects.count(), Vote.objects.count()
    assert before == (1, 0)


@pytest.mark.parametrize(
    ("method", "path", "body"), [route for route in ROUTES if "{" in route[1]], ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_one_may_not_see_is_missing(now, session, change, method, path, body):
    type(change.integration).objects.filter(pk=change.integration_id).update(visibility="restricted")
    stranger = session(now.person("eve"))
    assert call(stranger, method, path, body, change, if_match=1).status_code == 404
    assert call(stranger, "GET", "/change-requests", None, change).json()["results"] == []


class TestBoards:
    def test_register_read_list(self, now):
        now.person("ann")
        now.person("bob")
        root = now.api("root")
        now.administrator()
        made = root.post("/boards", BOARD)
        assert made.status_code == 201, made.content
        assert made["ETag"] == '"1"'
        assert Event.objects.filter(pk=made["Audit-Event"], verb="governance.board.registered").exists()
        assert [member["username"] for member in made.json()["members"]] == ["ann", "bob"]
        assert root.get("/boards/RISK").json()["slug"] == "risk"
        assert [board["slug"] for board in root.get("/boards").json()["results"]] == ["risk"]

    def test_refusals(self, now):
        now.board("risk", members=["ann"])
        root, olga = now.api("root"), now.api("olga")
        problem(olga.post("/boards", BOARD), 403, "not-allowed")
        problem(root.post("/boards", {**BOARD, "members": []}), 409, "slug-taken")
        assert pointers(root.post("/boards", {**BOARD, "slug": "new", "members": ["ann", "ghost"]})) == ["/members/1"]
        assert pointers(root.post("/boards", {"slug": "no good", "title": "", "members": []})) == ["/slug", "/title"]
        assert pointers(root.post("/boards", {**BOARD, "wish": 1})) == ["/wish"]
        problem(root.get("/boards/ghost"), 404, "board-missing")
        problem(root.put("/boards/ghost/members/ann"), 404, "board-missing")
        assert root.put("/boards/risk/members/ghost").status_code == 404
        problem(olga.put("/boards/risk/members/olga"), 403, "not-allowed")

    def test_members_come_and_go(self, now):
        now.board("risk", members=["ann"])
        now.person("bob")
        root = now.api("root")
        for _ in range(2):
            assert root.put("/boards/risk/members/bob").status_code == 200
        assert [m["username"] for m in root.get("/boards/risk").json()["members"]] == ["ann", "bob"]
        for _ in range(2):
            assert root.delete("/boards/risk/members/bob").status_code == 204
        assert Event.objects.filter(verb="governance.board.member_added").count() == 2
        assert Event.objects.filter(verb="governance.board.member_removed").count() == 1


class TestPolicies:
    def test_register_read_update(self, now):
        now.board("risk", members=["ann"])
        now.environment("production")
        root = now.api("root")
        made = root.post("/policies", POLICY)
        assert made.status_code == 201, made.content
        assert made.json()["requirements"][0] | QUORUM == made.json()["requirements"][0]
        changed = root.patch("/policies/risk-rules", {"requirements": [{**QUORUM, "veto": False}]}, if_match=1)
        assert changed.status_code == 200, changed.content
        assert (changed["ETag"], changed.json()["requirements"][0]["veto"]) == ('"2"', False)
        assert root.get("/policies").json()["results"][0]["environments"] == ["production"]

    def test_refusals(self, now):
        now.board("risk", members=["ann"])
        now.environment("production")
        root, olga = now.api("root"), now.api("olga")
        problem(olga.post("/policies", POLICY), 403, "not-allowed")
        body = problem(root.post("/policies", {**POLICY, "requirements": [{**QUORUM, "needs": 0}]}), 422, "invalid-policy")
        assert body["errors"][0]["pointer"] == "/requirements/0"
        assert pointers(root.post("/policies", {**POLICY, "requirements": [{**QUORUM, "boards": ["ghost"]}]})) == ["/requirements/0/boards"]
        assert root.post("/policies", {**POLICY, "environments": ["moon"]}).status_code in {404, 422}
        assert root.post("/policies", POLICY).status_code == 201
        problem(root.post("/policies", POLICY), 409, "slug-taken")
        problem(root.patch("/policies/risk-rules", {"title": "x"}), 428, "if-match-required")
        problem(root.patch("/policies/risk-rules", {"title": "x"}, if_match=7), 412, "version-moved")
        problem(root.patch("/policies/ghost", {"title": "x"}, if_match=1), 404, "policy-missing")
        problem(olga.patch("/policies/risk-rules", {"title": "x"}, if_match=1), 403, "not-allowed")


class TestAsking:
    def test_the_whole_way(self, now, session):
        now.agent()
        now.policy("default", now.quorum(needs=2))
        now.releasable()
        olga, ann, bob = (session(now.person(name)) for name in ("olga", "ann", "bob"))
        said = olga.post("/evaluate", {"integration": "orders-to-erp", "manifest": flow(), "targets": [TARGET]})
        assert said.status_code == 200, said.content
        assert not said.has_header("Audit-Event")
        asked = olga.post("/change-requests", ASK)
        assert asked.status_code == 201, asked.content
        body, preview = asked.json(), said.json()
        assert (preview["verdict"], preview["release_digest"]) == (body["verdict"], body["release_digest"])
        assert [r | {"next_change_at": None} for r in preview["requirements"]] == [
            r | {"next_change_at": None} for r in body["requirements"]
        ]
        assert (body["state"], body["verdict"], body["may_vote"]) == ("open", "blocked", False)
        assert [who["name"] for who in body["requirements"][0]["who_can_unblock"]] == ["Ann", "Bob", "Cid"]
        path = f"/change-requests/{body['number']}"
        assert ann.get(path).json()["may_vote"] is True
        vote = {"value": "approve", "subject_digest": body["subject_digest"]}
        first = ann.post(f"{path}/votes", vote)
        assert first.status_code == 201, first.content
        assert Event.objects.filter(pk=first["Audit-Event"], verb="governance.vote.cast").exists()
        assert first.json()["requirements"][0]["approved_by"] == ["Ann"]
        assert bob.post(f"{path}/votes", vote).json()["state"] == "dispatched"
        diff = olga.get(f"{path}/diff").json()
        assert diff["targets"][0]["new"]["flow"]["kind"] == "file-to-file"
        timeline = olga.get(f"{path}/timeline").json()["results"]
        assert [entry["verb"] for entry in timeline][:2] == ["governance.change.drafted", "governance.change.submitted"]
        assert {entry["who"] for entry in timeline} >= {"Olga", "Ann", "Bob"}

    def test_refusals(self, now):
        now.agent()
        now.releasable()
        olga = now.api("olga")
        problem(olga.post("/change-requests", ASK), 422, "no-policy")
        now.policy("default", now.quorum(needs=2))
        problem(now.api("ann").post("/change-requests", ASK), 403, "not-allowed")
        problem(olga.post("/change-requests", {**ASK, "integration": "ghost"}), 404, "integration-missing")
        assert olga.post("/change-requests", {**ASK, "release": "9.9.9"}).status_code == 404
        assert pointers(olga.post("/change-requests", {**ASK, "targets": [{**TARGET, "runtime": "ghost"}]})) == ["/targets/0/runtime"]
        assert pointers(olga.post("/change-requests", {**ASK, "targets": [{"environment": "production"}]})) == ["/targets/0/runtime"]
        assert pointers(olga.post("/change-requests", {**ASK, "reason": 5})) == ["/reason"]
        assert olga.post("/change-requests", raw=b'{"reason": "\\u0000"}').status_code == 400
        assert olga.post("/change-requests", raw=b'{"reason": 1, "reason": 2}').status_code == 400
        now.tightened("default", now.quorum(needs=9))
        body = problem(olga.post("/change-requests", ASK), 422, "unsatisfiable")
        assert body["shortfall"] == {"board": 6}
        assert not ChangeRequest.objects.exists()

    def test_the_same_key_asks_once(self, now):
        now.agent()
        now.policy()
        now.releasable()
        olga = now.api("olga")
        first, second = (olga.post("/change-requests", ASK, key="k-1") for _ in range(2))
        assert first.json() == second.json()
        assert second["Idempotency-Replayed"] == "true"
        assert ChangeRequest.objects.count() == 1
        problem(olga.post("/change-requests", {**ASK, "reason": "Another."}, key="k-1"), 422, "idempotency-key-reused")

    def test_the_list(self, now):
        now.change_in_review()
        now.later(seconds=1)
        second = now.asked()
        olga = now.api("olga")
        found = olga.get("/change-requests", limit=1).json()
        assert [row["number"] for row in found["results"]] == [second.number]
        rest = olga.get("/change-requests", limit=1, cursor=found["next"]).json()
        assert len(rest["results"]) == 1
        assert olga.get("/change-requests", state="dispatched").json()["results"] == []
        assert olga.get("/change-requests", integration="ORDERS-to-erp", count="true").json()["count"] == 2
        assert olga.get("/change-requests", state="sleeping").status_code == 400
        assert olga.get("/change-requests", wish="1").status_code == 400

    def test_the_list_asks_the_database_as_often_for_twenty_as_for_one(self, now, django_assert_num_queries):
        now.change_in_review()
        olga = now.api("olga")
        olga.get("/change-requests")
        with CaptureQueriesContext(connection) as one:
            assert len(olga.get("/change-requests").json()["results"]) == 1
        for _ in range(19):
            now.asked()
        with django_assert_num_queries(len(one)):
            assert len(olga.get("/change-requests").json()["results"]) == 20


class TestEditing:
    def test_with_the_version_seen(self, now, change):
        olga = now.api("olga")
        path = f"/change-requests/{change.number}"
        tag = int(olga.get(path)["ETag"].strip('"'))
        problem(olga.patch(path, {"reason": "Clearer."}), 428, "if-match-required")
        problem(olga.patch(path, {"reason": "Clearer."}, if_match=tag + 1), 412, "version-moved")
        changed = olga.patch(path, {"reason": "Clearer."}, if_match=tag)
        assert (changed.status_code, changed.json()["reason"]) == (200, "Clearer.")
        assert changed["ETag"] == f'"{tag + 1}"'
        problem(now.api("ann").patch(path, {"reason": "Mine."}, if_match=tag + 1), 403, "not-allowed")

    def test_withdraw_and_then_nothing_more(self, now, session, change):
        olga = now.api("olga")
        path = f"/change-requests/{change.number}"
        assert olga.post(f"{path}/withdraw", {"reason": "No."}).json()["state"] == "withdrawn"
        problem(olga.post(f"{path}/withdraw", {"reason": ""}), 409, "request-closed")
        problem(olga.patch(path, {"reason": "x"}, if_match=3), 409, "request-closed")
        vote = {"value": "approve", "subject_digest": change.subject_digest}
        problem(session(now.person("ann")).post(f"{path}/votes", vote), 409, "request-closed")
        assert not Vote.objects.exists()


class TestVoting:
    def test_refusals(self, now, session, change):
        path = f"/change-requests/{change.number}/votes"
        vote = {"value": "approve", "subject_digest": change.subject_digest}
        ann = session(now.person("ann"))
        body = problem(ann.post(path, {**vote, "subject_digest": OTHER}), 412, "content-moved")
        assert body["subject_digest"] == change.subject_digest
        problem(session(now.person("olga")).post(path, vote), 403, "not-eligible")
        problem(session(now.administrator()).post(path, vote), 403, "not-eligible")
        problem(now.api("ann").post(path, vote), 403, "not-eligible")
        problem(ann.post(path, {**vote, "value": "reject"}), 422, "reason-needed")
        problem(ann.post(path, {**vote, "value": "retract"}), 409, "nothing-to-retract")
        problem(ann.post("/change-requests/999999/votes", vote), 404, "change-missing")
        assert pointers(ann.post(path, {**vote, "value": "maybe"})) == ["/value"]
        assert pointers(ann.post(path, {"value": "approve"})) == ["/subject_digest"]
        assert pointers(ann.post(path, {**vote, "subject_digest": "sha256:zz"})) == ["/subject_digest"]
        assert not Vote.objects.exists()
        assert Event.objects.filter(verb="edge.refused").count() == 10

    def test_replay_is_a_no_op_with_the_same_answer(self, now, session, change):
        """G7."""
        path = f"/change-requests/{change.number}/votes"
        vote = {"value": "approve", "subject_digest": change.subject_digest}
        ann = session(now.person("ann"))
        first, second = ann.post(path, vote), ann.post(path, vote)
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json()
        assert Vote.objects.count() == 1


class TestSending:
    def test_by_hand(self, now):
        now.environment("production", dispatches_automatically=False)
        change = now.change_in_review(needs=1)
        olga, path = now.api("olga"), f"/change-requests/{change.number}/dispatch"
        problem(olga.post(path), 409, "request-closed")
        now.vote(change, "ann")
        problem(now.api("bob").post(path), 403, "not-allowed")
        assert olga.post(path).json()["state"] == "dispatched"
        problem(olga.post(path), 409, "request-closed")

    def test_going_back(self, now):
        first = now.live_change("1.0.0")
        slot = now.slot_of(first)
        olga = now.api("olga")
        problem(olga.post(f"/slots/{slot.id}/rollback", {"reason": "Back."}), 422, "nothing-to-roll-back-to")
        now.live_change("1.1.0", every_s=7)
        asked = olga.post(f"/slots/{slot.id}/rollback", {"reason": "Back."})
        assert asked.status_code == 201, asked.content
        assert (asked.json()["release"], asked.json()["change_class"]) == ("1.0.0", "rollback")
        assert olga.post(f"/slots/{uuid.uuid4()}/rollback", {"reason": "Back."}).status_code == 404
        problem(now.api("ann").post(f"/slots/{slot.id}/rollback", {"reason": "Back."}), 403, "not-allowed")

    def test_the_evidence_is_for_auditors(self, now):
        change = now.change_in_review(needs=1, voted=["ann"])
        now.ended(change, Ended.SUCCEEDED)
        path = f"/change-requests/{change.number}/evidence"
        problem(now.api("olga").get(path), 403, "not-allowed")
        now.person("vera", roles_held=["auditor"])
        pack = now.api("vera").get(path)
        assert pack.status_code == 200, pack.content[:300]
        assert pack["Content-Type"] == "application/zip"
        assert pack.content[:2] == b"PK"


def test_payloads_are_for_those_who_judge_or_own(now, change):
    """Decision 12: others see that something differs and where, not the values."""
    stranger, judge = now.api("eve"), now.api("ann")
    hidden, shown = (api.get(f"/change-requests/{change.number}/diff").json() for api in (stranger, judge))
    assert (hidden["redacted"], shown["redacted"]) == (True, False)
    assert hidden["targets"][0]["new"] is None
    assert "file-to-file" not in str(hidden)
    assert "file-to-file" in str(shown)


def test_an_expired_request_reads_as_expired(now, change):
    type(change).objects.filter(pk=change.pk).update(review_until=now.now)
    olga = now.api("olga")
    assert olga.get(f"/change-requests/{change.number}").json()["state"] == State.EXPIRED
    assert olga.get("/change-requests").json()["results"][0]["state"] == State.EXPIRED
