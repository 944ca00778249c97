"""Votes by form: on exactly what was shown, with what was written kept when it is refused."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from governance.models import ChangeRequest, Vote
from tests.given import Given

Browser = Callable[[str | None], Client]


def sent(change: Any, value: str = "approve", **more: str) -> dict[str, str]:
    """What the page's form sends."""
    return {"value": value, "subject_digest": change.subject_digest, "note": "", **more}


def test_the_page_offers_the_vote_on_the_digest_it_shows(landscape: Any, browser: Browser) -> None:
    page = browser("ann").get(f"/reviews/{landscape.number}").content.decode()
    assert landscape.subject_digest in page
    assert f'action="/reviews/{landscape.number}/vote"' in page
    assert f'action="/reviews/{landscape.number}/vote"' not in browser("olga").get(f"/reviews/{landscape.number}").content.decode()


def test_a_vote_is_recorded_on_the_digest_shown(given: Given, landscape: Any, browser: Browser) -> None:
    client = browser("ann")
    answer = client.post(f"/reviews/{landscape.number}/vote", sent(landscape, note="Read it."), follow=True)
    assert answer.status_code == 200
    assert "Your vote is recorded." in answer.content.decode()
    vote = Vote.objects.get(change=landscape)
    assert (vote.user.username, vote.value, vote.subject_digest, vote.reason) == ("ann", "approve", landscape.subject_digest, "Read it.")
    second = browser("bob").post(f"/reviews/{landscape.number}/vote", sent(landscape), follow=True)
    assert "on its way" in second.content.decode()
    assert ChangeRequest.objects.get(pk=landscape.pk).state == "dispatched"


def test_a_stale_digest_is_told_as_moved_and_the_note_is_kept(landscape: Any, browser: Browser) -> None:
    form = sent(landscape, note="What I wrote.") | {"subject_digest": "sha256:" + "0" * 64}
    answer = browser("ann").post(f"/reviews/{landscape.number}/vote", form)
    page = answer.content.decode()
    assert answer.status_code == 412
    assert answer.context["moved"]["shown_digest"] == form["subject_digest"]
    assert "What I wrote." in page
    assert not Vote.objects.filter(change=landscape).exists()


def test_asking_for_changes_needs_words_and_says_so_at_the_field(landscape: Any, browser: Browser) -> None:
    answer = browser("ann").post(f"/reviews/{landscape.number}/vote", sent(landscape, "request_changes"))
    assert answer.status_code == 422
    assert answer.context["note_error"]
    assert answer.context["note_error"] in answer.content.decode()
    assert not Vote.objects.filter(change=landscape).exists()
    good = browser("ann").post(f"/reviews/{landscape.number}/vote", sent(landscape, "request_changes", note="Name the field."), follow=True)
    assert good.status_code == 200
    assert ChangeRequest.objects.get(pk=landscape.pk).state == "draft"


def test_a_secret_in_a_note_is_refused_at_the_field_and_left_out_of_it(landscape: Any, browser: Browser) -> None:
    secret = "ghp_" + "cAn4ryCan4rYcaN4ryCaN4ryC4nARyc4naRy"
    answer = browser("ann").post(f"/reviews/{landscape.number}/vote", sent(landscape, note=f"Tried it with {secret}."))
    assert (answer.status_code, answer.context["note"]) == (422, "Tried it with [left out].")
    assert "GitHub token" in answer.context["note_error"]
    withdrawn = browser("olga").post(f"/reviews/{landscape.number}/withdraw", {"reason": secret}, follow=True).content.decode()
    assert "/reason: This looks like a GitHub token." in withdrawn
    assert secret not in answer.content.decode() + withdrawn
    assert ChangeRequest.objects.get(pk=landscape.pk).state == "open"
    assert not Vote.objects.filter(change=landscape).exists()


def test_no_vote_without_a_seat(landscape: Any, browser: Browser) -> None:
    for person in ("olga", "root", "ada", "eve"):
        answer = browser(person).post(f"/reviews/{landscape.number}/vote", sent(landscape), follow=True)
        assert answer.status_code == 200, person
        assert not Vote.objects.filter(change=landscape).exists(), person


def test_forms_need_the_csrf_token(given: Given, landscape: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(given.person("ann"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/reviews/{landscape.number}/vote", sent(landscape)).status_code == 403
    assert not Vote.objects.exists()


def test_the_requester_takes_a_request_back(landscape: Any, browser: Browser) -> None:
    browser("olga").post(f"/reviews/{landscape.number}/withdraw", {"reason": "Not needed."})
    assert ChangeRequest.objects.get(pk=landscape.pk).state == "withdrawn"
