"""The map's page: the same as the API says, for whoever looks, without JavaScript."""

from collections.abc import Callable

from django.test import Client

from tests.given import Given

Browser = Callable[[str | None], Client]


def test_the_table_says_what_is_joined(given: Given, browser: Browser) -> None:
    given.integration("orders-to-erp")
    text = browser("ann").get("/map?node=system:erp").content.decode()
    for words in ("Around ERP", "Orders to erp", "writes to", "/map?node=integration%3Aorders-to-erp"):
        assert words in text, words


def test_the_form_leads_to_an_address_that_can_be_shared(given: Given, browser: Browser) -> None:
    given.system("erp")
    answer = browser("ann").get("/map", {"kind": "system", "slug": " erp ", "depth": "2"})
    assert (answer.status_code, answer["Location"]) == (302, "/map?node=system%3Aerp&depth=2")


def test_what_may_not_be_seen_is_not_found(given: Given, browser: Browser) -> None:
    given.integration("secret-flow", visibility="restricted")
    ann, pages = browser("ann"), []
    for slug in ("secret-flow", "nowhere"):
        answer = ann.get(f"/map?node=integration:{slug}")
        assert answer.status_code == 404
        pages.append(answer.content.replace(slug.encode(), b"").count(b"There is nothing of that name"))
    assert pages == [1, 1]
    assert b"ecret-flow" not in ann.get("/map?node=system:shop&depth=3").content
    given.administrator("root")
    assert b"Secret flow" in browser("root").get("/map?node=system:shop").content


def test_odd_questions_fall_back_to_the_neighbours(given: Given, browser: Browser) -> None:
    given.system("erp")
    assert browser("ann").get("/map?node=system:erp&depth=77&direction=sideways").status_code == 200
    for node in ("", "system:", ":erp", "x", "system:%00", "hidden:1"):
        assert browser("ann").get(f"/map?node={node}").status_code in {200, 404}
