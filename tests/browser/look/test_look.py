"""Every page template looks right to machines: axe finds nothing, nothing overflows a phone, nothing breaks the policy or leaves the host.

Set PORTOLAN_LOOK_SHOTS to a folder to keep a picture of every page, theme and width.
"""

import gzip
import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import problems_of

from .samples import PAGES

pytestmark = pytest.mark.real
SHOTS = os.environ.get("PORTOLAN_LOOK_SHOTS")
MAX_ASSETS_BYTES = 100_000


class Visit:
    """One page opened in one theme and width, with what the browser complained of and asked for."""

    def __init__(self, browser: Any, site: str, name: str, theme: str, width: int) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, bypass_csp=False)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.answer = self.page.goto(f"{site}/look/{name}", wait_until="load")
        self.page.evaluate("document.fonts.ready.then(() => true)")


@pytest.fixture
def visit(browser: Any, look_site: str, request: pytest.FixtureRequest) -> Any:
    def open_page(name: str, theme: str = "light", width: int = 1440) -> Visit:
        seen = Visit(browser, look_site, name, theme, width)
        request.addfinalizer(seen.context.close)
        return seen

    return open_page


# The journeys open every page in all four combinations with real data; the samples hold the states that are hard to reach.
@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_and_fits(visit: Any, look_site: str, axe: str, name: str, theme: str, width: int) -> None:
    seen = visit(name, theme, width)
    assert seen.answer.status == 200
    if SHOTS:
        seen.page.screenshot(path=str(Path(SHOTS) / f"{name}-{theme}-{width}.png"), full_page=True)
    assert seen.complaints == []
    assert [url for url in seen.requests if not url.startswith((look_site, "data:"))] == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert problems_of(seen.page, axe) == []


def test_assets_of_a_page_stay_small(visit: Any) -> None:
    seen = visit("change")
    urls = {url for url in seen.requests if "/static/" in url}
    sizes = {}
    for url in urls:
        body = seen.context.request.get(url).body()
        sizes[url] = len(body) if url.endswith(".woff2") else len(gzip.compress(body))
    assert sum(sizes.values()) < MAX_ASSETS_BYTES, sizes


def test_theme_choice_is_kept_by_the_server(visit: Any, look_site: str) -> None:
    seen = visit("home")
    seen.page.click("[data-theme-toggle]")
    assert seen.page.get_attribute("html", "data-theme") == "dark"
    seen.page.reload()
    assert seen.page.get_attribute("html", "data-theme") == "dark"
    assert 'data-theme="dark"' in seen.context.request.get(f"{look_site}/look/home").text()


def test_slash_goes_to_search_but_not_while_writing(visit: Any) -> None:
    page = visit("change").page
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.focus("#note")
    page.keyboard.type("a/b")
    assert page.input_value("#note") == "a/b"


def test_reject_asks_once_more_and_stays_when_answered_no(visit: Any) -> None:
    page = visit("change").page
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.click("button[value=reject]")
    assert len(asked) == 1
    assert page.url.endswith("/look/change")


def test_decision_is_reached_by_keyboard_and_shows_focus(visit: Any) -> None:
    page = visit("change").page
    page.focus("#note")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "approve"
    assert page.evaluate("getComputedStyle(document.activeElement).boxShadow") != "none"


def test_navigation_is_reachable_on_a_phone_without_scripts(browser: Any, look_site: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{look_site}/look/change")
    page.click("details.main-menu summary")
    assert page.locator("details.main-menu a", has_text="Runtimes").is_visible()
    assert page.locator("button[value=approve]").is_visible()
    context.close()


def test_moving_deployment_refreshes_itself(visit: Any, look_site: str) -> None:
    page = visit("deployment").page
    with page.expect_response(f"{look_site}/look/deployment", timeout=15_000):
        page.evaluate("document.querySelector('#live h1').textContent = 'stale'")
    page.wait_for_function("document.querySelector('#live h1').textContent.includes('Warehouse')", timeout=5_000)
    assert page.locator("#live #live, main main").count() == 0


def test_the_open_tab_is_in_sight_on_a_phone(visit: Any) -> None:
    page = visit("integration-access", width=390).page
    left, right = page.eval_on_selector(
        ".tabs.pages [aria-current]", "tab => [tab.getBoundingClientRect().left, tab.getBoundingClientRect().right]"
    )
    assert 0 <= left < right <= 390
    assert page.evaluate("document.documentElement.scrollLeft") == 0
