"""Documents: what a tier asks for, whether it holds for what runs, versions, differences."""

import random
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given as drawn
from hypothesis import strategies as st

from audit.models import Event
from catalog.domain.documents import Freshness, Mark, Reason, Written, outline
from catalog.domain.text_differences import MAX_LINES, difference
from catalog.domain.versions import sort_key
from catalog.domain.vocabulary import Section
from catalog.models import Document
from catalog.services.live import record_live
from config import integrity
from tests.given import NOON

LATER = NOON.replace(hour=13)
PATH = "/integrations/orders-to-erp/documents"


def mark(version):
    return Mark(version, sort_key(version))


def stands(*, verified=None, changed_at=NOON, live=(), newest=None):
    """How the one written section stands."""
    at = NOON if verified else None
    written = Written("runbook", 3, changed_at, mark(verified) if verified else None, at)
    states = outline(["overview"], [written], live=[mark(one) for one in live], newest=mark(newest) if newest else None)
    (state,) = [state for state in states if state.section == "runbook"]
    return state.freshness, state.reason, state.newer


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, (Freshness.UNVERIFIED, Reason.NEVER_VERIFIED, None)),
        ({"live": ["1.0.0"]}, (Freshness.UNVERIFIED, Reason.NEVER_VERIFIED, None)),
        ({"verified": "1.0.0"}, (Freshness.FRESH, Reason.VERIFIED, None)),
        ({"verified": "1.0.0", "newest": "1.0.1"}, (Freshness.STALE, Reason.NEWER_PUBLISHED, "1.0.1")),
        ({"verified": "1.0.0", "newest": "2.0.0", "live": ["1.0.0"]}, (Freshness.FRESH, Reason.VERIFIED, None)),
        ({"verified": "1.9.0", "live": ["1.0.0", "1.10.0"]}, (Freshness.STALE, Reason.NEWER_LIVE, "1.10.0")),
        ({"verified": "2.0.0", "live": ["2.0.0", "1.10.0"]}, (Freshness.FRESH, Reason.VERIFIED, None)),
        ({"verified": "1.0.0", "newest": "1.0.0-rc.1"}, (Freshness.FRESH, Reason.VERIFIED, None)),
        ({"verified": "1.0.0", "changed_at": LATER}, (Freshness.FRESH, Reason.CHANGED_SINCE, None)),
        ({"verified": "1.0.0", "changed_at": LATER, "live": ["1.1.0"]}, (Freshness.STALE, Reason.NEWER_LIVE, "1.1.0")),
    ],
)
def test_a_section_is_as_fresh_as_the_release_it_was_verified_for(case, expected):
    assert stands(**case) == expected


@pytest.mark.parametrize(
    ("since", "expected"),
    [(LATER, (Freshness.STALE, Reason.WENT_BACK, "1.9.0")), (NOON, (Freshness.FRESH, Reason.AHEAD, "1.9.0"))],
    ids=["production went back", "verified before its release goes live"],
)
def test_a_section_verified_for_something_newer_than_what_runs_says_so(since, expected):
    written = Written("runbook", 3, NOON, mark("2.0.0"), NOON)
    live = [Mark("1.9.0", sort_key("1.9.0"), since), Mark("1.0.0", sort_key("1.0.0"), LATER)]
    (state,) = [one for one in outline([], [written], live=live, newest=None) if one.version]
    assert (state.freshness, state.reason, state.older) == expected
    assert state.newer is None


def test_what_is_asked_for_and_not_there_is_missing():
    states = outline(["overview", "runbook"], [Written("glossary", 1, NOON), Written("runbook", 1, NOON)], live=[], newest=None)
    assert [state.section for state in states] == [section.value for section in Section]
    assert [state.section for state in states if state.is_missing] == ["overview"]
    assert [state.section for state in states if state.version] == ["runbook", "glossary"]


LINES = st.lists(st.sampled_from(["a", "b", "", "## c", "d e"]), max_size=40)


