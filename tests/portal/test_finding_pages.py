"""The list of integrations: facets, chips, marked words, saved views and suggestions, all as links and forms that need no script."""

import re

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def estate(given):
    """Two open integrations and a hidden one, of two teams."""
    given.data_object("customer")
    crm = {
        "system": given.system("crm").slug,
        "data_object": "customer",
        "role": "source",
        "operation": "read",
        "fields_touched": ["email"],
    }
    given.integration("orders-to-erp", title="Orders <b>to</b> ERP", tags=["blue"])
    given.integration("crm-sync", team="sales", tier=1, endpoints=[crm])
    given.integration(
        "secret-salaries", team="people", visibility="restricted", tags=["blue"], endpoints=[{**crm, "fields_touched": ["salary"]}]
    )
    return given


def page(browser, url, who="ann"):
    answer = browser(who).get(url)
    assert answer.status_code == 200, answer.content[:300]
    return answer.content.decode()


def links(text):
    return re.findall(r'href="([^"]*)"', text.replace("&amp;", "&"))


def test_every_facet_value_leads_to_as_many_rows_as_it_says(estate, browser):
    first = page(browser, "/integrations?more=1")
    told = re.findall(r'<li><a href="(/integrations\?[^"]*)"><span>[^<]*</span><span class="num sub">(\d+)</span>', first)
    assert len(told) >= 12
    for url, count in told:
        shown = page(browser, url.replace("&amp;", "&"))
        assert f'<span class="num">{count}</span> integration' in shown, url


def test_a_filter_set_is_a_chip_that_takes_it_away_and_stays_in_every_link(estate, browser):
    shown = page(browser, "/integrations?team=sales&tier=1&sort=-changed_at")
    assert 'href="/integrations?tier=1&amp;sort=-changed_at"' in shown
    assert 'href="/integrations?team=sales&amp;sort=-changed_at"' in shown
    assert '<input type="hidden" name="team" value="sales">' in shown
    assert "/integrations/export?team=sales&tier=1&sort=-changed_at&format=csv" in links(shown)
    assert "crm-sync" in shown
    assert "/integrations/orders-to-erp" not in shown


def test_words_are_marked_and_titles_stay_text(estate, browser):
    shown = page(browser, "/integrations?q=erp")
    assert "Orders &lt;b&gt;to&lt;/b&gt; <mark>ERP</mark>" in shown
    assert 'aria-current="true">Relevance' in shown


def test_a_filter_typed_into_the_search_becomes_a_chip(estate, browser):
    shown = page(browser, "/integrations?q=carries:customer.email")
    assert "crm-sync" in shown
    assert '<span class="sub">Carries</span> customer.email' in shown
    assert 'name="q" value=""' in shown


def test_what_cannot_be_read_is_said_beside_the_form(estate, browser):
    answer = browser("ann").get("/integrations?tier=x&q=kept")
    assert answer.status_code == 400
    assert "tier: Expected an integer." in answer.content.decode()
    assert 'value="kept"' in answer.content.decode()
    assert browser("ann").get("/integrations?q=%22%22").status_code == 400


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("/integrations?more=1", "secret-salaries"),
        ("/integrations?q=blue", "secret-salaries"),
        ("/integrations/facets", '<span class="num sub">2</span>'),
        ("/search/suggestions?q=sal", "secret-salaries"),
        ("/search/suggestions?q=customer.", "customer.salary"),
    ],
)
def test_nothing_is_told_of_what_may_not_be_seen(estate, browser, url, told):
    estate.team("people", members=["paula"])
    assert told not in page(browser, url, "ann")
    assert told in page(browser, url, "paula")


def test_suggestions_are_links(estate, browser):
    estate.team("sales")
    assert '<a href="/integrations/orders-to-erp">' in page(browser, "/search/suggestions?q=ord")
    assert '<a href="/integrations?system=crm">' in page(browser, "/search/suggestions?q=CR")
    assert '<a href="/integrations?carries=customer.email">' in page(browser, "/search/suggestions?q=customer.e")
    assert page(browser, "/search/suggestions?q=").strip() == ""
    assert page(browser, "/search/suggestions?q=%00").strip() == ""


def test_a_view_is_saved_found_again_and_forgotten(estate, browser):
    ann, bob = browser("ann"), browser("bob")
    saved = {"title": "Blue ones", "query": "tag=blue", "is_shared": "1"}
    assert ann.post("/integrations/views", saved).headers["Location"] == "/integrations?tag=blue"
    for client in (ann, bob):
        assert 'href="/integrations?tag=blue">Blue ones</a>' in client.get("/integrations").content.decode()
    again = ann.post("/integrations/views", saved, follow=True).content.decode()
    assert "You have a view with this title." in again
    (remove,) = set(re.findall(r"/integrations/views/[0-9a-f-]+/remove", again))
    assert bob.post(remove).status_code == 403
    assert ann.post(remove).headers["Location"] == "/integrations"
    assert "Blue ones" not in ann.get("/integrations").content.decode().replace("Saved as “Blue ones”", "")


def test_a_page_costs_the_same_with_many_rows(estate, browser, queries):
    urls = ("/integrations", "/integrations?q=orders", "/integrations?more=1", "/integrations?tag=blue&sort=-changed_at")
    before = {url: queries(browser("ann"), url) for url in urls}
    for number in range(6):
        estate.integration(f"orders-{number}", tags=["blue"])
    assert {url: queries(browser("ann"), url) for url in urls} == before
    assert max(before.values()) <= 24, before


def test_a_search_that_finds_nothing_leads_on(estate, browser):
    shown = page(browser, "/integrations?q=ordrs+shop")
    assert "Did you mean" in shown
    assert [url for url in links(shown) if url.startswith("/integrations?q=shop")]
    assert page(browser, "/integrations?q=secret").count("Did you mean") == 0
