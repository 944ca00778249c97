"""The pages of one integration as a product: tabs, a form for each section, roadmap, relations, access, and one address after a rename."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.models import Integration, Relation, RoadmapItem
from catalog.selectors import grants as grant_selectors
from catalog.services.integrations import rename_integration, update_integration
from catalog.services.relations import add_relation
from portal.forms.product import SECTION_FORMS
from tests.given import Given

Browser = Callable[[str | None], Client]
ONE = "/integrations/orders-to-erp"
TABS = ["", "/endpoints", "/documents", "/releases", "/changes", "/roadmap", "/relations", "/history", "/access"]


@pytest.fixture
def owned(given: Given) -> Integration:
    given.team("payments", members=["olga"])
    return given.integration("orders-to-erp", by="olga")


def update(given: Given, who: str = "olga", **changes: Any) -> Integration:
    return update_integration(slug="orders-to-erp", changes=changes, expected_version=None, **given.by(who))


def words(answer: Any) -> str:
    """The page's text with blanks folded, to look sentences up in."""
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("person", ["olga", "root", "ada", "eve"])
def test_every_tab_answers_who_may_see_it_and_leads_to_the_others(given: Given, landscape: Any, browser: Browser, person: str) -> None:
    for tab in TABS:
        answer = browser(person).get(ONE + tab)
        assert answer.status_code == 200, tab
        assert {ONE + each for each in TABS} <= {one["url"] for one in answer.context["tabs"]}
        assert sum(one["is_current"] for one in answer.context["tabs"]) == 1, tab


def test_a_hidden_one_is_not_found_on_any_tab_and_takes_no_form(given: Given, owned: Integration, browser: Browser) -> None:
    update(given, visibility="restricted")
    given.person("eve")
    eve, olga = browser("eve"), browser("olga")
    item = f"/roadmap/{RoadmapItem.objects.create(integration=owned, title='x', quarter='2027-Q1').id}"
    relation = add_relation(
        source_kind="integration", source="orders-to-erp", type="feeds", target_kind="system", target="erp", **given.by("olga")
    )
    taking = ["/roadmap", "/relations", "/access", item, f"{item}/remove", f"/relations/{relation.id}/remove", "/access/remove"]
    for path in [*TABS, *(f"/edit/{section}" for section in SECTION_FORMS), item]:
        assert eve.get(ONE + path).status_code == 404, path
        assert olga.get(ONE + path).status_code == 200, path
    for path in [*taking, *(f"/edit/{section}" for section in SECTION_FORMS)]:
        assert eve.post(ONE + path).status_code == 404, path
    assert (RoadmapItem.objects.count(), Relation.objects.count()) == (1, 1)


def test_only_those_who_may_change_it_get_forms(given: Given, owned: Integration, browser: Browser) -> None:
    given.person("eve")
    eve = browser("eve")
    for section in SECTION_FORMS:
        assert eve.get(f"{ONE}/edit/{section}").status_code == 403, section
    for tab in ("/roadmap", "/relations", "/access"):
        assert eve.get(ONE + tab).context["form"] is None, tab
        assert browser("olga").get(ONE + tab).context["form"] is not None, tab
    assert eve.get(ONE + "/access").context["grants"] is None
    assert browser("olga").get(f"{ONE}/edit/nonsense").status_code == 404


SENT = {
    "owners": ({"on_call": "olga", "co_owners": "olga, OLGA"}, "on_call"),
    "value": ({"business_value": "Money arrives.", "reuse_check": "None fits."}, "business_value"),
    "support": ({"channel": "#erp", "runbook": "https://wiki.example/erp"}, "support"),
    "change-policy": ({"notice_days": "0", "text": "By mail."}, "change_policy"),
    "deprecation": ({"effective_on": "2027-01-31", "reason": "Too old."}, "deprecation"),
    "labels": ({"tags": "b2b, core", "labels": "cost-centre=4711\n\nteam = x=y"}, "labels"),
}


@pytest.mark.parametrize("section", SENT)
def test_a_section_is_saved_as_one_version_and_comes_back_in_its_form(
    given: Given, owned: Integration, browser: Browser, section: str
) -> None:
    client, (sent, field) = browser("olga"), SENT[section]
    assert client.post(f"{ONE}/edit/{section}", {**sent, "version": "1"}, follow=True).redirect_chain == [(ONE, 302)]
    saved = Integration.objects.get()
    assert saved.version == 2
    assert getattr(saved, field)
    form = client.get(f"{ONE}/edit/{section}").context["form"]
    again = {name: form[name].value() for name in form.fields}
    again = {name: ", ".join(value) if isinstance(value, list) else value or "" for name, value in again.items()}
    again |= {name: str(form.initial[name]) for name in ("effective_on", "notice_days") if name in form.initial}
    assert client.post(f"{ONE}/edit/{section}", again).status_code == 302
    assert Integration.objects.get().version == 2, "what was shown, sent back, changes nothing"
    stale = client.post(f"{ONE}/edit/{section}", {**sent, "version": "1"})
    assert stale.status_code == 412
    assert 'name="version" value="2"' in stale.content.decode()


