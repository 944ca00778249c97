"""Register, publish, ask, decide: by forms alone, without a line of JavaScript."""

import json
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import Document, Integration, Release
from governance.models import ChangeRequest
from runtime_adapters.models import Deployment
from tests.given import Given
from tests.given.governance import flow

Browser = Callable[[str | None], Client]


def integration_form(**fields: str) -> dict[str, str]:
    """The registration form with one endpoint and one empty row."""
    form = {
        "title": "Returns → ERP",
        "slug": "returns-to-erp",
        "type": "flow",
        "team": "payments",
        "tier": "2",
        "visibility": "organisation",
        "tags": "returns, nightly",
        "purpose": "Returned goods reach the ERP.",
        "technical_owner": "olga",
        "endpoints-TOTAL_FORMS": "2",
        "endpoints-INITIAL_FORMS": "0",
        "endpoints-0-system": "shop",
        "endpoints-0-data_object": "orders",
        "endpoints-0-role": "source",
        "endpoints-0-operation": "read",
        "endpoints-0-fields_touched": "id, currency",
    }
    return {**form, **fields}


def estate(given: Given) -> None:
    given.team("payments", members=["olga"])
    given.endpoints()
    given.agent()
    given.policy()


def test_register_publish_request_and_approve_by_forms(given: Given, browser: Browser) -> None:
    estate(given)
    owner = browser("olga")
    registered = owner.post("/integrations/new", integration_form(), follow=True)
    assert registered.redirect_chain == [("/integrations/returns-to-erp", 302)]
    made = Integration.objects.get(slug="returns-to-erp")
    assert (made.tags, made.technical_owner.username) == (["returns", "nightly"], "olga")
    assert [(e.system.slug, e.fields_touched) for e in made.endpoints.all()] == [("shop", ["id", "currency"])]

    manifest = json.dumps(flow(), indent=2)
    published = owner.post("/integrations/returns-to-erp/releases/new", {"version": "1.0.0", "manifest": manifest, "notes": "First."})
    assert published.status_code == 302
    release = Release.objects.get(integration=made)
    assert bytes(release.manifest_bytes).decode() == manifest

    page = owner.get("/reviews/new?integration=returns-to-erp&release=1.0.0").content.decode()
    assert "production|agent" in page
    ask = {"release": "1.0.0", "targets": ["production|agent"], "reason": "Typed in by hand today."}
    preview = owner.post("/reviews/new?integration=returns-to-erp", {**ask, "preview": "1"})
    assert preview.status_code == 200
    assert "2 more approvals are needed." in preview.content.decode()
    assert not ChangeRequest.objects.exists()
    asked = owner.post("/reviews/new?integration=returns-to-erp", ask)
    change = ChangeRequest.objects.get()
    assert asked["Location"] == f"/reviews/{change.number}"

    for person in ("ann", "bob"):
        client = browser(person)
        assert f"/reviews/{change.number}" in client.get("/").content.decode()
        shown = client.get(f"/reviews/{change.number}").context["change"]["subject_digest"]
        client.post(f"/reviews/{change.number}/vote", {"value": "approve", "subject_digest": shown, "note": ""})
        assert f"/reviews/{change.number}" not in client.get("/reviews").content.decode()
    deployment = Deployment.objects.get(change_id=change.id)
    delivered = owner.get(f"/deployments/{deployment.id}")
    assert delivered.status_code == 200
    assert [fact["status"] for fact in delivered.context["facts"]][:2] == ["done", "now"]
    assert f"CR-{change.number}" in delivered.content.decode()
    assert b'hx-get="/deployments/' in delivered.content


def test_another_endpoint_is_added_without_judging_or_saving(given: Given, browser: Browser) -> None:
    estate(given)
    answer = browser("olga").post("/integrations/new", integration_form(title="", add_endpoint="1"))
    assert answer.status_code == 200
    assert answer.context["endpoints"].total_form_count() == 3
    assert not answer.context["form"].errors
    assert 'value="returns-to-erp"' in answer.content.decode()
    assert 'value="id, currency"' in answer.content.decode()
    assert not Integration.objects.filter(slug="returns-to-erp").exists()


def test_refusals_of_the_service_stand_at_their_fields(given: Given, browser: Browser) -> None:
    estate(given)
    client = browser("olga")
    wrong = client.post("/integrations/new", integration_form(slug="not a slug", technical_owner="nobody-here"))
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"slug", "technical_owner"}
    secret = "https://user:hunter2hunter2@erp.example/x"
    leaking = client.post("/integrations/new", integration_form(**{"endpoints-0-address": secret}))
    assert leaking.status_code == 422
    assert "address" in leaking.context["endpoints"].forms[0].errors
    client.post("/integrations/new", integration_form())
    taken = client.post("/integrations/new", integration_form())
    assert taken.status_code == 409
    half = client.post("/integrations/new", integration_form(slug="other", **{"endpoints-0-role": ""}))
    assert half.status_code == 422
    assert "role" in half.context["endpoints"].forms[0].errors


