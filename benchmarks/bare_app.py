"""The bare reference: Django and orjson on the same database and tables, with no sign-in, rights, history, log or checks.

Served by the same server with the same settings; what it costs is what the machine, the server and the statement cost.
"""

import os

import django
import environ
import orjson
from django.conf import settings

if not settings.configured:
    database = {**environ.Env.db_url_config(os.environ["DATABASE_URL"]), "ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": 600}
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={"default": database},
        ROOT_URLCONF=__name__,
        SECRET_KEY=os.environ["SECRET_KEY"],
        USE_TZ=True,
        LOGGING_CONFIG=None,
    )
    django.setup()

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse
from django.urls import path

from foundation.ids import uuid7

NAMES = ("id", "slug", "title", "type", "team", "tier", "stage", "visibility", "tags", "version", "created_at", "changed_at")
_ROWS = """
SELECT i.id, i.slug, i.title, i.type, t.slug, i.tier, i.stage, i.visibility, i.tags, i.version, i.created_at, i.changed_at
  FROM catalog_integration i JOIN accounts_team t ON t.id = i.team_id
 WHERE i.tombstoned_at IS NULL
"""
_ORDER = " ORDER BY i.slug_key, i.id LIMIT 51"
_COLUMNS = "id, slug, slug_key, title, purpose, type, team_id, tier, stage, visibility, tags, version, created_at, changed_at, search_text"
_INSERT = f"INSERT INTO bench_bare_integration ({_COLUMNS}) VALUES ({', '.join(['%s'] * 12)}, now(), now(), %s)"
_READINGS = """
INSERT INTO bench_bare_reading (
    id, runtime_id, key, content_digest, slot_id, integration_slug, environment_slug, digest, seq, window_start, window_end,
    runs_started, runs_succeeded, runs_failed, records_read, records_written, records_failed,
    latency_count, latency_sum_ms, latency_max_ms, errors, received_at)
SELECT gen_random_uuid(), %s, key, '', slot, integration, environment, digest, seq, window_start, window_end,
       runs_started, runs_succeeded, runs_failed, records_read, records_written, records_failed,
       (latency_ms->>'count')::int, (latency_ms->>'sum')::double precision, (latency_ms->>'max')::double precision, errors, now()
  FROM jsonb_to_recordset(%s::jsonb) AS item(
       key text, slot uuid, integration text, environment text, digest text, seq bigint, window_start timestamptz, window_end timestamptz,
       runs_started int, runs_succeeded int, runs_failed int, records_read bigint, records_written bigint, records_failed bigint,
       latency_ms jsonb, errors jsonb)
"""
RUNTIME = uuid7()


def _answer(data):
    body = orjson.dumps(data)
    return HttpResponse(body, content_type="application/json", headers={"Content-Length": str(len(body))})


def _read(statement, values=()):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [dict(zip(NAMES, row, strict=True)) for row in cursor.fetchall()]


def listed(_request):
    return _answer({"results": _read(_ROWS + _ORDER)[:50]})


def deep(request):
    return _answer({"results": _read(f"{_ROWS} AND i.slug_key > %s {_ORDER}", [request.GET["after"]])[:50]})


def searched(request):
    return _answer({"results": _read(f"{_ROWS} AND i.search_vector @@ plainto_tsquery('simple', %s) {_ORDER}", [request.GET["q"]])[:50]})


def one(_request, slug):
    return _answer(_read(f"{_ROWS} AND i.slug_key = %s", [slug])[0])


def insert(request):
    sent = orjson.loads(request.body)
    words = [sent["slug"], sent["slug"], sent["title"], sent["purpose"], sent["type"], sent["team_id"], sent["tier"]]
    row = [uuid7(), *words, "proposed", "organisation", sent["tags"], 1, f"{sent['slug']} {sent['title']} {sent['purpose']}"]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, row)
    return _answer({"id": row[0]})


def insert_row(request):
    """A row with a JSON document: the reference of a vote."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_bare_row (body) VALUES (%s::jsonb) RETURNING id", [request.body.decode()])
        return _answer({"id": cursor.fetchone()[0]})


def intake(request):
    reports = orjson.loads(request.body)["reports"]
    with connection.cursor() as cursor:
        cursor.execute(_READINGS, [RUNTIME, orjson.dumps(reports).decode()])
        return _answer({"accepted": cursor.rowcount})


def nothing(_request):
    return _answer({})


urlpatterns = [
    path("nothing", nothing),
    path("list", listed),
    path("deep", deep),
    path("search", searched),
    path("one/<slug>", one),
    path("insert", insert),
    path("row", insert_row),
    path("intake", intake),
]
application = get_wsgi_application()
