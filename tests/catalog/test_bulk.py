"""Many edits at once: tried first, row by row, taken back as a whole; and what is exported can be sent back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import BulkBatch, Integration

pytestmark = pytest.mark.django_db


def row(slug, **fields):
    return {"slug": slug, "version": Integration.objects.get(slug=slug).version, **fields}


def sent(api, *rows, **more):
    answer = api.post("/integrations/bulk", {"rows": list(rows), **more})
    assert answer.status_code == 200, answer.content
    return answer.json()


def verdicts(told):
    return [result["verdict"] for result in told["results"]]


def test_a_trial_run_tells_the_difference_and_writes_nothing(given):
    given.team("payments", members=["ann"])
    given.integration("one"), given.integration("two")
    ann = given.api("ann")
    asked = [row("one", title="Better", tier=1), row("two", title="Two")]
    told = sent(ann, *asked, dry_run=True)
    assert (told["batch"], verdicts(told)) == (None, ["changed", "unchanged"])
    assert told["results"][0]["diff"] == [
        {"field": "title", "before": "One", "after": "Better"},
        {"field": "tier", "before": 2, "after": 1},
    ]
    assert Integration.objects.get(slug="one").version == 1
    assert not given.events(Integration.objects.get(slug="one"))[1:]
    really = sent(ann, *asked)
    assert [(r["verdict"], r["diff"]) for r in really["results"]] == [(r["verdict"], r["diff"]) for r in told["results"]]
    assert Integration.objects.get(slug="one").title == "Better"


def test_one_refused_row_leaves_the_others_as_they_are(given):
    given.team("payments", members=["ann"])
    given.integration("mine"), given.integration("stale"), given.integration("theirs", team="others")
    given.integration("hidden", team="others", visibility="restricted")
    rows = [
        row("theirs", title="x"),
        {**row("stale", title="x"), "version": 9},
        row("mine", title="Mine now"),
        {"slug": "hidden", "version": 1, "title": "x"},
        {"slug": "nowhere", "version": 1, "title": "x"},
        {"slug": "mine", "version": 1, "tier": "high"},
        {"slug": "mine", "version": 1, "title": "again"},
        {"slug": "stale", "title": "no version"},
        {"slug": "mine", "endpoints": [{"system": 7, "fields_touched": 5}]},
        "not a row",
    ]
    told = sent(given.api("ann"), *rows)
    found = [(r["verdict"], (r["problem"] or {}).get("status"), (r["problem"] or {}).get("code")) for r in told["results"]]
    assert found == [
        ("refused", 403, "not-your-integration"),
        ("refused", 412, "version-moved"),
        ("changed", None, None),
        ("refused", 404, "integration-missing"),
        ("refused", 404, "integration-missing"),
        ("refused", 422, "invalid"),
        ("refused", 422, "invalid"),
        ("refused", 422, "invalid"),
        ("refused", 422, "invalid"),
        ("refused", 422, "invalid"),
    ]
    assert told["results"][3]["problem"] == told["results"][4]["problem"]
    assert told["counts"] == {"created": 0, "changed": 1, "unchanged": 0, "refused": 9}


def test_a_row_without_a_version_registers_a_new_one(given):
    given.team("payments", members=["ann"])
    ends = given.endpoints()
    fields = {"title": "New", "purpose": "", "type": "flow", "team": "payments", "tier": 2, "endpoints": ends}
    told = sent(given.api("ann"), {"slug": "new-one", **fields}, {"slug": "half-one", "title": "x"})
    assert verdicts(told) == ["created", "refused"]
    assert [fault["pointer"] for fault in told["results"][1]["problem"]["errors"]] == ["/purpose", "/type", "/team", "/tier", "/endpoints"]
    assert Integration.objects.get(slug="new-one").title == "New"


def test_an_undo_gives_back_everything_but_what_somebody_has_changed_since(given):
    given.team("payments", members=["ann"])
    given.integration("one"), given.integration("two")
    ann = given.api("ann")
    told = sent(ann, row("one", title="A", tags=["x"]), row("two", title="B", support={"channel": "#two"}))
    ann.patch("/integrations/two", {"title": "C"}, if_match=2)
    undone = ann.post(f"/bulk-batches/{told['batch']}/undo").json()
    assert verdicts(undone) == ["changed", "refused"]
    one, two = Integration.objects.get(slug="one"), Integration.objects.get(slug="two")
    assert (one.title, one.tags, one.version) == ("One", [], 3)
    assert (two.title, two.support, two.version) == ("C", {"channel": "#two"}, 3)
    again = ann.post(f"/bulk-batches/{told['batch']}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "batch-undone")
    assert given.api("bob").post(f"/bulk-batches/{told['batch']}/undo").status_code == 404
    assert [batch["rows"] for batch in ann.get("/bulk-batches").json()["results"]] == [2]
    assert given.api("bob").get("/bulk-batches").json()["results"] == []


def test_the_same_batch_sent_twice_with_one_key_is_done_once(given):
    given.team("payments", members=["ann"])
    given.integration("one")
    ann, body = given.api("ann"), {"rows": [row("one", title="A")]}
    first, second = (ann.post("/integrations/bulk", body, key="batch-1") for _ in range(2))
    assert first.json() == second.json()
    assert BulkBatch.objects.count() == 1
    assert Integration.objects.get(slug="one").version == 2


def text_of(answer):
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


@pytest.mark.parametrize("form", ["csv", "yaml"])
def test_a_sheet_that_was_not_edited_changes_nothing(given, form):
    given.team("payments", members=["ann"])
    given.person("cem"), given.system("shop")
    fields = {
        "tags": ["=cmd", "a; b"],
        "labels": {"cost-centre": "4711"},
        "support": {"channel": "#orders", "hours": "9-17"},
        "co_owners": ["cem"],
        "business_value": "- saves\n- time",
        "change_policy": {"notice_days": 14},
        "deprecation": {"effective_on": "2027-01-01", "removal_on": "2027-06-01"},
    }
    given.integration("full", purpose="+ more", **fields)
    given.integration("open-end", endpoints=[{"system": "shop", "role": "source", "operation": "read", "fields_touched": ["e-mail"]}])
    given.integration("theirs", team="others")
    ann = given.api("ann")
    sheet = text_of(ann.get("/integrations/export", format=form))
    told = ann.post("/integrations/sheet", {"format": form, "content": sheet}).json()
    assert told["counts"] == {"created": 0, "changed": 0, "unchanged": 3, "refused": 0}, told
    assert told["batch"] is None
    edited = sheet.replace("'+ more" if form == "csv" else "+ more", "less")
    assert verdicts(ann.post("/integrations/sheet", {"format": form, "content": edited}).json()).count("changed") == 1
    assert Integration.objects.get(slug="full").purpose == "less"


def test_an_address_that_was_not_shown_is_kept(given):
    given.team("payments", members=["ann"])
    given.integration("one")
    bob, ann = given.api("bob"), given.api("ann")
    sheet = text_of(bob.get("/integrations/export"))
    assert "erp.example" not in sheet
    assert "erp.example" in text_of(ann.get("/integrations/export"))
    assert ann.post("/integrations/sheet", {"format": "csv", "content": sheet.replace(",2,", ",3,")}).json()["counts"]["changed"] == 1
    assert "erp.example" in text_of(ann.get("/integrations/export"))


def test_an_export_holds_exactly_what_the_list_shows_and_is_on_record(given):
    given.integration("open"), given.integration("other", team="others")
    given.integration("hidden", visibility="restricted")
    bob = given.api("bob")
    assert [line.split(",")[0] for line in text_of(bob.get("/integrations/export", team="payments")).splitlines()[1:]] == ["open"]
    assert "hidden" not in text_of(bob.get("/integrations/export"))
    from audit.models import Event

    assert Event.objects.filter(verb="catalog.export.downloaded").count() == 2
    assert bob.get("/integrations/export", format="pdf").status_code == 400
    assert bob.get("/integrations/export", colour="red").status_code == 400


def test_an_export_costs_the_same_statements_for_more_rows(given):
    bob, costs = given.api("bob"), []
    text_of(bob.get("/integrations/export"))
    for count in (2, 6):
        for number in range(count):
            given.integration(f"flow-{number}")
        with CaptureQueriesContext(connection) as caught:
            text_of(bob.get("/integrations/export"))
        costs.append(len(caught))
    assert costs[0] == costs[1]
