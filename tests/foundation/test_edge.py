"""Every view answers in one shape: problems with pointers, one transaction a command, scopes, conditional requests."""

import cProfile
import io
import json
import pstats

import pytest
from django.db import DataError, OperationalError
from django.test import RequestFactory
from rest_framework import serializers
from rest_framework.exceptions import ParseError

from foundation.edge.problems import problem_of, problem_response
from foundation.edge.serializers import ReadSerializer
from foundation.edge.views import Edge
from foundation.limits import BodyLimitExceeded, LengthRequired, read_body
from foundation.models import IdempotencyKey
from tests.foundation import world

pytestmark = pytest.mark.django_db


def errors_of(response):
    return {(error["pointer"], error["code"]) for error in response.json()["errors"]}


def test_a_command_answers_with_its_event_its_tag_and_its_request_id(api):
    response = api().send({"name": "a", "notes": "two\r\nlines"}, X_Request_ID="req-12345678")
    assert (response.status_code, response["ETag"], response["Audit-Event"]) == (201, '"1"', str(world.EVENT))
    assert response["X-Request-ID"] == "req-12345678"
    assert response.json()["notes"] == "two\nlines"


def test_every_fault_is_told_with_its_pointer(api):
    body = {"name": 5, "count": "5", "urgent": 1, "tags": ["ok", 3], "items": [{"name": "x", "weight": True, "extra": 1}, {}], "unknown": 1}
    response = api().send(body)
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    wrong = {(pointer, "wrong-type") for pointer in ("/name", "/count", "/urgent", "/tags/1", "/items/0/weight")}
    others = {("/items/0/extra", "unknown-field"), ("/items/1/name", "required"), ("/unknown", "unknown-field")}
    assert errors_of(response) == wrong | others


@pytest.mark.parametrize("name", ["a\nb", "a\u202eb", "a\x00b", "a\x85"])
def test_text_with_controls_is_refused_with_its_pointer(api, name):
    response = api().send({"name": name})
    assert response.status_code == 400
    assert {pointer for pointer, _ in errors_of(response)} == {"/name"}


def test_text_is_kept_in_nfc(api):
    assert api().send({"name": "Zu\u0308rich"}).json()["name"] == "Z\u00fcrich"


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"null", b"{", b'{"name":"a","name":"b"}', b'{"payload":' + b"[" * 5000, b"\xff\xfe"])
def test_malformed_bodies_are_400_never_500(api, body):
    response = api().send(body)
    assert response.status_code == 400
    assert response.json()["request_id"] == response["X-Request-ID"]


@pytest.mark.parametrize(
    ("name", "status", "code"), [("frozen", 423, "frozen-now"), ("crash", 500, "internal-error"), ("refuse", 409, None)]
)
def test_a_command_that_is_not_carried_out_leaves_nothing(api, name, status, code):
    response = api().send({"name": name})
    assert (response.status_code, response.json().get("code")) == (status, code)
    assert not IdempotencyKey.objects.exists()
    assert "inside" not in response.content.decode()


def test_a_retryable_refusal_says_when(api):
    assert api().send({"name": "frozen"})["Retry-After"] == "7"


def test_the_body_cap_holds(api):
    response = api().send(b'{"name":"' + b"x" * 1024 * 1024 + b'"}')
    assert (response.status_code, response.json()["code"]) == (413, "body-too-large")


def test_compressed_and_foreign_bodies_are_not_read(api):
    assert api().send(b"\x1f\x8b", Content_Encoding="gzip").status_code == 415
    assert api().post("/api/rows", "name=x", content_type="application/x-www-form-urlencoded").status_code == 415


@pytest.mark.parametrize(
    ("scopes", "status", "code"), [(None, 401, "not-authenticated"), ("rows:read", 403, "scope-missing"), ("rows:write", 201, None)]
)
def test_tokens_act_only_within_their_scopes(api, scopes, status, code):
    response = api(scopes).send({"name": "a"})
    assert (response.status_code, response.json().get("code")) == (status, code)
    assert status != 401 or response["WWW-Authenticate"] == "Bearer"


def test_refused_writes_and_denied_reads_are_recorded(api):
    api("none").get("/api/rows")
    api().send({"name": "frozen"})
    api().get("/api/rows/unknown")
    assert [(each["error_code"], each["status"], each["kind"]) for each in world.REFUSALS] == [
        ("scope-missing", 403, "forbidden"),
        ("frozen-now", 423, "frozen"),
    ]


def test_a_broken_recorder_does_not_change_the_answer(api, settings):
    settings.PORTOLAN_REFUSAL_RECORDER = "tests.foundation.world.broken_recorder"
    assert api().send({"name": "frozen"}).status_code == 423


def test_if_match_is_demanded_and_read(api):
    send = {"path": "/api/rows/x", "method": "PATCH"}
    assert api().send({}, **send).status_code == 428
    assert api().send({}, If_Match="7", **send).status_code == 400
    assert api().send({}, If_Match="*", **send).status_code == 412
    assert api().send({}, If_Match='"7"', **send).json() == {"seen": 7}


