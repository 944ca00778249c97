"""The same trip through the portal, in a real browser: register, publish, ask, approve twice, see it live, prove it."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import problems_of
from tests.journeys.person import SIZES
from tests.journeys.service import RunningService, eventually
from tests.journeys.test_main_job import AGENT, file_manifest, verified

pytestmark = pytest.mark.real
SHOTS = os.environ.get("PORTOLAN_LOOK_SHOTS")


def number_of(page: Any) -> int:
    found = re.search(r"/reviews/(\d+)", page.url)
    assert found, page.url
    return int(found[1])


def test_register_approve_and_see_it_live_without_javascript(service: RunningService, person: Any, tmp_path: Path) -> None:
    """Every decision works without JavaScript; the change ends complete and its evidence verifies offline."""
    owner = person("owner", javascript=False)
    page = owner.page
    owner.go("/integrations/new")
    page.fill("input[name=slug]", "refunds-to-erp")
    page.fill("input[name=title]", "Refunds to ERP")
    page.fill("textarea[name=purpose]", "Refunds are booked the same day.")
    page.select_option("select[name=type]", "file-transfer")
    page.select_option("select[name=team]", "commerce-platform")
    page.select_option("select[name=tier]", "3")
    for name, value in {"system": "web-shop", "data_object": "order", "role": "source", "operation": "read"}.items():
        page.select_option(f"select[name=endpoints-0-{name}]", value)
    page.click("main form button[type=submit]:not([name])")
    page.wait_for_url("**/integrations/refunds-to-erp")
    service.people["owner"](
        "POST", "/integrations/refunds-to-erp/documents", {"section": "overview", "body": "## Overview\n\nWritten."}, expect=201
    )

    owner.go("/integrations/refunds-to-erp/releases/new")
    page.fill("input[name=version]", "1.0.0")
    import json

    page.fill("textarea[name=manifest]", json.dumps(file_manifest(["order_number"])))
    page.click("main form button[type=submit]:not([name])")
    page.wait_for_url("**/integrations/refunds-to-erp**")

    owner.go("/reviews/new?integration=refunds-to-erp&release=1.0.0")
    page.check(f"input[value='production|{AGENT}']")
    page.fill("textarea[name=reason]", "Refunds are typed in by hand today.")
    page.click("main form button[type=submit]:not([name])")
    page.wait_for_url(re.compile(r"/reviews/\d+$"))
    number = number_of(page)

    for part in ("board_1", "board_2"):
        judge = person(part, javascript=False)
        judge.go("/reviews")
        assert "Refunds to ERP" in judge.text()
        judge.go(f"/reviews/{number}")
        judge.page.fill("textarea[name=note]", "Read and understood.")
        judge.page.click("button[name=value][value=approve]")
        judge.page.wait_for_url(f"**/reviews/{number}")

    def live() -> bool:
        owner.go("/integrations/refunds-to-erp")
        text = owner.text()
        return "1.0.0" in text and "Healthy" in text

    eventually(live, within_s=90, every_s=1, what="the integration is live and healthy on its page")
    owner.go(f"/reviews/{number}")
    assert "Completed" in owner.text()

    auditor = person("auditor")
    auditor.go(f"/reviews/{number}")
    with auditor.page.expect_download() as download:
        auditor.page.click("text=Evidence pack")
    told = verified(Path(download.value.path()).read_bytes(), tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr
    assert auditor.complaints == []


PAGES = {
    "home": ("board_1", "/"),
    "inbox": ("board_1", "/reviews"),
    "inbox-all": ("auditor", "/reviews?tab=all"),
    "change-waiting": ("board_1", "{waiting}"),
    "change-closed": ("owner", "{closed}"),
    "change-new": ("owner", "/reviews/new?integration=orders-to-erp"),
    "integrations": ("owner", "/integrations"),
    "integration": ("owner", "/integrations/orders-to-erp"),
    "integration-endpoints": ("owner", "/integrations/orders-to-erp/endpoints"),
    "integration-releases": ("owner", "/integrations/orders-to-erp/releases"),
    "integration-changes": ("owner", "/integrations/orders-to-erp/changes"),
    "integration-roadmap": ("owner", "/integrations/orders-to-erp/roadmap"),
    "integration-relations": ("owner", "/integrations/orders-to-erp/relations"),
    "integration-history": ("owner", "/integrations/orders-to-erp/history"),
    "integration-access": ("owner", "/integrations/orders-to-erp/access"),
    "section-owners": ("owner", "/integrations/orders-to-erp/edit/owners"),
    "section-support": ("owner", "/integrations/orders-to-erp/edit/support"),
    "section-deprecation": ("owner", "/integrations/orders-to-erp/edit/deprecation"),
    "integration-new": ("owner", "/integrations/new"),
    "integration-edit": ("owner", "/integrations/orders-to-erp/edit"),
    "release-new": ("owner", "/integrations/orders-to-erp/releases/new"),
    "documents": ("owner", "/integrations/orders-to-erp/documents"),
    "document": ("owner", "/integrations/orders-to-erp/documents/overview"),
    "document-edit": ("owner", "/integrations/orders-to-erp/documents/runbook/edit"),
    "document-history": ("auditor", "/integrations/orders-to-erp/documents/overview/history"),
    "notifications": ("owner", "/notifications"),
    "teams": ("owner", "/teams"),
    "team": ("owner", "/teams/commerce-platform"),
    "person": ("board_1", "/people/samir"),
    "owners": ("owner", "/integrations/orders-to-erp/owners"),
    "gaps": ("auditor", "/stewardship"),
    "systems": ("owner", "/landscape/systems"),
    "system": ("owner", "/landscape/systems/web-shop"),
    "system-edit": ("owner", "/landscape/systems/web-shop/edit"),
    "data-object": ("board_1", "/landscape/data-objects/order"),
    "domains": ("board_1", "/landscape/domains"),
    "connection-new": ("owner", "/landscape/register/connections"),
    "environment": ("operator", "/landscape/environments/production"),
    "deployments": ("operator", "/deployments"),
    "deployment": ("operator", "{deployment}"),
    "runtimes": ("operator", "/runtimes"),
    "runtime": ("operator", f"/runtimes/{AGENT}"),
    "log": ("auditor", "/log"),
    "event": ("auditor", "{event}"),
}


@pytest.fixture(scope="module")
def places(service: RunningService) -> dict[str, str]:
    """Addresses of pages that only the running demo knows."""
    auditor = service.people["auditor"]
    waiting = auditor("GET", "/change-requests?state=open&sort=number", expect=200).json()["results"][0]["number"]

    def completed() -> list[Any]:
        return auditor("GET", "/change-requests?state=completed", expect=200).json()["results"]

    closed = eventually(completed, within_s=90, what="a demo change completes")[0]["number"]
    deployment = auditor("GET", "/deployments", expect=200).json()["results"][0]["id"]
    event = auditor("GET", "/audit/events?limit=1", expect=200).json()["results"][0]["id"]
    return {
        "waiting": f"/reviews/{waiting}",
        "closed": f"/reviews/{closed}",
        "deployment": f"/deployments/{deployment}",
        "event": f"/log/{event}",
    }


@pytest.mark.parametrize("name", PAGES)
def test_real_pages_are_accessible_in_light_and_dark_on_desk_and_phone(
    service: RunningService, person: Any, axe: str, places: dict[str, str], name: str
) -> None:
    """axe finds nothing, nothing scrolls sideways, nothing breaks the policy: with real data, on every page."""
    part, path = PAGES[name]
    somebody = person(part)
    page = somebody.page
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            somebody.go(path.format(**places))
            if SHOTS:
                page.screenshot(path=str(Path(SHOTS) / f"real-{name}-{theme}-{size}.png"), full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert problems_of(page, axe) == []
    assert somebody.complaints == []


def test_a_page_that_was_left_open_does_not_vote_on_other_content(service: RunningService, person: Any) -> None:
    """The vote button posts the digest that was shown; after an edit the page says what changed and asks again."""
    owner = service.people["owner"]
    waiting = owner("GET", "/change-requests?integration=products-to-shop&state=open", expect=200).json()["results"][0]
    judge = person("board_1")
    judge.go(f"/reviews/{waiting['number']}")
    owner(
        "PATCH",
        f"/change-requests/{waiting['number']}",
        {"not_after": "2099-01-01T00:00:00Z"},
        expect=200,
        If_Match=f'"{waiting["version"]}"',
    )
    judge.page.fill("textarea[name=note]", "Looks right to me.")
    judge.page.click("button[name=value][value=approve]")
    judge.page.wait_for_selector("#moved")
    assert judge.page.input_value("textarea[name=note]") == "Looks right to me."
    votes = owner("GET", f"/change-requests/{waiting['number']}", expect=200).json()["votes"]
    assert votes == []


def test_the_api_documentation_runs_under_its_policy(service: RunningService, person: Any) -> None:
    """No inline script, no request to another host: the page lists the operations."""
    owner = person("owner")
    asked: list[str] = []
    owner.page.on("request", lambda request: asked.append(request.url))
    owner.go("/api/v1/docs")
    owner.page.wait_for_selector(".opblock")
    assert [url for url in asked if not url.startswith((service.url, "data:"))] == []
    assert owner.complaints == []
