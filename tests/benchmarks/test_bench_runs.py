"""`python -m benchmarks` measures what it says; and what a request asks of the database does not grow unseen."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection, transaction

from audit.domain import leaves
from audit.domain.leaves import leaf_hash
from audit.models import Event, Leaf, Pending
from benchmarks import estate as estates
from benchmarks import scenarios, statements
from benchmarks.fixture import relations, releases
from benchmarks.fixture.log import SYSTEM, Log
from benchmarks.growth import SHORT, growth
from benchmarks.in_process import IN_PROCESS
from benchmarks.lanes import reading
from benchmarks.lanes.base import get
from catalog.models import Integration, Relation, Release
from catalog.services.search import search_words
from config import integrity
from foundation.canonical import digest_of, sha256_digest
from foundation.ids import uuid7

ROOT = Path(__file__).resolve().parent.parent.parent
BY_NAME = {scenario.name: scenario for scenario in scenarios.SCENARIOS}
# SQL statements of one request, sign-in and answer included, transaction control not. Lower them when they fall.
CEILINGS = {
    "list50_administrator": 3,
    "list50_limited": 3,
    "list50_filtered": 3,
    "list50_five_filters": 3,
    "list50_one_connection": 3,
    "facets": 8,
    "facets_of_all": 8,
    "deep_page": 3,
    "detail": 5,
    "search": 4,
    "search_rare": 4,
    "suggestions": 5,
    "graph_around": 7,
    "closure": 11,
    "past_list50": 5,
    "past_relations": 15,
    "export": 12,
    "create": 17,
    "update": 16,
    "submit": 53,
    "vote": 19,
    "deciding_vote": 61,
    "intake": 5,
    "pull_all": 9,
    "pull_unchanged": 5,
}
# One of each kind; the others are counted above in process.
RUN = ("list50_administrator", "list50_limited", "deep_page", "search", "closure", "export", "update", "vote", "intake")
SCALE = 240  # a quarter can be asked for: more than the forty changes that voting uses up


@pytest.fixture(scope="module")
def estate(django_db_setup, django_db_blocker):
    """A few hundred integrations, for all tests here: what they change is of this module only."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield estates.build(200)
        transaction.set_rollback(True)


def test_the_statements_of_every_request_stay_below_their_ceilings(estate):
    found = {}
    for scenario in scenarios.SCENARIOS:
        if scenario.prepare:
            scenario.prepare(estate, 0.1)
        counted = statements.count(scenario.lane(estate, 0))
        assert counted.status in scenario.expected, (scenario.name, counted.status)
        found[scenario.name] = counted.sql
    above = {name: (sql, CEILINGS[name]) for name, sql in found.items() if sql > CEILINGS[name]}
    assert above == {}, found


def test_longer_pages_ask_no_more_statements(estate, capsys):
    assert growth(estate) == {}


def test_a_request_that_asks_for_each_row_is_found(estate, monkeypatch):
    def asks_more(limit):
        return reading.list_of(limit, query="&count=true" if limit > SHORT else "")

    monkeypatch.setattr("benchmarks.growth.ASKED", {"grows": asks_more})
    assert growth(estate) == {"grows": (3, 4)}


def test_the_estate_is_what_the_services_would_have_written(estate):
    assert [str(finding) for finding in integrity.findings()] == []
    row = Integration.objects.prefetch_related("endpoints__system", "endpoints__data_object", "documents").get(slug="integration-000020")
    bodies = [document.body for document in row.documents.all()]
    assert bodies
    assert row.search_text == search_words(row, row.endpoints.all(), bodies)
    assert Relation.objects.count() == relations.EACH * estate.scale
    assert Release.objects.count() == len(releases.VERSIONS) * estate.scale
    release = Release.objects.filter(pins__isnull=False).first()
    assert release.digest == digest_of(release.manifest) == sha256_digest(bytes(release.manifest_bytes))


