"""`python -m benchmarks` measures what it says; and what a request asks of the database does not grow unseen."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from benchmarks import estate as estates
from benchmarks import scenarios, statements

ROOT = Path(__file__).resolve().parent.parent.parent
BY_NAME = {scenario.name: scenario for scenario in scenarios.SCENARIOS}
# SQL statements of one request, sign-in and answer included, transaction control not. Lower them when they fall.
CEILINGS = {
    "list50_administrator": 3,
    "list50_limited": 3,
    "list50_filtered": 3,
    "list50_one_connection": 3,
    "deep_page": 3,
    "detail": 5,
    "search": 3,
    "create": 17,
    "update": 15,
    "submit": 51,
    "vote": 19,
    "deciding_vote": 60,
    "intake": 5,
    "pull_all": 9,
    "pull_unchanged": 5,
}


@pytest.fixture
def estate(db):
    """A few hundred integrations."""
    return estates.build(200)


def test_the_statements_of_every_request_stay_below_their_ceilings(estate):
    found = {}
    for scenario in scenarios.SCENARIOS:
        if scenario.prepare:
            scenario.prepare(estate, 0.1)
        sql, _, status = statements.count(scenario.lane(estate, 0))
        assert status in scenario.expected, (scenario.name, status)
        found[scenario.name] = sql
    above = {name: (sql, CEILINGS[name]) for name, sql in found.items() if sql > CEILINGS[name]}
    assert above == {}, found


@pytest.mark.parametrize("who", ["administrator", "limited"])
def test_a_longer_page_asks_no_more_statements(estate, who):
    short, long = (statements.count(scenarios.list_of(limit, who)(estate, 0))[0] for limit in (5, 50))
    assert short == long


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
    command = [sys.executable, "-m", "benchmarks", "--scale", "200", "--seconds", "0.1"]

    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=280)

    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(line.keys() == {"name", "value", "unit", "params"} and isinstance(line["value"], int | float) for line in lines)
    names = {line["name"] for line in lines}
    for name in BY_NAME:
        assert {f"{name}.cpu", f"{name}.rate", f"{name}.sql"} <= names
    assert {"evaluation", "log.sequence_and_sign", "log.leaf_lag", "log.record", "log.record_ratio", "server.boot"} <= names
    assert not any(line["params"].get("invalid") for line in lines)
    assert list(tmp_path.glob("portolan-bench-*")) == []
