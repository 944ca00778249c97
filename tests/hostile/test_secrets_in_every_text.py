"""Every text of every command, as the API's own description tells of it: what looks like a secret is refused where it stands.

It is not told back, and afterwards it is nowhere: in no table, in no encrypted text beside the log, in no log line. A new field is judged
here from its first day.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from audit.models import Disclosure
from tests.hostile.areas.bulk import version_of
from tests.hostile.estate import SECRET
from tests.hostile.operations import Operation, filled, operations, put, text_fields
from tests.hostile.test_access_matrix import WHO, body_of

pytestmark = pytest.mark.django_db
LONG = "ghp_" + "cAn4ryCan4rYcaN4ryCaN4ryC4nARyc4naRy"
SHORT = "AKIA" + "CANARY23CANARY45"  # no shape is shorter than a dozen, and few are shorter than this
WRITING = [operation for operation in operations() if operation.body is not None]
SENDERS = {"judges": "ann", "members of the team": "olga", "the holder": "olga"}
# Names of what exists, which are looked up and not kept, and words with a grammar or a list of their own: refused at their place, …
LOOKED_UP = {
    *(
        "unknown",
        "missing",
        "invalid",
        "semver",
        "max-length",
        "slot-name",
        "protocol",
        "not-a-choice",
        "adapter-unknown",
        "unknown-parameter",
    ),
    *(
        f"unknown-{kind}"
        for kind in ("team", "user", "system", "data-object", "domain", "environment", "connection-template", "entity", "release")
    ),
}
# … or the whole command with them.
MISSING = {
    "integration": {"integration-missing"},
    "of": {"integration-missing"},
    "release": {"release-missing"},
    "to_release": {"release-missing"},
    "environments": {"environment-missing"},
    "team": {"team-missing"},
    "to": {"no-such-move"},
    "token": {"plan-moved", "not-retired", "reassignment-plan-stale"},
    "default": {"reassignment-plan-stale"},
}
PASSWORDS = {("users_create", ("password",))}  # are hashed, and may look like what they like
# Told row by row or file by file; what a machine says is withheld, because nobody is there to write a reference instead.
EACH_BY_ITSELF = {"attestations_bulk", "integrations_sheet", "imports_create", "runtime_observations"}
MORE: dict[str, dict[str, Any]] = {
    "runtimes_register": {"slug": "another", "kind": "reference-agent", "environments": ["production"]},
    "slots_rollback": {"to_release": "1.0.0"},
    "evaluate": {"manifest": {"runtime_kind": "reference-agent", "payload": {}}},
}


def tables_with(secret: str) -> list[str]:
    """The tables that hold it in any column, as text or as bytes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        names = [name for (name,) in cursor.fetchall()]
        look = " UNION ALL ".join(f"SELECT '{name}' FROM {name} AS row WHERE row::text ILIKE ANY(%(spelled)s)" for name in names)
        cursor.execute(look, {"spelled": [f"%{secret}%", f"%{secret.encode().hex()}%"]})
        return sorted({name for (name,) in cursor.fetchall()})


def fields_of(operation: Operation) -> Iterator[tuple[tuple[Any, ...], str]]:
    """(place, secret that fits) of every text that is not one of a few words."""
    for place, schema in text_fields(operation.body):
        most = schema.get("maxLength", 10_000)
        if "enum" not in schema and schema.get("format") not in {"uuid", "date-time", "date"} and most >= len(SHORT):
            yield place, LONG if most >= len(LONG) else SHORT


def client_of(estate: Any, operation: Operation) -> Client:
    """Whoever gets farthest: signed in, because a token may not do everything; a runtime by its token."""
    client = Client(raise_request_exception=False)
    if WHO[operation.id] == "runtimes":
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {estate.secrets['agent']}"
        return client
    person = estate.given.person(SENDERS.get(WHO[operation.id], "root"))
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def tag_of(client: Client, path: str) -> dict[str, str]:
    """If-Match with the version of what the path, or the nearest path above it, shows."""
    while path.count("/") > 3:
        answer = client.get(path)
        if answer.status_code == 200 and "ETag" in answer:
            return {"If-Match": answer["ETag"]}
        path = path.rpartition("/")[0]
    return {}


def base_of(operation: Operation, estate: Any) -> dict[str, Any]:
    """A body that gets far."""
    body: dict[str, Any] = {**json.loads(body_of(operation, estate)), **MORE.get(operation.id, {})}
    if operation.id == "integrations_attest":
        body |= {"answer": "correct", "version": version_of(SECRET), "changes": {"tier": 2}}
    return body


def is_judged(answer: Any, place: tuple[Any, ...]) -> bool:
    """Whether the answer names the place and the rule, or the place holds a name that is not found."""
    problem = answer.json()
    at = "".join(f"/{step}" for step in place if step != "changes")  # of an edit within an answer, told as the edit alone would be
    faults = [each["code"] for each in problem["errors"] if each["pointer"] and (at + "/").startswith(each["pointer"] + "/")]
    name = next(step for step in reversed(place) if isinstance(step, str))
    return any(code.startswith("secret-") for code in faults) or bool(LOOKED_UP & {*faults}) or problem["code"] in MISSING.get(name, ())