@pytest.mark.parametrize("path", ["/api/rows/unknown", "/api/rows/%00", "/api/rows/%ED%A0%80", "/api/rows/%E2%80%AE"])
def test_odd_paths_are_404_or_400(api, path):
    assert api().get(path).status_code in {400, 404}


def test_method_and_accept_are_answered_as_problems(api):
    assert api().delete("/api/rows").json()["code"] == "method-not-allowed"
    assert api().get("/api/rows", headers={"Accept": "text/html"}).status_code == 406


def test_a_handler_without_a_scope_cannot_be_written():
    with pytest.raises(TypeError, match="post"):
        type("Careless", (Edge,), {"post": lambda self, request: None})


def test_the_content_security_policy_is_strict(api):
    policy = api().get("/api/rows")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("given", ["short", "x" * 65, "bad id 123", "a;b;c;d;e;f", "späße-12345"])
def test_an_odd_request_id_is_replaced(api, given):
    assert api().get("/api/rows", headers={"X-Request-ID": given})["X-Request-ID"] != given


def test_database_trouble_is_told_apart():
    assert problem_of(DataError("x")).status == 400
    assert problem_of(OperationalError("x")).status == 503
    assert problem_of(OperationalError("x")).headers["Retry-After"]
    assert problem_of(ValueError("x")).status == 500


def test_plain_views_tell_problems_alike(rf):
    answer = problem_response(rf.get("/api/nowhere"), status=404, code="not-found")
    assert (answer["Content-Type"], json.loads(answer.content)["title"]) == ("application/problem+json", "Not Found")


def _chunked(body, **environ):
    request = RequestFactory().generic("POST", "/", b"")
    request.META.pop("CONTENT_LENGTH", None)
    request.META.update({"wsgi.input": io.BytesIO(body), "HTTP_TRANSFER_ENCODING": "chunked", **environ})
    return request


def test_a_chunked_body_is_read_to_its_end_within_the_cap():
    request = _chunked(b"x" * 100_000, **{"wsgi.input_terminated": True})
    assert read_body(request) == b"x" * 100_000 == request.body
    with pytest.raises(BodyLimitExceeded):
        read_body(_chunked(b"x" * 100, **{"wsgi.input_terminated": True}), max_body=99)


def test_a_chunked_body_of_unknown_end_asks_for_its_length():
    with pytest.raises(LengthRequired):
        read_body(_chunked(b"{}"))


def test_a_body_that_ends_early_is_not_taken_for_whole():
    request = RequestFactory().generic("POST", "/", b"{}")
    request.META["CONTENT_LENGTH"] = "10"
    with pytest.raises(ParseError):
        read_body(request)


class _Team:
    def __init__(self, slug):
        self.slug = slug

    def title(self):
        return self.slug.upper()


class _Row:
    def __init__(self, team):
        self.id, self.team, self.parts = 1, team, [_Team("p"), _Team("q")]


class TeamSerializer(ReadSerializer):
    slug = serializers.CharField()
    title = serializers.CharField()
    greeting = serializers.SerializerMethodField()

    def get_greeting(self, team):
        return f"{self.context['hello']} {team.slug}"


class NestedSerializer(ReadSerializer):
    id = serializers.IntegerField()
    team = TeamSerializer()
    parts = TeamSerializer(many=True)
    team_title = serializers.CharField(source="team.title")
    hidden = serializers.CharField(write_only=True)


def test_read_serializers_follow_dots_methods_and_nesting():
    rows = NestedSerializer([_Row(_Team("a")), _Row(None)], many=True, context={"hello": "hi"}).data
    part = {"slug": "p", "title": "P", "greeting": "hi p"}
    assert rows[0]["team"] == {"slug": "a", "title": "A", "greeting": "hi a"}
    assert rows[0]["parts"][0] == part
    assert (rows[0]["team_title"], rows[1]["team"], rows[1]["team_title"]) == ("A", None, None)
    assert "hidden" not in rows[0]
    assert NestedSerializer(_Row(None), context={"only": {"id"}}).data == {"id": 1}


def test_read_serializers_take_mappings():
    assert TeamSerializer({"slug": "a", "title": "T"}, context={"only": {"slug", "title"}}).data == {"slug": "a", "title": "T"}


def test_reading_fifty_rows_calls_a_fifth_of_what_drf_calls():
    """Calls are counted, not seconds: they are the same on every machine."""
    fields = {f"f{n}": serializers.CharField() for n in range(12)}
    fast = type("Fast", (ReadSerializer,), fields)
    slow = type("Slow", (serializers.Serializer,), {f"f{n}": serializers.CharField() for n in range(12)})
    rows = [type("R", (), {f"f{n}": "text" for n in range(12)})() for _ in range(1)] * 50
    assert fast(rows, many=True).data == slow(rows, many=True).data

    def calls(shape):
        profile = cProfile.Profile()
        profile.runcall(lambda: shape(rows, many=True).data)
        return pstats.Stats(profile).total_calls

    assert calls(fast) * 5 < calls(slow)
