"""Taking an integration out of an environment, by form."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from governance.models import ChangeRequest
from runtime_adapters.domain.states import DeploymentState
from runtime_adapters.models import Deployment
from tests.given import Given

Browser = Callable[[str | None], Client]
URL = "/reviews/new?integration=orders-to-erp&action=retire"
ASK = {"targets": ["production|agent"], "reason": "Nobody reads it any more."}


def test_from_the_form_to_the_page_that_says_it_is_gone(given: Given, browser: Browser) -> None:
    given.live_change()
    olga = browser("olga")
    assert URL.replace("&", "&amp;").removeprefix("/reviews/new") in olga.get("/reviews/new?integration=orders-to-erp").content.decode()
    page = olga.get(URL).content.decode()
    assert "Production · Agent (1.0.0)" in page
    assert 'name="release"' not in page
    preview = olga.post(URL, {**ASK, "preview": "1"})
    assert "2 more approvals are needed." in preview.content.decode()
    assert ChangeRequest.objects.count() == 1
    change = ChangeRequest.objects.get(number=olga.post(URL, ASK)["Location"].rpartition("/")[2])
    assert (change.action, change.release) == ("retire", None)

    path = f"/reviews/{change.number}"
    shown = browser("ann").get(path)
    assert shown.context["change"]["headline"] == "Orders to erp 1.0.0 is taken out of Production"
    assert "1.0.0 is taken out: nothing of it stays there" in shown.content.decode()
    assert "the runtime is told to remove it" in shown.content.decode()
    assert "Orders to erp, to be taken out" in browser("bob").get("/reviews").content.decode()
    vote = {"value": "approve", "subject_digest": change.subject_digest, "note": ""}
    browser("ann").post(f"{path}/vote", vote)
    assert "it is being taken out" in browser("bob").post(f"{path}/vote", vote, follow=True).content.decode()

    given.ended(change, DeploymentState.SUCCEEDED)
    done = olga.get(path).content.decode()
    assert "nothing of it is left where it was to go" in done
    sent = Deployment.objects.get(change_id=change.id)
    delivery = olga.get(f"/deployments/{sent.id}")
    assert [fact["key"] for fact in delivery.context["facts"]] == ["requested", "accepted", "recorded"]
    assert "It stands nowhere" in olga.get(URL).content.decode()


def test_who_deletes_is_led_to_the_request_that_clears_the_way(given: Given, browser: Browser) -> None:
    given.live_change()
    page = browser("olga").get("/integrations/orders-to-erp/delete").content.decode()
    assert f'href="{URL.replace("&", "&amp;")}"' in page


def test_a_removal_that_failed_says_so_and_is_offered_again(given: Given, browser: Browser) -> None:
    given.live_change()
    change = given.retirement()
    given.vote(change, "ann")
    given.vote(change, "bob")
    given.ended(change, DeploymentState.FAILED)
    olga = browser("olga")
    assert "It could not be taken out" in olga.get(f"/reviews/{change.number}").content.decode()
    assert "what is left there" in olga.get(URL).content.decode()


def test_a_stranger_is_refused_and_nothing_is_written(given: Given, browser: Browser, landscape: Any) -> None:
    given.person("eve")
    answer = browser("eve").post(URL, ASK)
    assert answer.status_code in {403, 422}
    assert ChangeRequest.objects.count() == 1
