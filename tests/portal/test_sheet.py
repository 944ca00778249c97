"""Editing by a sheet on a page: looked at first, then written, then taken back, without JavaScript."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import BulkBatch, Integration
from tests.given import Given

Browser = Callable[[str | None], Client]
SHEET = "slug,version,title\r\none,1,Better\r\nnowhere,1,x\r\n"


def test_a_sheet_is_tried_written_and_taken_back(given: Given, browser: Browser) -> None:
    given.team("payments", members=["ann"])
    given.integration("one")
    ann = browser("ann")
    tried = ann.post("/integrations/sheet", {"format": "csv", "file": SimpleUploadedFile("s.csv", SHEET.encode()), "try": "1"})
    text = tried.content.decode()
    assert "1 changed, 0 new, 0 unchanged, 1 refused" in text
    assert "<del>One</del> → <ins>Better</ins>" in text
    assert "There is no such integration" in text
    assert Integration.objects.get(slug="one").title == "One"
    done = ann.post("/integrations/sheet", {"format": "csv", "content": SHEET, "apply": "1"})
    assert "1 integration was written." in done.content.decode()
    assert Integration.objects.get(slug="one").title == "Better"
    undone = ann.post(f"/integrations/batches/{BulkBatch.objects.get().id}/undo")
    assert "Taken back" in undone.content.decode()
    assert Integration.objects.get(slug="one").title == "One"


def test_a_broken_sheet_keeps_what_was_typed(given: Given, browser: Browser) -> None:
    answer = browser("ann").post("/integrations/sheet", {"format": "csv", "content": "colour\r\nred\r\n"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "There is no column" in text
    assert "colour" in text
    for sent, words in (({}, "Choose a file"), ({"file": SimpleUploadedFile("s.csv", b"\xff\xfe")}, "not UTF-8")):
        answer = browser("ann").post("/integrations/sheet", {"format": "csv", **sent})
        assert (answer.status_code, words in answer.content.decode()) == (422, True)


def test_the_list_can_be_taken_away_as_it_is_filtered(given: Given, browser: Browser) -> None:
    given.integration("one"), given.integration("two", team="others")
    answer = browser("ann").get("/integrations/export?team=others&format=csv&stage=")
    assert [line.split(b",")[0] for line in b"".join(answer.streaming_content).splitlines()[1:]] == [b"two"]
    assert answer["Content-Disposition"] == 'attachment; filename="integrations.csv"'
