"""Recording: in the caller's transaction, in the fixed format, or not at all."""

import json
from uuid import UUID

import pytest
import rfc8785
from django.db import IntegrityError, transaction
from django.db.transaction import TransactionManagementError

from audit.domain.actors import Actor
from audit.domain.errors import BadFact, BadLeaf, UnknownVerb, VersionGap
from audit.domain.leaves import Event, leaf_hash, leaf_of
from audit.models import Event as EventRow
from audit.models import Pending
from audit.services import disclose
from audit.services.context import command_context, first_event_id, upcoming_event_id
from audit.services.record import next_version, record
from tests.audit.conftest import ANN, NOON, person

THING = ("catalog.integration", UUID("0195a000-0000-7000-8000-0000000000f1"))

GOLDEN = (
    b'{"actor":{"ref":"0195a000-0000-7000-8000-00000000000a","type":"user"},"at":"2026-03-02T12:00:00.000000Z","auth":{"method":"session"},'
    b'"commitments":{"title":"sha256:' + b"ab" * 32 + b'"},"facts":{"tier":"gold","visibility":"organisation"},'
    b'"id":"0195a000-0000-7000-8000-000000000001","outcome":"allow","previous":"sha256:' + b"cd" * 32 + b'","request_id":"req-1",'
    b'"subject":{"id":"0195a000-0000-7000-8000-0000000000f1","type":"catalog.integration"},"v":1,'
    b'"verb":"catalog.integration.registered","version":2}'
)
GOLDEN_HASH = "7b0c48f68aee9455bad11de2459f0577fd5e7d9e75bbd74e2849cdd127c9a735"


def golden_event() -> Event:
    return Event(
        id=UUID("0195a000-0000-7000-8000-000000000001"),
        at=NOON,
        verb="catalog.integration.registered",
        actor=person(),
        subject=THING,
        version=2,
        previous="sha256:" + "cd" * 32,
        request_id="req-1",
        facts={"visibility": "organisation", "tier": "gold"},
        commitments={"title": "sha256:" + "ab" * 32},
    )


def test_golden_leaf_and_its_hash():
    """A leaf can never change its form: these bytes are a promise to every verifier."""
    body = leaf_of(golden_event())
    assert body == GOLDEN
    assert leaf_hash(body).hex() == GOLDEN_HASH
    assert rfc8785.dumps(json.loads(body)) == body


@pytest.mark.parametrize(
    ("verb", "facts", "error"),
    [
        ("catalog.integration.imagined", {}, UnknownVerb),
        ("catalog.integration.registered", {"title": "x"}, BadFact),
        ("catalog.integration.registered", {"team": "not a uuid"}, BadFact),
        ("catalog.integration.registered", {"tier": "Words Of People"}, BadFact),
        ("governance.vote.cast", {"value": "approve"}, BadFact),
        ("governance.board.updated", {"quorum": 2.5}, BadFact),
    ],
    ids=["unknown verb", "unknown fact", "not a uuid", "free text", "missing required", "float"],
)
def test_facts_are_closed(verb, facts, error, db, ann):
    with pytest.raises(error):
        record(verb, subject=THING, actor=ann, at=NOON, facts=facts)


def test_a_large_event_is_refused(db, ann):
    changed = [f"field_{number:04d}_{'x' * 180}" for number in range(200)]
    with pytest.raises(BadLeaf, match="bytes"):
        record("catalog.integration.updated", subject=THING, actor=ann, at=NOON, facts={"changed": changed})


def test_recording_needs_a_transaction(ann, transactional_db):
    with pytest.raises(TransactionManagementError):
        record("catalog.integration.registered", subject=THING, actor=ann, at=NOON)


def test_what_rolls_back_was_never_recorded(db, ann):
    with transaction.atomic():
        record("catalog.integration.registered", subject=THING, actor=ann, at=NOON, texts={"title": "Orders"})
        transaction.set_rollback(True)
    assert not EventRow.objects.exists()
    assert not Pending.objects.exists()
    assert not disclose.Disclosure.objects.exists()


def test_an_event_waits_in_the_outbox_with_its_texts_beside_it(db, ann):
    with command_context(request_id="req-7"):
        coming = upcoming_event_id()
        event_id = record("catalog.integration.registered", subject=THING, actor=ann, at=NOON, texts={"title": "Ordérs"}, version=1)
        other = record("catalog.integration.updated", subject=THING, actor=Actor.worker(), at=NOON, version=2)
        assert (coming, first_event_id()) == (event_id, event_id)
    row, second = EventRow.objects.get(id=event_id), EventRow.objects.get(id=other)
    leaf = json.loads(bytes(row.body))
    assert leaf["request_id"] == row.request_id == "req-7"
    assert b"Ord" not in bytes(row.body)
    assert json.loads(bytes(second.body))["previous"] == "sha256:" + bytes(row.leaf_hash).hex()
    assert Pending.objects.count() == 2
    (text,) = disclose.texts_of([event_id])[event_id]
    assert (text.path, text.value) == ("title", "Ordérs")
    assert leaf["commitments"]["title"] == disclose.commitment("title", "Ordérs", text.salt)


def test_versions_have_no_holes_and_no_doubles(db, ann):
    record("catalog.integration.registered", subject=THING, actor=ann, at=NOON, version=next_version(THING))
    with pytest.raises(VersionGap):
        record("catalog.integration.updated", subject=THING, actor=ann, at=NOON, version=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        record("catalog.integration.updated", subject=THING, actor=ann, at=NOON, version=1)
    assert next_version(THING) == 2


def test_an_odd_request_id_is_not_recorded(db, ann):
    with command_context(request_id="Jane's laptop"):
        event_id = record("accounts.sign_out", subject=("accounts.user", ANN), actor=ann, at=NOON)
    assert b"Jane" not in bytes(EventRow.objects.get(id=event_id).body)
