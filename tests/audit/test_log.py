"""The log: dense, unforkable, signed only as it grows, and closed to the application role."""

import hashlib
import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, InternalError, ProgrammingError, connection, connections, transaction

from audit.domain import checkpoints, merkle
from audit.domain.errors import LogForked
from audit.models import Checkpoint, Event, Heartbeat, Leaf, Pending, Tile
from audit.selectors import log
from audit.services import keys, registry
from audit.services.grants import apply_grants
from audit.services.record import record
from audit.services.sequence import sequence_all, sequence_once
from audit.services.sign import beat, last_signed_note, sign_latest
from audit.tasks import run_sequencer
from tests.audit.conftest import ANN, NOON, later, person

LOG_TABLES = ("audit_event", "audit_leaf", "audit_tile", "audit_checkpoint")


def record_many(count):
    with transaction.atomic():
        for number in range(count):
            record("accounts.sign_out", subject=("accounts.user", ANN), actor=person(), at=later(seconds=number))


def public_key():
    return keys.signing_key().public_key().public_bytes_raw()


@pytest.mark.parametrize("batches", [(1, 2, 4), (255, 1, 1), (300, 300), (520,)], ids=str)
def test_batches_build_the_same_tree_as_one_list(db, batches):
    for count in batches:
        record_many(count)
        assert sequence_once(NOON) == count
    hashes = [bytes(row) for row in Leaf.objects.order_by("index").values_list("leaf_hash", flat=True)]
    size = sum(batches)
    assert (log.log_size(), Pending.objects.count(), Tile.objects.filter(level=0).count()) == (size, 0, size // 256)
    head = Checkpoint.objects.get(size=size)
    assert bytes(head.root) == merkle.root_of(hashes) == log.root_at(size)
    proof = log.inclusion_proofs([size // 2], size)[size // 2]
    merkle.verify_inclusion(hashes[size // 2], size // 2, size, proof, bytes(head.root))


def test_signed_heads_open_with_the_published_key(db):
    run_sequencer()
    record_many(3)
    run_sequencer()
    head = log.log_head()
    name, _, public = checkpoints.parse_vkey(keys.log_vkey())
    assert checkpoints.parse_head(checkpoints.opened(head.note, name, public)) == checkpoints.Head(name, 5, head.root)
    assert last_signed_note() == head.note
    assert log.lag() == log.Lag(unsequenced=0, unsigned=0)
    merkle.verify_consistency(2, 5, log.consistency_proof(2, 5), log.root_at(2), head.root)


def test_registry_is_published_once(db):
    assert [registry.publish_registry(NOON), registry.publish_registry(NOON)] == [True, False]
    assert set(Event.objects.values_list("verb", flat=True)) == {"audit.registry.published", "audit.log.key_published"}


def test_nothing_smaller_or_other_than_the_last_signed_head_is_signed(db):
    record_many(4)
    sequence_all(NOON)
    sign_latest(NOON)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute('DELETE FROM audit_leaf WHERE "index" >= 2; DELETE FROM audit_checkpoint')
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    Checkpoint.objects.create(size=2, root=log.root_at(2), origin=keys.log_origin(), created_at=NOON)
    with pytest.raises(LogForked, match="missing from 2"):
        sign_latest(NOON)
    record_many(3)
    sequence_all(NOON)
    with pytest.raises(LogForked, match="not the ones that were signed"):
        sign_latest(NOON)


def test_two_sequencers_never_fork(transactional_db):
    """Writers and sequencers race; the log ends dense, complete and with one head per size."""
    failures = []

    def run(work):
        try:
            work()
        except Exception as error:  # noqa: BLE001 - a thread must hand over whatever went wrong
            failures.append(error)
        finally:
            connections.close_all()

    def write():
        for _ in range(30):
            record_many(2)

    def place():
        for _ in range(60):
            sequence_once(NOON, batch=7)

    threads = [threading.Thread(target=run, args=(work,)) for work in (write, write, place, place, place)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    sequence_all(NOON)
    assert failures == []
    assert list(Leaf.objects.order_by("index").values_list("index", flat=True)) == list(range(120))
    assert set(Leaf.objects.values_list("event_id", flat=True)) == set(Event.objects.values_list("id", flat=True))
    assert {bytes(row.root) == log.root_at(row.size) for row in Checkpoint.objects.all()} == {True}


@pytest.mark.parametrize("start", [7, 0, 4], ids=["after a hole", "over the first", "over the last"])
def test_a_place_is_given_once_and_without_holes(db, start):
    record_many(5)
    sequence_all(NOON)
    with pytest.raises(DatabaseError), transaction.atomic():
        Leaf.objects.create(index=start, event_id=uuid4(), leaf_hash=b"x" * 32, sequenced_at=NOON)


@pytest.mark.parametrize("table", LOG_TABLES)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}"])
def test_even_the_owner_is_stopped_by_triggers(db, table, statement):
    record_many(300)
    sequence_all(NOON)
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_a_head_is_signed_once(db):
    record_many(1)
    sequence_all(NOON)
    sign_latest(NOON)
    with pytest.raises((ProgrammingError, InternalError), match="only ever signed"), transaction.atomic():
        Checkpoint.objects.update(signed_note="other")


@pytest.fixture
def app_role(db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE h2_app_under_test NOLOGIN")
        apply_grants(cursor, "h2_app_under_test")
        apply_grants(cursor, "h2_app_under_test")
        record_many(300)
        sequence_all(NOON)
        cursor.execute("SET LOCAL ROLE h2_app_under_test")
        yield cursor


@pytest.mark.parametrize(
    "statement",
    [
        *(f"{verb} {table}" for table in LOG_TABLES for verb in ("DELETE FROM", "TRUNCATE")),
        "UPDATE audit_event SET body = ''",
        "UPDATE audit_leaf SET leaf_hash = ''",
        "UPDATE audit_checkpoint SET root = ''",
        "UPDATE audit_pending SET event_id = gen_random_uuid()",
        "UPDATE audit_disclosure SET salt = ''",
        "TRUNCATE audit_pending",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ],
)
def test_the_application_role_cannot_touch_the_log(app_role, statement):
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        app_role.execute(statement)


def test_the_application_role_can_do_its_work(app_role):
    record_many(2)
    assert sequence_all(NOON) == 2
    assert sign_latest(NOON) == 302
    record("accounts.user.updated", subject=("accounts.user", UUID(int=7)), actor=person(), at=NOON, texts={"name": "Ann"})


def test_a_lost_signer_file_is_bound_again_by_what_was_signed(db):
    record_many(2)
    run_sequencer()
    note = last_signed_note()
    (keys.keys_dir() / "log_signed_head.json").unlink()
    sign_latest(NOON)
    assert last_signed_note() == note


def test_an_event_taken_from_the_outbox_stays_visible_as_lag(db):
    record_many(3)
    gone = Event.objects.order_by("id").values_list("id", flat=True)[1]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM audit_event WHERE id = %s", [gone])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert sequence_all(NOON) == 2
    assert log.lag().unsequenced == 1


# --- heartbeats: c2sp.org/tlog-cosignature ---


def test_a_silent_log_says_every_minute_that_it_lives(db):
    run_sequencer()
    first = log.published_note()
    begun = Heartbeat.objects.get().at
    assert not beat(begun + timedelta(seconds=59)), "not more often while nothing moves"
    assert beat(begun + timedelta(seconds=60))
    again = log.published_note()
    assert first != again
    assert checkpoints.parse_note(first)[0] == checkpoints.parse_note(again)[0], "the same head, said again"
    assert log.log_head().note in again, "what was signed once is never changed"


def test_a_heartbeat_is_a_cosignature_that_others_can_check(db):
    run_sequencer()
    text, signatures = checkpoints.parse_note(log.published_note())
    _, own = signatures
    public = public_key()
    assert own.key_id == hashlib.sha256(keys.log_origin().encode() + b"\n\x04" + public).digest()[:4]
    at_s = int.from_bytes(own.blob[:8])
    assert at_s == int(Heartbeat.objects.get().at.timestamp())
    keys.signing_key().public_key().verify(own.blob[8:], f"cosignature/v1\ntime {at_s}\n{text}".encode())
    name, _, _ = checkpoints.parse_vkey(keys.log_vkey())
    assert checkpoints.opened(log.published_note(), name, public) == text, "who knows no cosignatures reads the note as before"


def test_only_the_head_that_was_signed_last_is_vouched_for(db):
    run_sequencer()
    Heartbeat.objects.all().delete()
    (keys.keys_dir() / "log_signed_head.json").unlink()
    assert not beat(NOON)
    assert log.published_note() == log.log_head().note


def test_a_moved_head_waits_ten_seconds_for_its_heartbeat(db):
    run_sequencer()
    begun = Heartbeat.objects.get().at
    record_many(1)
    run_sequencer()
    assert log.published_note() == log.log_head().note, "the old heartbeat is not shown under the new head"
    assert beat(begun + timedelta(seconds=10))
    assert log.published_note() != log.log_head().note
