"""Connections hold references only: what else is sent is refused, and never repeated anywhere."""

import json
import logging
from datetime import datetime, timedelta

import pytest

from audit.models import Event
from catalog.domain.connections import Upkeep
from catalog.models import Connection
from foundation.clock import db_now
from tests.given.landscape import KEY_SLOTS

pytestmark = pytest.mark.django_db
TOKEN = "ghp_" + "a" * 36


@pytest.fixture
def bob(given):
    given.team("payments", members=["bob"])
    given.team("logistics", members=["eve"])
    given.connection("erp-production")
    return given.api("bob")


def body(**fields):
    return {
        "slug": "another",
        "title": "Another",
        "template": "https-key",
        "system": "erp",
        "environment": "production",
        "team": "payments",
        "references": {"key": "env://ERP_KEY"},
        **fields,
    }


def test_a_team_registers_a_connection_for_one_system_in_one_environment(given, bob):
    made = bob.post("/connections", body(rotate_every_days=90, rotated_at="2026-11-01T00:00:00Z", expires_at="2099-01-01T00:00:00Z"))
    assert made.status_code == 201, made.content
    shown = made.json()
    assert shown["references"] == {"key": "env://ERP_KEY"}
    assert (shown["template"], shown["system"], shown["environment"], shown["redacted"]) == ("https-key", "erp", "production", False)
    assert shown["rotation_due_at"] == "2027-01-30T00:00:00Z"
    assert given.api("eve").post("/connections", body(slug="third")).json()["code"] == "not-your-entry"


def test_references_are_for_the_owning_team_administrators_and_auditors(given, bob):
    given.person("ada", roles_held=["auditor"])
    for who in ("bob", "root", "ada"):
        shown = given.api(who).get("/connections/erp-production").json()
        assert (shown["references"], shown["redacted"]) == ({"key": "vault://secret/erp#key"}, False), who
    eve = given.api("eve")
    shown = eve.get("/connections/erp-production").json()
    assert (shown["references"], shown["redacted"]) == (None, True)
    assert eve.get("/connections").json()["results"] == [shown]
    assert b"vault://" not in eve.get("/connections").content


@pytest.mark.parametrize(
    ("references", "pointer", "code"),
    [
        ({"key": TOKEN}, "/references/key", "secret-github-token"),
        ({"key": "correct horse battery"}, "/references/key", "secret-reference"),
        ({"key": None}, "/references/key", "secret-reference"),
        ({"key": {"correct horse battery": 1}}, "/references/key", "secret-reference"),
        ({"correct horse battery": "env://A", "key": "env://A"}, "/references", "unknown-slot"),
        ({}, "/references/key", "required"),
    ],
)
def test_what_is_no_reference_is_refused_and_nowhere_kept(given, bob, caplog, references, pointer, code):
    """Not in the answer, not in the log of the process, not in a row, its history or an event."""
    caplog.set_level(logging.DEBUG)
    answers = [
        bob.post("/connections", body(references=references)),
        bob.patch("/connections/erp-production", {"references": references}, if_match=1),
    ]
    for answer in answers:
        assert answer.status_code == 422, answer.content
        assert (pointer, code) in [(each["pointer"], each["code"]) for each in answer.json()["errors"]]
    kept = [answer.content.decode() for answer in answers] + [caplog.text]
    kept += [json.dumps(list(Connection.history.values_list("references", flat=True)))]
    kept += [bytes(event).decode() for event in Event.objects.values_list("body", flat=True)]
    for word in (TOKEN, "correct horse"):
        assert not any(word in text for text in kept)
    assert Connection.objects.get().version == 1


@pytest.mark.parametrize(
    ("field", "value"), [("template", "nothing"), ("system", "nothing"), ("environment", "nothing"), ("team", "nothing")]
)
def test_what_a_connection_joins_must_exist(bob, field, value):
    answer = bob.post("/connections", body(**{field: value}))
    assert answer.status_code == 422, answer.content
    assert [each["pointer"] for each in answer.json()["errors"]] == [f"/{field}"]


def test_what_a_connection_is_never_changes(bob):
    for field in ("template", "system", "environment"):
        answer = bob.patch("/connections/erp-production", {field: "other"}, if_match=1)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unknown-field")