@drawn(LINES, LINES)
def test_a_difference_leads_from_one_text_to_the_other(old, new):
    told = difference("\n".join(old), "\n".join(new))
    before, after = "\n".join(old).splitlines(), "\n".join(new).splitlines()
    for hunk in told.hunks:
        for line in hunk.lines:
            assert line.old is None or before[line.old - 1] == line.text
            assert line.new is None or after[line.new - 1] == line.text
    removed = {line.old for hunk in told.hunks for line in hunk.lines if line.kind == "del"}
    added = {line.new for hunk in told.hunks for line in hunk.lines if line.kind == "add"}
    assert [text for n, text in enumerate(before, 1) if n not in removed] == [text for n, text in enumerate(after, 1) if n not in added]
    assert (told.removed, told.added) == (len(removed), len(added))
    assert bool(told.hunks) == (before != after)


def hostile_pairs():
    rng = random.Random(7)
    for alphabet in (2, 60, 375, 3000):
        yield [[str(rng.randrange(alphabet)) for _ in range(MAX_LINES)] for _ in range(2)]
    for every in (100, 375):
        yield [[f"{n % every}" if n % 2 else f"{side}{n}" for n in range(MAX_LINES)] for side in "xy"]
    yield [["a"] * MAX_LINES, ["b", *["a"] * (MAX_LINES - 1)]]


def test_a_difference_of_any_two_texts_takes_bounded_time():
    started = time.process_time()
    for old, new in hostile_pairs():
        assert difference("\n".join(old), "\n".join(new)).hunks
    assert time.process_time() - started < 10
    assert difference("a\n" * (MAX_LINES + 1), "").too_long


@pytest.fixture
def bob(given):
    given.team("payments", members=["bob"])
    given.integration("orders-to-erp", by="bob")
    return given.api("bob")


pytestmark = pytest.mark.django_db


def test_verifying_is_a_version_with_an_event_of_its_own_and_leaves_the_text(given, bob):
    integration = given.integration("orders-to-erp")
    given.release(integration, "1.0.0", by="bob")
    assert bob.put(f"{PATH}/runbook", {"body": "Press."}).json()["freshness"] == "unverified"
    assert bob.post(f"{PATH}/runbook/verify", {"release": "1.0.0"}).status_code == 428
    assert bob.post(f"{PATH}/runbook/verify", {"release": "1.0.0"}, if_match=2).status_code == 412
    unknown = bob.post(f"{PATH}/runbook/verify", {"release": "9.0.0"}, if_match=1)
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/release")
    assert bob.post(f"{PATH}/support/verify", {"release": "1.0.0"}, if_match=1).json()["code"] == "document-missing"
    done = bob.post(f"{PATH}/runbook/verify", {"release": "1.0.0"}, if_match=1)
    assert (done.status_code, done["ETag"], done.json()["freshness"], done.json()["verified_by"]) == (200, '"2"', "fresh", "bob")
    document = Document.objects.get()
    assert document.body == "Press."
    assert given.events(document) == ["catalog.document.written", "catalog.document.verified"]
    assert done["Audit-Event"] == str(Event.objects.get(verb="catalog.document.verified").id)
    assert [str(found) for found in integrity.findings() if "document" in found.kind] == []


def test_a_newer_release_makes_it_stale_and_an_edit_only_says_so(given, bob):
    integration, production = given.integration("orders-to-erp"), given.environment("production")
    first = given.release(integration, "1.0.0", by="bob")
    bob.put(f"{PATH}/runbook", {"body": "Press."})
    bob.post(f"{PATH}/runbook/verify", {"release": "1.0.0"}, if_match=1)
    second = given.release(integration, "1.1.0", by="bob")
    assert bob.get(f"{PATH}/runbook").json()["reason"] == "newer-release-published"
    slot = {"integration_id": integration.id, "environment_id": production.id, "runtime_key": "r"}
    record_live(**slot, release_id=first.id, at=given.now)
    assert bob.get(f"{PATH}/runbook").json()["freshness"] == "fresh"
    edited = bob.put(f"{PATH}/runbook", {"body": "Press twice."}, if_match=2).json()
    assert (edited["freshness"], edited["changed_since_verified"], edited["verified_for"]) == ("fresh", True, "1.0.0")
    record_live(**slot, release_id=second.id, at=given.now)
    (row,) = bob.get(PATH).json()["results"]
    assert (row["freshness"], row["reason"], row["newer_release"]) == ("stale", "newer-release-live", "1.1.0")
    assert bob.post(f"{PATH}/runbook/verify", {"release": "1.1.0"}, if_match=3).json()["freshness"] == "fresh"


