"""Pages of teams and of people: what is counted and named is what the viewer may see, and each leads to the other."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Membership, Team
from accounts.services import teams
from audit.services.sequence import sequence_all
from catalog.models import Integration, System
from catalog.services import grants
from portal.views.stewardship import teams as pages
from tests.given import Given
from tests.given.people import SYSTEM

Browser = Callable[[str | None], Client]
Queries = Callable[[Client, str], int]


@pytest.fixture
def estate(given: Given) -> Given:
    """Olga of payments, below finance, owns an open one and a restricted one; bob left; eve of logistics sees the open one only."""
    given.administrator("root")
    given.person("ada", roles_held=["auditor"])
    given.team("logistics", members=["eve"])
    given.team("payments", parent=given.team("finance", members=["fay"]), members=["olga", "bob"])
    Membership.objects.filter(user__username="olga").update(is_lead=True)
    given.owned(given.integration("orders", by="olga", tier=2), technical_owner="olga", co_owners=["eve"])
    given.owned(given.integration("secret-depot", by="olga", tier=3, visibility="restricted"), technical_owner="olga", on_call="olga")
    given.board("change-board", members=["olga"])
    given.deactivated("bob")
    return given


def text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


def counts(client: Client, url: str = "/teams") -> dict[str, tuple[int, int, int, int]]:
    """Team → active members, integrations, orphans, gaps."""
    rows = client.get(url).context["rows"]
    return {row["team"].slug: (row["members"], row["integrations"], row["orphans"], row["gaps"]) for row in rows}


@pytest.mark.parametrize(("who", "owned", "gaps"), [("olga", 2, 1), ("fay", 2, 1), ("root", 2, 1), ("ada", 2, 1), ("eve", 1, 1)])
def test_integrations_are_counted_over_what_the_viewer_may_see(estate: Given, browser: Browser, who: str, owned: int, gaps: int) -> None:
    """The business owner of `orders` is missing; the restricted one of tier 3 has all it needs."""
    assert counts(browser(who)) == {"finance": (1, 0, 0, 0), "payments": (1, owned, 0, gaps), "logistics": (1, 0, 0, 0)}
    page = browser(who).get("/teams/payments")
    assert (page.context["load"]["integrations"], "Secret depot" in page.content.decode()) == (owned, owned == 2)
    assert [row["missing"] for row in page.context["rows"] if row["state"]] == [["Business owner"]]


def test_a_grant_lets_in_and_what_is_seen_by_it_is_counted(estate: Given, browser: Browser) -> None:
    grants.add_grant(integration="secret-depot", right="view", user="eve", **estate.by("olga"))
    assert counts(browser("eve"))["payments"] == (1, 2, 0, 1)
    assert "On call" in text(browser("eve"), "/people/olga")


def test_orphans_are_told_apart_from_empty_roles(estate: Given, browser: Browser) -> None:
    estate.team("ghosts")
    estate.integration("lost", team="ghosts")
    estate.integration("hidden", team="ghosts", visibility="restricted")
    assert (counts(browser("eve"))["ghosts"], counts(browser("root"))["ghosts"]) == ((0, 1, 1, 0), (0, 2, 2, 0))
    page = text(browser("eve"), "/teams/ghosts")
    assert "Nobody active is in it, nor in a team above it." in page
    assert "1 that nobody answers for" in page
    estate.team("hollow", parent=estate.team("finance"))
    assert "It has no active member of its own." in text(browser("eve"), "/teams/hollow")


@pytest.mark.parametrize("who", ["root", "eve"])
def test_every_number_leads_to_a_list_of_exactly_that_many(estate: Given, browser: Browser, who: str) -> None:
    """Also when something has ended: it is owned, and misses nobody."""
    estate.integration("ended", by="olga", tier=1)
    Integration.objects.filter(slug="ended").update(stage="retired")
    client = browser(who)
    row = next(row for row in client.get("/teams").context["rows"] if row["team"].slug == "payments")
    assert client.get(row["integrations_url"]).context["count"] == row["integrations"]
    for name in ("orphans", "gaps"):
        assert len(client.get(row[f"{name}_url"]).context["rows"]) == row[name], name
    person = client.get("/people/olga")
    assert client.get(person.context["list_url"]).context["count"] == person.context["count"]


def test_the_list_is_a_tree_is_searched_and_has_pages(estate: Given, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    eve = browser("eve")
    rows = eve.get("/teams").context["rows"]
    assert [(row["team"].slug, row["depth"]) for row in rows] == [("finance", 0), ("payments", 1), ("logistics", 0)]
    assert list(counts(eve, "/teams?q=pay")) == ["payments"]
    assert list(counts(eve, "/teams?parent=finance")) == ["payments"]
    assert "Nothing matches" in text(eve, "/teams?q=zzz")
    assert eve.get("/teams?nonsense=1").status_code == 400
    monkeypatch.setattr(pages, "AS_TREE", 2)
    assert list(counts(eve)) == ["finance", "logistics", "payments"]
    first = eve.get("/teams?limit=2")
    assert [row["team"].slug for row in first.context["rows"]] == ["finance", "logistics"]
    assert list(counts(eve, f"/teams?limit=2&cursor={first.context['next_cursor']}")) == ["payments"]


def test_a_team_shows_who_is_in_it_what_it_keeps_and_what_happened(estate: Given, browser: Browser) -> None:
    estate.connection(by="olga", expires_at=estate.now + timedelta(days=9))
    estate.component("rounding", by="olga")
    System.objects.filter(slug="erp").update(team=Team.objects.get(slug="payments"))
    estate.data_object("invoices", system_of_record="erp")
    page = text(browser("eve"), "/teams/payments")
    for found in ("leads it", "Switched off", "Erp-production", "Rounding", "Invoices", "Olga joined", "Registered", 'href="/people/bob"'):
        assert found in page, found
    assert 'href="/teams/finance"' in page
    assert 'href="/teams/payments"' in text(browser("eve"), "/teams/finance")
    teams.remove_member(team=estate.team("payments"), user=estate.person("bob"), actor=estate.actor("root"), now=estate.now)
    teams.add_member(team=estate.team("payments"), user=estate.person("olga"), is_lead=False, actor=SYSTEM, now=estate.now)
    again = text(browser("eve"), "/teams/payments")
    assert ("Bob left" in again, "Olga leads it no longer" in again, "Root · " in again) == (True, True, True)


def test_any_spelling_leads_to_the_page_and_unknown_names_are_not_found(estate: Given, browser: Browser) -> None:
    eve = browser("eve")
    assert eve.get("/teams/PAYMENTS")["Location"] == "/teams/payments"
    assert eve.get("/people/OLGA")["Location"] == "/people/olga"
    assert [eve.get(url).status_code for url in ("/teams/nobody", "/people/nobody", "/people/a%00b")] == [404, 404, 404]
    for url in ("/teams", "/teams/payments", "/people/olga"):
        assert browser(None).get(url).status_code == 302, url


def test_a_person_is_shown_with_the_roles_that_the_viewer_may_see(estate: Given, browser: Browser) -> None:
    seen = text(browser("olga"), "/people/olga")
    for found in ("Active", "Technical owner, On call", "Secret depot", 'href="/teams/payments"', "Change-board"):
        assert found in seen, found
    page = browser("eve").get("/people/olga")
    assert (page.context["count"], "depot" in page.content.decode().casefold()) == (1, False)
    assert "Co-owner" in text(browser("olga"), "/people/eve")
    assert "Auditor" in text(browser("eve"), "/people/ada")


def test_an_account_that_is_off_says_so_and_what_still_names_it(estate: Given, browser: Browser) -> None:
    estate.owned(Integration.objects.get(slug="orders"), business_owner="bob")
    page = text(browser("eve"), "/people/bob")
    assert ("Switched off" in page, "it answers for nothing" in page, "Orders" in page) == (True, True, True)


def test_addresses_and_the_leaving_plan_are_for_administrators(estate: Given, browser: Browser) -> None:
    estate.person("mia", email="mia@example.org")
    plan = "/stewardship/leaving?username=mia"
    shown = {who: text(browser(who), "/people/mia") for who in ("root", "mia", "eve")}
    assert {who: ("mia@example.org" in page, plan in page) for who, page in shown.items()} == {
        "root": (True, True),
        "mia": (True, False),
        "eve": (False, False),
    }


def test_names_lead_to_these_pages_wherever_they_stand(estate: Given, browser: Browser) -> None:
    root, campaign = browser("root"), estate.campaign()
    estate.component("rounding", by="olga")
    team, olga = 'href="/teams/payments"', 'href="/people/olga"'
    both = ("/integrations/orders", "/integrations/orders/owners")
    assert [(url, link) for url in both for link in (team, olga) if link not in text(root, url)] == []
    teams_only = (
        "/stewardship",
        f"/stewardship/campaigns/{campaign.pk}",
        "/integrations",
        "/landscape/components",
        "/landscape/components/rounding",
    )
    assert [url for url in teams_only if team not in text(root, url)] == []
    assert 'href="/people/root"' in text(root, "/stewardship/campaigns")
    assert olga in text(root, "/stewardship/leaving?username=olga")


def test_the_log_leads_to_who_did_it_and_to_the_team_it_was_done_to(estate: Given, browser: Browser) -> None:
    sequence_all(estate.now)
    page = text(browser("root"), "/log")
    assert ('href="/people/olga"' in page, 'href="/teams/payments"' in page) == (True, True)


def test_the_navigation_shows_where_one_is(estate: Given, browser: Browser) -> None:
    for url in ("/teams", "/teams/payments", "/people/olga"):
        page = text(browser("eve"), url)
        assert '<a href="/stewardship" aria-current="page">' in page, url
    assert 'href="/teams"' in text(browser("eve"), "/stewardship")


def test_the_pages_cost_the_same_with_many_rows(estate: Given, browser: Browser, queries: Queries) -> None:
    urls = ("/teams", "/teams?q=e", "/teams/payments", "/people/olga")
    estate.connection(by="olga")
    before = {url: queries(browser("eve"), url) for url in urls}
    for number in range(5):
        estate.team(f"team-{number}", parent=estate.team("payments"), members=[f"person-{number}"])
        estate.team("payments", members=[f"person-{number}"])
        estate.owned(estate.integration(f"more-{number}", by="olga", tier=1), technical_owner="olga")
        estate.connection(f"line-{number}", by="olga")
    assert {url: queries(browser("eve"), url) for url in urls} == before
