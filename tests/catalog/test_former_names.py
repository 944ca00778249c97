"""Whoever asks by a name from before a rename gets the same answer, in every list that takes a name and in every command."""

import pytest

from audit.services.sequence import sequence_all
from foundation.clock import db_now


@pytest.fixture
def estate(given):
    """A flow that is live, with a connection, a part, an order and a change; then everything is called something else."""
    given.now = db_now()
    given.team("payments", members=["olga"])
    given.administrator()
    given.board()
    given.agent()
    given.policy()
    given.live_change()
    given.domain("area")
    given.domain("inner", parent="area")
    given.component("rounding", by="olga")
    given.component_version("rounding", by="olga")
    given.connection("erp-live", by="olga", environment="production")
    given.system("crm")
    given.data_object("customer", system_of_record="crm")
    return given


LISTS = [
    ("/change-requests", "integration", "orders-to-erp"),
    ("/deployments", "integration", "orders-to-erp"),
    ("/deployments", "environment", "production"),
    ("/runtimes", "environment", "production"),
    ("/connections", "system", "erp"),
    ("/connections", "environment", "production"),
    ("/connections", "template", "https-key"),
    ("/data-objects", "system_of_record", "crm"),
    ("/domains", "parent", "area"),
    ("/integrations", "system", "erp"),
    ("/integrations", "environment", "production"),
]
KIND_OF = {
    "integration": "integrations",
    "environment": "environments",
    "system": "systems",
    "template": "connection-templates",
    "system_of_record": "systems",
    "parent": "domains",
}


def rename(given, kind, slug, new):
    api = given.api("root")
    version = int(api.get(f"/{kind}/{slug}")["ETag"].strip('"'))
    answer = api.post(f"/{kind}/{slug}/rename", {"slug": new}, if_match=version)
    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize(("path", "parameter", "slug"), LISTS)
def test_lists_follow_former_names(estate, path, parameter, slug):
    api, known = estate.api("root"), "slug" if path == "/runtimes" else "id"
    before = api.get(path, **{parameter: slug, "fields": known}).json()["results"]
    assert before, "a list without rows would show nothing"
    rename(estate, KIND_OF[parameter], slug, "another-name")
    for name in (slug, slug.upper(), "another-name", f"no-such-one,{slug}"):
        answer = api.get(path, **{parameter: name, "fields": known})
        assert answer.json()["results"] == before, (name, answer.content)
    assert api.get(path, **{parameter: "no-such-one"}).json()["results"] == []


FORMER = (("system", "erp"), ("environment", "production"))


def test_lists_of_the_past_follow_them_too(estate):
    api = estate.api("root")
    before = {name: api.get("/integrations", **{name: slug}).json()["results"] for name, slug in FORMER}
    rename(estate, "systems", "erp", "s4")
    rename(estate, "environments", "production", "prod")
    sequence_all(db_now())
    now = db_now().isoformat().replace("+00:00", "Z")
    for name, slug in (("system", "erp"), ("system", "s4"), ("environment", "production"), ("environment", "prod")):
        told = api.get("/integrations", **{name: slug, "as_of": now}).json()["results"]
        assert [row["id"] for row in told] == [row["id"] for row in before[name]] != [], (name, slug)


def test_a_pipeline_that_knows_the_old_environment_goes_on(estate):
    """Asking what a gate would say, and asking for the change."""
    rename(estate, "environments", "production", "prod")
    ask = {"action": "retire", "integration": "orders-to-erp", "targets": [{"environment": "production", "runtime": "agent"}]}
    api = estate.api("olga")
    evaluated = api.post("/evaluate", ask)
    assert evaluated.status_code == 200, evaluated.content
    twice = ask | {"targets": [*ask["targets"], {"environment": "prod", "runtime": "agent"}]}
    assert [each["code"] for each in api.post("/evaluate", twice).json()["errors"]] == ["duplicate"]
    asked = api.post("/change-requests", {**ask, "reason": "Out."})
    assert (asked.status_code, asked.json()["targets"][0]["environment"]) == (201, "prod"), asked.content


def test_a_runtime_is_given_its_environments_by_any_name_once(estate):
    rename(estate, "environments", "production", "prod")
    api = estate.api("root")
    version = int(api.get("/runtimes/agent")["ETag"].strip('"'))
    answer = api.patch("/runtimes/agent", {"environments": ["production", "prod"]}, if_match=version)
    assert (answer.status_code, answer.json()["environments"]) == (200, ["prod"]), answer.content


def test_an_answer_says_which_identity_it_is(estate):
    """A name is another's one day; the id is not."""
    api = estate.api("root")
    first = api.get("/systems/crm").json()
    rename(estate, "systems", "crm", "crm-2")
    assert api.get("/systems/crm").json()["id"] == first["id"]
    estate.system("fresh")
    estate.deleted("system", "fresh")
    second = api.post("/systems", {"slug": "fresh", "title": "Fresh", "kind": "erp"}).json()
    gone = {each["slug"]: each["id"] for each in api.get("/tombstones").json()["results"]}
    assert second["id"] != gone["fresh"]
    row = api.get("/integrations", fields="id,slug").json()["results"][0]
    assert row["id"] == api.get(f"/integrations/{row['slug']}").json()["id"]
