"""Every text that the catalog and the teams take, one by one: a secret in it is refused, wherever somebody pastes it."""

import copy
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from catalog.models import Name
from tests.given import Given

pytestmark = pytest.mark.django_db
CANARY = "ghp_" + "cAn4ryCan4rYcaN4ryCaN4ryC4nARyc4naRy"
TEXT = "Words."
INTEGRATION = {
    "slug": "flow", "title": TEXT, "purpose": TEXT, "type": "flow", "team": "payments", "tier": 3, "tags": [TEXT], "labels": {"note": TEXT},
    "business_value": TEXT, "reuse_check": TEXT,
    "support": {"channel": TEXT, "hours": TEXT, "response_target": TEXT, "escalation": TEXT, "runbook": "https://wiki.example/runbook"},
    "change_policy": {"maintenance_window": TEXT, "approval": TEXT, "text": TEXT},
    "deprecation": {"reason": TEXT, "documentation": "https://wiki.example/end"},
    "endpoints": [
        {"system": "erp", "role": "source", "operation": "read", "cadence": TEXT, "address": "/orders", "fields_touched": ["order.total"]}
    ],
}  # fmt: skip
CONNECTION = {"title": TEXT, "template": "https-key", "system": "erp", "environment": "test", "team": "payments"}
COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("/domains", {"slug": "area", "title": TEXT, "description": TEXT}),
    ("/systems", {"slug": "crm", "title": TEXT, "kind": "crm", "vendor": TEXT, "residency": TEXT, "description": TEXT}),
    ("/data-objects", {"slug": "order", "title": TEXT, "personal_categories": [TEXT], "description": TEXT}),
    ("/components", {"slug": "part", "title": TEXT, "kind": "script", "team": "payments", "description": TEXT}),
    ("/components/rounding/versions", {"version": "1.0.0", "content": {"step": {"note": TEXT}}, "notes": TEXT}),
    (
        "/connection-templates",
        {
            "slug": "sftp", "title": TEXT, "protocol": "sftp", "auth_type": "api-key", "description": TEXT,
            "slots": [{"name": "key", "description": TEXT}],
        },
    ),
    ("/connections", {"slug": "erp-test", **CONNECTION, "references": {"key": "vault://kv/erp"}}),
    ("/integrations", INTEGRATION),
    ("/integrations/orders-to-erp/roadmap", {"title": TEXT, "description": TEXT, "quarter": "2027-Q1"}),
    ("/integrations/orders-to-erp/documents", {"section": "overview", "body": TEXT}),
    ("/relations", {"of_kind": "system", "of": "erp", "type": "uses", "entity_kind": "environment", "entity": "test", "note": TEXT}),
    ("/teams", {"slug": "shop", "title": TEXT, "contact": TEXT}),
    ("/saved-views", {"title": TEXT, "query": ""}),
]  # fmt: skip


def poisoned(body: Any) -> Iterator[Any]:
    """The body once for each text in it, with the secret in that one place."""
    if isinstance(body, str):
        yield CANARY
    elif isinstance(body, dict | list):
        for key in body if isinstance(body, dict) else range(len(body)):
            for value in poisoned(body[key]):
                changed = copy.copy(body)
                changed[key] = value
                yield changed


@pytest.fixture
def api(given: Given) -> Any:
    given.team("payments", members=["olga"])
    given.administrator()
    given.integration("orders-to-erp")
    given.environment("test")
    given.template()
    given.component("rounding")
    return given.api("root")


@pytest.mark.parametrize(("path", "body"), COMMANDS, ids=[path for path, _body in COMMANDS])
def test_each_text_is_judged(api: Any, path: str, body: dict[str, Any]) -> None:
    bodies = list(poisoned(body))
    assert len(bodies) >= 2
    for each in bodies:
        response = api.post(path, each)
        assert 400 <= response.status_code < 500, (each, response.content)
    sound = api.post(path, body)
    assert sound.status_code == 201, ("what was refused was refused for the secret alone", sound.content)


@pytest.mark.parametrize("path", ["/systems/erp", "/integrations/orders-to-erp", "/environments/test"])
def test_a_secret_is_no_name(api: Any, path: str) -> None:
    """A slug keeps its spelling and is an alias for ever."""
    version = int(api.get(path)["ETag"].strip('"'))
    response = api.post(f"{path}/rename", {"slug": CANARY}, if_match=version)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (422, "secret-github-token")
    assert not Name.objects.filter(slug=CANARY).exists()


def test_a_label_is_not_named_by_a_secret(api: Any) -> None:
    response = api.post("/integrations", INTEGRATION | {"labels": {CANARY: "x"}})
    assert [(each["pointer"], each["code"]) for each in response.json()["errors"]] == [("/labels", "secret-github-token")]
    assert CANARY not in response.content.decode()


def test_a_security_key_is_not_called_by_a_secret() -> None:
    key = SimpleNamespace(wrap=lambda: SimpleNamespace(name="Blue key"))
    forms = {name: import_string(path) for name, path in settings.MFA_FORMS.items()}
    assert "name" in forms["add_webauthn"](data={"name": CANARY}, user=SimpleNamespace(pk=None), initial={"name": "Key"}).errors
    assert "name" in forms["edit_webauthn"](data={"name": CANARY}, instance=key).errors
    assert not forms["edit_webauthn"](data={"name": "Red key"}, instance=key).errors


def test_people_go_on_writing_about_secrets(given: Given) -> None:
    """Reasons speak of passwords and tokens; only a value is refused, and the request stays as it was."""
    change = given.change_in_review(needs=2)
    olga = given.api("olga")
    refused = olga.post(f"/change-requests/{change.number}/withdraw", {"reason": f"Taken back: {CANARY} was in it."})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/reason")
    told = "The token was rotated.\npassword: see the vault; the key stands in vault://kv/erp#key."
    taken = olga.post(f"/change-requests/{change.number}/withdraw", {"reason": told})
    assert (taken.status_code, taken.json()["state"]) == (200, "withdrawn")
