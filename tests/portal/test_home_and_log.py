"""What changed since one looked, what is unhealthy and overdue, and the log with its proofs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from audit.domain import merkle
from audit.models import Event
from audit.services.sequence import sequence_once
from audit.services.sign import sign_latest
from foundation.clock import db_now
from runtime_adapters.models import Deployment, Expectation, HealthState
from tests.given import Given

Browser = Callable[[str | None], Client]


def test_what_changed_is_told_until_the_next_sitting(given: Given, landscape: Any, browser: Browser, monkeypatch: Any) -> None:
    client = browser("ann")
    moment = given.now + timedelta(minutes=5)
    monkeypatch.setattr("portal.views.base.db_now", lambda: moment)
    first = client.get("/").context
    assert first["since"] is None
    assert first["counts"]["changed"] >= 1
    assert first["counts"]["waiting"] == 1

    moment = moment + timedelta(minutes=10)
    assert client.get("/").context["counts"]["changed"] == first["counts"]["changed"]
    moment = moment + timedelta(hours=2)
    later = client.get("/").context
    assert later["since"] is not None
    assert later["counts"]["changed"] == 0

    other = browser("bob")
    other.cookies["looked"] = client.cookies["looked"].value
    assert other.get("/").context["since"] is None
    client.cookies["looked"] = "tampered"
    assert client.get("/").context["since"] is None


def test_unhealthy_and_overdue_are_told_with_the_place(given: Given, browser: Browser) -> None:
    done = given.live_change()
    deployment = Deployment.objects.get(change_id=done.id)
    slot, now = deployment.slot, db_now()
    given.team("payments", members=["olga"])
    heard = now - timedelta(hours=1)
    HealthState.objects.update_or_create(
        slot=slot,
        release=deployment.release,
        defaults={
            "integration": slot.integration,
            "environment": slot.environment,
            "state": "silent",
            "reason": "A report was expected and none came.",
            "since": heard,
            "last_reading_at": heard,
        },
    )
    place = {"integration": slot.integration, "environment": slot.environment}
    Expectation.objects.update_or_create(**place, defaults={"every_s": 60, "grace_s": 30})
    page = browser("olga").get("/")
    assert page.context["counts"]["unhealthy"] == 1
    assert page.context["overdue"][0]["due_at"] == heard + timedelta(seconds=90)
    assert "A report was expected and none came." in page.content.decode()
    listed = browser("olga").get("/integrations").context["rows"]
    assert [(row["health"], [live.version for live in row["releases"]]) for row in listed] == [("silent", ["1.0.0"])]
    shown = browser("olga").get("/integrations/orders-to-erp").context
    assert [(row["version"], row["health"]) for row in shown["live"]] == [("1.0.0", "silent")]


def test_the_log_is_for_auditors_and_looking_is_recorded(given: Given, landscape: Any, browser: Browser) -> None:
    sequence_once(now=db_now())
    sign_latest(now=db_now())
    for person in ("olga", "ann", "ops"):
        assert browser(person).get("/log").status_code == 403, person
    auditor = browser("ada")
    before = Event.objects.filter(verb="audit.log.viewed").count()
    page = auditor.get("/log")
    assert page.status_code == 200
    assert Event.objects.filter(verb="audit.log.viewed").count() == before + 1
    indices = [row["index"] for row in page.context["rows"]]
    assert indices == sorted(indices, reverse=True)
    assert page.context["checkpoint"]["size"] == indices[0] + 1
    following = auditor.get(f"/log?cursor={indices[-1]}")
    assert [row["index"] for row in following.context["rows"]][:1] in ([indices[-1] - 1], [])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("verb=governance.change", "governance.change.submitted"),
        ("verb=governance.change.submitted", "governance.change.submitted"),
        ("subject=CR-{number}", "governance.change.submitted"),
        ("subject=orders-to-erp", "catalog.integration.registered"),
        ("actor=olga", "governance.change.submitted"),
    ],
)
def test_the_log_is_filtered_in_peoples_words(query: str, expected: str, given: Given, landscape: Any, browser: Browser) -> None:
    sequence_once(now=db_now())
    rows = browser("ada").get("/log?" + query.format(number=landscape.number)).context["rows"]
    assert expected in {row["verb"] for row in rows}
    assert not {row["verb"] for row in rows} & {"accounts.user.created"}


def test_unknown_filters_find_nothing_rather_than_everything(given: Given, landscape: Any, browser: Browser) -> None:
    sequence_once(now=db_now())
    auditor = browser("ada")
    for query in ("actor=nobody-of-this-name", "subject=CR-99999", "subject=no-such-thing"):
        assert auditor.get(f"/log?{query}").context["rows"] == [], query
    assert auditor.get("/log?verb=DROP TABLE").status_code == 400
    assert auditor.get("/log?nonsense=1").status_code == 400


def test_an_event_is_shown_with_a_proof_that_leads_to_the_signed_root(given: Given, landscape: Any, browser: Browser) -> None:
    auditor = browser("ada")
    submitted = Event.objects.get(verb="governance.change.drafted")
    assert auditor.get(f"/log/{submitted.id}").context["proof"] is None
    sequence_once(now=db_now())
    sign_latest(now=db_now())
    shown = auditor.get(f"/log/{submitted.id}").context
    found = bytes.fromhex(shown["event"]["leaf_hash"].removeprefix("sha256:"))
    for step in shown["proof"]["steps"]:
        sibling = bytes.fromhex(step["hash"].removeprefix("sha256:"))
        found = merkle.hash_node(sibling, found) if step["side"] == "left" else merkle.hash_node(found, sibling)
        assert "sha256:" + found.hex() == step["result"]
    assert "sha256:" + found.hex() == shown["proof"]["root"]
    reason = next(one for one in shown["disclosures"] if one["name"] == "reason")
    assert (reason["text"], reason["matches"]) == ("Because.", True)
    assert browser("olga").get(f"/log/{submitted.id}").status_code == 403