def test_the_log_of_the_estate_is_whole(estate):
    assert Pending.objects.count() < 300, "only what was done after the catalog was filled"
    assert [leaf.leaf_hash for leaf in Leaf.objects.order_by("index")[:50]] == [
        leaf_hash(bytes(Event.objects.get(pk=leaf.event_id).body)) for leaf in Leaf.objects.order_by("index")[:50]
    ]


def test_a_leaf_filled_in_is_the_leaf_that_the_log_makes(db):
    log, key = Log(datetime(2026, 1, 1, tzinfo=UTC)), uuid7()
    facts = {"type": "feeds", "source_kind": "integration", "target_kind": "system"}
    for _ in range(2):  # the second is the first, filled in anew
        event_id, digest = log.add(
            "catalog.relation.added", ("catalog.integration", key), facts, {"source": str(key), "target": str(uuid7())}
        )
    log.flush()
    row = Event.objects.get(pk=event_id)
    told = json.loads(bytes(row.body))
    ends = {name: UUID(told["facts"][name]) for name in ("source", "target")}
    event = leaves.Event(
        id=row.id, at=row.at, verb=row.verb, actor=SYSTEM, subject=("catalog.integration", key), facts={**facts, **ends}
    )  # fmt: skip
    assert leaves.leaf_of(event) == bytes(row.body)
    assert leaf_hash(bytes(row.body)) == bytes(row.leaf_hash) == digest


def test_the_past_of_the_estate_is_told(estate):
    slug = estate.slugs[4]  # changed since
    then = json.loads(statements.send(get(f"/integrations/{slug}?as_of=0", estate.administrator)).body)
    now = json.loads(statements.send(get(f"/integrations/{slug}", estate.administrator)).body)
    assert then["status"] == 404, "the log began before it"
    assert now["version"] == 2
    index = Leaf.objects.get(event_id=Event.objects.get(subject_id=Integration.objects.get(slug=slug).pk, version=1).pk).index
    then = json.loads(statements.send(get(f"/integrations/{slug}?as_of={index}", estate.administrator)).body)
    assert (then["title"], then["version"]) == ("Draft", 1)


def test_the_page_with_five_filters_and_the_facets_beside_it_find_the_same(estate):
    listed = json.loads(statements.send(next(BY_NAME["list50_five_filters"].lane(estate, 0))).body)
    counted = json.loads(statements.send(next(BY_NAME["facets"].lane(estate, 0))).body)
    assert list(counted["facets"]) == list(reading.FACETS)
    assert len(listed["results"]) == min(50, counted["count"])


def test_the_deep_page_starts_where_nine_tenths_of_the_list_end(estate):
    page = json.loads(statements.send(next(BY_NAME["deep_page"].lane(estate, 0))).body)
    assert page["results"]
    assert page["results"][0]["slug"] == estate.slugs[int(estate.scale * 0.9)]


@pytest.mark.slow
def test_a_small_run_says_well_formed_lines_and_leaves_no_database_behind(tmp_path):
    settings = connection.settings_dict
    host, port = settings["HOST"] or "localhost", settings["PORT"] or 5432
    url = os.environ.get("DATABASE_URL") or f"postgres://{settings['USER']}:{settings['PASSWORD']}@{host}:{port}/postgres"
    env = {**os.environ, "DATABASE_URL": url, "TMPDIR": str(tmp_path)}
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "--scale",
        str(SCALE),
        "--seconds",
        "0.1",
        "--only",
        ",".join([*RUN, *IN_PROCESS, "sql_growth"]),
    ]

    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=280)

    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(line.keys() == {"name", "value", "unit", "params"} and isinstance(line["value"], int | float) for line in lines)
    names = {line["name"] for line in lines}
    for name in RUN:
        assert {f"{name}.cpu", f"{name}.rate", f"{name}.sql"} <= names
    assert {"import", "sql_growth", "limited_to_administrator", "closure.p50.aim", "search.scans"} <= names
    assert {"evaluation", "log.sequence_and_sign", "log.leaf_lag", "log.record", "log.record_ratio", "server.boot"} <= names
    assert not any(line["params"].get("invalid") for line in lines)
    assert list(tmp_path.glob("portolan-bench-*")) == []