def test_a_rotation_is_told_once_it_has_happened(given, bob):
    ahead = bob.patch("/connections/erp-production", {"rotated_at": "2999-01-01T00:00:00Z"}, if_match=1)
    assert (ahead.status_code, ahead.json()["errors"][0]["code"]) == (422, "in-the-future")
    due = bob.patch("/connections/erp-production", {"rotate_every_days": 30}, if_match=1).json()
    assert (due["upkeep"], due["rotation_due_at"]) == ("rotation-due", None)
    done = bob.patch("/connections/erp-production", {"rotated_at": bob_now()}, if_match=2).json()
    assert done["upkeep"] == "fine"
    over = bob.patch("/connections/erp-production", {"expires_at": "2020-01-01T00:00:00Z"}, if_match=3).json()
    assert over["upkeep"] == "expired"
    rows = bob.get("/connections", expires_at__lte="2026-01-01T00:00:00Z").json()["results"]
    assert [row["slug"] for row in rows] == ["erp-production"]


def bob_now():
    from foundation.clock import db_now

    return db_now().isoformat().replace("+00:00", "Z")


def test_slots_change_as_long_as_every_connection_still_fits(given, bob):
    root = given.api("root")
    needs_more = [*KEY_SLOTS, {"name": "user", "required": True}]
    refused = root.patch("/connection-templates/https-key", {"slots": needs_more}, if_match=1)
    assert (refused.status_code, refused.json()["code"], refused.json()["connections"]) == (409, "slots-in-use", ["erp-production"])
    renamed = [{"name": "secret", "required": True}]
    assert root.patch("/connection-templates/https-key", {"slots": renamed}, if_match=1).status_code == 409
    wider = root.patch("/connection-templates/https-key", {"slots": [*KEY_SLOTS, {"name": "user", "required": False}]}, if_match=1)
    assert wider.status_code == 200, wider.content
    assert [(slot["name"], slot["required"]) for slot in wider.json()["slots"]] == [("key", True), ("proxy", False), ("user", False)]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"protocol": "HTTP S"}, "/protocol"),
        ({"slots": [{"name": "Key"}]}, "/slots/0/name"),
        ({"slots": [{"name": "key", "description": f"like {TOKEN}"}]}, "/slots/0/description"),
        ({"slots": [{"name": f"s{n}"} for n in range(21)]}, "/slots"),
    ],
)
def test_a_template_is_refused_with_the_place(given, fields, pointer):
    root = given.api(given.administrator())
    answer = root.post("/connection-templates", {"slug": "x", "title": "X", "protocol": "https", "auth_type": "none", **fields})
    assert answer.status_code == 422, answer.content
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]
    assert TOKEN not in answer.content.decode()


def test_the_list_is_cut_down_to_what_needs_somebody(given, bob):
    """The filter and the word that each row tells are one rule: every combination of expiry and rotation, at today's clock."""
    day = timedelta(days=1)
    now = db_now()
    expiries = {"none": None, "past": now - day, "soon": now + 7 * day, "far": now + 90 * day}
    rotations = {"never-asked": (None, None), "untold": (30, None), "late": (30, now - 31 * day), "in-time": (30, now - 29 * day)}
    for expiry, expires_at in expiries.items():
        for rotation, (every, rotated_at) in rotations.items():
            times = {"expires_at": expires_at, "rotate_every_days": every, "rotated_at": rotated_at}
            told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in times.items() if value is not None}
            assert bob.post("/connections", body(**told, slug=f"{expiry}-{rotation}")).status_code == 201, told
    rows = bob.get("/connections", limit=200).json()["results"]
    assert len(rows) == 16 + 1
    for need in Upkeep:
        wanted = [row["slug"] for row in rows if row["upkeep"] == need]
        assert wanted, need
        assert [row["slug"] for row in bob.get("/connections", upkeep=need.value).json()["results"]] == wanted
    both = bob.get("/connections", upkeep="expired,fine").json()["results"]
    assert {row["upkeep"] for row in both} == {"expired", "fine"}
    assert bob.get("/connections", upkeep="broken").json()["errors"][0]["pointer"] == "?upkeep"
