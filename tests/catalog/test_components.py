"""Components: versions that never change, pins that must exist, and who uses what, of what the viewer may see."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from catalog.models import Pin
from catalog.services import grants, live
from foundation.canonical import digest_of
from tests.given.governance import flow

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(given):
    given.team("payments", members=["bob"])
    given.team("logistics", members=["eve"])
    given.component("rounding", by="bob")
    return given.api("bob")


def manifest(*pins):
    return {**flow(), "pins": list(pins)}


def pinned(given, slug, version="1.0.0", *, release="1.0.0", **fields):
    integration = given.integration(slug, **fields)
    return given.release(integration, release, manifest=manifest({"component": "rounding", "version": version}))


def test_a_team_registers_its_component_and_publishes_versions(given, bob):
    body = {"slug": "tax", "title": "Tax", "kind": "script", "team": "payments"}
    assert given.api("eve").post("/components", body).json()["code"] == "not-your-entry"
    made = bob.post("/components", body)
    assert (made.status_code, made.json()["newest"]) == (201, None), made.content
    content = {"script": "return amount * 1.19", "numbers": [1, 2.5]}
    for version in ("1.9.0", "1.10.0-rc.1"):
        answer = bob.post("/components/tax/versions", {"version": version, "content": content, "notes": "First."})
        assert answer.status_code == 201, answer.content
        assert answer.json()["digest"] == digest_of(content)
    assert answer.json()["identical_to"] == "1.9.0"
    assert answer.json()["content"] == content
    assert [row["version"] for row in bob.get("/components/tax/versions").json()["results"]] == ["1.10.0-rc.1", "1.9.0"]
    assert bob.get("/components/tax").json()["newest"] == "1.10.0-rc.1"
    assert bob.get("/components/tax").json()["version"] == 1
    assert bob.post("/components/tax/versions", {"version": "1.9.0", "content": {}}).json()["code"] == "component-version-taken"
    assert given.api("eve").post("/components/tax/versions", {"version": "2.0.0", "content": {}}).status_code == 403


@pytest.mark.parametrize(
    ("body", "status", "pointer", "code"),
    [
        ({"version": "1.0.0", "content": {"a": [{"token": "hunter2hunter2"}]}}, 422, "/content/a/0/token", "secret-named"),
        ({"version": "1.0.0", "content": []}, 422, "/content", "type"),
        ({"version": "1.0.0", "content": None}, 400, "/content", "null"),
        ({"version": "1.0", "content": {}}, 422, "/version", "semver"),
        ({"version": "1.0.0", "content": {}, "notes": "ghp_" + "a" * 36}, 422, "/notes", "secret-github-token"),
        ({"version": "1.0.0", "content": {"n": 2**60}}, 400, "/content/n", "number-not-exact"),
    ],
)
def test_content_is_refused_with_the_place(bob, body, status, pointer, code):
    answer = bob.post("/components/rounding/versions", body)
    assert answer.status_code == status, answer.content
    assert pointer in [each["pointer"] for each in answer.json()["errors"]], answer.content
    assert code in {each["code"] for each in answer.json()["errors"]} or status == 400
    assert "hunter2" not in answer.content.decode()


def test_a_mapping_is_read_by_its_team_auditors_and_who_looks_into_an_integration_that_pins_it(given, bob):
    given.component("fields", kind="mapping", by="bob")
    given.component_version("fields", by="bob")
    path = "/components/fields/versions/1.0.0"
    eve, vera = given.api("eve"), given.api("vera")
    given.person("ada", roles_held=["auditor"])
    assert (eve.get(path).json()["content"], eve.get(path).json()["redacted"]) == (None, True)
    assert given.api("bob").get(path).json()["content"] == given.api("ada").get(path).json()["content"] == {"round": 2}
    integration = given.integration("orders-to-erp", team="logistics", visibility="restricted")
    given.release(integration, "1.0.0", manifest=manifest({"component": "fields", "version": "1.0.0"}))
    assert eve.get(path).json()["redacted"] is False
    assert vera.get(path).json()["redacted"] is True
    grants.add_grant(integration="orders-to-erp", right="view", user="vera", **given.by("root"))
    assert vera.get(path).json()["content"] == {"round": 2}


def test_a_script_is_there_to_be_read_by_who_might_use_it(given, bob):
    given.component_version("rounding", by="bob")
    assert given.api("eve").get("/components/rounding/versions/1.0.0").json()["content"] == {"round": 2}


@pytest.mark.parametrize(
    ("pins", "pointer", "code"),
    [
        ([{"component": "rounding", "version": "2.0.0"}], "/manifest/pins/0/version", "unknown-version"),
        ([{"component": "nothing", "version": "1.0.0"}], "/manifest/pins/0/component", "unknown-component"),
        ([{"component": "rounding", "version": "1.0.0"}, {"component": "rounding"}], "/manifest/pins/1", "pin"),
        ([{"component": "rounding", "version": "1"}], "/manifest/pins/0/version", "semver"),
        ([{"component": "rounding\x00", "version": "1.0.0"}], "/manifest/pins/0/component", "nul"),
    ],
)
def test_a_pin_must_name_what_exists(given, bob, pins, pointer, code):
    given.component_version("rounding", by="bob")
    given.integration("orders-to-erp")
    answer = bob.post("/integrations/orders-to-erp/releases", {"version": "1.0.0", "manifest": manifest(*pins)})
    if code == "nul":
        assert answer.status_code in {400, 422}
        return
    assert answer.status_code == 422, answer.content
    assert (pointer, code) in [(each["pointer"], each["code"]) for each in answer.json()["errors"]]
    assert Pin.objects.count() == 0


def test_a_release_keeps_what_it_pins_once_also_by_an_earlier_name_and_leaves_other_pins_alone(given, bob):
    version = given.component_version("rounding", by="bob")
    assert bob.post("/components/rounding/rename", {"slug": "rounding-half-up"}, if_match=1).status_code == 200
    pins = [{"component": name, "version": "1.0.0"} for name in ("rounding", "ROUNDING-half-up")] + [{"schema": "order", "version": 3}]
    given.integration("orders-to-erp")
    answer = bob.post("/integrations/orders-to-erp/releases", {"version": "1.0.0", "manifest": manifest(*pins)})
    assert answer.status_code == 201, answer.content
    assert answer.json()["manifest"]["pins"] == pins
    assert list(Pin.objects.values_list("component_version_id", flat=True)) == [version.pk]


def test_used_by_tells_which_releases_pin_which_version_and_where_they_are_live(given, bob):
    for version in ("1.0.0", "1.1.0"):
        given.component_version("rounding", version, content={"round": version}, by="bob")
    first = pinned(given, "orders-to-erp")
    pinned(given, "orders-to-erp", "1.1.0", release="1.1.0")
    pinned(given, "bills-to-erp")
    for slug in ("production", "staging"):
        at = {"environment_id": given.environment(slug).pk, "runtime_key": "agent", "at": given.now}
        live.record_live(integration_id=first.integration_id, release_id=first.pk, **at)
    rows = bob.get("/components/rounding/used-by").json()["results"]
    assert [(row["integration"], row["release"], row["version"], row["live_in"]) for row in rows] == [
        ("bills-to-erp", "1.0.0", "1.0.0", []),
        ("orders-to-erp", "1.1.0", "1.1.0", []),
        ("orders-to-erp", "1.0.0", "1.0.0", ["staging", "production"]),
    ]
    narrowed = bob.get("/components/rounding/used-by", version="1.1.0", count="true").json()
    assert ([row["integration"] for row in narrowed["results"]], narrowed["count"]) == (["orders-to-erp"], 1)
    assert given.api("bob").get("/components/rounding/used-by", limit="1").json()["next"]


def test_used_by_counts_only_what_the_viewer_may_see(given, bob):
    given.component_version("rounding", by="bob")
    pinned(given, "open-one")
    pinned(given, "secret-salaries", visibility="restricted")
    seen = {who: given.api(who).get("/components/rounding/used-by", count="true").json() for who in ("bob", "eve", "root")}
    assert {who: answer["count"] for who, answer in seen.items()} == {"bob": 2, "eve": 1, "root": 2}
    assert "salaries" not in str(seen["eve"])
    assert given.api("eve").get("/components/rounding/used-by", integration="secret-salaries").json()["results"] == []


def test_lists_take_as_many_statements_for_many_rows_as_for_few(given, bob):
    given.component_version("rounding", by="bob")

    def counted(path):
        with CaptureQueriesContext(database) as found:
            assert bob.get(path).status_code == 200
        return len(found)

    paths = [
        "/components",
        "/components/rounding/used-by",
        "/systems",
        "/domains",
        "/data-objects",
        "/connections",
        "/connection-templates",
    ]

    def fill(numbers):
        for n in numbers:
            pinned(given, f"flow-{n}")
            given.domain(f"d-{n}", parent=f"d-{n - 1}" if n else None)
            given.connection(f"c-{n}", template=given.template(f"t-{n}").slug, system=given.system(f"s-{n}", domain=f"d-{n}").slug)
            given.data_object(f"o-{n}", system_of_record=f"s-{n}", domain=f"d-{n}")
            given.component(f"k-{n}", by="bob")

    fill(range(2))
    counted("/components")  # what is done once, such as noting the token's use
    few = [counted(path) for path in paths]
    fill(range(2, 8))
    assert [counted(path) for path in paths] == few
