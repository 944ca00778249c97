"""The log's costs: recording, sequencing, signing, verifying. Prints JSON lines {name, value, unit, params}.

python -m benchmarks.bench_log [events] [leaves]     on an empty database made by the tests' settings
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from uuid import UUID

from benchmarks.lines import told

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")


@contextmanager
def own_database() -> Iterator[None]:
    """A database that exists for this run only."""
    from django.test.utils import setup_databases, teardown_databases

    made = setup_databases(verbosity=0, interactive=False, serialized_aliases=set())
    try:
        yield
    finally:
        teardown_databases(made, verbosity=0)


def seconds(work):
    start = perf_counter()
    work()
    return perf_counter() - start


def record_one(number, *, texts=None):
    from django.db import transaction

    from audit.domain.actors import Actor
    from audit.services.record import record
    from foundation.clock import db_now

    with transaction.atomic():
        record("accounts.sign_out", subject=("accounts.user", UUID(int=number)), actor=Actor.worker(), at=db_now(), texts=texts)


def insert_one(number):
    """The bare reference: one plain row in a transaction."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO audit_pending (event_id) VALUES (%s)", [UUID(int=number)])


def bench_record(count):
    from django.db import connection

    bare = seconds(lambda: [insert_one(number) for number in range(count)])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_pending")
    plain = seconds(lambda: [record_one(number) for number in range(count)])
    texts = seconds(lambda: [record_one(number, texts={"note": "words"}) for number in range(count)])
    told("log.record", count / plain, "events/s", events=count)
    told("log.record_ratio", plain / bare, "x bare insert", events=count)
    told("log.record_with_text", count / texts, "events/s", events=count)


def run_sequencer():
    """Place and sign, as the worker does."""
    from audit.tasks import run_sequencer

    return run_sequencer()


def poll_s():
    """How long an event waits for the sequencer at most."""
    from audit.tasks import SEQUENCE_EVERY_S

    return SEQUENCE_EVERY_S


def bench_sequence():
    from audit.models import Pending

    count = Pending.objects.count()
    took = seconds(run_sequencer)
    told("log.sequence_and_sign", count / took, "events/s", events=count)


def bench_pack():
    from audit.services import evidence
    from foundation.clock import db_now

    subjects = [("accounts.user", UUID(int=number)) for number in range(20)]
    told("log.evidence_pack", seconds(lambda: evidence.build_pack(now=db_now(), subjects=subjects)), "s", subjects=20)


def write_log(folder, leaves):
    """A log export of many leaves, made without a database."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from audit.domain import checkpoints, merkle, tiles, verbs
    from audit.domain.actors import Actor
    from audit.domain.leaves import Event, leaf_of
    from foundation.ids import uuid7

    key, origin, at = Ed25519PrivateKey.generate(), "bench.local/log", _moment()
    rows = verbs.compact_rows()
    facts = {"version": 1, "digest": verbs.registry_digest(rows), "rows": rows}
    first = Event(id=uuid7(), at=at, verb=verbs.REGISTRY_VERB, actor=Actor.worker(), subject=("audit.registry", uuid7()), facts=facts)
    person = Actor(type="user", ref=uuid7(), auth={"method": "session"})
    bodies = [leaf_of(first)]
    for number in range(1, leaves):
        commitments = {"name": "sha256:" + hashlib.sha256(b"%d" % number).hexdigest()}
        event = Event(
            id=uuid7(), at=at, verb="catalog.integration.registered", actor=person, subject=("catalog.integration", UUID(int=number)),
            version=1, facts={"team": UUID(int=7), "visibility": "organisation"}, commitments=commitments,
        )  # fmt: skip
        bodies.append(leaf_of(event))
    hashes = [merkle.hash_leaf(body) for body in bodies]
    told("log.leaf_bytes", sum(map(len, bodies)) / leaves, "bytes", leaves=leaves)
    levels = [hashes]
    for level, index, width in tiles.layout(leaves):
        if level == len(levels):
            below = levels[-1]
            levels.append([merkle.perfect_root(below[at : at + 256]) for at in range(0, len(below) - 255, 256)])
        start = index * 256
        _write(folder / tiles.tile_path(level, index, width), b"".join(levels[level][start : start + width]))
        if level == 0:
            _write(folder / tiles.tile_path("entries", index, width), tiles.bundle(bodies[start : start + width]))
    head = checkpoints.Head(origin, leaves, merkle.root_of(hashes))
    (folder / "checkpoint").write_text(checkpoints.signed(checkpoints.head_text(head), origin, key))
    return checkpoints.vkey(origin, key.public_key().public_bytes_raw())


def _moment():
    from datetime import UTC, datetime

    return datetime.now(tz=UTC)


def _write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def bench_verify(leaves):
    from audit import verify

    with tempfile.TemporaryDirectory() as name:
        key = verify.Key.parse(write_log(Path(name), leaves))
        start = perf_counter()
        result = verify.verify_log(Path(name), pinned=key, retained=None, strict_time=False)
        took = perf_counter() - start
        assert result.verdict == verify.OK, result.findings[:3]
    told("log.verify", took, "s", leaves=leaves)
    told("log.verify_rate", leaves / took, "leaves/s", leaves=leaves)


def main(events=2000, leaves=100_000):
    import django

    django.setup()
    with own_database():
        bench_record(events)
        bench_sequence()
        bench_pack()
    bench_verify(leaves)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
