"""The pages of stewardship: who sees them, what they say, and every form without JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from catalog.models import Integration
from catalog.selectors.policies import tier_rules
from catalog.services import grants
from foundation.clock import db_now
from governance.models import Attestation, Campaign
from governance.services import reassignment
from tests.given import Given

Browser = Callable[[str | None], Client]
Queries = Callable[[Client, str], int]
PAGES = ["", "/attestations", "/campaigns", "/escalations", "/escalations?open=false", "/tiers"]


@pytest.fixture
def estate(given: Given) -> Given:
    """Olga of payments answers for two; a restricted one of logistics is an orphan."""
    given.now = db_now()
    given.administrator("root")
    given.person("eve")
    given.team("payments", members=["olga"])
    given.owned(given.integration("orders", by="olga"), technical_owner="olga")
    given.integration("returns", by="olga", tier=1)
    given.team("logistics")
    given.integration("secret-depot", team="logistics", visibility="restricted")
    given.escalated()
    return given


@pytest.mark.parametrize("person", ["olga", "root", "eve"])
def test_every_page_answers_those_signed_in_and_hides_what_they_may_not_see(estate: Given, browser: Browser, person: str) -> None:
    campaign = estate.campaign()
    for url in [*PAGES, f"/campaigns/{campaign.pk}"]:
        answer = browser(person).get(f"/stewardship{url}")
        assert answer.status_code == 200, url
        seen = person == "root" and url in {"", "/escalations", f"/campaigns/{campaign.pk}"}
        assert (b"secret-depot" in answer.content, b"Secret depot" in answer.content) == (seen, seen), url


def test_nobody_signed_in_is_sent_to_sign_in_and_administrators_only_pages_are_refused(estate: Given, browser: Browser) -> None:
    for url in [*PAGES, "/leaving", "/tiers/1"]:
        assert browser(None).get(f"/stewardship{url}").status_code == 302, url
    for url in ("/leaving", "/leaving?username=olga", "/tiers/1"):
        assert browser("olga").get(f"/stewardship{url}").status_code == 403, url
        assert browser("root").get(f"/stewardship{url}").status_code == 200, url
    assert browser("root").get("/stewardship/tiers/9").status_code == 404


def test_missing_owners_are_named_by_role_and_filters_that_are_wrong_are_refused(estate: Given, browser: Browser) -> None:
    page = browser("root").get("/stewardship").content.decode()
    assert "Nobody answers" in page
    assert "Business owner" in page
    orphans = browser("root").get("/stewardship?orphan=true").content.decode()
    assert ("Secret depot" in orphans, "Returns" in orphans) == (True, False)
    assert browser("root").get("/stewardship?tier=high").status_code == 400


def row(slug: str, number: int = 0, **values: Any) -> dict[str, Any]:
    """One line of the form as the page sends it."""
    found = Integration.objects.get(slug=slug)
    owner = found.technical_owner.username if found.technical_owner else ""
    shown = {"title": found.title, "technical_owner": owner, "business_owner": ""}
    sent = {"integration": slug, "version": found.version, "answer": "", "note": "", **shown, **{f"was_{k}": v for k, v in shown.items()}}
    return {f"rows-{number}-{name}": value for name, value in {**sent, **values}.items()}


def sent(*rows: dict[str, Any]) -> dict[str, Any]:
    """The whole form."""
    whole = {"rows-TOTAL_FORMS": len(rows), "rows-INITIAL_FORMS": len(rows)}
    for each in rows:
        whole |= each
    return whole


def test_many_are_answered_on_one_form_each_for_itself(estate: Given, browser: Browser) -> None:
    estate.campaign()
    client = browser("olga")
    page = client.get("/stewardship/attestations").content.decode()
    assert page.count("rows-0-answer") > 1
    rows = [row("orders", 0, answer="confirm", note="Seen."), row("returns", 1, answer="correct", title="Returns, all", version=9)]
    refused = client.post("/stewardship/attestations", sent(*rows))
    assert refused.status_code == 422
    assert "changed since the version" in refused.content.decode()
    assert "Returns, all" in refused.content.decode()
    assert Attestation.objects.get(integration__slug="orders").answer == "confirm"
    again = client.post("/stewardship/attestations", sent(row("returns", answer="correct", title="Returns, all")))
    assert again.status_code == 302
    assert Integration.objects.get(slug="returns").title == "Returns, all"
    assert b"Nothing waits for your word" in client.get("/stewardship/attestations").content


def test_one_button_confirms_what_has_no_answer_of_its_own(estate: Given, browser: Browser) -> None:
    """An answer that was chosen stays; a row whose right was lost meanwhile is refused by itself and the others are taken."""
    campaign = estate.campaign()
    client = browser("olga")
    Integration.objects.filter(slug="returns").update(team=estate.team("logistics"), visibility="restricted")
    form = {**sent(row("orders", 0, answer="disown"), row("returns", 1)), "rest": "confirm"}
    answer = client.post("/stewardship/attestations", form)
    assert (answer.status_code, "1 answer was taken" in answer.content.decode()) == (422, True)
    said = dict(Attestation.objects.values_list("integration__slug", "answer"))
    assert (said["orders"], said["returns"]) == ("disown", "")
    waiting = browser("root").get(f"/stewardship/campaigns/{campaign.pk}?unanswered=true").content.decode()
    assert ("Returns" in waiting, "Orders" in waiting) == (True, False)


def test_a_correction_that_changes_nothing_and_hostile_forms_are_refused(estate: Given, browser: Browser) -> None:
    client = browser("olga")
    same = client.post("/stewardship/attestations", sent(row("orders", answer="correct")))
    assert (same.status_code, "Say what is right instead" in same.content.decode()) == (422, True)
    hidden = client.post("/stewardship/attestations", sent({**row("orders", answer="confirm"), "rows-0-integration": "secret-depot"}))
    missing = client.post("/stewardship/attestations", sent({**row("orders", answer="confirm"), "rows-0-integration": "secret-xepot"}))
    assert hidden.status_code == missing.status_code == 422
    for body in ({}, {"rows-TOTAL_FORMS": "x"}, {"rows-TOTAL_FORMS": "100000", "rows-INITIAL_FORMS": "0"}):
        assert client.post("/stewardship/attestations", body).status_code in {200, 302, 422}
    odd = sent({**row("orders"), "rows-0-answer": "explode", "rows-0-version": "9" * 30, "rows-0-note": "a\x00b"})
    assert client.post("/stewardship/attestations", odd).status_code == 422


def test_a_campaign_is_opened_followed_and_closed(estate: Given, browser: Browser) -> None:
    root, olga = browser("root"), browser("olga")
    form = {"title": "Spring", "query": "tier=1", "due_on": "2199-01-31"}
    assert olga.post("/stewardship/campaigns", form).status_code == 403
    assert "No integration matches" in root.post("/stewardship/campaigns", {**form, "query": "team=logistics&tier=1"}).content.decode()
    assert root.post("/stewardship/campaigns", {**form, "query": "zzz=2"}).status_code == 422
    assert root.post("/stewardship/campaigns", {**form, "due_on": "2001-01-31"}).status_code == 422
    assert root.post("/stewardship/campaigns", {**form, "due_on": "soon"}).status_code == 422
    made = root.post("/stewardship/campaigns", form)
    campaign = Campaign.objects.get()
    assert made["Location"] == f"/stewardship/campaigns/{campaign.pk}"
    assert "0 of 1" in root.get("/stewardship/campaigns").content.decode()
    olga.post("/stewardship/attestations", sent(row("returns", answer="confirm")))
    assert "1 of 1" in olga.get(made["Location"]).content.decode()
    assert olga.post(f"{made['Location']}/close").status_code == 403
    assert root.post(f"{made['Location']}/close").status_code == 302
    assert root.post(f"{made['Location']}/close").status_code == 409


def test_a_tier_is_edited_against_the_version_that_was_read(estate: Given, browser: Browser) -> None:
    root = browser("root")
    form = {"owner_roles": ["technical-owner"], "sections": [], "attest_every_days": "30", "escalate_after_days": "0, 3", "version": "0"}
    assert root.post("/stewardship/tiers/3", {**form, "escalate_after_days": "3, 1"}).status_code == 422
    assert root.post("/stewardship/tiers/3", {**form, "escalate_after_days": "soon"}).status_code == 422
    assert root.post("/stewardship/tiers/3", {**form, "owner_roles": []}).status_code == 422
    assert root.post("/stewardship/tiers/3", form).status_code == 302
    assert (tier_rules(3).attest_every_days, tier_rules(3).escalate_after_days, tier_rules(3).sections) == (30, (0, 3), ())
    assert root.post("/stewardship/tiers/3", form).status_code == 412
    assert browser("olga").post("/stewardship/tiers/3", form).status_code == 403


def test_what_somebody_holds_is_told_in_the_words_of_the_other_pages(estate: Given, browser: Browser) -> None:
    returns = estate.owned(Integration.objects.get(slug="returns"), business_owner="olga", on_call="olga", co_owners=["olga"])
    grants.add_grant(integration="secret-depot", right="propose", user="olga", **estate.by("root"))
    page = browser("root").get("/stewardship/leaving?username=olga").content.decode()
    assert "Integration · Technical owner" in page
    assert "Integration · Business owner, On call, Co-owner" in page
    assert "Granted by name · may propose releases" in page
    assert returns.title in page
    assert not [key for key in ("technical-owner", "on-call", "co-owner", "propose_release") if key in page]


def test_somebody_leaves_on_one_page(estate: Given, browser: Browser) -> None:
    root = browser("root")
    estate.person("sam")
    assert root.get("/stewardship/leaving?username=nobody-here").status_code == 404
    page = root.get("/stewardship/leaving?username=olga").content.decode()
    assert "Orders" in page
    token = reassignment.plan(username="olga", viewer=estate.viewer("root")).token
    form = {"username": "olga", "token": token, "default": ""}
    assert "Name somebody here, or for everything above." in root.post("/stewardship/leaving", form).content.decode()
    stale = root.post("/stewardship/leaving", {**form, "default": "sam", "token": "sha256:old"})
    assert (stale.status_code, token in stale.content.decode()) == (409, True)
    assert "the last active person in it" in page
    done = root.post("/stewardship/leaving", {**form, "to:integration:orders": "sam", "to:team:payments": "sam"})
    assert done.status_code == 302
    assert Integration.objects.get(slug="orders").technical_owner == User.objects.get(username="sam")
    assert not User.objects.get(username="olga").is_active


def test_the_pages_cost_the_same_with_many_rows(estate: Given, browser: Browser, queries: Queries) -> None:
    campaign = estate.campaign()
    urls = ["/stewardship", "/stewardship/attestations", "/stewardship/campaigns", "/stewardship/escalations"]
    urls += [f"/stewardship/campaigns/{campaign.pk}"]
    before = {url: queries(browser("root" if "attest" not in url else "olga"), url) for url in urls}
    for n in range(5):
        estate.owned(estate.integration(f"more-{n}", by="olga"), technical_owner="olga")
        estate.integration(f"lost-{n}", team="logistics")
    estate.campaign(title="Second")
    estate.escalated()
    assert {url: queries(browser("root" if "attest" not in url else "olga"), url) for url in urls} == before


def test_the_owners_of_one_integration_and_their_word(estate: Given, browser: Browser) -> None:
    olga = browser("olga")
    page = olga.get("/integrations/orders/owners").content.decode()
    assert ("Answers" in page, "Business owner" in page, "It is not mine" in page) == (True, True, True)
    assert "It is right" not in browser("eve").get("/integrations/orders/owners").content.decode()
    assert browser("eve").get("/integrations/secret-depot/owners").status_code == 404
    assert browser("eve").post("/integrations/secret-depot/attest", {"answer": "confirm"}).status_code == 404
    assert browser("eve").post("/integrations/orders/attest", {"answer": "confirm"}).status_code == 403
    assert olga.post("/integrations/orders/attest", {"answer": "confirm", "note": "Seen."}).status_code == 302
    assert Integration.objects.get(slug="orders").attested_at is not None
    assert olga.post("/integrations/orders/attest", {"answer": "disown"}).status_code == 302
    refused = olga.post("/integrations/orders/attest", {"answer": "disown"})
    assert (refused.status_code, "You hold no role here" in refused.content.decode()) == (422, True)
    assert "Nobody active answers for it" in browser("root").get("/integrations/secret-depot/owners").content.decode()