def test_only_the_owning_team_verifies(given, bob):
    given.release(given.integration("orders-to-erp"), "1.0.0", by="bob")
    bob.put(f"{PATH}/runbook", {"body": "Press."})
    refused = given.api("eve").post(f"{PATH}/runbook/verify", {"release": "1.0.0"}, if_match=1)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-your-integration")
    assert Document.objects.get().verified_at is None


def test_versions_and_what_differs_between_them(given, bob):
    given.release(given.integration("orders-to-erp"), "1.0.0", by="bob")
    bob.put(f"{PATH}/runbook", {"body": "# Restart\n\nPress.\n"})
    bob.post(f"{PATH}/runbook/verify", {"release": "1.0.0"}, if_match=1)
    bob.put(f"{PATH}/runbook", {"body": "# Restart\n\nPress twice.\n"}, if_match=2)
    listed = given.api("eve").get(f"{PATH}/runbook/versions").json()["results"]
    assert [(row["version"], row["by"], row["is_verification"]) for row in listed] == [
        (3, "bob", False),
        (2, "bob", True),
        (1, "bob", False),
    ]
    events = dict(Event.objects.filter(subject_type="catalog.document").values_list("version", "id"))
    assert {row["version"]: row["event_id"] for row in listed} == {number: str(event) for number, event in events.items()}
    first, second = bob.get(f"{PATH}/runbook/versions", limit=1).json(), bob.get(f"{PATH}/runbook/versions/1").json()
    assert bob.get(f"{PATH}/runbook/versions", limit=1, cursor=first["next"]).json()["results"][0]["version"] == 2
    assert second["body"] == "# Restart\n\nPress."
    told = bob.get(f"{PATH}/runbook/diff", **{"from": 1, "to": 3}).json()
    assert (told["added"], told["removed"]) == (1, 1)
    assert [(line["kind"], line["old"], line["new"], line["text"]) for line in told["hunks"][0]["lines"]] == [
        ("same", 1, 1, "# Restart"),
        ("same", 2, 2, ""),
        ("del", 3, None, "Press."),
        ("add", None, 3, "Press twice."),
    ]
    assert bob.get(f"{PATH}/runbook/diff").json() == {**told, "from_version": 2}
    assert bob.get(f"{PATH}/runbook/diff", to=2).json()["hunks"] == []


@pytest.mark.parametrize("tail", ["versions/4", "versions/0", "versions/" + "9" * 30, "diff?to=4", "diff?from=9999999999&to=1"])
def test_a_version_that_is_not_there_is_missing(given, bob, tail):
    bob.put(f"{PATH}/runbook", {"body": "Press."})
    assert bob.get(f"{PATH}/runbook/{tail}").status_code == 404


@pytest.mark.parametrize("query", ["from=0", "to=x", "to=", "zzz=1", "from=" + "9" * 30, "from=-1", "from=1.0", "to=%00"])
def test_a_bad_comparison_names_the_parameter(given, bob, query):
    bob.put(f"{PATH}/runbook", {"body": "Press."})
    refused = bob.get(f"{PATH}/runbook/diff?{query}")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "?" + query.partition("=")[0])


def test_the_list_costs_the_same_for_one_section_and_for_all(given, bob):
    given.release(given.integration("orders-to-erp"), "1.0.0", by="bob")

    def cost():
        with CaptureQueriesContext(connection) as asked:
            assert bob.get(PATH).status_code == 200
        return len(asked)

    bob.put(f"{PATH}/runbook", {"body": "Press."})
    cost()
    before = cost()
    for section in Section:
        if section is not Section.RUNBOOK:
            bob.put(f"{PATH}/{section}", {"body": "Words."})
        bob.post(f"{PATH}/{section}/verify", {"release": "1.0.0"}, if_match=1)
    assert cost() == before
