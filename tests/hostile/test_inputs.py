"""Bad input gets a clear error that names the field and the rule; good input comes back as it went in; nothing answers 5xx.

Which fields and routes there are is read from the API's own description, so a new one is attacked as soon as it exists.
"""

import gzip
import json
import unicodedata
from typing import Any

import pytest

from tests.hostile import areas
from tests.hostile.operations import Operation, document, example, filled, operations, put, resolved, text_fields, variables

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"
WRITING = [operation for operation in operations() if operation.body is not None]
LISTS = [operation for operation in operations() if operation.is_list]
NAMED = [operation for operation in operations() if variables(operation.path)]
FORBIDDEN = {"nul": "a\x00b", "surrogate": "a\ud800b", "override": "a\u202eb", "mark inside": "a\ufeffb", "c1": "a\x85b"}
TAKEN_OR_TOLD = {
    "emoji, decomposed": "\U0001f9ed " + unicodedata.normalize("NFD", "Zoë Ångström"),
    "empty": "",
    "blank": "   ",
    "markup": "<script>alert(1)</script>'; DROP TABLE x; -- {{ 7*7 }} ${7*7} %s %(a)s",
    "long": "a" * 50_000,
}
MEGABYTE = b"a" * 1024 * 1024
ACTS = {"change_requests_withdraw", *areas.joined("ACTS")}  # their reason is not the reason that the answer shows
SOME = operations()[::7]


def ids(operation: Operation) -> str:
    return operation.id


def sender(operation: Operation) -> str:
    """Who gets as far as having the body read."""
    return "agent" if operation.path.startswith("/api/v1/runtime/") else "root"


def send(attempt: Any, estate: Any, operation: Operation, data: bytes, **more: Any) -> Any:
    headers = {"If-Match": '"1"', **more.pop("headers", {})}
    return attempt(sender(operation), operation.method, filled(operation.path, estate.places), data, headers=headers, **more)


def told(response: Any) -> Any:
    """The problem document of a refusal; every refusal must have one."""
    assert 400 <= response.status_code < 500, (response.status_code, response.content[:500])
    assert response["Content-Type"] == PROBLEM, (response["Content-Type"], response.content[:300])
    problem = json.loads(response.content)
    assert problem["status"] == response.status_code
    assert problem["code"]
    return problem


def fields_of(operation: Operation) -> list[tuple[tuple[Any, ...], Any]]:
    """All but those that hold a file's text as it is, which is read as a file."""
    verbatim = areas.joined("VERBATIM")
    return [field for field in text_fields(operation.body) if (operation.id, field[0]) not in verbatim]


def pointer(place: tuple[Any, ...]) -> str:
    return "".join(f"/{step}" for step in place)


@pytest.mark.parametrize("operation", WRITING, ids=ids)
def test_forbidden_characters_are_refused_where_they_stand(attempt: Any, estate: Any, operation: Operation):
    """NUL, lone surrogates, direction overrides, byte order marks and C1 controls, in every text field: 400 with its pointer."""
    base = example(operation.body)
    for place, _schema in fields_of(operation):
        for name, text in FORBIDDEN.items():
            problem = told(send(attempt, estate, operation, json.dumps(put(base, place, text, operation.body)).encode()))
            assert problem["status"] == 400, (name, place, problem)
            assert pointer(place) in [fault["pointer"] for fault in problem["errors"]], (name, place, problem)


@pytest.mark.parametrize("operation", WRITING, ids=ids)
def test_odd_text_is_kept_or_its_field_is_named(attempt: Any, estate: Any, operation: Operation):
    """What is accepted is answered in NFC and otherwise unchanged; what is not is refused with a code."""
    base = example(operation.body)
    for place, schema in fields_of(operation):
        for name, text in TAKEN_OR_TOLD.items():
            response = send(attempt, estate, operation, json.dumps(put(base, place, text, operation.body)).encode())
            if response.status_code >= 300:
                told(response)
                continue
            answered = response.json().get(place[0]) if len(place) == 1 and response.content and operation.id not in ACTS else None
            if isinstance(answered, str):
                assert answered in {unicodedata.normalize("NFC", text), text.strip()}, (name, place, answered[:80])
            limit = resolved(schema).get("maxLength")
            assert limit is None or len(text) <= limit, (name, place, "longer than the description allows, and accepted")


