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


def test_the_form_takes_titles_too_and_keeps_the_direction(given: Given, browser: Browser) -> None:
    given.system("web-shop", title="Web shop")
    given.integration("secret-shop", visibility="restricted")
    ann = browser("ann")
    answer = ann.get("/map", {"kind": "system", "slug": "Web", "depth": "1", "direction": "upstream"})
    assert answer["Location"] == "/map?node=system%3AWeb&depth=1&direction=upstream"
    text = ann.get("/map?node=system:Web").content.decode()
    assert 'href="/map?node=system%3Aweb-shop"' in text
    assert "ecret" not in ann.get("/map?node=integration:shop").content.decode()
    assert 'href="/map?node=system%3Aweb-shop"' in ann.get("/map?node=shop").content.decode()
    given.administrator("root")
    assert "Secret shop" in browser("root").get("/map?node=integration:shop").content.decode()


def test_each_row_of_the_table_says_what_it_is_of(given: Given, browser: Browser) -> None:
    given.integration("orders-to-erp")
    text = browser("ann").get("/map?node=system:erp").content.decode()
    assert 'data-source="integration:orders-to-erp" data-target="system:erp"' in text
    assert "<td>Orders</td>" in text  # the data object by its title