@pytest.mark.parametrize(
    ("section", "sent", "field"),
    [
        ("owners", {"on_call": "nobody-here"}, "on_call"),
        ("owners", {"co_owners": "olga, nobody-here"}, "co_owners"),
        ("support", {"runbook": "javascript:alert(1)"}, "runbook"),
        ("support", {"channel": "ghp_" + "a1B2" * 9}, "channel"),
        ("change-policy", {"notice_days": "-1"}, "notice_days"),
        ("deprecation", {"effective_on": "2027-02-01", "removal_on": "2027-01-01"}, "removal_on"),
        ("deprecation", {"alternative": "nowhere"}, "alternative"),
        ("labels", {"labels": "no pair"}, "labels"),
        ("labels", {"labels": "a=1\na=2"}, "labels"),
        ("labels", {"labels": "a b=1"}, "labels"),
        ("name", {"slug": "no blanks"}, "slug"),
        ("name", {"slug": "taken"}, "slug"),
        ("value", {"version": ""}, "version"),
    ],
)
def test_what_is_refused_stands_at_its_field(
    given: Given, owned: Integration, browser: Browser, section: str, sent: dict[str, str], field: str
) -> None:
    given.integration("taken", by="olga")
    answer = browser("olga").post(f"{ONE}/edit/{section}", {"version": "1", **sent})
    assert answer.status_code in {409, 422}
    assert list(answer.context["form"].errors) == [field]
    assert Integration.objects.get(slug="orders-to-erp").version == 1


def test_the_overview_says_whom_to_call_who_is_missing_and_what_ends_when(given: Given, owned: Integration, browser: Browser) -> None:
    given.integration("new-way", by="olga")
    given.integration("hidden", team="others", visibility="restricted")
    given.person("cem")
    page = words(browser("olga").get(ONE))
    for sentence in ("Nobody has said whom to call.", "nobody yet", "Nothing is promised to those who rely on it.", "by no runtime yet"):
        assert sentence in page
    update(
        given,
        on_call="cem",
        support={"channel": "#erp", "runbook": "https://wiki.example/erp"},
        change_policy={"notice_days": 14},
        deprecation={"effective_on": "2026-01-01", "removal_on": "2126-01-01", "alternative": "new-way", "reason": "Too old."},
    )
    page = words(browser("eve").get(ONE)) if given.person("eve") else ""
    for sentence in ("#erp", "Cem", "Deprecated since 1 Jan 2026, removed on 1 Jan 2126", f'<a href="{ONE[:14]}new-way">new-way</a>'):
        assert sentence in page, sentence
    update_integration(slug="new-way", changes={"visibility": "restricted"}, expected_version=None, **given.by("olga"))
    assert "new-way" not in words(browser("eve").get(ONE))


def test_an_editor_who_may_not_see_the_alternative_does_not_lose_it(given: Given, owned: Integration, browser: Browser) -> None:
    given.team("others", members=["ann"])
    given.team("payments", members=["ann"])
    given.integration("hidden", team="others", visibility="restricted")
    update(given, "ann", deprecation={"alternative": "hidden", "reason": "Old"})
    page = browser("olga").get(f"{ONE}/edit/deprecation")
    assert b"hidden<" not in page.content
    assert b'value="hidden"' not in page.content
    browser("olga").post(f"{ONE}/edit/deprecation", {"reason": "Older", "version": "2"})
    kept = Integration.objects.get(slug="orders-to-erp").deprecation
    assert (kept["reason"], "alternative" in kept) == ("Older", True)
    browser("ann").post(f"{ONE}/edit/deprecation", {"reason": "Older", "alternative": "", "version": "3"})
    assert "alternative" not in Integration.objects.get(slug="orders-to-erp").deprecation


def test_pages_of_an_earlier_name_lead_to_the_present_address(given: Given, owned: Integration, browser: Browser) -> None:
    client = browser("olga")
    assert client.post(f"{ONE}/edit/name", {"slug": "order-flow", "version": "1"})["Location"] == "/integrations/order-flow"
    for path in [
        *TABS,
        "/owners",
        "/was",
        "/lifecycle",
        "/sources",
        "/documents/runbook",
        "/documents/runbook/history",
        "/edit",
        "/edit/support",
        "/releases/new",
    ]:
        moved = client.get(f"{ONE}{path}?a=1&b=2")
        assert (moved.status_code, moved["Location"]) == (302, f"/integrations/order-flow{path}?a=1&b=2"), path
    assert "orders-to-erp" in words(client.get("/integrations/order-flow/history"))
    rename_integration(slug="order-flow", new="orders-to-erp", expected_version=None, **given.by("olga"))
    assert client.get(ONE).status_code == 200


