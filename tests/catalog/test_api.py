"""The catalog over HTTP: shapes, rights, conditions, hostile input, and a constant number of statements."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.given.catalog import MANIFEST

pytestmark = pytest.mark.django_db

BODY = {
    "slug": "orders-to-erp",
    "title": "Orders to ERP",
    "purpose": "Sends orders.",
    "type": "flow",
    "team": "payments",
    "tier": 2,
    "endpoints": [
        {"system": "shop", "data_object": "orders", "role": "source", "operation": "read"},
        {"system": "erp", "data_object": "orders", "role": "target", "operation": "create", "address": "https://erp.example/api"},
    ],
}


@pytest.fixture
def bob(given):
    given.team("payments", members=["bob"])
    given.endpoints()
    return given.api("bob")


def test_register_show_change_and_read_back(bob):
    made = bob.post("/integrations", BODY)
    assert made.status_code == 201, made.content
    assert made["ETag"] == '"1"'
    assert made["Audit-Event"]
    shown = bob.get("/integrations/ORDERS-to-erp").json()
    assert shown == made.json()
    assert {each["role"]: each["address"] for each in shown["endpoints"]} == {"source": "", "target": "https://erp.example/api"}
    changed = bob.patch("/integrations/orders-to-erp", {"title": "Orders", "tags": ["money"]}, if_match=1)
    assert changed.status_code == 200, changed.content
    assert (changed.json()["title"], changed["ETag"]) == ("Orders", '"2"')
    fields = [change["field"] for change in bob.get("/integrations/orders-to-erp/history").json()["results"][0]["changes"]]
    assert fields == ["title", "tags"]


def test_a_change_needs_the_version_that_was_read(bob, given):
    given.integration("orders-to-erp")
    assert bob.patch("/integrations/orders-to-erp", {"title": "x"}).status_code == 428
    stale = bob.patch("/integrations/orders-to-erp", {"title": "x"}, if_match=7)
    assert (stale.status_code, stale.json()["code"], stale.json()["current_version"]) == (412, "version-moved", 1)


def test_only_the_owning_team_changes_it(given, bob):
    given.integration("orders-to-erp")
    ann = given.api("ann")
    assert ann.get("/integrations/orders-to-erp").status_code == 200
    assert ann.patch("/integrations/orders-to-erp", {"title": "x"}, if_match=1).json()["code"] == "not-your-integration"
    assert ann.post("/integrations", {**BODY, "slug": "mine"}).status_code == 403


def test_addresses_and_manifests_are_for_those_inside(given, bob):
    integration = given.integration("orders-to-erp", by="bob")
    given.release(integration, by="bob")
    ann = given.api("ann")
    outside = ann.get("/integrations/orders-to-erp").json()["endpoints"]
    assert [(each["address"], each["redacted"]) for each in outside] == [(None, True)] * 2
    release = ann.get("/integrations/orders-to-erp/releases/1.0.0").json()
    assert (release["manifest"], release["redacted"]) == (None, True)
    assert bob.get("/integrations/orders-to-erp/releases/1.0.0").json()["manifest"] == MANIFEST
    assert bob.put("/integrations/orders-to-erp/grants/users/ann", {}).status_code == 200
    assert ann.get("/integrations/orders-to-erp/releases/1.0.0").json()["manifest"] == MANIFEST
    assert bob.delete("/integrations/orders-to-erp/grants/users/ann").status_code == 204
    assert ann.get("/integrations/orders-to-erp/releases/1.0.0").json()["redacted"] is True


def test_releases_are_told_apart_and_never_change(given, bob):
    given.integration("orders-to-erp")
    path = "/integrations/orders-to-erp/releases"
    first = bob.post(path, {"version": "1.9.0", "manifest": MANIFEST, "co_authors": ["bob"]})
    assert first.status_code == 201, first.content
    assert first.json()["authors"] == ["bob"]
    assert bob.post(path, {"version": "1.9.0", "manifest": MANIFEST}).json()["code"] == "release-version-taken"
    twin = bob.post(path, {"version": "1.10.0-rc.1", "manifest": MANIFEST}).json()
    assert (twin["identical_to"], twin["digest"]) == ("1.9.0", first.json()["digest"])
    assert [row["version"] for row in bob.get(path).json()["results"]] == ["1.10.0-rc.1", "1.9.0"]


@pytest.mark.parametrize(
    ("manifest", "pointer", "code"),
    [
        ({**MANIFEST, "extra": 1}, "/manifest/extra", "unknown-field"),
        ({"payload": {}}, "/manifest/runtime_kind", "required"),
        ({**MANIFEST, "payload": []}, "/manifest/payload", "type"),
        ({**MANIFEST, "payload": {"nodes": [{"password": "hunter2"}]}}, "/manifest/payload/nodes/0/password", "secret-named"),
        ({**MANIFEST, "payload": {"a/b": "ghp_" + "a" * 36}}, "/manifest/payload/a~1b", "secret-github-token"),
        ({**MANIFEST, "payload": {"u": "https://erp.staging.example/x"}}, "/manifest/payload/u", "environment-host"),
        ({**MANIFEST, "connections": {"erp": "hunter2"}}, "/manifest/connections/erp", "secret-reference"),
        ({**MANIFEST, "health": {"every_s": 0, "grace_s": 1}}, "/manifest/health/every_s", "out-of-range"),
        ([], "/manifest", "type"),
    ],
)
def test_a_manifest_is_refused_with_the_place(given, bob, manifest, pointer, code):
    given.environment("staging")
    given.integration("orders-to-erp")
    refused = bob.post("/integrations/orders-to-erp/releases", {"version": "1.0.0", "manifest": manifest})
    assert refused.status_code == 422, refused.content
    assert (pointer, code) in [(each["pointer"], each["code"]) for each in refused.json()["errors"]]
    assert "hunter2" not in refused.content.decode()


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b'{"title": "a\\u0000b"}', 400),
        (b'{"title": "\\ud800"}', 400),
        (b'{"title": "a", "title": "b"}', 400),
        (b'{"title": "a", "owner": "b"}', 400),
        (b'{"tier": "2"}', 400),
        (b'{"tier": 1e400}', 400),
        (b'{"title": "\xff"}', 400),
        (b'{"title": "a\\u202eb"}', 400),
        (b"[" * 100_000, 400),
        (b"[]", 400),
        (b'{"tier": 9}', 400),
        (b'{"team": "nobody"}', 422),
        (b'{"endpoints": [{"system": "shop"}]}', 400),
    ],
)
def test_hostile_input_is_refused_and_never_a_fault_of_ours(given, bob, raw, status):
    given.integration("orders-to-erp")
    answer = bob.patch("/integrations/orders-to-erp", raw=raw, if_match=1)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0].keys() == {"pointer", "code", "detail"}


@pytest.mark.parametrize(
    "path", ["/integrations/%00", "/integrations/%ed%a0%80", "/integrations/a%0ab", "/systems/%00", "/users/%00", "/teams/%00"]
)
def test_hostile_paths_are_missing(bob, path):
    assert bob.get(path).status_code in {400, 404}


@pytest.mark.parametrize(
    "query", [{"nonsense": "1"}, {"sort": "purpose"}, {"cursor": "%%%"}, {"q": "a\x00"}, {"limit": "0"}, {"type": "x"}]
)
def test_an_unknown_filter_or_a_bad_value_is_400(bob, query):
    assert bob.get("/integrations", **query).status_code == 400


def test_filters_and_search_find_without_doubles(given, bob):
    given.integration("orders-to-erp", tags=["money"], title="Aufträge Ärger")
    given.system("crm")
    given.integration("other", endpoints=[{"system": "crm", "data_object": "orders", "role": "source", "operation": "read"}])
    found = {
        name: [row["slug"] for row in bob.get("/integrations", **query).json()["results"]]
        for name, query in {
            "system": {"system": "ERP,shop"},
            "both": {"system": "crm", "data_object": "orders"},
            "tag": {"tag": "money"},
            "q": {"q": "auftrage"},
            "none": {"environment": "production"},
        }.items()
    }
    assert found == {"system": ["orders-to-erp"], "both": ["other"], "tag": ["orders-to-erp"], "q": ["orders-to-erp"], "none": []}


def test_a_list_costs_the_same_for_one_row_and_for_fifty(given, bob):
    def cost(path):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert bob.get(path).status_code == 200
        return len(asked)

    first = given.integration("i-0")
    given.release(first, "0.0.1")
    bob.get("/integrations")
    paths = ["/integrations", "/integrations?q=shop", f"/integrations/{first.slug}/releases", "/systems", "/users", "/teams"]
    before = [cost(path) for path in paths]
    for number in range(1, 50):
        given.integration(f"i-{number}")
        given.release(first, f"0.1.{number}")
    assert len(bob.get("/integrations").json()["results"]) == 50
    assert [cost(path) for path in paths] == before
    assert before[0] <= 3


def test_documents_are_written_section_by_section(given, bob):
    given.integration("orders-to-erp")
    path = "/integrations/orders-to-erp/documents"
    assert bob.get(path).json()["missing"] == ["overview", "runbook", "support"]
    assert bob.post(path, {"section": "runbook", "body": "# Restart\n\nPress the button."}).status_code == 201
    assert bob.post(path, {"section": "runbook", "body": "again"}).json()["code"] == "document-exists"
    assert bob.put(f"{path}/runbook", {"body": "new"}).status_code == 428
    assert bob.put(f"{path}/runbook", {"body": "new"}, if_match=9).status_code == 412
    written = bob.put(f"{path}/runbook", {"body": "Zaubern"}, if_match=1)
    assert (written.status_code, written["ETag"]) == (200, '"2"')
    assert bob.put(f"{path}/overview", {"body": "hello"}).status_code == 201
    assert bob.put(f"{path}/poem", {"body": "hello"}).status_code == 422
    assert [row["slug"] for row in bob.get("/integrations", q="zaubern").json()["results"]] == ["orders-to-erp"]
    assert bob.put(f"{path}/security", {"body": "use AKIA" + "A" * 16}).json()["errors"][0]["code"] == "secret-aws-key"


def test_the_landscape_is_the_administrators(given, bob):
    assert bob.post("/systems", {"slug": "pim", "title": "PIM", "kind": "pim"}).status_code == 403
    root = given.api(given.administrator())
    for path, body in {
        "/systems": {"slug": "pim", "title": "PIM", "kind": "pim", "team": "payments"},
        "/data-objects": {"slug": "prices", "title": "Prices", "system_of_record": "pim", "personal_categories": ["none"]},
        "/environments": {"slug": "production", "title": "Production", "rank": 40, "is_production": True},
    }.items():
        made = root.post(path, body)
        assert made.status_code == 201, made.content
        one = f"{path}/{body['slug']}"
        assert bob.get(one).json() == made.json()
        assert root.patch(one, {"title": "New"}, if_match=1).json()["version"] == 2
        assert root.post(path, {**body, "slug": body["slug"].upper()}).json()["code"] == "slug-taken"
    assert bob.patch("/systems/pim", {"vendor": "ACME"}, if_match=2).status_code == 200


def test_the_same_key_makes_one_integration(bob):
    first, again = (bob.post("/integrations", BODY, key="k1") for _ in range(2))
    assert (first.status_code, again.status_code, json.loads(again.content)) == (201, 201, first.json())
    assert again["Idempotency-Replayed"] == "true"
