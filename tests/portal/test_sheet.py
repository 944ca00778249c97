"""Editing by a sheet on a page: looked at first, then written, then taken back, without JavaScript."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import BulkBatch, Integration
from catalog.tasks import apply_sheets_due
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


def test_a_long_sheet_is_watched_on_a_page_of_its_own(given: Given, browser: Browser) -> None:
    given.team("payments", members=["ann"])
    given.integration("one"), given.integration("two")
    ann = browser("ann")
    rows = "".join(f"{slug},1,Better\r\n" for slug in ("one", "two", *(f"nowhere-{n}" for n in range(500))))
    file = SimpleUploadedFile("s.csv", f"slug,version,title\r\n{rows}".encode())
    tried = ann.post("/integrations/sheet", {"format": "csv", "file": file, "try": "1"})
    assert tried.status_code == 302
    page = ann.get(tried["Location"]).content.decode()
    assert "0 of 502 rows" in page
    assert 'hx-trigger="every 2s"' in page  # and "Look again" for those without JavaScript
    assert "Look again" in page
    again = ann.post("/integrations/sheet", {"format": "csv", "content": f"slug,version,title\r\n{rows}", "apply": "1"})
    assert "You have a sheet under way" in again.content.decode()
    _worked()
    page = ann.get(tried["Location"]).content.decode()
    assert "502 of 502 rows" in page
    assert page.index("There is no such integration") > 0
    assert "<ins>Better</ins>" not in page  # refused rows come first, and fill it
    assert Integration.objects.get(slug="one").title == "One"
    done = ann.post(f"{tried['Location']}/apply")
    _worked()
    assert "<del>One</del> → <ins>Better</ins>" in ann.get(f"{done['Location']}?verdict=changed").content.decode()
    assert ann.post(f"{done['Location']}/undo").status_code == 200  # two rows were changed: taken back at once
    assert set(Integration.objects.values_list("title", flat=True)) == {"One", "Two"}
    assert browser("bob").get(tried["Location"]).status_code == 404


def test_a_batch_is_stopped(given: Given, browser: Browser) -> None:
    ann = browser("ann")
    text = "slug,version,title\r\n" + "".join(f"nowhere-{n},1,x\r\n" for n in range(501))
    tried = ann.post("/integrations/sheet", {"format": "csv", "content": text, "try": "1"})["Location"]
    assert "Stopped" in ann.post(f"{tried}/cancel", follow=True).content.decode()
    assert "This batch has ended" in ann.post(f"{tried}/cancel", follow=True).content.decode()
    assert "Only a trial that was carried through" in ann.post(f"{tried}/apply", follow=True).content.decode()


def _worked() -> None:
    """Let the worker go on until nothing is left, at most so often as there are chunks."""
    for _turn in range(10):
        if not apply_sheets_due():
            return
