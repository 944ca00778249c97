"""People, teams, roles and tokens over HTTP."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Token
from accounts.services import tokens
from foundation.clock import db_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(given):
    return given.api(given.administrator())


def test_an_administrator_opens_accounts_and_nobody_else(given, root):
    body = {"username": "Zoë.K".replace("ë", "e"), "display_name": "Zoë K.", "email": "zoe@example.org", "time_zone": "Europe/Berlin"}
    made = root.post("/users", body)
    assert made.status_code == 201, made.content
    assert made.json()["email"] == "zoe@example.org"
    assert root.post("/users", {**body, "username": "ZOE.k"}).json()["code"] == "username-taken"
    ann = given.api("ann")
    assert ann.post("/users", body).json()["code"] == "administrators-only"
    assert ann.get("/users/zoe.K").json()["email"] is None
    assert given.api("Zoe.K").get("/users/zoe.k").json()["email"] == "zoe@example.org"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"username": "a b"}, "/username"),
        ({"email": "nowhere"}, "/email"),
        ({"time_zone": "Mars/Base"}, "/time_zone"),
        ({"password": "password1234"}, "/password"),
        ({"person_id": "00000000-0000-7000-8000-000000000000"}, "/person_id"),
    ],
)
def test_bad_accounts_are_refused_with_the_place(root, fields, pointer):
    refused = root.post("/users", {"username": "new", "display_name": "New", **fields})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert "password1234" not in refused.content.decode()


def test_people_change_their_own_name_and_administrators_the_rest(given, root):
    ann = given.api("ann")
    assert ann.patch("/users/ann", {"display_name": "Ann B."}, if_match=1).json()["display_name"] == "Ann B."
    assert ann.patch("/users/ann", {"is_active": False}, if_match=2).status_code == 403
    assert ann.patch("/users/root", {"display_name": "x"}, if_match=2).status_code == 403
    assert root.patch("/users/ann", {"time_zone": "UTC"}, if_match=1).status_code == 412
    assert root.patch("/users/ann", {"is_active": False}, if_match=2).json()["is_active"] is False
    assert ann.get("/me").json()["code"] == "token-revoked"


def test_the_last_administrator_stays(given, root):
    assert root.delete("/users/root/roles/administrator").json()["code"] == "last-administrator"
    assert root.patch("/users/root", {"is_active": False}, if_match=2).json()["code"] == "last-administrator"
    assert root.post("/users/ann/roles", {"role": "administrator"}).status_code == 404
    given.person("ann")
    assert root.post("/users/ann/roles", {"role": "administrator"}).json() == {"roles": ["administrator"]}
    assert root.delete("/users/root/roles/administrator").status_code == 204
    assert root.get("/users/root/roles").json() == {"roles": []}
    assert root.post("/users/root/roles", {"role": "administrator"}).status_code == 403


def test_teams_form_a_tree_without_circles(given, root):
    assert root.post("/teams", {"slug": "finance", "title": "Finance"}).status_code == 201
    made = root.post("/teams", {"slug": "payments", "title": "Payments", "parent": "finance"})
    assert made.json()["parent"] == "finance"
    assert root.put("/teams/payments/members/root", {"is_lead": True}).json()["members"][0]["is_lead"] is True
    assert root.patch("/teams/finance", {"parent": "payments"}, if_match=1).json()["code"] == "team-cycle"
    assert root.patch("/teams/finance", {"parent": "nowhere"}, if_match=1).json()["errors"][0]["pointer"] == "/parent"
    assert root.patch("/teams/finance", {"title": "Money"}, if_match=1)["ETag"] == '"2"'
    assert root.delete("/teams/payments/members/root").status_code == 204
    assert root.get("/teams/payments").json()["members"] == []
    assert given.api("ann").post("/teams", {"slug": "x", "title": "X"}).status_code == 403


def test_a_token_is_shown_once_and_does_no_more_than_its_owner(given, root):
    ann = given.api("ann")
    made = ann.post("/tokens", {"label": "script", "scopes": ["catalog:read"]}, key="once")
    assert made.status_code == 201, made.content
    secret = made.json()["secret"]
    again = ann.post("/tokens", {"label": "script", "scopes": ["catalog:read"]}, key="once")
    assert (again.status_code, "secret" in again.json(), again.json()["id"]) == (201, False, made.json()["id"])
    listed = ann.get("/tokens").content.decode()
    assert made.json()["prefix"] in listed
    assert secret not in listed
    for scope in ("admin", "audit:read", "runtime:pull"):
        assert ann.post("/tokens", {"label": "x", "scopes": [scope]}).json()["code"] == "scope-beyond-owner"
    narrow = given.api("ann", scopes=["catalog:read"])
    assert narrow.post("/tokens", {"label": "x", "scopes": ["catalog:write"]}).json()["code"] == "scope-missing"
    assert narrow.get("/me").json()["scopes"] == ["catalog:read"]
    assert given.api("bob").delete(f"/tokens/{made.json()['id']}").status_code == 404
    assert ann.delete(f"/tokens/{made.json()['id']}").status_code == 204


def test_the_scope_admin_stands_for_all_but_votes_and_runtimes(given):
    scopes = given.api("ann", scopes=["admin"]).get("/me").json()["scopes"]
    assert {"catalog:read", "catalog:write", "changes:request"} < set(scopes)
    assert not {"changes:vote", "runtime:pull", "runtime:report"} & set(scopes)


def refusal(headers):
    answer = Client().get("/api/v1/me", headers=headers)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    return answer.json()["code"]


def test_every_refused_sign_in_says_why(given):
    secret = given.token("ann")
    assert refusal({}) == "not-authenticated"
    assert refusal({"Authorization": "Bearer nonsense"}) == "token-unknown"
    assert refusal({"Authorization": f"Bearer {secret[:-1]}{'0' if secret[-1] != '0' else '1'}"}) == "token-unknown"
    Token.objects.update(expires_at=db_now() - timedelta(seconds=1))
    assert refusal({"Authorization": f"Bearer {secret}"}) == "token-expired"
    Token.objects.update(expires_at=None, revoked_at=db_now())
    assert refusal({"Authorization": f"Bearer {secret}"}) == "token-revoked"


def test_a_mistyped_token_costs_no_statement_and_a_right_one_two(given):
    secret = given.token("ann")
    with CaptureQueriesContext(connection) as asked:
        assert tokens.resolve(secret[:-1] + ("0" if secret[-1] != "0" else "1")) is None
    assert len(asked) == 0
    given.api("ann")
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    client.get("/api/v1/nowhere")
    with CaptureQueriesContext(connection) as asked:
        assert tokens.resolve(secret).user.username == "ann"
        given.viewer(Token.objects.select_related("user").get(secret_hash=tokens._keyed(secret)).user)
    assert [query["sql"].split()[0] for query in asked] == ["SELECT", "UPDATE", "SELECT", "SELECT"]
    with CaptureQueriesContext(connection) as asked:
        tokens.resolve(secret)
    assert len(asked) == 1


def test_a_dump_of_the_table_cannot_sign_in(given):
    secret = given.token("ann")
    row = Token.objects.values().get()
    assert secret not in str(row)
    assert secret.removeprefix("ptl_").split("_")[1] not in str(row)


def test_a_session_needs_the_csrf_token_to_write(given):
    user = given.administrator()
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/me").json()["scopes"] is None
    refused = client.post("/api/v1/teams", b'{"slug": "x", "title": "X"}', content_type="application/json")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