@pytest.mark.parametrize("operation", WRITING, ids=ids)
def test_values_of_another_type_are_refused_where_they_stand(attempt: Any, estate: Any, operation: Operation):
    """Nothing is coerced: numbers, booleans, lists and objects in place of text are 400 with the field's pointer."""
    base = example(operation.body)
    for place, _schema in fields_of(operation):
        for wrong in (1.5, True, {"a": 1}):
            problem = told(send(attempt, estate, operation, json.dumps(put(base, place, wrong, operation.body)).encode()))
            assert problem["status"] == 400, (wrong, place, problem)
            assert any(fault["pointer"].startswith(pointer(place)) for fault in problem["errors"]), (wrong, place, problem)


@pytest.mark.parametrize("operation", WRITING, ids=ids)
def test_numbers_at_the_edges_never_break(attempt: Any, estate: Any, operation: Operation):
    """Integers that are too large, negative zero, floats and texts in every integer field."""
    schema = resolved(operation.body)
    base = example(operation.body)
    whole = [n for n, s in schema.get("properties", {}).items() if "integer" in str(resolved(s).get("type"))]
    for name in whole:
        for raw in ("9007199254740993", "-9007199254740993", "9" * 5000, "-0", "1e400", "1.5", "1.0", '"1"', "NaN", "null"):
            marked = json.dumps({**base, name: "@@"}).replace('"@@"', raw)
            response = send(attempt, estate, operation, marked.encode())
            if response.status_code >= 300:
                assert told(response)["errors"], (name, raw)


def malformed() -> dict[str, bytes]:
    """Bodies that are no JSON that every reader understands alike."""
    return {
        "depth 65": b'{"a":' * 65 + b"1" + b"}" * 65,
        "depth 100000": b"[" * 100_000,
        "many keys": b"{" + b",".join(b'"%d":1' % i for i in range(60_000)) + b"}",
        "duplicate": b'{"title":"a","title":"b"}',
        "nan": b'{"a":NaN}',
        "infinity": b'{"a":-Infinity}',
        "1e400": b'{"a":1e400}',
        "5000 digits": b'{"a":' + b"9" * 5000 + b"}",
        "beyond 2**53": b'{"a":9007199254740993}',
        "not utf-8": b'{"a":"\xff"}',
        "overlong": b'{"a":"\xc0\x80"}',
        "utf-16": '{"a":1}'.encode("utf-16"),
        "mark first": b"\xef\xbb\xbf{}",
        "raw surrogate": b'{"a":"\xed\xa0\x80"}',
        "cut": b'{"a":',
        "trailing": b"{} {}",
        "comment": b"{} // x",
        "single quotes": b"{'a':1}",
    }


@pytest.mark.parametrize("operation", WRITING, ids=ids)
def test_what_is_no_plain_json_is_refused(attempt: Any, estate: Any, operation: Operation):
    """Depth, duplicate keys, numbers without a value, bad UTF-8: 400 with the place, and the next request still works."""
    for name, data in malformed().items() if operation in SOME else [("cut", b'{"a":'), ("duplicate", b'{"a":1,"a":2}')]:
        problem = told(send(attempt, estate, operation, data, content_type="application/json"))
        assert problem["status"] == 400, (name, problem)
        assert problem["errors"], (name, problem)
    empty = send(attempt, estate, operation, b"", content_type="application/json")  # the empty command: what is required is told
    assert empty.status_code < 300 or told(empty)["code"]


@pytest.mark.parametrize("operation", WRITING, ids=ids)
def test_the_wrong_shape_is_refused(attempt: Any, estate: Any, operation: Operation):
    """A list, a text, a number or null for the command; a member that is not known."""
    for data in (b"[]", b'"a"', b"1", b"null", b"true", b"[[[]]]"):
        problem = told(send(attempt, estate, operation, data))
        assert problem["status"] == 400, (data, problem)
    unknown = told(send(attempt, estate, operation, json.dumps({**example(operation.body), "zzz": 1}).encode()))
    assert "/zzz" in [fault["pointer"] for fault in unknown["errors"]], unknown


