"""A sheet of the whole catalog: tried, applied and taken back in the background, chunk by chunk, whatever happens to its worker."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from audit.models import Event
from catalog.domain import sheets as domain
from catalog.models import BulkBatch, BulkRow, Integration
from catalog.services import bulk, queue, sheets
from catalog.tasks import apply_sheets_due
from config.integrity import findings
from foundation.clock import db_now

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "slug,version,title\r\n"


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """A sheet of more than three rows is a long one, and a chunk has two."""
    monkeypatch.setattr(domain, "MAX_ROWS", 3)
    monkeypatch.setattr(sheets, "CHUNK", 2)


@pytest.fixture
def ann(given):
    given.team("payments", members=["ann"])
    for number in range(6):
        given.integration(f"flow-{number}")
    return given.api("ann")


def lines(title="Better", numbers=range(6), version=1):
    return HEAD + "".join(f"flow-{number},{version},{title}\r\n" for number in numbers)


def sent(api, content, form="csv", **more):
    answer = api.post("/integrations/sheet", {"format": form, "content": content, **more})
    assert answer.status_code == 202, answer.content
    return answer


def due():
    BulkBatch.objects.filter(state__in=queue.OPEN).update(next_check_at=db_now() - timedelta(seconds=1))


def worked():
    """Let the worker go on until nothing is left, at most so often as there are rows."""
    for _turn in range(20):
        due()
        if not apply_sheets_due():
            return


def rows_of(api, batch, **query):
    return api.get(f"/bulk-batches/{batch}/rows", **query).json()["results"]


def told(api, batch, **query):
    return [(row["slug"], row["verdict"]) for row in rows_of(api, batch, **query)]


def titles():
    return sorted(set(Integration.objects.values_list("title", flat=True)))


def test_a_long_sheet_is_tried_applied_and_taken_back(given, ann):
    answer = sent(ann, lines() + "nowhere,1,x\r\n", dry_run=True)
    trial = answer.json()
    assert answer["Location"] == f"/api/v1/bulk-batches/{trial['id']}"
    assert (trial["state"], trial["rows"], trial["done"], trial["dry_run"]) == ("queued", 7, 0, True)
    worked()
    trial = ann.get(f"/bulk-batches/{trial['id']}").json()
    counts = {"created": 0, "changed": 6, "unchanged": 0, "refused": 1}
    assert (trial["state"], trial["done"], trial["counts"]) == ("done", 7, counts)
    assert "Better" not in titles()
    rows = ann.get(f"/bulk-batches/{trial['id']}/rows", sort="verdict").json()["results"]
    assert (rows[0]["index"], rows[0]["problem"]["code"]) == (6, "integration-missing")
    assert rows[1]["diff"] == [{"field": "title", "before": "Flow 0", "after": "Better"}]
    applied = ann.post(f"/bulk-batches/{trial['id']}/apply").json()
    worked()
    assert ann.get(f"/bulk-batches/{applied['id']}").json()["counts"] == counts
    assert titles() == ["Better"]
    ann.patch("/integrations/flow-1", {"title": "Newer"}, if_match=2)
    undo = ann.post(f"/bulk-batches/{applied['id']}/undo")
    assert (undo.status_code, undo.json()["undoes"], undo.json()["rows"]) == (202, applied["id"], 6)
    worked()
    assert told(ann, undo.json()["id"], verdict="refused") == [("flow-1", "refused")]
    assert titles() == ["Flow 0", "Flow 2", "Flow 3", "Flow 4", "Flow 5", "Newer"]
    assert ann.post(f"/bulk-batches/{applied['id']}/undo").json()["code"] == "batch-undone"
    verbs = Event.objects.filter(verb__startswith="catalog.bulk").order_by("at", "id").values_list("verb", flat=True)
    assert [verb.removeprefix("catalog.bulk.") for verb in verbs] == ["queued", "tried", "queued", "applied", "queued", "undone"]
    assert findings() == []


@pytest.mark.parametrize("form", ["csv", "yaml"])
def test_the_whole_catalog_sent_back_changes_nothing(given, ann, form):
    given.integration("full", tags=["=cmd", "a; b"], business_value="- saves\n- time", support={"channel": "#orders"})
    sheet = b"".join(ann.get("/integrations/export", format=form).streaming_content)
    file = SimpleUploadedFile(f"s.{form}", sheet)
    batch = ann.client.post("/api/v1/integrations/sheet", {"format": form, "file": file}, headers=ann.headers).json()
    worked()
    assert ann.get(f"/bulk-batches/{batch['id']}").json()["counts"] == {"created": 0, "changed": 0, "unchanged": 7, "refused": 0}


@pytest.mark.parametrize("is_dry_run", [False, True])
def test_a_killed_worker_applies_no_row_twice(ann, monkeypatch, is_dry_run):
    batch = sent(ann, lines(), dry_run=is_dry_run).json()["id"]
    whole, deaths = bulk.Pass.results, [3]

    def dies(self, rows, *more):
        results = whole(self, rows, *more)
        if deaths and rows[0]["slug"] == "flow-2":
            deaths.pop()
            raise KeyboardInterrupt  # after everything of the chunk was written, before it is kept
        return results

    monkeypatch.setattr(bulk.Pass, "results", dies)
    due()
    with pytest.raises(KeyboardInterrupt):
        apply_sheets_due()
    assert queue.claim_batch(BulkBatch) is None  # its lease still runs
    assert [verdict for _, verdict in told(ann, batch)] == ["changed"] * 2 + [None] * 4
    worked()
    assert [verdict for _, verdict in told(ann, batch)] == ["changed"] * 6
    assert set(Integration.objects.values_list("version", flat=True)) == {1 if is_dry_run else 2}
    assert findings() == []


def test_a_row_that_takes_its_worker_with_it_is_given_up(ann, monkeypatch):
    batch = sent(ann, lines()).json()["id"]
    whole = bulk.Pass.results

    def dies(self, rows, *more):
        if "flow-3" in [row["slug"] for row in rows]:
            raise KeyboardInterrupt
        return whole(self, rows, *more)

    monkeypatch.setattr(bulk.Pass, "results", dies)
    for _death in range(queue.MAX_ATTEMPTS):
        due()
        with pytest.raises(KeyboardInterrupt):
            apply_sheets_due()
    worked()
    assert told(ann, batch, verdict="refused") == [("", "refused")]
    assert ann.get(f"/bulk-batches/{batch}").json()["counts"]["changed"] == 5


def test_what_goes_wrong_in_a_row_leaves_the_others_as_they_are(ann, monkeypatch):
    batch = sent(ann, lines()).json()["id"]
    whole = bulk.Pass._one

    def breaks(self, index, row, before):
        return 1 / 0 if row["slug"] == "flow-3" else whole(self, index, row, before)

    monkeypatch.setattr(bulk.Pass, "_one", breaks)
    worked()
    rows = ann.get(f"/bulk-batches/{batch}/rows", sort="verdict").json()["results"]
    assert [(rows[0]["slug"], rows[0]["problem"]["code"]), rows[1]["verdict"]] == [("flow-3", "row-given-up"), "changed"]
    assert titles() == ["Better", "Flow 3"]


def test_rights_are_asked_anew_for_every_chunk(ann):
    batch = sent(ann, lines()).json()["id"]
    run = sheets.Run(BulkBatch.objects.get().pk)
    assert run.apply_next(now=db_now())
    Membership.objects.filter(user__username="ann").delete()
    while run.apply_next(now=db_now()):
        pass
    assert [verdict for _, verdict in told(ann, batch)] == ["changed"] * 2 + ["refused"] * 4
    rows = ann.get(f"/bulk-batches/{batch}/rows", verdict="refused").json()["results"]
    assert {row["problem"]["code"] for row in rows} == {"not-your-integration"}


def test_a_cancelled_batch_stops_and_its_undo_can_be_asked_for_again(ann):
    first = sent(ann, lines()).json()["id"]
    assert ann.post("/integrations/sheet", {"format": "csv", "content": lines()}).json()["code"] == "batch-open"
    assert ann.post(f"/bulk-batches/{first}/undo").json()["code"] == "batch-unfit"
    worked()
    assert ann.post(f"/bulk-batches/{first}/apply").json()["code"] == "batch-unfit"
    undo = ann.post(f"/bulk-batches/{first}/undo").json()["id"]
    assert sheets.Run(undo).apply_next(now=db_now())
    assert ann.post(f"/bulk-batches/{undo}/cancel").json()["state"] == "cancelled"
    assert ann.post(f"/bulk-batches/{undo}/cancel").json()["code"] == "batch-ended"
    worked()
    assert [verdict for _, verdict in told(ann, undo)] == ["changed"] * 2 + [None] * 4
    again = ann.post(f"/bulk-batches/{first}/undo").json()
    assert again["rows"] == 4
    worked()
    assert titles() == [f"Flow {number}" for number in range(6)]


def test_only_the_sender_and_administrators_see_a_batch_and_nobody_what_is_hidden_now(given, ann):
    batch = sent(ann, lines()).json()["id"]
    worked()
    for path in ("", "/rows"):
        assert given.api("bob").get(f"/bulk-batches/{batch}{path}").status_code == 404
    for path in ("/cancel", "/apply", "/undo"):
        assert given.api("bob").post(f"/bulk-batches/{batch}{path}").status_code == 404
    Membership.objects.filter(user__username="ann").delete()
    Integration.objects.filter(slug="flow-0").update(visibility="restricted")
    row = ann.get(f"/bulk-batches/{batch}/rows").json()["results"][0]
    assert (row["slug"], row["diff"], row["version"]) == ("flow-0", [], None)


def test_rows_are_paged(ann):
    batch = sent(ann, lines()).json()["id"]
    first = ann.get(f"/bulk-batches/{batch}/rows", limit=4).json()
    rest = ann.get(f"/bulk-batches/{batch}/rows", limit=4, cursor=first["next"]).json()
    assert [row["index"] for row in first["results"] + rest["results"]] == list(range(6))


def test_the_second_row_of_an_integration_is_refused_wherever_it_stands(ann):
    batch = sent(ann, lines() + "FLOW-0,1,Again\r\n").json()["id"]
    worked()
    assert told(ann, batch, verdict="refused") == [("FLOW-0", "refused")]
    assert titles() == ["Better"]


def test_an_entry_that_is_no_yaml_is_a_refused_row(ann):
    entries = "# mine\n" + "".join(f"- slug: flow-{number}\n  version: 1\n  title: Better\n" for number in range(4))
    batch = sent(ann, entries + '- slug: "flow-4\n- {slug: "x\\0y", version: 1}\n', form="yaml").json()["id"]
    worked()
    assert [verdict for _, verdict in told(ann, batch)] == ["changed"] * 4 + ["refused"] * 2


def test_a_sheet_too_long_or_unreadable_is_refused_whole(ann, monkeypatch):
    monkeypatch.setattr(domain, "MOST_ROWS", 5)
    for content, form in ((lines(), "csv"), (HEAD + "a,b\r\n" * 5, "csv"), ("x: 1\n" + "- a\n" * 5, "yaml")):
        answer = ann.post("/integrations/sheet", {"format": form, "content": content})
        assert (answer.status_code, answer.json()["code"]) == (422, "sheet-unreadable")
    assert BulkBatch.objects.count() == 0


def test_a_chunk_costs_the_same_whatever_the_sheet_and_nothing_for_rows_that_say_nothing_new(ann, monkeypatch):
    costs = []
    for size, rows in ((2, 4), (3, 6), (3, 6)):
        monkeypatch.setattr(sheets, "CHUNK", size)
        version = Integration.objects.get(slug="flow-0").version
        title = Integration.objects.get(slug="flow-0").title
        batch = sent(ann, HEAD + "".join(f"flow-{n},1,Flow {n}\r\n" for n in range(rows))).json()["id"]
        assert (version, title) == (1, "Flow 0")
        run = sheets.Run(batch)
        with CaptureQueriesContext(connection) as caught:
            assert run.apply_next(now=db_now())
        costs.append(len(caught))
        while run.apply_next(now=db_now()):
            pass
    assert len(set(costs)) == 1, costs


def test_only_the_newest_trials_are_kept(ann, monkeypatch):
    monkeypatch.setattr(sheets, "KEPT_TRIALS", 2)
    for _ in range(3):
        sent(ann, lines(), dry_run=True)
        worked()
    assert BulkBatch.objects.count() == 2
    assert BulkRow.objects.count() == 12


@pytest.mark.parametrize("form", ["csv", "yaml"])
def test_a_row_with_a_secret_never_waits_in_the_database(ann, form):
    secret = "ghp_" + "aB3dE6gH9" * 4
    if form == "csv":
        content = "slug,version,purpose\r\n" + "".join(
            f"flow-{number},1,{f'Use {secret} there' if number == 2 else 'Better'}\r\n" for number in range(6)
        )
    else:
        content = "".join(
            f"- slug: flow-{number}\n  version: 1\n  purpose: {f'Use {secret} there' if number == 2 else 'Better'}\n" for number in range(6)
        )
    answer = sent(ann, content, form, dry_run=True)
    tried = answer.json()["id"]
    assert not BulkRow.objects.filter(content__contains=secret).exists()
    assert secret not in answer.content.decode()
    worked()
    (row,) = [row for row in rows_of(ann, tried) if row["verdict"] == "refused"]
    assert (row["index"], [fault["pointer"] for fault in row["problem"]["errors"]]) == (2, ["/purpose"])
    assert row["problem"]["errors"][0]["code"] == "secret-github-token"
    applied = ann.post(f"/bulk-batches/{tried}/apply").json()["id"]
    worked()
    again = rows_of(ann, applied)
    assert [row["verdict"] for row in again] == ["changed", "changed", "refused", "changed", "changed", "changed"]
    assert again[2]["problem"] == row["problem"], "what was refused without being kept stays refused for its reason"


def test_digests_and_ids_in_a_row_are_no_secrets(ann):
    text = json.dumps(
        {"slug": "flow-1", "purpose": "sha256:" + "0123456789abcdef" * 4, "labels": {"folder-id": "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF"}}
    )
    assert domain.secret_faults(text, "csv") == []
    named = json.dumps({"slug": "flow-1", "labels": {"place": "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF"}})
    assert [fault.pointer for fault in domain.secret_faults(named, "csv")] == ["/labels/place"]
