"""Every page: who gets in, who does not, and what a hostile address or form gets."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from runtime_adapters.models import Deployment
from tests.given import Given

Browser = Callable[[str | None], Client]
LANDSCAPE_PAGES = ["/", "/reviews", "/reviews?tab=mine", "/reviews?tab=all", "/integrations", "/deployments", "/runtimes"]


def pages_of(change: Any) -> list[str]:
    """The pages that hang on one integration."""
    return [f"/reviews/{change.number}", "/integrations/orders-to-erp", "/runtimes/agent"]


@pytest.mark.parametrize("person", ["olga", "ann", "root", "ada", "ops", "eve"])
def test_every_reading_page_answers_those_signed_in(person: str, landscape: Any, browser: Browser) -> None:
    client = browser(person)
    for url in [*LANDSCAPE_PAGES, *pages_of(landscape)]:
        answer = client.get(url)
        assert answer.status_code == 200, (person, url)
        assert "unsafe-inline" not in answer["Content-Security-Policy"], url
        assert "script-src 'self'" in answer["Content-Security-Policy"], url


def test_nobody_signed_in_is_sent_to_sign_in(landscape: Any, browser: Browser) -> None:
    client = browser(None)
    forms = ["/integrations/new", "/integrations/orders-to-erp/edit", "/integrations/orders-to-erp/releases/new", "/reviews/new", "/log"]
    for url in [*LANDSCAPE_PAGES, *pages_of(landscape), *forms, f"/deployments/{uuid4()}", f"/log/{uuid4()}"]:
        answer = client.get(url)
        assert answer.status_code == 302, url
        assert answer["Location"].startswith("/accounts/login/"), url
    posts = [f"/reviews/{landscape.number}/vote", f"/reviews/{landscape.number}/withdraw", "/integrations/orders-to-erp/documents"]
    for url in posts:
        assert client.post(url)["Location"].startswith("/accounts/login/"), url


def test_what_may_not_be_seen_is_not_found_on_any_page(given: Given, browser: Browser) -> None:
    given.agent()
    given.policy()
    given.team("payments", members=["olga"])
    given.integration("secret-salaries", by="olga", visibility="restricted")
    given.releasable("secret-salaries")
    change = given.asked(integration="secret-salaries")
    given.vote(change, "ann")
    given.vote(change, "bob")
    deployment = Deployment.objects.get(change_id=change.id)
    urls = [
        "/integrations/secret-salaries",
        "/integrations/secret-salaries/edit",
        "/integrations/secret-salaries/releases/new",
        f"/reviews/{change.number}",
        f"/reviews/{change.number}/evidence",
        "/reviews/new?integration=secret-salaries",
        f"/deployments/{deployment.id}",
    ]
    eve, owner = browser("eve"), browser("olga")
    for url in urls:
        assert eve.get(url).status_code == 404, url
        assert owner.get(url).status_code == (403 if "evidence" in url else 200), url
    for url in [f"/reviews/{change.number}/vote", f"/reviews/{change.number}/withdraw", "/integrations/secret-salaries/documents"]:
        sent = {"value": "approve", "subject_digest": "x", "section": "runbook", "body": "x"}
        assert eve.post(url, sent).status_code == 404, url
    for url in [
        "/",
        "/reviews?tab=all",
        "/integrations",
        "/integrations?q=secret",
        "/integrations/facets?q=secret",
        "/search/suggestions?q=secret",
        "/deployments",
        "/runtimes/agent",
    ]:
        assert b"alaries" not in eve.get(url).content, url


def test_only_the_owning_team_gets_the_forms(landscape: Any, browser: Browser) -> None:
    for url in ["/integrations/orders-to-erp/edit", "/integrations/orders-to-erp/releases/new"]:
        assert browser("eve").get(url).status_code == 403, url
        assert browser("olga").get(url).status_code == 200, url
    assert browser("eve").get("/integrations/new").status_code == 403
    assert browser("olga").get("/integrations/new").status_code == 200


def test_addresses_and_payloads_are_for_those_who_may_see_inside(given: Given, landscape: Any, browser: Browser) -> None:
    assert b"https://erp.example/orders" not in browser("eve").get("/integrations/orders-to-erp/endpoints").content
    assert b"https://erp.example/orders" in browser("olga").get("/integrations/orders-to-erp/endpoints").content
    hidden = browser("eve").get(f"/reviews/{landscape.number}").content
    assert b"file-to-file" not in hidden
    assert b"file-to-file" in browser("ann").get(f"/reviews/{landscape.number}").content


def test_attempts_keep_what_they_saw_from_outsiders(given: Given, landscape: Any, browser: Browser) -> None:
    given.vote(landscape, "ann")
    given.vote(landscape, "bob")
    deployment = Deployment.objects.get(change_id=landscape.id)
    attempt = {"number": 1, "epoch": 1, "step": "apply", "started_at": given.now, "outcome": "failed"}
    deployment.attempts.create(**attempt, detail="the inner words", evidence={"seen": "the inner evidence"})
    outside = browser("eve").get(f"/deployments/{deployment.id}")
    assert outside.status_code == 200
    assert b"the inner" not in outside.content
    for person in ("olga", "ops", "ada"):
        inside = browser(person).get(f"/deployments/{deployment.id}").content
        assert b"the inner words" in inside
        assert b"the inner evidence" in inside


HOSTILE = ["%00", "%ED%A0%80", "%F4%90%80%80", "a" * 5000, "%E2%80%AE", "'\"><script>alert(1)</script>", "../../etc/passwd", "-1", "9" * 40]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_addresses_are_refused_and_never_break(text: str, landscape: Any, browser: Browser) -> None:
    client = browser("root")
    addresses = [
        f"/integrations?q={text}",
        f"/integrations?team={text}",
        f"/integrations?{text}=1",
        f"/integrations?cursor={text}",
        f"/integrations/{text}",
        f"/integrations/orders-to-erp?section={text}",
        f"/reviews?tab={text}",
        f"/reviews?tab=all&state={text}",
        f"/reviews?tab=all&cursor={text}",
        f"/reviews/{text}",
        f"/reviews/new?integration={text}",
        f"/reviews/new?integration=orders-to-erp&release={text}",
        f"/deployments?integration={text}",
        f"/deployments/{text}",
        f"/runtimes/{text}",
        f"/log?verb={text}",
        f"/log?actor={text}",
        f"/log?subject={text}",
        f"/log?cursor={text}",
        f"/log/{text}",
    ]
    for url in addresses:
        answer = client.get(url)
        assert answer.status_code in {200, 302, 400, 404}, (url, answer.status_code)
        assert b"<script>alert(1)</script>" not in answer.content, url


@pytest.mark.parametrize("text", ["nul \x00 here", "\ud800 lone", "x" * 1_000_000, "\u202e override", "{" * 5000])
def test_hostile_forms_are_refused_and_never_break(text: str, landscape: Any, browser: Browser) -> None:
    """Nothing of it is a 500, and none of it is kept where text has rules."""
    client = browser("olga")
    sent = text.encode("utf-8", "surrogatepass")
    body = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name, sent)
        for name in (b"title", b"slug", b"purpose", b"version", b"manifest", b"note", b"reason", b"body", b"section", b"value")
    )
    urls = [
        "/integrations/new",
        "/integrations/orders-to-erp/edit",
        "/integrations/orders-to-erp/releases/new",
        "/integrations/orders-to-erp/documents",
        f"/reviews/{landscape.number}/vote",
        "/reviews/new?integration=orders-to-erp",
    ]
    for url in urls:
        answer = client.post(url, body + b"--b--\r\n", content_type="multipart/form-data; boundary=b")
        assert 400 <= answer.status_code < 500, (url, answer.status_code)
    withdrawn = client.post(f"/reviews/{landscape.number}/withdraw", {"reason": text.encode("utf-8", "replace").decode()})
    assert withdrawn.status_code < 500


def test_wrong_methods_are_refused(landscape: Any, browser: Browser) -> None:
    client = browser("olga")
    assert client.get(f"/reviews/{landscape.number}/vote").status_code == 405
    assert client.post("/integrations").status_code == 405
    assert client.post("/").status_code == 405