@pytest.mark.parametrize("operation", WRITING, ids=ids)
def test_other_kinds_of_body_are_refused(attempt: Any, estate: Any, operation: Operation):
    """Only JSON, never compressed, never without a length, never larger than the limit."""
    good = json.dumps(example(operation.body)).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "a", "/", ";"):
        assert told(send(attempt, estate, operation, good, content_type=kind))["status"] in {400, 415}, kind
    packed = send(attempt, estate, operation, gzip.compress(good), content_type="application/json", headers={"Content-Encoding": "gzip"})
    assert told(packed)["status"] == 415
    limit = 5 if operation.id == "runtime_health_reports" else 1
    assert told(send(attempt, estate, operation, b'{"a":"' + MEGABYTE * limit + b'"}'))["status"] == 413
    chunked = send(attempt, estate, operation, good, headers={"Transfer-Encoding": "chunked"}, CONTENT_LENGTH="")
    assert told(chunked)["status"] == 411
    for length in ("-1", "abc", "1e3", "999999999999999999999"):
        assert told(send(attempt, estate, operation, good, CONTENT_LENGTH=length))["status"] in {400, 413}, length


def test_a_body_of_two_million_keys_is_refused_before_it_is_read(attempt: Any, estate: Any):
    """The cost of a hostile body is bounded by what may be sent at all."""
    body = b"{" + b",".join(b'"%d":0' % i for i in range(2_000_000)) + b"}"
    for operation in (each for each in WRITING if each.id in {"integrations_create", "runtime_health_reports"}):
        assert told(send(attempt, estate, operation, body))["status"] == 413


BAD_QUERIES = [
    ("limit", "0"), ("limit", "-1"), ("limit", "201"), ("limit", "1e3"), ("limit", "9" * 400), ("limit", "\u0663"), ("limit", ""),
    ("cursor", "x"), ("cursor", "AAAA"), ("cursor", "W10"), ("cursor", "bnVsbA"), ("cursor", "é"), ("cursor", "a" * 9000),
    ("sort", "password"), ("sort", "--slug"), ("sort", "slug;drop"), ("count", "maybe"), ("fields", ","), ("fields", "nothing"),
    ("zzz", "1"), ("id__in", "1"), ("team__members__password__startswith", "a"), ("a\x00b", "1"),
]  # fmt: skip


@pytest.mark.parametrize("operation", LISTS, ids=ids)
def test_bad_queries_name_the_parameter(attempt: Any, estate: Any, operation: Operation):
    """Unknown filters, bad cursors, limits and sorts: 400 that points at the parameter."""
    from urllib.parse import quote

    path = filled(operation.path, estate.places)
    for name, value in BAD_QUERIES:
        problem = told(attempt("root", "GET", f"{path}?{quote(name)}={quote(value)}"))
        assert problem["status"] == 400, (name, value, problem)
        assert problem["errors"][0]["pointer"].startswith("?"), (name, value, problem)


@pytest.mark.parametrize("operation", LISTS, ids=ids)
def test_hostile_values_of_known_filters_never_break(attempt: Any, estate: Any, operation: Operation):
    """Every filter with NUL, broken UTF-8, giants and other types: an answer, or 400 that names the parameter."""
    path = filled(operation.path, estate.places)
    names = [each["name"] for each in operation.spec["parameters"] if each["in"] == "query"]
    for name in names:
        for raw in ("%00", "%ff", "%E2%80%AE", "%F0%9F%98%80", "9" * 30, "true", "," * 60, "a" * 3000, "1&" + name + "=2"):
            response = attempt("root", "GET", f"{path}?{name}={raw}" + ("" if name == "limit" else "&limit=1"))
            if response.status_code != 200:
                assert told(response)["errors"][0]["pointer"].startswith("?"), (name, raw)


