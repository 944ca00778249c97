"""The log over HTTP: for readers, in C2SP's form, each look recorded."""

import base64
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.urls import include, path
from rest_framework.authentication import BaseAuthentication
from rest_framework.test import APIClient

from audit.domain import checkpoints, merkle
from audit.models import Event
from audit.services import keys
from audit.services.record import record
from audit.services.refusals import record_refusal
from audit.tasks import run_sequencer
from tests.audit.conftest import ANN, BOB, NOON, person

urlpatterns = [path("api/v1/audit/", include("audit.api.urls")), path("audit/log/", include("audit.api.log_urls"))]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class HeaderAuthentication(BaseAuthentication):
    """Tests say who they are: `reader` may read the log, `other` may not."""

    def authenticate(self, request):
        role = request.META.get("HTTP_X_ROLE")
        if role is None:
            return None
        request.actor = person(ANN if role == "reader" else BOB)
        request.viewer = SimpleNamespace(reads_log=role == "reader", scopes=None)
        return SimpleNamespace(pk=request.actor.ref, is_authenticated=True), None

    def authenticate_header(self, request):
        return "Test"


@pytest.fixture(autouse=True)
def authentication(monkeypatch):
    monkeypatch.setattr("rest_framework.views.APIView.authentication_classes", [HeaderAuthentication])


@pytest.fixture
def reader():
    return APIClient(headers={"x-role": "reader"})


@pytest.fixture
def other():
    return APIClient(headers={"x-role": "other"})


def filled(count=3):
    for number in range(count):
        record("accounts.sign_out", subject=("accounts.user", UUID(int=number)), actor=person(BOB), at=NOON, texts={"note": "bye"})
    return run_sequencer()


def test_events_resume_by_index_and_the_look_is_recorded(reader):
    filled()
    first = reader.get("/api/v1/audit/events?limit=2").json()
    rest = reader.get(f"/api/v1/audit/events?since_index={first['next_index']}&limit=200").json()
    assert [row["index"] for row in first["results"] + rest["results"]] == [0, 1, 2, 3, 4]
    assert rest["next_index"] == 5
    assert Event.objects.filter(verb="audit.log.viewed").count() == 1


@pytest.mark.parametrize(
    ("query", "count"),
    [("verb=accounts.", 3), ("verb=accounts.sign_out", 3), (f"actor={BOB}", 3), (f"actor={ANN}", 0), (f"subject={UUID(int=1)}", 1)],
)
def test_filters(reader, query, count):
    filled()
    assert len(reader.get(f"/api/v1/audit/events?{query}").json()["results"]) == count


@pytest.mark.parametrize("query", ["since_index=-1", "limit=0", "limit=201", "actor=me", "verb=%00", "colour=red", "subject=%F0%9F%92%A9"])
def test_faulty_queries_are_named(reader, query):
    answer = reader.get(f"/api/v1/audit/events?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "?" + query.partition("=")[0])


def test_an_event_shows_its_texts(reader):
    filled()
    event = Event.objects.filter(verb="accounts.sign_out").first()
    shown = reader.get(f"/api/v1/audit/events/{event.id}").json()
    assert (shown["verb"], shown["texts"], shown["erased"]) == ("accounts.sign_out", {"note": "bye"}, [])
    assert reader.get(f"/api/v1/audit/events/{UUID(int=1)}").status_code == 404


def test_a_receipt_becomes_a_proof(other):
    """202 until the head is signed; then whoever acted can check it alone."""
    event_id = record("accounts.sign_out", subject=("accounts.user", BOB), actor=person(BOB), at=NOON)
    assert other.get(f"/api/v1/audit/events/{event_id}/proof").status_code == 202
    filled()
    found = other.get(f"/api/v1/audit/events/{event_id}/proof").json()
    name, _, public = checkpoints.parse_vkey(keys.log_vkey())
    head = checkpoints.parse_head(checkpoints.opened(found["checkpoint"], name, public))
    proof = [base64.b64decode(step) for step in found["proof"]]
    merkle.verify_inclusion(bytes.fromhex(found["leaf_hash"][7:]), found["index"], head.size, proof, head.root)


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/audit/events",
        "/api/v1/audit/log",
        f"/api/v1/audit/events/{UUID(int=1)}",
        f"/api/v1/audit/events/{UUID(int=1)}/proof",
        "/audit/log/checkpoint",
        "/audit/log/tile/0/000.p/3",
        "/audit/log/tile/entries/000.p/3",
        "/audit/log/key",
    ],
)
def test_only_readers_read_the_log(other, address):
    filled()
    assert other.get(address).status_code == 403
    assert APIClient().get(address).status_code == 401


def test_a_stranger_reads_a_public_log(settings):
    filled(300)
    settings.PORTOLAN_LOG_PUBLIC = True
    name, _, public = checkpoints.parse_vkey(APIClient().get("/audit/log/key").text.strip())
    head = checkpoints.parse_head(checkpoints.opened(APIClient().get("/audit/log/checkpoint").text, name, public))
    tile = APIClient().get("/audit/log/tile/0/000", HTTP_ACCEPT="application/octet-stream")
    edge = APIClient().get("/audit/log/tile/0/001.p/46").content
    assert tile.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    hashes = [(tile.content + edge)[at : at + 32] for at in range(0, 32 * 302, 32)]
    bundle = APIClient().get("/audit/log/tile/entries/000").content
    assert (head.size, head.root) == (302, merkle.root_of(hashes))
    assert merkle.hash_leaf(bundle[2 : 2 + int.from_bytes(bundle[:2], "big")]) == hashes[0]
    assert APIClient().get("/audit/log/tile/1/000.p/1").content == merkle.perfect_root(hashes[:256])


@pytest.mark.parametrize("tile", ["0/002", "0/001", "0/001.p/47", "0/000.p/256", "1/000", "9/000", "0/0", "entries/001.p/47", "0/x000/001"])
def test_what_the_signed_log_has_not_is_missing(reader, tile):
    filled(300)
    assert reader.get(f"/audit/log/tile/{tile}").status_code == 404


def test_refusals_hold_no_words_of_people():
    request = SimpleNamespace(method="POST", actor=person(BOB), resolver_match=SimpleNamespace(view_name="catalog:Integrations"))
    event_id = record_refusal(request=request, error_code="slug-taken", status=409, kind="conflict")
    body = bytes(Event.objects.get(id=event_id).body)
    assert b'"facts":{"code":"slug-taken","kind":"conflict","method":"post","route":"catalog:integrations","status":"409"}' in body
    assert b'"outcome":"deny"' in body
