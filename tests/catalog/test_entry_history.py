"""What changed on things of the landscape and on tier policies, told over the API as the pages tell it."""

import pytest

KINDS = {
    "environments": lambda given: given.environment("test"),
    "domains": lambda given: given.domain("sales"),
    "systems": lambda given: given.system("sap"),
    "data-objects": lambda given: given.data_object("order"),
    "components": lambda given: given.component("rounding", by="olga"),
    "connection-templates": lambda given: given.template("sftp-key"),
    "connections": lambda given: given.connection("erp-test", by="olga"),
}


@pytest.fixture
def landscape(given):
    given.team("payments", members=["olga"])
    given.administrator()
    given.person("bob")
    given.endpoints()
    return given


@pytest.mark.parametrize("kind", KINDS)
def test_every_change_names_its_event_and_each_field(landscape, kind):
    given = landscape
    row, api = KINDS[kind](given), given.api("root")
    version = int(api.get(f"/{kind}/{row.slug}")["ETag"].strip('"'))
    api.patch(f"/{kind}/{row.slug}", {"title": "Another title"}, if_match=version)
    renamed = api.post(f"/{kind}/{row.slug}/rename", {"slug": "new-name"}, if_match=version + 1)
    assert renamed.status_code == 200, renamed.content
    answer = given.api("bob").get(f"/{kind}/{row.slug}/history")
    assert answer.status_code == 200, answer.content
    newest, titled, *_earlier, first = answer.json()["results"]
    assert newest["changes"] == [{"field": "slug", "before": row.slug, "after": "new-name"}]
    assert titled["changes"] == [{"field": "title", "before": row.title, "after": "Another title"}]
    assert {"slug", "title"} <= {each["field"] for each in first["changes"]}
    told = [each for each in first["changes"] if each["field"] != "references"]  # of those bob learns only that there are some
    assert all(each["before"] is None and each["after"] not in (None, "", [], {}) for each in told)
    assert [newest["version"], titled["version"], newest["by"]] == [version + 2, version + 1, "root"]
    assert (newest["subject"], newest["event_id"]) == (kind.removesuffix("s"), renamed["Audit-Event"])
    assert given.api("bob").get(f"/{kind}/nothing-of-the-kind/history").status_code == 404


def test_where_secrets_are_kept_is_told_to_the_team_alone(landscape):
    given = landscape
    connection = given.connection("erp-test", by="olga")
    given.api("olga").patch("/connections/erp-test", {"references": {"key": "vault://kv/moved"}}, if_match=connection.version)
    seen = {who: given.api(who).get("/connections/erp-test/history") for who in ("olga", "bob")}
    assert seen["olga"].json()["results"][0]["changes"][0]["after"] == {"key": "vault://kv/moved"}
    assert seen["bob"].json()["results"][0]["changes"] == [{"field": "references", "before": None, "after": None}]
    assert "vault://" not in seen["bob"].content.decode()


def test_what_is_deleted_is_in_no_history(landscape):
    """Neither its own, nor by its name in that of what it was part of."""
    given = landscape
    given.domain("old-area")
    given.system("sap", domain="old-area")
    api = given.api("root")
    api.patch("/systems/sap", {"domain": None}, if_match=1)
    assert "old-area" in api.get("/systems/sap/history").content.decode()
    given.deleted("domain", "old-area")
    assert api.get("/domains/old-area/history").status_code == 404
    told = api.get("/systems/sap/history")
    assert "old-area" not in told.content.decode()
    assert told.json()["results"][0]["changes"] == [{"field": "domain", "before": None, "after": None}]


def test_a_tier_says_what_differs_from_the_default(landscape):
    api = landscape.api("root")
    assert api.get("/tier-policies/2/history").json() == {"results": [], "next": None}
    api.put("/tier-policies/2", {"attest_every_days": 30}, if_match=0)
    api.put("/tier-policies/2", {"sections": ["overview"]}, if_match=1)
    newest, first = landscape.api("bob").get("/tier-policies/2/history").json()["results"]
    assert [each["field"] for each in newest["changes"]] == ["sections"]
    assert first["changes"] == [{"field": "attest_every_days", "before": 180, "after": 30}]
    assert (first["subject"], first["version"], first["by"]) == ("tier-policy", 1, "root")
    assert api.get("/tier-policies/4/history").status_code == 404


def test_the_number_of_queries_does_not_grow(landscape, django_assert_max_num_queries):
    given = landscape
    api = given.api("root")
    given.system("sap")
    for n in range(12):
        api.patch("/systems/sap", {"title": f"Title {n}", "team": "payments" if n % 2 else None}, if_match=n + 1)
    with django_assert_max_num_queries(9):
        assert len(api.get("/systems/sap/history").json()["results"]) == 13