SEGMENTS = ["%00", "%ff", "a" * 5000, "%F0%9F%98%80", "%0A", "9" * 25, "%2e%2e", "a%2Fb", "%ED%A0%80"]


@pytest.mark.parametrize("operation", NAMED, ids=ids)
def test_weird_names_in_paths_are_answered_as_missing(attempt: Any, estate: Any, operation: Operation):
    """NUL, broken UTF-8, giants and dots as any name in any path: a problem document, never more."""
    body = json.dumps(example(operation.body)).encode() if operation.body is not None else b""
    for _name, kind in variables(operation.path):
        for segment in SEGMENTS:
            path = filled(operation.path, estate.places, **{kind: segment})
            response = attempt(sender(operation), operation.method, path, body, headers={"If-Match": '"1"'})
            if response.status_code not in {200, 204}:
                told(response)
            else:
                assert operation.method == "DELETE", (path, response.status_code)


HEADERS = [
    *(("If-Match", value) for value in ("", "x", '"', "*", '"a"', 'W/"1"', '"1","2"', '"' + "9" * 5000 + '"', "\x01", "é", "1", '"-1"')),
    *(("Idempotency-Key", value) for value in ("", "a" * 256, "é", "\x00", "a\tb", "a" * 60_000)),
    *(("Accept", value) for value in ("", "*", "a/b", "text/html;q=x", ";;;", "application/json;version=\x00", "a" * 9000)),
    *(("If-None-Match", value) for value in ("x", '"', "*")),
    *(("X-Request-ID", value) for value in ("a" * 9000, "<b>", "\x01")),
    *(("Accept-Language", value) for value in ("\x00", "a" * 900, "de;q=zz")),
    *(("Cookie", value) for value in ("sessionid=\x00", "=" * 100, "sessionid=" + "a" * 5000)),
    ("Range", "bytes=0-"), ("X-HTTP-Method-Override", "DELETE"), ("X-Forwarded-Host", "evil.example"),
]  # fmt: skip


@pytest.mark.parametrize("operation", SOME, ids=ids)
def test_weird_headers_never_break(attempt: Any, estate: Any, operation: Operation):
    """Garbage in conditional, idempotency, negotiation and cookie headers is refused or ignored."""
    body = json.dumps(example(operation.body)).encode() if operation.body is not None else b""
    path = filled(operation.path, estate.places)
    for name, value in HEADERS:
        response = attempt(sender(operation), operation.method, path, body, headers={"If-Match": '"1"', name: value})
        if response.status_code >= 400:
            told(response)


@pytest.mark.parametrize("operation", [each for each in operations() if each.method == "PATCH"], ids=ids)
def test_every_change_needs_the_version_that_was_seen(attempt: Any, estate: Any, operation: Operation):
    """Without If-Match 428, garbage 400, a version that nobody gave out 412."""
    for value, status in (
        (None, 428),
        ("", 428),
        ("x", 400),
        ('"', 400),
        ("*", 412),
        ('"a"', 412),
        ('W/"1"', 412),
        ('"' + "9" * 900 + '"', 412),
    ):
        headers = {} if value is None else {"If-Match": value}
        response = attempt("root", "PATCH", filled(operation.path, estate.places), b"{}", headers=headers)
        assert told(response)["status"] == status, (value, response.content)


@pytest.mark.parametrize(
    "credential", ["", "Bearer", "Bearer ", "Bearer \x00", "Bearer é", "Basic YTpi", "Bearer " + "a" * 70_000, "bearer ptl_x_y", "\x00"]
)
def test_broken_credentials_are_unauthenticated(attempt: Any, estate: Any, credential: str):
    """Whatever stands in Authorization: 401, said once, with the scheme to use."""
    response = attempt(None, "GET", "/api/v1/me", headers={"Authorization": credential})
    assert told(response)["status"] == 401
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "HEAD", "OPTIONS"])
def test_other_methods_never_break(attempt: Any, estate: Any, method: str):
    """Methods that no resource has."""
    for path in document()["paths"]:
        assert attempt("root", method, filled(path, estate.places)).status_code < 500, path