def test_an_edit_over_somebody_elses_edit_is_stopped_once(given: Given, browser: Browser) -> None:
    estate(given)
    client = browser("olga")
    client.post("/integrations/new", integration_form())
    page = client.get("/integrations/returns-to-erp/edit")
    assert page.context["endpoints"].total_form_count() == 1
    form = integration_form(title="Returns, new", version="1", **{"endpoints-TOTAL_FORMS": "1"})
    saved = client.post("/integrations/returns-to-erp/edit", form)
    assert saved.status_code == 302
    stale = client.post("/integrations/returns-to-erp/edit", {**form, "title": "Returns, mine"})
    assert stale.status_code == 412
    assert 'value="Returns, mine"' in stale.content.decode()
    assert 'name="version" value="2"' in stale.content.decode()
    assert Integration.objects.get().title == "Returns, new"
    assert "title: Returns → ERP → Returns, new" in client.get("/integrations/returns-to-erp/history").content.decode()


def published(client: Client, manifest: str | bytes, version: str = "1.0.0", **files: Any) -> Any:
    return client.post("/integrations/orders-to-erp/releases/new", {"version": version, "manifest": manifest, **files})


def test_a_manifest_is_refused_with_the_place(given: Given, browser: Browser) -> None:
    estate(given)
    given.integration("orders-to-erp", by="olga")
    client = browser("olga")
    faults = {
        '{"runtime_kind": "x", "runtime_kind": "y"}': (400, "/runtime_kind"),
        '{"runtime_kind": "x"}': (422, "/payload"),
        '{"runtime_kind": "x", "payload": {"a": 1e999}}': (400, "/payload/a"),
        '{"runtime_kind": "x", "payload": {"a": "\\ud800"}}': (400, "/payload/a"),
        '{"runtime_kind": "x", "payload": {"a": 9007199254740993}}': (400, "/payload/a"),
        '{"runtime_kind": "x", "payload": {"password": "hunter2hunter2"}}': (422, "/payload/password"),
        "[]": (422, "object"),
        "not json": (400, "line 1"),
    }
    for manifest, (status, place) in faults.items():
        answer = published(client, manifest)
        assert answer.status_code == status, manifest
        assert place in " ".join(answer.context["form"].errors["manifest"]), manifest
    assert published(client, "").status_code == 422
    assert not Release.objects.exists()


def test_a_file_wins_over_the_text_and_too_large_a_file_is_refused(given: Given, browser: Browser) -> None:
    estate(given)
    given.integration("orders-to-erp", by="olga")
    client = browser("olga")
    content = json.dumps(flow()).encode()
    assert published(client, "{", manifest_file=SimpleUploadedFile("m.json", content)).status_code == 302
    assert bytes(Release.objects.get().manifest_bytes) == content
    large = SimpleUploadedFile("m.json", b" " * (1024 * 1024 + 1))
    assert published(client, "{", "2.0.0", manifest_file=large).status_code == 422
    assert published(client, content.decode()).status_code == 409
    same = client.post("/integrations/orders-to-erp/releases/new", {"version": "1.1.0", "manifest": content.decode()}, follow=True)
    assert "same as that of 1.0.0" in same.content.decode()


def test_sections_are_written_and_never_overwrite_what_was_not_read(given: Given, browser: Browser) -> None:
    estate(given)
    given.integration("orders-to-erp", by="olga")
    client = browser("olga")
    url = "/integrations/orders-to-erp/documents"
    assert client.post(url, {"section": "runbook", "body": "First.", "version": ""}).status_code == 302
    page = client.get(f"{url}/runbook/edit")
    assert page.context["document_form"].initial["version"] == 1
    assert client.post(url, {"section": "runbook", "body": "Second.", "version": "1"}).status_code == 302
    stale = client.post(url, {"section": "runbook", "body": "From a stale page.", "version": "1"})
    assert stale.status_code == 412
    assert "From a stale page." in stale.content.decode()
    assert Document.objects.get().body == "Second."
    assert client.post(url, {"section": "runbook", "body": "No version.", "version": ""}).status_code == 428
    assert client.post(url, {"section": "nonsense", "body": "x"}).status_code == 422
    assert browser("eve").post(url, {"section": "support", "body": "x"}).status_code == 403