@pytest.mark.parametrize("operation", WRITING, ids=lambda each: each.id)
def test_a_secret_is_refused_where_it_stands_and_kept_nowhere(estate: Any, operation: Operation, capfd: Any, caplog: Any) -> None:
    path, base = filled(operation.path, estate.places), base_of(operation, estate)
    for place, secret in fields_of(operation):
        if (operation.id, place) in PASSWORDS:
            continue
        with transaction.atomic():
            client = client_of(estate, operation)
            headers = {**tag_of(client, path), "Idempotency-Key": "the-first"}
            texts = Disclosure.objects.count()
            body = json.dumps(put(base, place, secret, operation.body))
            answer = client.generic(operation.method, path, body, "application/json", headers=headers)
            assert secret.encode() not in answer.content, (place, answer.content)
            assert tables_with(secret) == [], place
            if operation.id not in EACH_BY_ITSELF:
                assert 400 <= answer.status_code < 500, (place, answer.content)
                assert is_judged(answer, place), (place, answer.content)
                assert Disclosure.objects.count() == texts, place
            transaction.set_rollback(True)
    told = capfd.readouterr()
    logged = told.out + told.err + repr([vars(record) for record in caplog.get_records("call")])
    assert not [secret for secret in (LONG, SHORT) if secret in logged]


def opaque(estate: Any) -> Iterator[tuple[str, Any]]:
    """(operation, body) with the secret where the description says no more than that there is an object."""
    given, at = estate.given, {"slot": estate.places["slot"], "generation": {"timeline": 1, "n": 1}, "seq": 9, "result": "failed"}
    row = {"slug": SECRET, "version": version_of(SECRET)}
    moment = given.now.isoformat().replace("+00:00", "Z")
    reading = {"key": "one", "slot": estate.places["slot"], "integration": SECRET, "environment": "production", "digest": ""}
    reading |= {"window_start": moment, "window_end": moment}
    stages = [{"key": "first", "title": LONG, "kind": "building"}]
    runtime = {"slug": "another", "title": "Another", "kind": "reference-agent", "environments": ["production"]}
    yield from (
        ("integrations_bulk", {"rows": [each]})
        for each in ({**row, "title": LONG}, {**row, LONG: "x"}, {**row, "slug": LONG}, {"slug": LONG})
    )
    yield from (
        ("integrations_sheet", {"format": "csv", "content": text})
        for text in (f"slug,version,title\n{SECRET},{row['version']},{LONG}\n", f"{LONG}\n")
    )
    yield from (("runtimes_register", {**runtime, "config": each}) for each in ({"folder": LONG}, {LONG: "x"}))
    yield "runtimes_update", {"config": {"note": {"deep": LONG}}}
    yield "lifecycles_create", {"title": "Another", "definition": {"initial": "first", "stages": stages, "moves": []}}
    yield (
        "policies_register",
        {"slug": "another", "title": "Another", "requirements": [{"kind": "quorum", "name": LONG, "needs": 1, "boards": [LONG]}]},
    )
    yield "change_requests_withdraw", {LONG: "x"}
    yield from (
        ("runtime_health_reports", {"reports": [{**reading, name: LONG}]}) for name in ("key", "integration", "environment", "digest", LONG)
    )
    yield from (("runtime_observations", {"observations": [{**at, name: LONG}]}) for name in ("reason", "native_revision"))


def test_no_secret_is_kept_where_anything_may_stand(estate: Any) -> None:
    known = {operation.id: operation for operation in WRITING}
    for name, body in opaque(estate):
        operation = known[name]
        with transaction.atomic():
            client, path = client_of(estate, operation), filled(operation.path, estate.places)
            headers = {**tag_of(client, path), "Idempotency-Key": "the-first"}
            answer = client.generic(operation.method, path, json.dumps(body), "application/json", headers=headers)
            assert answer.status_code < 500, (name, answer.content)
            assert LONG.encode() not in answer.content, (name, body, answer.content)
            assert tables_with(LONG) == [], (name, body, answer.content)
            transaction.set_rollback(True)


def test_no_secret_is_kept_of_a_header(estate: Any) -> None:
    """A key for repeating is refused, and a request's own id is replaced."""
    client = client_of(estate, next(operation for operation in WRITING if operation.id == "systems_create"))
    body = json.dumps({"slug": "another", "title": "Another", "kind": "erp"})
    for name, status in (("Idempotency-Key", 400), ("X-Request-ID", 201)):
        answer = client.post("/api/v1/systems", body, "application/json", headers={name: LONG})
        assert answer.status_code == status, answer.content
        assert LONG not in repr((answer.content, answer.headers))
    assert tables_with(LONG) == []
