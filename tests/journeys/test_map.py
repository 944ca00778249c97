"""Walking in the map in a real browser: the picture and the table beside it grow together, by mouse and by keyboard."""

from typing import Any

import pytest

from tests.browser.axe import problems_of
from tests.journeys.person import SIZES, Person
from tests.journeys.service import RunningService

pytestmark = pytest.mark.real
ROOT, DECLARING, UNSEEN = "integration:texts-to-translation", "integration:products-to-shop", "customers-to-crm"
PICTURE = "document.querySelector('#graph')._cyreg.cy"  # the library keeps it at the element it draws in


class Walker:
    """Somebody who looks at the map."""

    def __init__(self, somebody: Person) -> None:
        self.person, self.page = somebody, somebody.page
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))

    def look_at(self, path: str) -> None:
        self.person.go(path)
        self.page.wait_for_selector("#graph-bar:not([hidden])")

    def drawn(self) -> set[str]:
        """The names of the nodes in the picture."""
        return set(self.page.evaluate(f"{PICTURE}.nodes().map(node => node.id())"))

    def arrows(self) -> set[tuple[str, str]]:
        return {(one, two) for one, two in self.page.evaluate(f"{PICTURE}.edges().map(edge => [edge.source().id(), edge.target().id()])")}

    def rows(self) -> list[tuple[str, str]]:
        """(from, to) of every row that the table shows."""
        found = "[...document.querySelectorAll('#graph-rows tr:not([hidden])')].map(row => [row.dataset.source, row.dataset.target])"
        return [(one, two) for one, two in self.page.evaluate(found)]

    def click(self, node: str) -> None:
        """A node of the picture, with the mouse."""
        at = self.page.evaluate(f"id => {PICTURE}.getElementById(id).renderedPosition()", node)
        self.page.click("#graph", position=at)

    def grown_by(self, node: str) -> None:
        """Wait until its neighbours are there: its way back is then offered."""
        self.page.wait_for_function("id => new URLSearchParams(location.search).get('open')?.split(',').includes(id)", arg=node)
        self.page.wait_for_selector("#graph-fold:visible")


@pytest.fixture
def walker(service: RunningService, person: Any) -> Walker:
    """A member of the board, who may not see what two integrations say they depend on."""
    owner = service.people["owner"]
    for declaring in (ROOT, DECLARING):
        relation = {"type": "depends-on", "entity_kind": "integration", "entity": UNSEEN}
        declared = owner("POST", f"/integrations/{declaring.partition(':')[2]}/relations", relation)
        assert declared.status in {201, 409}, declared.content  # 409: by the test before
    service.people["board_1"]("GET", f"/integrations/{UNSEEN}", expect=404)
    return Walker(person("board_1", reduced_motion="reduce"))


def placeholders(names: set[str]) -> set[str]:
    return {name for name in names if name.startswith("hidden:")}


def test_picture_and_table_grow_together(service: RunningService, walker: Walker, axe: str) -> None:
    """By mouse, then by keyboard; what is declared and may not be seen is there without a name, once for each who declares it."""
    page = walker.page
    walker.look_at(f"/map?node={ROOT}")
    assert {ROOT, "system:pim", "system:translation"} <= walker.drawn()
    assert DECLARING not in walker.drawn()
    assert placeholders(walker.drawn()) == {"hidden:1"}
    assert ("hidden:1", ROOT) in walker.rows()

    walker.click("system:pim")
    assert page.inner_text("#graph-title") == "Product information"
    page.click("#graph-expand")
    walker.grown_by("system:pim")
    assert {DECLARING, "domain:catalogue"} <= walker.drawn()
    assert (f"hidden:1@{DECLARING}", DECLARING) in walker.rows()

    page.focus("#graph-pick")
    page.keyboard.type("Products")
    page.wait_for_function("() => document.querySelector('#graph-title').textContent.startsWith('Products')")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "graph-expand"
    page.keyboard.press("Enter")
    walker.grown_by(DECLARING)
    assert {"system:web-shop", "data-object:product"} <= walker.drawn()
    assert page.evaluate("document.activeElement.id") == "graph-fold", "the keyboard stays where it can go on"

    assert walker.arrows() == set(walker.rows()), "the table says what the picture shows"
    assert placeholders(walker.drawn()) == {"hidden:1", f"hidden:1@{DECLARING}"}
    assert UNSEEN not in page.content()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for width, height in SIZES.values():
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert problems_of(page, axe) == []
    assert [url for url in walker.asked if not url.startswith((service.url, "data:"))] == []
    assert walker.person.complaints == []


def test_neighbours_that_cannot_be_fetched_are_told_of(walker: Walker) -> None:
    """Signed out meanwhile, or no network: it is said beside the node, and trying again works."""
    page = walker.page
    walker.look_at(f"/map?node={ROOT}")
    before = walker.drawn()
    for answer in ("abort", "another page"):
        page.route(
            "**/map?node=system*", lambda route, how=answer: route.abort() if how == "abort" else route.fulfill(body="<p>Sign in</p>")
        )
        walker.click("system:pim")
        page.click("#graph-expand")
        page.wait_for_selector("#graph-failed:visible")
        assert walker.drawn() == before
        page.unroute("**/map?node=system*")
        page.evaluate(f"{PICTURE}.elements().unselect()")
        page.wait_for_selector("#graph-failed", state="hidden")
    walker.click("system:pim")
    page.click("#graph-expand")
    walker.grown_by("system:pim")
    assert page.is_hidden("#graph-failed")
    assert [text for text in walker.person.complaints if "Failed to load resource" not in text] == []
