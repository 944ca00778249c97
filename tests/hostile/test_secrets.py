"""A secret is named, never kept: driven in by every door, it is in no table, no dump, no log line and no answer."""

import base64
import json
import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import Token
from audit.models import Event
from audit.services.sequence import sequence_all
from audit.services.sign import sign_latest
from catalog.services import documents
from config.embedded.binaries import newest
from foundation.clock import db_now
from foundation.models import IdempotencyKey
from runtime_adapters.models import Deployment
from runtime_adapters.services.reconcile import reconcile
from tests.fakes.node_red import FakeNodeRed
from tests.given import Given
from tests.hostile import areas
from tests.hostile.estate import Estate
from tests.hostile.operations import METHODS, filled, operations

pytestmark = pytest.mark.django_db(transaction=True)
CANARY = "ghp_" + "cAn4ryCan4rYcaN4ryCaN4ryC4nARyc4naRy"
FLOW = {"runtime_kind": "node-red", "payload": {"flows": [{"id": "a1", "type": "inject", "name": "Every minute"}]}}


def dump() -> bytes:
    """What pg_dump writes of the test's database, as SQL."""
    connection.ensure_connection()
    place = connection.connection.info
    known = {"PGHOST": place.host, "PGPORT": place.port, "PGUSER": place.user, "PGPASSWORD": place.password}
    environment = {**os.environ, **{name: str(value) for name, value in known.items() if value}}
    done = subprocess.run(
        [newest().path("pg_dump"), "--no-owner", "--inserts", place.dbname], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert len(done.stdout) > 100_000
    return done.stdout


def hidden_in(data: bytes, secret: str) -> list[str]:
    """The spellings of the secret that `data` holds: as it is, in hexadecimal (bytea), base64 at each of three offsets."""
    plain = secret.encode()
    inner = [base64.b64encode(b"\0" * shift + plain)[4:-4].strip(b"=") for shift in range(3)]
    spelled = {
        "plain": plain,
        "hex": plain.hex().encode(),
        "reversed": plain[::-1],
        **{f"base64 {i}": each for i, each in enumerate(inner)},
    }
    return [name for name, each in spelled.items() if each in data]


def answers(given: Given, places: dict[str, str]) -> dict[str, bytes]:
    """Everything that an administrator can read over the API, what the areas make among it."""
    given.team("payments", members=["olga"])
    places = {**areas.places(Estate(given)), **places}
    api = given.api("root")
    found = {}
    for operation in operations():
        if operation.method.lower() == METHODS[0]:
            path = filled(operation.path, places)
            response = Client(raise_request_exception=False).get(path, headers=api.headers)
            found[path] = response.getvalue() + str(list(response.items())).encode()
    return found


@pytest.fixture
def told() -> list[bytes]:
    return []


@pytest.fixture
def driven(given: Given, monkeypatch: pytest.MonkeyPatch, told: list[bytes], capfd: Any) -> dict[str, str]:
    """A canary that a worker really uses, and that people paste where it must not be; `told` collects the answers."""
    monkeypatch.setenv("CANARY_TOKEN", CANARY)
    given.now = db_now()
    given.administrator()
    api = given.api("root")
    with FakeNodeRed(token=CANARY) as fake:
        runtime = given.runtime("flows", kind="node-red", config={"base_url": fake.base_url, "token_ref": "env://CANARY_TOKEN"})
        integration = given.integration("orders-to-erp")
        release = given.release(integration, manifest=FLOW)
        slot = given.slot(integration, runtime)
        told.append(api.post("/runtimes/flows/probe").content)
        assert json.loads(told[-1])["reachable"], "the worker must really hold the canary"
        given.desire(slot, release)
        for how in ("401", "html", "500", "reset"):
            fake.fail("POST", "/flows", how)
            reconcile(slot_id=slot.id)
        told.append(api.post("/runtimes/flows/probe").content)
    told.append(api.post("/runtimes/flows/probe").content)  # nobody answers there any more
    pasted(api, told, given, slot, release, runtime)
    sequence_all(db_now())
    sign_latest(db_now())
    documents.write_document(integration="orders-to-erp", section="overview", body="Words.", expected_version=None, **given.by("root"))
    deployment = Deployment.objects.filter(slot=slot).latest("requested_at")
    event = Event.objects.earliest("id")
    return {
        "username": "root", "role": "auditor", "team": "payments", "integration": "orders-to-erp", "number": "1", "slot": str(slot.pk),
        "deployment_id": str(deployment.pk), "event_id": str(event.pk), "token_id": str(event.pk), "version": "1.0.0",
        "section": "overview",
        "board": "none", "policy": "none", "runtime": "flows", "environment": "test", "system": "erp", "data_object": "orders",
    }  # fmt: skip


def pasted(api: Any, told: list[bytes], given: Given, slot: Any, release: Any, runtime: Any) -> None:
    """The canary as a value in every place that takes free content; each must refuse it without repeating it."""
    config = {"base_url": "http://127.0.0.1:1", "token_ref": CANARY}
    refused: list[Callable[[], Any]] = [
        lambda: api.post("/runtimes", {"slug": "two", "title": "Two", "kind": "node-red", "environments": ["test"], "config": config}),
        lambda: api.patch("/runtimes/flows", {"config": config}, if_match=1),
        lambda: api.patch("/runtimes/flows", {"config": {**config, "token_ref": f"env://{CANARY}@x"}}, if_match=1),
        *(
            lambda manifest=manifest: api.post("/integrations/orders-to-erp/releases", {"version": "2.0.0", "manifest": manifest})
            for manifest in (
                {**FLOW, "payload": {"flows": [{"id": "a", "type": "http request", "token": CANARY}]}},
                {**FLOW, "payload": {"note": f"Authorization: Bearer {CANARY}"}},
                {**FLOW, "payload": {"url": f"https://me:{CANARY}@erp.example/"}},
                {**FLOW, "connections": {"erp": CANARY}},
            )
        ),
    ]
    for call in refused:
        response = call()
        assert 400 <= response.status_code < 500, response.content
        assert response.json()["errors"], response.content
        told.append(response.content)
    agent = {"Authorization": f"Bearer {given.runtime_token(runtime)}"}
    errors = [{"class": CANARY, "count": 1}, {"class": f"failed with {CANARY}", "count": 1}, {"class": "x", "count": 1, "message": CANARY}]
    for error in errors:
        body = {"reports": [given.report(slot, release, at=db_now(), errors=[error])]}
        response = Client().post("/api/v1/runtime/health-reports", body, "application/json", headers=agent)
        assert (response.json()["accepted"], len(response.json()["refused"])) == (0, 1), response.content
        told.append(response.content)
    report = {
        "slot": str(slot.pk),
        "generation": {"timeline": 1, "n": 1},
        "seq": 1,
        "result": "failed",
        "reason": f"no entry with {CANARY}",
    }
    response = Client().post("/api/v1/runtime/observations", {"observations": [report]}, "application/json", headers=agent)
    assert response.status_code == 200, response.content
    told.append(response.content)
    told.append(Client(raise_request_exception=False).get("/api/v1/me", headers={"Authorization": f"Bearer {CANARY}"}).content)


def test_a_canary_is_found_nowhere(driven: dict[str, str], told: list[bytes], given: Given, capfd: Any, caplog: Any):
    """T12: dump, answers and log lines hold no spelling of a secret that a worker used and that people pasted."""
    assert hidden_in(dump(), CANARY) == []
    found = answers(given, driven)
    assert sum(b'"status":4' not in content for content in found.values()) > 25, "most of these exist"
    for path, content in found.items():
        assert hidden_in(content, CANARY) == [], path
    for content in told:
        assert hidden_in(content, CANARY) == [], content[:500]
    out = capfd.readouterr()
    lines = [repr((record.getMessage(), vars(record))) for phase in ("setup", "call") for record in caplog.get_records(phase)]
    logged = out.out + out.err + "".join(lines)
    assert "/api/v1/runtimes" in logged, "there must be lines about what was refused"
    assert hidden_in(logged.encode(), CANARY) == []


def test_the_search_would_find_it(given: Given):
    """The proof above is worth something: the same search finds what is really there, also inside binary columns."""
    given.now = db_now()
    given.administrator()
    IdempotencyKey.objects.create(
        owner=given.administrator().pk, key=CANARY, fingerprint="x", status=200, headers={}, body=CANARY.encode(), expires_at=given.now
    )
    assert {"plain", "hex"} <= set(hidden_in(dump(), CANARY))
    assert hidden_in(b"x" + base64.b64encode(b"1" + CANARY.encode()), CANARY)


def test_a_dump_cannot_sign_in(given: Given):
    """T13: the database keeps a keyed hash; neither the secret nor anything that opens the door is in a dump."""
    given.now = db_now()
    secret = given.token("olga")
    kept = Token.objects.get()
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    text = dump()
    assert hidden_in(text, secret) == []
    assert hidden_in(text, secret.removeprefix("ptl_").split("_", 1)[1]) == []
    pepper = (settings.PORTOLAN_KEYS_DIR / "pepper.key").read_bytes()
    assert pepper.hex().encode() not in text
    assert base64.b64encode(pepper) not in text
    hashed = bytes(kept.secret_hash)
    for forged in (hashed.hex(), base64.b64encode(hashed).decode(), f"ptl_{kept.prefix}_{hashed.hex()[:36]}", kept.prefix, str(kept.pk)):
        assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {forged}"}).status_code == 401, forged
