"""Runtimes, deployments and slots over HTTP."""

import json

import pytest

from audit.models import Event
from runtime_adapters.models import Runtime, Slot
from runtime_adapters.services.reconcile import reconcile
from runtime_adapters.services.secrets import is_reference, resolve

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(given):
    return given.api(given.person("olga", roles_held=["operator"]))


def registered(operator, given, **changed):
    given.environment("test")
    body = {"slug": "edge-1", "title": "Edge", "kind": "fake", "environments": ["test"], "config": {"token": "env://TOKEN"}}
    return operator.post("/runtimes", {**body, **changed})


def test_a_runtime_is_registered_changed_and_probed(operator, given):
    made = registered(operator, given)
    assert (made.status_code, made["ETag"]) == (201, '"1"')
    assert made.json()["environments"] == ["test"]
    assert operator.patch("/runtimes/edge-1", {"title": "New"}).status_code == 428
    assert operator.patch("/runtimes/edge-1", {"title": "New"}, if_match=7).status_code == 412
    changed = operator.patch("/runtimes/edge-1", {"title": "New"}, if_match=1)
    assert (changed.status_code, changed.json()["title"], changed["ETag"]) == (200, "New", '"2"')
    assert changed.json()["config"] == {"token": "env://TOKEN"}
    assert operator.post("/runtimes/edge-1/probe").json()["version"] == "1.2.3"
    assert Runtime.objects.get().clock_offset_ms == 250
    assert operator.get("/runtimes").json()["results"][0]["slug"] == "edge-1"
    verbs = Event.objects.filter(subject_id=Runtime.objects.get().id).order_by("at", "id").values_list("verb", flat=True)
    assert [verb.rsplit(".", 1)[1] for verb in verbs] == ["registered", "updated", "probed"]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"config": {"token": "hunter2"}}, "/config/token"),
        ({"config": {"colour": "blue"}}, "/config/colour"),
        ({"kind": "cobol"}, "/kind"),
        ({"environments": ["test", "moon"]}, "/environments/1"),
        ({"slug": "no spaces"}, "/slug"),
    ],
)
def test_a_runtime_that_cannot_work_is_refused_with_a_pointer(operator, given, changed, pointer):
    answer = registered(operator, given, **changed)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert "hunter2" not in answer.content.decode()
    assert not Runtime.objects.exists()


def test_slugs_are_taken_whatever_their_case(operator, given):
    registered(operator, given)
    assert registered(operator, given, slug="EDGE-1").status_code == 409


def test_only_operators_connect_runtimes(given):
    bob = given.api("bob")
    assert registered(bob, given).status_code == 403
    assert bob.get("/runtimes").status_code == 200


def test_a_token_is_shown_once_and_works(operator, given):
    registered(operator, given)
    first = operator.post("/runtimes/edge-1/tokens", {"label": "agent"}, key="t1")
    secret = first.json()["secret"]
    again = operator.post("/runtimes/edge-1/tokens", {"label": "agent"}, key="t1")
    assert again["Idempotency-Replayed"] == "true"
    assert secret not in again.content.decode()
    client = operator.client
    assert client.get("/api/v1/runtime/desired", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_a_deployment_keeps_the_five_facts_apart(stage):
    deployment = stage.given.desire(stage.slot, stage.first)
    reconcile(slot_id=stage.slot.id)
    api = stage.given.api("bob")
    shown = api.get(f"/deployments/{deployment.id}").json()
    assert list(shown["facts"]) == ["requested_at", "accepted_at", "recorded_at", "started_at", "proven_at"]
    assert shown["facts"]["proven_at"] is None
    assert (shown["state"], shown["generation"], shown["release"]) == ("succeeded", {"timeline": 1, "n": 1}, "1.0.0")
    (attempt,) = shown["attempts"]
    assert (attempt["step"], attempt["outcome"]) == ("apply", "applied")
    assert (attempt["redacted"], attempt["evidence"]) == (True, None)
    owner = stage.given.api(stage.given.team("payments", members=["ann"]).memberships.first().user)
    assert owner.get(f"/deployments/{deployment.id}").json()["attempts"][0]["evidence"] == {"status": 200}


def test_deployments_are_filtered_and_share_the_integrations_visibility(given, stage):
    secret = given.integration("hidden", visibility="restricted")
    slot = given.slot(secret, stage.runtime)
    release = given.release(secret, "1.0.0", manifest=stage.first.manifest)
    hidden = given.desire(slot, release)
    given.desire(stage.slot, stage.first)
    bob, root = given.api("bob"), given.api(given.administrator())
    assert [row["integration"] for row in bob.get("/deployments").json()["results"]] == ["orders-to-erp"]
    assert len(root.get("/deployments").json()["results"]) == 2
    assert bob.get("/deployments", integration="hidden").json()["results"] == []
    for path in (f"/deployments/{hidden.id}", f"/slots/{slot.id}", "/integrations/hidden/health"):
        assert bob.get(path).status_code == 404
        assert root.get(path).status_code == 200
    assert len(root.get("/deployments", state="queued", environment="test").json()["results"]) == 2
    assert root.get("/deployments", state="dancing").status_code == 400


def test_a_list_costs_the_same_for_one_row_and_for_many(given, stage, django_assert_num_queries):
    api = given.api("bob")
    given.desire(stage.slot, stage.first)
    api.get("/deployments")

    def cost():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as seen:
            assert api.get("/deployments").status_code == 200
        return len(seen)

    one = cost()
    for _ in range(20):
        given.desire(stage.slot, stage.second)
    assert cost() == one


def test_operators_ask_for_a_look(given, stage, operator):
    given.desire(stage.slot, stage.first)
    Slot.objects.update(next_check_at=None)
    assert given.api("bob").post(f"/slots/{stage.slot.id}/check").status_code == 403
    answer = operator.post(f"/slots/{stage.slot.id}/check")
    assert answer.status_code == 202
    assert answer.json()["desired"]["digest"] == stage.first.digest
    assert Slot.objects.get(pk=stage.slot.pk).next_check_at is not None


@pytest.mark.parametrize(
    "raw", [b'{"observations": [{"slot": "\\u0000"}]}', b'{"a":1,"a":2}', b'{"observations": [' + b"[" * 70, b"\xff", b'{"x": 1e400}']
)
def test_hostile_bodies_are_malformed(given, stage, raw):
    token = given.runtime_token(stage.runtime)
    for path in ("observations", "health-reports"):
        answer = given.api(None).client.post(
            f"/api/v1/runtime/{path}", raw, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 400
        assert json.loads(answer.content)["code"]


def test_secrets_are_resolved_from_references_only(monkeypatch, tmp_path):
    monkeypatch.setenv("PORTOLAN_TEST_SECRET", "from-env")
    file = tmp_path / "secret"
    file.write_text("from-file\n")
    assert resolve("env://PORTOLAN_TEST_SECRET") == "from-env"
    assert resolve(f"file://{file}") == "from-file"
    for reference in ("env://PORTOLAN_NOT_THERE", "file:///not/there", "plain-secret"):
        with pytest.raises(Exception, match=r"resolve|reference") as caught:
            resolve(reference)
        assert "plain-secret" not in str(caught.value)
    assert not is_reference("https://example.org")
