"""Imports and divergences over HTTP."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import Divergence, ImportFile
from tests.catalog.imports.files import node, workflow
from tests.catalog.imports.test_archives import packed
from tests.catalog.imports.test_services import edit, flow

pytestmark = pytest.mark.django_db


def body(files, **more):
    listed = [{"path": path, "content": value if isinstance(value, str) else json.dumps(value)} for path, value in files.items()]
    return {"label": "exports", "team": "payments", "files": listed, **more}


def test_queue_watch_and_read_the_verdicts(imports, given):
    api = given.api("olga")
    answer = api.post("/imports", body({"a.json": flow(), "b.json": "\ufeff{"}))
    assert answer.status_code == 202, answer.content
    batch = answer.json()
    assert (batch["state"], batch["files"], batch["created"]) == ("queued", 2, 0)
    assert answer["Location"].endswith(batch["id"])
    assert answer["Audit-Event"]
    imports.run(ImportFile.objects.first().batch)
    shown = api.get(f"/imports/{batch['id']}").json()
    assert {name: shown[name] for name in ("state", "created", "attention")} == {"state": "done", "created": 1, "attention": 1}
    files = api.get(f"/imports/{batch['id']}/files").json()["results"]
    assert [(file["path"], file["verdict"]) for file in files] == [("a.json", "created"), ("b.json", "needs attention")]
    assert {"kind": "integration", "slug": "contacts"} in files[0]["created"]
    few = api.get(f"/imports/{batch['id']}/files", verdict="needs attention", count="true").json()
    assert (few["count"], few["results"][0]["path"]) == (1, "b.json")
    assert [each["id"] for each in api.get("/imports").json()["results"]] == [batch["id"]]
    assert api.post(f"/imports/{batch['id']}/cancel").status_code == 409


def upload(given, files, person="olga", **fields):
    """POST a form as a browser or curl does."""
    given.api(person)
    sent = {"label": "exports", "team": "payments", "files": [SimpleUploadedFile(name, data) for name, data in files], **fields}
    return Client().post("/api/v1/imports", sent, headers={"Authorization": f"Bearer {given.token(person)}"})


def test_files_and_archives_can_be_uploaded(imports, given):
    archive = packed({"below/b.json": json.dumps(flow("B")).encode(), "../c.json": b"{}", "d.json": b"\x00\x01"})
    big = b" " * (2 * 1024 * 1024)  # more than JSON may be
    answer = upload(given, [("a.json", json.dumps(flow("A")).encode()), ("flows.zip", archive), ("big.json", big)])
    assert answer.status_code == 202, answer.content
    done = imports.run(ImportFile.objects.first().batch)
    told = {path: (file.verdict, file.reason) for path, file in done.items()}
    assert told == {
        "a.json": ("created", ""),
        "below/b.json": ("created", ""),
        "../c.json": ("needs attention", "Its name leads out of the archive."),
        "d.json": ("needs attention", "This is a binary file."),
        "big.json": ("needs attention", "The file is empty."),
    }


def test_a_form_may_be_a_trial(imports, given):
    assert upload(given, [("a.json", b"{}")], is_dry_run="true").json()["is_dry_run"] is True
    assert upload(given, [("a.json", b"{}")]).json()["is_dry_run"] is False


@pytest.mark.parametrize(
    ("files", "fields", "status", "pointer"),
    [
        ([], {}, 400, "/files"),
        ([("a.json", b"{}")], {"label": ["a", "b"]}, 400, "/label"),
        ([("a.json", b"{}")], {"surprise": "x"}, 400, "/surprise"),
        ([("a.json", b"{}")], {"is_dry_run": "perhaps"}, 400, "/is_dry_run"),
        ([("a.json", b"{}"), ("b.zip", b"PK\x03\x04 and no more")], {}, 422, "/files/1"),
        ([("b.zip", packed({}))], {}, 422, "/files/0"),
    ],
)
def test_bad_forms_name_the_field(imports, given, files, fields, status, pointer):
    answer = upload(given, files, **fields)
    assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (status, [pointer])


def test_broken_and_large_forms_are_refused(imports, given):
    headers = {"Authorization": f"Bearer {given.token('olga')}"}
    kinds = "multipart/form-data; boundary=x", "multipart/form-data", "multipart/form-data; boundary=" + "y" * 300
    for kind, status in zip(kinds, (400, 400, 415), strict=True):
        assert Client().post("/api/v1/imports", b"--x\r\nnothing", content_type=kind, headers=headers).status_code == status
    large = b" " * (21 * 1024 * 1024 + 1)
    assert Client().post("/api/v1/imports", large, content_type=kinds[0], headers=headers).status_code == 413
    assert Client().post("/api/v1/imports", large[: 2 * 1024 * 1024], content_type="application/json", headers=headers).status_code == 413


def test_a_cancelled_import_says_so(imports, given):
    api = given.api("olga")
    batch = api.post("/imports", body({"a.json": flow()}, is_dry_run=True)).json()
    assert api.post(f"/imports/{batch['id']}/cancel").json()["state"] == "cancelled"
    assert api.get(f"/imports/{batch['id']}/files").json()["results"][0]["verdict"] is None


BAD = [
    ({"files": []}, 400),
    ({"files": [{"path": "a"}]}, 400),
    ({"files": [{"path": "a", "content": 1}]}, 400),
    ({"label": ""}, 400),
    ({"team": "nothing"}, 404),
]


@pytest.mark.parametrize(("more", "status"), BAD)
def test_bad_commands(imports, given, more, status):
    assert given.api("olga").post("/imports", {**body({"a.json": flow()}), **more}).status_code == status


def test_created_integrations_that_one_may_not_see_are_left_out(imports, given):
    imports({"a.json": flow()})
    edit(given, "contacts", visibility="restricted")
    given.team("logistics", members=["eve"])
    from catalog.models import Integration

    Integration.objects.update(team=given.team("logistics"))
    batch = ImportFile.objects.get().batch
    created = given.api("olga").get(f"/imports/{batch.pk}/files").json()["results"][0]["created"]
    assert created == [{"kind": "system", "slug": "hubspot"}, {"kind": "data-object", "slug": "contact"}]


def test_divergences_are_listed_and_answered(imports, given):
    imports({"a.json": flow(tags=["x"])})
    edit(given, "contacts", title="Ours", tags=["y"])
    imports({"a.json": flow(tags=["x"])})
    olga, eve = given.api("olga"), given.api(given.person("eve"))
    rows = {row["field"]: row for row in olga.get("/divergences", state="open", integration="contacts").json()["results"]}
    assert (rows["title"]["value"], rows["title"]["redacted"]) == ("Contacts", False)
    hidden = eve.get("/divergences").json()["results"]
    assert {(row["value"], row["redacted"]) for row in hidden} == {(None, True)}
    path = f"/integrations/contacts/divergences/{rows['title']['id']}"
    assert eve.post(f"{path}/accept").status_code == 403
    accepted = olga.post(f"{path}/accept")
    assert (accepted.status_code, accepted.json()["state"], accepted.json()["resolved_by"]) == (200, "accepted", "olga")
    assert olga.post(f"{path}/accept").status_code == 409
    assert olga.post(f"/integrations/contacts/divergences/{rows['tags']['id']}/reject").json()["state"] == "rejected"
    assert olga.get("/integrations/contacts").json()["title"] == "Contacts"
    sources = olga.get("/integrations/contacts/field-sources").json()["results"]
    assert {source["field"] for source in sources} == {"purpose", "type", "endpoints", "ai_use", "document:overview"}
    assert {(source["label"], source["path"]) for source in sources} == {("exports", "a.json")}


def test_lists_take_the_same_statements_whatever_their_length(imports, given, django_assert_max_num_queries):
    imports({f"{n}.json": workflow(node("Get", "hubspot"), name=f"Flow {n}") for n in range(5)})
    batch = ImportFile.objects.first().batch
    api = given.api("olga")
    for path in ("/imports", f"/imports/{batch.pk}", f"/imports/{batch.pk}/files", "/divergences"):
        with django_assert_max_num_queries(8):
            assert api.get(path).status_code == 200
    assert not Divergence.objects.exists()
