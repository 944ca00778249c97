"""A judge sees a restricted integration only while it is judged: the vote that ends this must still be heard."""

from tests.given.people import ALL_SCOPES


def test_the_deciding_vote_on_a_restricted_integration_is_answered_and_kept(given):
    given.agent()
    given.policy("default", given.quorum(needs=2, token_votes=True))
    given.releasable()
    change = given.asked()
    type(change.integration).objects.filter(pk=change.integration_id).update(visibility="restricted")
    body = {"value": "approve", "subject_digest": change.subject_digest, "reason": "Seen."}

    answers = [given.api(name, ALL_SCOPES).post(f"/change-requests/{change.number}/votes", body) for name in ("ann", "bob")]

    assert [answer.status_code for answer in answers] == [201, 201], answers[-1].content
    assert [name for name, _ in given.votes_on(change)] == ["ann", "bob"]
    assert answers[-1].json()["state"] == given.again(change).state == "dispatched"


def test_the_deciding_vote_by_form_leads_back_to_the_inbox(given, client):
    given.agent()
    given.policy("default", given.quorum(needs=2, token_votes=True))
    given.releasable()
    change = given.asked()
    type(change.integration).objects.filter(pk=change.integration_id).update(visibility="restricted")
    ballot = {"value": "approve", "subject_digest": change.subject_digest, "note": "Seen."}

    led = []
    for name in ("ann", "bob"):
        client.force_login(given.person(name), backend="django.contrib.auth.backends.ModelBackend")
        led.append(client.post(f"/reviews/{change.number}/vote", ballot, follow=True))

    assert [(answer.status_code, answer.redirect_chain[-1][0]) for answer in led] == [(200, f"/reviews/{change.number}"), (200, "/reviews")]
    assert "It was the last one needed" in led[-1].content.decode()
