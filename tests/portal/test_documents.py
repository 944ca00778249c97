"""The pages about documents and what people are told: who sees them, what they say, how a section is written and verified."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from audit.services.sequence import sequence_all
from catalog.models import Document
from catalog.services import integrations
from catalog.services.live import record_live
from governance.models import Notification, Subscription
from governance.services import notifier
from tests.given import Given

Browser = Callable[[str | None], Client]
Queries = Callable[[Client, str], int]
URL = "/integrations/orders-to-erp/documents"


@pytest.fixture
def olga(given: Given, browser: Browser) -> Client:
    given.team("payments", members=["olga"])
    given.integration("orders-to-erp", by="olga")
    return browser("olga")


def write(client: Client, body: str, version: int | str = "", section: str = "runbook") -> Any:
    return client.post(f"{URL}/{section}/edit", {"body": body, "version": version})


def test_every_page_answers_and_hides_what_is_hidden(given: Given, olga: Client, browser: Browser) -> None:
    write(olga, "# Restart\n\nPress.\n\n# Then\n\nWait.")
    write(olga, "# Restart\n\nPress twice.\n\n# Then\n\nWait.", 1)
    pages = ["", "/runbook", "/support", "/runbook/history", "/runbook/history/1", "/runbook/diff", "/runbook/diff?old=1&new=2"]
    for page in pages:
        assert olga.get(URL + page).status_code == browser("eve").get(URL + page).status_code == 200, page
    forms = ["/runbook/edit", "/support/edit"]
    assert [(olga.get(URL + page).status_code, browser("eve").get(URL + page).status_code) for page in forms] == [(200, 403)] * 2
    who = given.by("olga")
    integrations.update_integration(slug="orders-to-erp", changes={"visibility": "restricted"}, expected_version=None, **who)
    for page in [*pages, *forms]:
        assert browser("eve").get(URL + page).status_code == 404, page
    for url in (f"{URL}/runbook/verify", URL, "/integrations/orders-to-erp/subscription"):
        assert browser("eve").post(url, {"release": "1.0.0", "version": 1}).status_code == 404, url
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("tail", "status"),
    [
        ("/poem", 404),
        ("/poem/edit", 404),
        ("/support/history", 404),
        ("/runbook/history/9", 404),
        ("/runbook/history/" + "9" * 30, 404),
        ("/runbook/diff?old=9&new=1", 404),
        ("/runbook/diff?old=x", 422),
        ("/runbook/diff?new=" + "9" * 30, 422),
        ("/runbook/history?zzz=1", 400),
        ("/runbook/history?cursor=x", 400),
    ],
)
def test_an_address_of_nothing_is_refused(olga: Client, tail: str, status: int) -> None:
    write(olga, "Press.")
    assert olga.get(URL + tail).status_code == status


def test_a_section_says_how_it_stands_and_what_to_do(given: Given, olga: Client) -> None:
    integration = given.integration("orders-to-erp")
    assert "no release to verify it for" not in olga.get(f"{URL}/runbook").content.decode()
    write(olga, "# Restart\n\nPress.\n\n## Restart\n\nAgain.")
    assert "no release to verify it for" in olga.get(f"{URL}/runbook").content.decode()
    first, production = given.release(integration, "1.0.0"), given.environment("production")
    page = olga.get(f"{URL}/runbook")
    assert [entry.id for entry in page.context["contents"]] == ["s-restart", "s-restart.2"]
    assert 'href="#s-restart.2"' in page.content.decode()
    form = page.context["verify_form"]
    sent = {"release": form.initial["release"], "version": form.initial["version"]}
    assert olga.post(f"{URL}/runbook/verify", sent, follow=True).context["document"]["state"] == "fresh"
    assert "Runbook verified for 1.0.0" in olga.get("/integrations/orders-to-erp/history").content.decode()
    slot = {"integration_id": integration.id, "environment_id": production.id, "runtime_key": "r"}
    record_live(**slot, release_id=first.id, at=given.now)
    record_live(**slot, release_id=given.release(integration, "1.1.0").id, at=given.later(minutes=1))
    page = olga.get(f"{URL}/runbook")
    assert page.context["document"]["state"] == "stale"
    assert "1.1.0 runs in production; this was verified for 1.0.0." in page.content.decode()
    assert page.context["verify_form"].initial == {"release": "1.1.0", "version": 2}
    listed = olga.get(URL)
    assert [row["section"] for row in listed.context["missing"]] == ["overview", "support"]
    assert [row["section"] for row in listed.context["stale"]] == ["runbook"]
    assert olga.get("/integrations/orders-to-erp").context["documents"][1]["state"] == "stale"


def test_what_moved_meanwhile_is_not_verified(given: Given, olga: Client, browser: Browser) -> None:
    given.release(given.integration("orders-to-erp"), "1.0.0")
    write(olga, "Press.")
    write(olga, "Press twice.", 1)
    late = olga.post(f"{URL}/runbook/verify", {"release": "1.0.0", "version": 1}, follow=True)
    assert "changed the text while you were reading" in late.content.decode()
    assert browser("eve").post(f"{URL}/runbook/verify", {"release": "1.0.0", "version": 2}).status_code == 403
    assert Document.objects.get().verified_at is None
    nothing = olga.post(f"{URL}/runbook/verify", {"release": "7.0.0", "version": 2}, follow=True)
    assert "Choose the release" in nothing.content.decode()


def test_a_clash_shows_both_texts_and_the_next_save_replaces(olga: Client) -> None:
    write(olga, "First.")
    write(olga, "Theirs.", 1)
    clash = write(olga, "Mine.", 1)
    shown = clash.content.decode()
    assert clash.status_code == 412
    assert "Mine." in shown
    assert "Theirs." in shown
    assert clash.context["document_form"]["version"].value() == "2"
    assert write(olga, "Mine, with theirs.", 2).status_code == 302
    assert Document.objects.get().body == "Mine, with theirs."


def test_what_people_wrote_never_becomes_markup(olga: Client) -> None:
    write(olga, "# <script>alert(1)</script>\n\n[x](javascript:alert(2))\n\n# two")
    write(olga, "# <img src=x onerror=alert(3)>\n\n# two", 1)
    for page in ("/runbook", "/runbook/history/1", "/runbook/diff", "/runbook/edit"):
        shown = olga.get(URL + page).content.decode()
        assert "<script>alert" not in shown, page
        assert "<img src=x" not in shown, page
        assert 'href="javascript' not in shown, page


def test_following_being_told_and_reading(given: Given, olga: Client, browser: Browser, queries: Queries) -> None:
    ann = browser("ann")
    assert "You were told nothing yet" in ann.get("/notifications").content.decode()
    ann.post("/integrations/orders-to-erp/subscription", {"follow": "on", "sections": ["runbook"]})
    assert ann.get(URL).context["subscription"]["is_on"]
    before = queries(ann, "/notifications")
    for version in range(3):
        write(olga, f"Press {version}.", version or "")
    write(olga, "Call.", section="support")
    sequence_all(given.now)
    assert notifier.notify_due(now=given.now) == 3
    page = ann.get("/notifications")
    assert [row["title"] for row in page.context["rows"]] == ["Olga changed the runbook of Orders to erp"] * 3
    assert page.context["shell"].unread == 3
    assert ann.get(page.context["rows"][0]["url"]).status_code == 200
    assert queries(ann, "/notifications") == before
    ann.post("/notifications/read", {"id": str(page.context["rows"][0]["id"])})
    assert len(ann.get("/notifications?unread=true").context["rows"]) == 2
    assert browser("eve").post("/notifications/read", {"id": str(page.context["rows"][1]["id"])}).status_code == 404
    ann.post("/notifications/read")
    assert ann.get("/notifications").context["shell"].unread == 0
    ann.post("/integrations/orders-to-erp/subscription", {"follow": "off"})
    assert not Subscription.objects.exists()
    assert ann.post("/notifications/read", {"id": "x"}).status_code == 404


def test_a_path_of_elsewhere_is_no_link(given: Given, browser: Browser) -> None:
    for number, path in enumerate(("//evil.example", "https://evil.example", "javascript:x", "/integrations")):
        Notification.objects.create(user=given.person("ann"), kind="x", title=path, path=path, key=f"{number}", at=given.now)
    shown = browser("ann").get("/notifications")
    assert {row["url"] for row in shown.context["rows"]} == {"", "/integrations"}
    assert browser("ann").get("/notifications?zzz=1").status_code == 400


def test_the_documents_cost_the_same_for_one_section_and_for_all(given: Given, olga: Client, queries: Queries) -> None:
    given.release(given.integration("orders-to-erp"), "1.0.0")
    write(olga, "Press.")
    pages = [URL, f"{URL}/runbook", f"{URL}/runbook/history", "/integrations/orders-to-erp"]
    before = {page: queries(olga, page) for page in pages}
    for section in ("overview", "support", "security", "glossary"):
        write(olga, "Words.", section=section)
    for version in range(1, 5):
        write(olga, f"Press {version}.", version)
    assert {page: queries(olga, page) for page in pages} == before
