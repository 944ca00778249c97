"""The landscape's pages: everybody reads, those who keep a thing change it, and nothing hidden shows."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.models import Component, Connection, Domain, System
from catalog.services import live
from tests.given import Given
from tests.given.governance import flow

Browser = Callable[[str | None], Client]
KINDS = {
    "systems": "erp",
    "data-objects": "orders",
    "domains": "shop",
    "components": "rounding",
    "connections": "erp-production",
    "connection-templates": "https-key",
    "environments": "production",
}
TOKEN = "ghp_" + "a" * 36


@pytest.fixture
def estate(given: Given) -> Given:
    """One of each, and a restricted integration that touches all of them."""
    given.team("payments", members=["olga"])
    given.team("logistics", members=["eve"])
    given.administrator("root")
    given.domain("commerce")
    given.domain("shop", parent="commerce", description="Sells.")
    given.system("erp", team="payments", domain="shop")
    given.data_object("orders", system_of_record="erp", classification="confidential", personal_categories=["address"], domain="shop")
    given.component("rounding", by="olga")
    given.component_version("rounding", by="olga")
    given.connection("erp-production", by="olga", rotate_every_days=30)
    for slug, visibility in (("open-flow", "organisation"), ("secret-salaries", "restricted")):
        integration = given.integration(slug, visibility=visibility)
        release = given.release(integration, manifest={**flow(), "pins": [{"component": "rounding", "version": "1.0.0"}]})
        at = {"environment_id": given.environment("production").pk, "runtime_key": "agent", "at": given.now}
        live.record_live(integration_id=integration.pk, release_id=release.pk, **at)
    return given


def pages(edits: bool = False) -> list[str]:
    urls = ["/landscape/components/rounding/versions/1.0.0"]
    for many, slug in KINDS.items():
        urls += [f"/landscape/{many}", f"/landscape/{many}/{slug}"]
        urls += [f"/landscape/{many}/{slug}/edit", f"/landscape/{many}/{slug}/rename"] if edits else []
    return urls


def test_every_page_answers_those_signed_in_and_shows_only_what_they_may_see(estate: Given, browser: Browser) -> None:
    for person in ("olga", "eve", "root"):
        client, told = browser(person), ""
        for url in pages():
            answer = client.get(url)
            assert answer.status_code == 200, (person, url)
            told += answer.content.decode()
        assert ("salaries" in told) is (person != "eve")
        assert "Open flow" in told
        assert ("vault://secret/erp" in told) is (person != "eve")
        assert client.get("/landscape")["Location"] == "/landscape/systems"


def test_nobody_signed_in_is_sent_to_sign_in(estate: Given, browser: Browser) -> None:
    forms = [f"/landscape/register/{many}" for many in KINDS]
    for url in [*pages(edits=True), *forms, "/landscape", "/landscape/components/rounding/publish"]:
        assert browser(None).get(url)["Location"].startswith("/accounts/login/"), url


def test_forms_are_for_those_who_keep_the_thing(estate: Given, browser: Browser) -> None:
    kept_by_payments = {"systems", "components", "connections", "data-objects"}
    for many, slug in KINDS.items():
        for act in ("edit", "rename"):
            url = f"/landscape/{many}/{slug}/{act}"
            assert browser("eve").get(url).status_code == 403, url
            assert browser("olga").get(url).status_code == (200 if many in kept_by_payments else 403), url
            assert browser("root").get(url).status_code == 200, url
        new = browser("olga").get(f"/landscape/register/{many}").status_code
        assert new == (200 if many in {"components", "connections"} else 403), many
        assert browser("root").get(f"/landscape/register/{many}").status_code == 200, many
    assert browser("eve").get("/landscape/components/rounding/publish").status_code == 403
    assert b"/landscape/systems/erp/edit" not in browser("eve").get("/landscape/systems/erp").content
    assert b"/landscape/systems/erp/edit" in browser("olga").get("/landscape/systems/erp").content


@pytest.mark.parametrize(
    ("many", "values"),
    [
        ("systems", {"kind": "erp", "tier": "2", "team": "payments", "domain": "commerce", "vendor": "SAP", "residency": "EU"}),
        ("data-objects", {"classification": "restricted", "system_of_record": "erp", "personal_categories": "name, email"}),
        ("domains", {"parent": "shop", "description": "Pays."}),
        ("components", {"kind": "script", "team": "payments"}),
        ("connection-templates", {"protocol": "sftp", "auth_type": "ssh-key", "slots": "user: Who\nkey?: The key\n"}),
        ("environments", {"rank": "20", "soak_s": "0", "gate_good_runs": "1", "gate_failed_runs": "0", "dispatches_automatically": "on"}),
    ],
)
def test_a_thing_is_registered_changed_and_renamed_without_javascript(
    many: str, values: dict[str, str], estate: Given, browser: Browser
) -> None:
    client, api = browser("root"), estate.api("root")
    made = client.post(f"/landscape/register/{many}", {"title": "New one", "slug": "new-one", **values})
    assert made.status_code == 302, made.context["form"].errors
    assert made["Location"] == f"/landscape/{many}/new-one"
    kept = api.get(f"/{many}/new-one").json()
    for name, value in values.items():
        if name not in {"slots", "personal_categories", "dispatches_automatically"}:
            assert str(kept[name]) == value, name
    form = client.get(f"/landscape/{many}/new-one/edit").context["form"]
    shown = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in {**shown, "title": "Newer"}.items() if value not in (None, "") and value is not False}
    changed = client.post(f"/landscape/{many}/new-one/edit", sent)
    assert changed.status_code == 302, changed.context["form"].errors
    now = api.get(f"/{many}/new-one").json()
    assert (now["title"], now["version"]) == ("Newer", 2)
    assert {**now, "title": "", "version": 0} == {**kept, "title": "", "version": 0}, "what was not touched stays"
    renamed = client.post(f"/landscape/{many}/new-one/rename", {"slug": "newest", "version": "2"})
    assert renamed["Location"] == f"/landscape/{many}/newest"
    page = client.get(f"/landscape/{many}/new-one").content.decode()
    assert "Earlier names" in page
    assert "Changed: slug" in page


def test_deletion_is_reached_from_the_page_and_leads_back(estate: Given, browser: Browser) -> None:
    for many, slug in KINDS.items():
        page = browser("root").get(f"/landscape/{many}/{slug}").content.decode()
        assert (f"/{many}/{slug}/delete" in page) is (many != "environments"), many
        assert f"/{many}/{slug}/delete" not in browser("eve").get(f"/landscape/{many}/{slug}").content.decode()
    plan = browser("root").get("/systems/erp/delete").content.decode()
    for url in ("/landscape/systems/erp", "/landscape/data-objects/orders", "/landscape/connections/erp-production"):
        assert f'href="{url}"' in plan, url


def test_a_form_tells_where_it_is_wrong_and_keeps_what_was_typed(estate: Given, browser: Browser) -> None:
    client = browser("root")
    taken = client.post("/landscape/register/systems", {"title": "Again", "slug": "ERP", "kind": "erp", "tier": "1"})
    assert (taken.status_code, "slug" in taken.context["form"].errors) == (409, True)
    assert b'value="Again"' in taken.content
    secret = client.post("/landscape/register/systems", {"title": TOKEN, "slug": "x", "kind": "erp", "tier": "1"})
    assert (secret.status_code, list(secret.context["form"].errors)) == (422, ["title"])
    circle = client.post("/landscape/domains/commerce/edit", {"title": "Commerce", "parent": "shop", "version": "1"})
    assert circle.status_code == 409
    assert b"cannot lie in itself" in circle.content
    stale = client.post("/landscape/domains/commerce/edit", {"title": "Trade", "version": "9"})
    assert (stale.status_code, stale.context["form"].data["version"]) == (412, "1")
    assert Domain.objects.get(slug="commerce").title == "Commerce"


def test_a_connection_asks_for_a_reference_in_each_slot_and_never_shows_what_is_none(estate: Given, browser: Browser) -> None:
    client = browser("olga")
    assert b"https-key" in client.get("/landscape/register/connections?system=erp").content
    url = "/landscape/register/connections?template=https-key"
    sent = {"title": "Second", "slug": "second", "system": "erp", "environment": "production", "team": "payments"}
    for wrong in (TOKEN, "correct horse battery", ""):
        refused = client.post(url, {**sent, "ref_key": wrong, "ref_proxy": "env://PROXY"})
        assert refused.status_code == 422
        assert "ref_key" in refused.context["form"].errors
        assert not wrong or wrong.encode() not in refused.content
        assert b"env://PROXY" in refused.content
    untitled = client.post(url, {**sent, "title": "", "ref_key": "correct horse battery"})
    assert b"correct horse" not in untitled.content
    made = client.post(url, {**sent, "ref_key": "vault://secret/second", "expires_at": "2027-03-01", "rotate_every_days": "90"})
    assert made.status_code == 302, made.context["form"].errors
    row = Connection.objects.get(slug="second")
    assert (row.references, row.expires_at.isoformat()) == ({"key": "vault://secret/second"}, "2027-03-01T00:00:00+00:00")


def test_a_connection_tells_what_it_needs_and_that_it_was_rotated(estate: Given, browser: Browser) -> None:
    assert b"Rotation due" in browser("eve").get("/landscape/systems/erp").content
    assert b"Rotated just now" not in browser("eve").get("/landscape/connections/erp-production").content
    assert browser("eve").post("/landscape/connections/erp-production/tell/rotated", {"version": "1"}).status_code == 403
    assert b"Rotated just now" in browser("olga").get("/landscape/connections/erp-production").content
    assert browser("olga").post("/landscape/connections/erp-production/tell/rotated", {"version": "1"}).status_code == 302
    assert b"In order" in browser("eve").get("/landscape/systems/erp").content
    assert browser("olga").post("/landscape/connections/erp-production/tell/rotated", {"version": "1"}).status_code == 412


def test_a_discovered_system_is_confirmed_with_one_button(estate: Given, browser: Browser) -> None:
    from catalog.services import landscape

    landscape.discover_system(slug="api-host", title="api.host", kind="other", team="payments", **estate.by("olga"))
    assert b"Discovered" in browser("eve").get("/landscape/systems?is_discovered=true").content
    assert browser("eve").post("/landscape/systems/api-host/tell/confirm", {"version": "1"}).status_code == 403
    assert browser("olga").post("/landscape/systems/api-host/tell/confirm", {"version": "1"}).status_code == 302
    assert System.objects.get(slug="api-host").is_discovered is False
    assert browser("olga").post("/landscape/systems/api-host/tell/confirm", {"version": "2"}).status_code == 404


def test_a_version_is_published_from_the_page(estate: Given, browser: Browser) -> None:
    client, url = browser("olga"), "/landscape/components/rounding/publish"
    for content, words in (("{", "content"), ('{"password": "hunter2"}', "secret"), ("[]", "object")):
        refused = client.post(url, {"version": "1.1.0", "content": content})
        assert 400 <= refused.status_code < 500
        assert words in str(refused.context["form"].errors), content
    assert client.post(url, {"version": "1.0.0", "content": "{}"}).status_code == 409
    assert client.post(url, {"version": "1.1.0", "content": '{"round": 2}'}).status_code == 302
    assert list(Component.objects.get().versions.values_list("number", flat=True)) == ["1.1.0", "1.0.0"]
    page = client.get("/landscape/components/rounding").content.decode()
    assert "1.1.0" in page
    assert "Same content as" in page


def test_domains_are_listed_as_they_lie_in_each_other(estate: Given, browser: Browser) -> None:
    estate.domain("aaa", parent="shop")
    client = browser("eve")
    rows = client.get("/landscape/domains").context["rows"]
    assert [(row["slug"], row["depth"]) for row in rows] == [("commerce", 0), ("shop", 1), ("aaa", 2)]
    assert [row["slug"] for row in client.get("/landscape/domains?q=sells").context["rows"]] == ["shop"]
    assert [row["slug"] for row in client.get("/landscape/systems?domain=commerce").context["rows"]] == ["erp"]


def test_history_hides_where_secrets_are_kept_from_others(estate: Given, browser: Browser) -> None:
    by = estate.by("olga")
    from catalog.services import connections

    changes = {"references": {"key": "vault://elsewhere/key"}}
    connections.update_connection(slug="erp-production", changes=changes, expected_version=1, **by)
    mine = browser("olga").get("/landscape/connections/erp-production").content.decode()
    other = browser("eve").get("/landscape/connections/erp-production").content.decode()
    assert "vault://elsewhere" in mine
    assert "Changed: references" in other
    assert "vault://" not in other.replace("vault://, k8s://", "")


def test_a_team_finds_the_way_to_retire_what_it_keeps_and_back(estate: Given, browser: Browser) -> None:
    """Deleting is for administrators; retiring, which comes first, is for those who keep the thing."""
    way = "/systems/erp/delete"
    labels = {}
    for person in ("olga", "eve", "root"):
        shown = browser(person).get("/landscape/systems/erp").context["buttons"]
        labels[person] = [each["label"] for each in shown if each["url"] == way]
    assert labels == {"olga": ["Retire"], "eve": [], "root": ["Delete"]}
    assert browser("olga").get(way).context["may_act"]
    estate.retired("system", "erp", by="olga")
    buttons = browser("olga").get("/landscape/systems/erp").context["buttons"]
    assert "Back into use" in [each["label"] for each in buttons]


def test_connections_are_listed_by_what_they_need(estate: Given, browser: Browser) -> None:
    client = browser("eve")
    assert [row["slug"] for row in client.get("/landscape/connections?upkeep=rotation-due").context["rows"]] == ["erp-production"]
    assert client.get("/landscape/connections?upkeep=fine").context["rows"] == []


def test_pages_take_as_many_statements_for_many_rows_as_for_few(estate: Given, browser: Browser, queries: Any) -> None:
    client = browser("olga")
    urls = [url for url in pages() if "versions" not in url]
    few = [queries(client, url) for url in urls]
    for n in range(5):
        estate.domain(f"d-{n}", parent="shop")
        estate.system(f"s-{n}", domain="shop", team="payments")
        estate.data_object(f"o-{n}", system_of_record="erp", domain="shop")
        estate.component(f"k-{n}", by="olga")
        estate.connection(f"c-{n}", by="olga")
        pins = {**flow(), "pins": [{"component": "rounding", "version": "1.0.0"}]}
        estate.release(estate.integration(f"flow-{n}"), manifest=pins)
    assert [queries(client, url) for url in urls] == few


HOSTILE = ["%00", "%ED%A0%80", "a" * 3000, "%E2%80%AE", "'\"><script>alert(1)</script>", "-1"]
WORDS = ("title", "slug", "description", "version", "slots", "ref_key", "expires_at", "personal_categories", "kind", "content")


def test_hostile_addresses_are_refused_and_never_break(estate: Given, browser: Browser) -> None:
    client = browser("root")
    for text in HOSTILE:
        urls = [f"/landscape/{text}", f"/landscape/components/rounding/versions/{text}", f"/landscape/register/connections?template={text}"]
        for many in KINDS:
            urls += [f"/landscape/{many}/{text}", *(f"/landscape/{many}?{query}" for query in (f"q={text}", f"team={text}", f"{text}=1"))]
        for url in urls:
            answer = client.get(url)
            assert answer.status_code in {200, 400, 404}, (url, answer.status_code)
            assert b"<script>alert(1)</script>" not in answer.content, url


def test_hostile_forms_are_refused_and_never_break(estate: Given, browser: Browser) -> None:
    client = browser("root")
    for many, slug in KINDS.items():
        urls = [f"/landscape/register/{many}?template=https-key", *(f"/landscape/{many}/{slug}/{act}" for act in ("edit", "rename"))]
        for url in [*urls, "/landscape/components/rounding/publish"]:
            for text in ("nul \x00", "\u202e override", "x" * 100_000):
                answer = client.post(url, dict.fromkeys(WORDS, text))
                assert 400 <= answer.status_code < 500, (url, answer.status_code)