def test_an_improvement_is_planned_moved_and_taken_off(given: Given, owned: Integration, browser: Browser) -> None:
    client = browser("olga")
    assert client.post(f"{ONE}/roadmap", {"title": "Fewer calls", "quarter": "2027", "state": "planned"}).status_code == 422
    client.post(f"{ONE}/roadmap", {"title": "Fewer calls", "quarter": "2027-Q1", "state": "planned"})
    item = RoadmapItem.objects.get()
    assert [one["quarter"] for one in client.get(f"{ONE}/roadmap").context["quarters"]] == ["2027 Q1"]
    moved = {"title": "Fewer calls", "quarter": "2027-Q2", "state": "dropped", "description": "No money.", "version": "1"}
    assert client.post(f"{ONE}/roadmap/{item.id}", moved).status_code == 302
    assert client.post(f"{ONE}/roadmap/{item.id}", moved).status_code == 412
    assert client.post(f"{ONE}/roadmap/{item.id}", {**moved, "version": ""}).status_code == 412
    assert "No money." in words(client.get(f"{ONE}/roadmap"))
    assert client.get(f"{ONE}/roadmap/{item.id}").context["form"].initial["version"] == 2
    client.post(f"{ONE}/roadmap/{item.id}/remove")
    assert not RoadmapItem.objects.exists()
    assert client.get(f"{ONE}/roadmap/{item.id}").status_code == 404


def test_relations_are_declared_read_and_taken_back_and_the_hidden_end_stays_unnamed(
    given: Given, owned: Integration, browser: Browser
) -> None:
    given.integration("salaries", team="payments", by="olga", visibility="restricted")
    client = browser("olga")
    sent = {"type": "depends-on", "entity_kind": "integration", "entity": "salaries", "note": ""}
    assert client.post(f"{ONE}/relations", sent).status_code == 302
    assert client.post(f"{ONE}/relations", sent).status_code == 409
    wrong = client.post(f"{ONE}/relations", {**sent, "entity": "nowhere"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["entity"])
    assert "Salaries" in words(client.get(f"{ONE}/relations"))
    assert "is depended on by" in words(client.get("/integrations/salaries/relations"))
    given.person("eve")
    seen = words(browser("eve").get(f"{ONE}/relations"))
    assert "Something you may not see" in seen
    assert "alaries" not in seen
    client.post(f"{ONE}/relations", {"type": "feeds", "entity_kind": "system", "entity": "erp", "note": ""})
    rows = client.get(f"{ONE}/relations").context["rows"]
    assert [(row["name"], row["url"]) for row in rows] == [("depends on", "/integrations/salaries"), ("feeds", "/landscape/systems/erp")]
    Relation.objects.filter(type="feeds").delete()
    relation = Relation.objects.get()
    assert browser("eve").post(f"{ONE}/relations/{relation.id}/remove").status_code == 403
    assert client.post(f"/integrations/salaries/relations/{relation.id}/remove").status_code == 404
    client.post(f"{ONE}/relations/{relation.id}/remove")
    assert not Relation.objects.exists()


def test_people_and_teams_are_let_in_and_their_way_taken_back(given: Given, owned: Integration, browser: Browser) -> None:
    update(given, visibility="restricted")
    given.person("vera")
    given.team("logistics")
    client = browser("olga")
    for holder_type, holder in (("user", "vera"), ("team", "logistics")):
        client.post(f"{ONE}/access", {"holder_type": holder_type, "holder": holder, "right": "view"})
    assert [(grant.holder, grant.right) for grant in grant_selectors.grants_on(owned)] == [("vera", "view"), ("logistics", "view")]
    assert browser("vera").get(ONE).status_code == 200
    missing = client.post(f"{ONE}/access", {"holder_type": "user", "holder": "nobody-here", "right": "view"})
    assert (missing.status_code, list(missing.context["form"].errors)) == (422, ["holder"])
    assert browser("vera").post(f"{ONE}/access", {"holder_type": "user", "holder": "vera", "right": "propose"}).status_code == 403
    client.post(f"{ONE}/access/remove", {"holder_type": "user", "holder": "vera"})
    assert browser("vera").get(ONE).status_code == 404


def test_endpoints_say_what_is_not_known_yet(given: Given, owned: Integration, browser: Browser) -> None:
    update(given, endpoints=[{"system": "erp", "role": "target", "operation": "update", "volume_per_day": 0}])
    page = browser("olga").get(f"{ONE}/endpoints")
    assert "not known yet" in words(page)
    assert (page.context["endpoints"][0]["volume"], page.context["endpoints"][0]["data_object"]) == (0, None)


def test_a_tab_costs_the_same_however_much_hangs_on_it(
    given: Given, landscape: Any, browser: Browser, queries: Callable[[Client, str], int]
) -> None:
    client = browser("ada")
    before = {tab: queries(client, ONE + tab) for tab in TABS}
    for number in range(5):
        given.system(f"system-{number}")
        ends = {"source_kind": "integration", "source": "orders-to-erp", "target_kind": "system", "target": f"system-{number}"}
        add_relation(type="feeds", **ends, **given.by("root"))
        update(given, "root", labels={"n": str(number)})
        RoadmapItem.objects.create(integration=landscape.integration, title="x", quarter="2027-Q1")
    after = {tab: queries(client, ONE + tab) for tab in TABS}
    grown = {tab: (before[tab], after[tab]) for tab in TABS if after[tab] > before[tab]}
    assert grown.keys() <= {"/relations"}, grown
    assert after["/relations"] - before["/relations"] <= 2  # names of the kinds at the other ends
