"""Health intake's costs: batches of 100 readings. Prints JSON lines {name, value, unit, params}.

python -m benchmarks.bench_intake [batches]     on an empty database made by the tests' settings
"""

import json
import os
import sys
from time import perf_counter

from benchmarks.bench_log import own_database
from benchmarks.lines import told

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
BATCH = 100

# The bare reference: the same rows with nothing checked, one statement a batch.
BARE = """
INSERT INTO bare_reading (id, runtime_id, key, slot_id, digest, window_start, window_end, runs_started, runs_succeeded, runs_failed,
                          records_read, records_written, records_failed, latency_count, latency_sum_ms, latency_max_ms, errors)
SELECT id, %s, key, slot, digest, window_start, window_end, runs_started, runs_succeeded, runs_failed,
       records_read, records_written, records_failed, 1, 12.5, 12.5, '[]'::jsonb
  FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::int[], %s::int[], %s::int[],
              %s::bigint[], %s::bigint[], %s::bigint[])
       AS item(id, key, slot, digest, window_start, window_end, runs_started, runs_succeeded, runs_failed,
               records_read, records_written, records_failed)
"""
BARE_TABLE = "CREATE TABLE bare_reading (LIKE runtime_adapters_healthreading INCLUDING INDEXES)"
COLUMNS = ("key", "slot", "digest", "window_start", "window_end", "runs_started", "runs_succeeded", "runs_failed")
COLUMNS += ("records_read", "records_written", "records_failed")


def estate():
    """A runtime with one live release, made through the services."""
    from foundation.clock import db_now
    from runtime_adapters.services.reconcile import reconcile
    from tests.given import Given
    from tests.runtime_adapters.conftest import Stage

    stage = Stage(Given())
    stage.given.desire(stage.slot, stage.first)
    reconcile(slot_id=stage.slot.id)
    return stage, stage.given.runtime_token(stage.runtime), db_now()


def batches_of(stage, now, count):
    return [[stage.given.report(stage.slot, stage.first, at=now) for _ in range(BATCH)] for _ in range(count)]


def insert_bare(runtime_id, batch):
    """One batch by one unnest statement, nothing checked."""
    from django.db import connection

    from foundation.ids import uuid7

    columns = [[item[name] for item in batch] for name in COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(BARE, [runtime_id, [uuid7() for _ in batch], *columns])


def bench_bare(stage, batches):
    """Rows a second of the bare insert, in autocommit."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(BARE_TABLE)
        for column in ("content_digest", "integration_slug", "environment_slug", "seq", "received_at"):
            cursor.execute(f"ALTER TABLE bare_reading ALTER {column} DROP NOT NULL")
    start = perf_counter()
    for batch in batches:
        insert_bare(stage.runtime.id, batch)
    return len(batches) * BATCH / (perf_counter() - start)


def bench_service(stage, batches, now):
    """Rows a second through check, placement and store, without HTTP."""
    from runtime_adapters.intake import native

    start = perf_counter()
    for batch in batches:
        assert native.take(runtime_id=stage.runtime.id, reports=batch, now=now).accepted == BATCH
    return len(batches) * BATCH / (perf_counter() - start)


def bench_bare_endpoint(stage, batches):
    """Rows a second through a bare Django view that only inserts, by the same client."""
    from django.test import Client

    client, bodies = Client(), [json.dumps({"reports": batch}) for batch in batches]
    client.post(f"/bare/{stage.runtime.id}", bodies[0], content_type="application/json")
    start = perf_counter()
    for body in bodies[1:]:
        assert client.post(f"/bare/{stage.runtime.id}", body, content_type="application/json").status_code == 200
    return (len(bodies) - 1) * BATCH / (perf_counter() - start)


def bench_http(secret, batches):
    """Rows a second through the whole request, in process; also the milliseconds of each and the statements of one."""
    from django.db import connection
    from django.test import Client

    client, headers = Client(), {"Authorization": f"Bearer {secret}"}
    bodies = [json.dumps({"reports": batch}) for batch in batches]

    def send(body):
        start = perf_counter()
        answer = client.post("/api/v1/runtime/health-reports", body, content_type="application/json", headers=headers)
        assert answer.json()["accepted"] == BATCH, answer.content
        return perf_counter() - start

    def counting(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    statements = []
    send(bodies[0])
    with connection.execute_wrapper(counting):
        send(bodies[1])
    took = sorted(send(body) for body in bodies[2:])
    p99 = took[min(len(took) - 1, int(len(took) * 0.99))]
    return len(took) * BATCH / sum(took), p99 * 1000, len(statements)


def bench_fold():
    """One conclusion from all readings of a release."""
    from foundation.clock import db_now
    from runtime_adapters.models import HealthReading, HealthState
    from runtime_adapters.services import health

    HealthState.objects.update(due_at=db_now())
    start = perf_counter()
    folded = health.fold_due(now=db_now())
    return folded / (perf_counter() - start), HealthReading.objects.count()


def main(count=100):
    import django

    django.setup()
    from django.conf import settings

    from runtime_adapters import registry
    from tests.runtime_adapters import fake

    settings.PORTOLAN_BUILTIN_ADAPTERS = {**settings.PORTOLAN_BUILTIN_ADAPTERS, **fake.KINDS}
    settings.ROOT_URLCONF = "benchmarks.intake_urls"
    registry.reset()
    with own_database():
        stage, secret, now = estate()
        bare = bench_bare(stage, batches_of(stage, now, count))
        service = bench_service(stage, batches_of(stage, now, count), now)
        http, p99, statements = bench_http(secret, batches_of(stage, now, count))
        endpoint = bench_bare_endpoint(stage, batches_of(stage, now, count))
        folds, readings = bench_fold()
        told("intake.bare_insert", bare, "readings/s", batch=BATCH, batches=count)
        told("intake.service", service, "readings/s", batch=BATCH, batches=count)
        told("intake.http", http, "readings/s", batch=BATCH, batches=count, statements=statements)
        told("intake.http_p99", p99, "ms", batch=BATCH)
        told("intake.http_ratio", http / bare, "x bare insert", batch=BATCH)
        told("intake.http_ratio_endpoint", http / endpoint, "x bare Django endpoint", batch=BATCH, target=0.3)
        told("intake.fold", folds, "conclusions/s", readings=readings)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
