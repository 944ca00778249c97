"""The pages of imports: upload, watch, stop, answer; without JavaScript."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.models import Divergence, ImportBatch, Integration
from catalog.services.imports import batches
from portal.uploads import MAX_BYTES
from tests.catalog.imports.conftest import imports  # noqa: F401 - a fixture
from tests.catalog.imports.test_services import edit, flow

pytestmark = pytest.mark.django_db


def upload(name, value):
    return SimpleUploadedFile(name, value if isinstance(value, bytes) else json.dumps(value).encode())


def sent(browser, *files, **more):
    return browser.post("/imports/new", {"team": "payments", "label": "exports", "uploads": list(files), **more})


def run(batch, given):
    going = batches.Run(batch.pk)
    while going.apply_next(now=given.now):
        pass


def test_files_are_uploaded_watched_and_found_again(given, browser):
    given.team("payments", members=["olga"])
    olga = browser("olga")
    assert "Nothing was imported yet" in olga.get("/imports").content.decode()
    assert b'type="file"' in olga.get("/imports/new").content
    answer = sent(olga, upload("a.json", flow()), upload("b.json", b"{"))
    batch = ImportBatch.objects.get()
    assert answer["Location"] == f"/imports/{batch.pk}"
    page = olga.get(answer["Location"]).content.decode()
    assert "0 of 2 files" in page
    assert 'hx-trigger="every 2s"' in page
    run(batch, given)
    page = olga.get(answer["Location"]).content.decode()
    assert 'hx-trigger="every 2s"' not in page
    assert 'href="/integrations/contacts"' in page
    assert "This is not JSON" in page
    assert "a.json" not in olga.get(answer["Location"] + "?verdict=needs+attention").content.decode()
    assert "exports" in olga.get("/imports").content.decode()


def test_an_import_can_be_stopped(given, browser):
    given.team("payments", members=["olga"])
    olga = browser("olga")
    sent(olga, upload("a.json", flow()))
    batch = ImportBatch.objects.get()
    assert "Stop" in olga.get(f"/imports/{batch.pk}").content.decode()
    assert olga.post(f"/imports/{batch.pk}/cancel").status_code == 302
    assert "Not imported" in olga.get(f"/imports/{batch.pk}").content.decode()
    assert olga.post(f"/imports/{batch.pk}/cancel").status_code == 409


def test_faults_of_the_form_are_told_beside_it(given, browser):
    given.team("payments", members=["olga"])
    olga = browser("olga")
    assert sent(olga).status_code == 422
    assert sent(olga, *(upload(f"{n}.json", b"{}") for n in range(200)), upload("x.json", b"{}")).status_code == 400
    assert sent(olga, upload("a.json", b"{}"), team="nothing").status_code == 422
    assert sent(olga, upload("a.json", b"{}"), label="ghp_" + "a" * 40).status_code == 422
    assert ImportBatch.objects.count() == 0


def test_more_than_the_quota_is_refused_before_it_is_read(given, browser):
    given.team("payments", members=["olga"])
    answer = browser("olga").post(
        "/imports/new", data=b"--x\r\n", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(MAX_BYTES + 1)
    )
    assert answer.status_code == 400


def test_others_imports_are_not_there(given, browser):
    given.team("payments", members=["olga"])
    given.team("logistics", members=["eve"])
    sent(browser("olga"), upload("a.json", flow()))
    batch = ImportBatch.objects.get()
    eve = browser("eve")
    assert "exports" not in eve.get("/imports").content.decode()
    assert [eve.get(f"/imports/{batch.pk}").status_code, eve.post(f"/imports/{batch.pk}/cancel").status_code] == [404, 404]
    assert browser("ann").get("/imports/new").status_code == 403
    assert browser(None).get("/imports")["Location"].startswith("/accounts/login/")


def test_differing_values_are_answered_on_the_page(imports, given, browser):  # noqa: F811 - the fixture
    imports({"a.json": flow(tags=["x"])})
    edit(given, "contacts", title="Ours", tags=["y"])
    imports({"a.json": flow(tags=["x"])})
    olga, eve = browser("olga"), browser("eve")
    assert 'href="/integrations/contacts/sources"' in olga.get("/imports").content.decode()
    assert "Waiting for your answer" not in eve.get("/imports").content.decode()
    page = olga.get("/integrations/contacts/sources").content.decode()
    assert "Take over" in page
    assert "Contacts" in page
    assert "Take over" not in eve.get("/integrations/contacts/sources").content.decode()
    rows = {row.field: row for row in Divergence.objects.all()}
    path = "/integrations/contacts/divergences/"
    assert eve.post(f"{path}{rows['title'].pk}", {"answer": "accept"}).status_code == 403
    assert olga.post(f"{path}{rows['title'].pk}", {"answer": "else"}).status_code == 404
    assert f'name="version" value="{Integration.objects.get().version}"' in page
    old = {"answer": "accept", "raised_at": "2026-01-01T00:00:00+00:00"}
    assert olga.post(f"{path}{rows['title'].pk}", old).status_code == 409
    shown = {"answer": "accept", "raised_at": rows["title"].raised_at.isoformat(), "version": "2"}
    assert olga.post(f"{path}{rows['title'].pk}", shown).status_code == 302
    assert olga.post(f"{path}{rows['tags'].pk}", {"answer": "reject"}).status_code == 302
    row = Integration.objects.get()
    assert (row.title, row.tags) == ("Contacts", ["y"])
    assert "Kept as it is." in olga.get("/integrations/contacts/sources").content.decode()
