"""Deleting and restoring by the pages alone, as a person without JavaScript does it."""

import re

import pytest

from catalog.models import Integration, System, Tombstone

pytestmark = pytest.mark.django_db


def token(page):
    return re.search(r'name="token" value="([^"]+)"', page.content.decode())[1]


@pytest.fixture
def flow(given):
    given.team("payments", members=["olga"])
    given.person("eve")
    given.administrator("root")
    return given.integration("orders-to-erp", by="olga")


def test_an_owner_deletes_and_an_administrator_brings_it_back(given, flow, browser):
    olga, root = browser("olga"), browser("root")
    url = "/integrations/orders-to-erp/delete"
    assert url in olga.get("/integrations/orders-to-erp").content.decode()
    assert url not in browser("eve").get("/integrations/orders-to-erp").content.decode()
    assert browser("eve").get(url).status_code == 403
    page = olga.get(url)
    assert "Nothing stands in the way" in page.content.decode()
    assert olga.post(url, {"step": "retire", "token": token(page)}).status_code == 302
    gone = olga.post(url, {"step": "tombstone", "token": token(olga.get(url))})
    assert gone.status_code == 302
    assert olga.get("/integrations/orders-to-erp").status_code == 404
    assert olga.get(url).status_code == 404
    assert olga.get("/tombstones").status_code == 403
    stone = Tombstone.objects.get()
    assert "Orders to erp" in root.get("/tombstones").content.decode()
    assert root.post(f"/tombstones/{stone.pk}/restore").status_code == 302
    assert olga.get("/integrations/orders-to-erp").status_code == 200


def test_a_page_that_went_stale_says_what_changed_and_asks_again(given, flow, browser):
    root = browser("root")
    stale = token(root.get("/systems/erp/delete"))
    given.integration("another-flow", by="olga")
    answer = root.post("/systems/erp/delete", {"step": "retire", "token": stale})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "1 came, 0 went. Another flow" in text
    assert not System.objects.get(slug="erp").retired_at
    root.post("/systems/erp/delete", {"step": "retire", "token": token(answer)})
    assert System.objects.get(slug="erp").retired_at
    page = root.get("/systems/erp/delete").content.decode()
    assert "Delete it now" not in page
    assert "The owners of these integrations" in page
    root.post("/systems/erp/delete", {"step": "reinstate"})
    assert not System.objects.get(slug="erp").retired_at


def test_what_a_person_may_not_see_is_counted_and_not_named(given, flow, browser):
    given.integration("secret-flow", by="olga", visibility="restricted")
    given.team("erp-team", members=["eve"])
    System.objects.filter(slug="erp").update(team=given.team("erp-team"))
    page = browser("eve").get("/systems/erp/delete").content.decode()
    assert "1 that you may not see" in page
    assert "ecret" not in page


def test_a_name_that_was_given_away_is_asked_for(given, flow, browser):
    stone = given.deleted("integration", "orders-to-erp")
    Integration.objects.filter(pk=stone.pk).update(slug="hidden-from-the-builder")
    given.integration("orders-to-erp", by="olga")
    Integration.objects.filter(pk=stone.pk).update(slug="orders-to-erp")
    root = browser("root")
    answer = root.post(f"/tombstones/{stone.pk}/restore")
    assert answer.status_code == 409
    assert 'value="orders-to-erp-2"' in answer.content.decode()
    assert root.post(f"/tombstones/{stone.pk}/restore", {"slug": "orders-to-erp-2"}).status_code == 302
    assert Integration.objects.get(slug="orders-to-erp-2").pk == stone.pk


@pytest.mark.parametrize("collection", ["integrations", "systems", "data-objects", "teams", "x"])
def test_what_does_not_exist_is_not_found(given, flow, browser, collection):
    assert browser("root").get(f"/{collection}/no-such-one/delete").status_code == 404
