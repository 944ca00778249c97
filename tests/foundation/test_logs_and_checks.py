"""Log lines are JSON without secrets; an installation that could lose data or keys says so."""

import json
import logging

import pytest

from foundation import checks
from foundation.logs import REDACTED, formatter, redact


@pytest.mark.parametrize(
    "event",
    [
        {"token": "CANARY"}, {"Authorization": "Bearer CANARY"}, {"headers": {"Cookie": "CANARY"}}, {"event": "sent Bearer CANARYCANARY"},
        {"url": "https://user:CANARY@host/"}, {"list": [{"client_secret": "CANARY"}]}, {"event": "ptu_" + "CANARY" * 6},
        {"pem": "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----"}, {"password": ["CANARY"]},
    ],
)  # fmt: skip
def test_secrets_do_not_reach_the_log(event):
    cleaned = json.dumps(redact(None, "", event))
    assert "CANARY" not in cleaned
    assert REDACTED in cleaned


def test_a_line_is_json_with_the_error_and_without_its_secret():
    try:
        raise ValueError("Bearer CANARYCANARY refused")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed %s", ("here",), (type(error), error, error.__traceback__))
    line = json.loads(formatter().format(record))
    assert (line["event"], line["level"]) == ("failed here", "error")
    assert "ValueError" in line["exception"]
    assert "CANARY" not in json.dumps(line)


def test_open_key_files_are_told(settings, tmp_path):
    settings.PORTOLAN_KEYS_DIR = tmp_path
    (tmp_path / "good.key").touch(0o600)
    (tmp_path / "bad.key").touch(0o600)
    (tmp_path / "bad.key").chmod(0o640)
    assert ["bad.key" in error.msg for error in checks.keys_are_private()] == [True]


def test_an_empty_secret_key_is_told(settings):
    assert checks.secret_key_is_set() == []
    settings.SECRET_KEY = ""
    assert [error.id for error in checks.secret_key_is_set()] == ["foundation.E002"]


@pytest.mark.django_db
def test_a_server_that_may_lose_commits_is_told():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = on")
        well = checks.durability_problems()
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert not any("synchronous_commit" in problem for problem in well)
    assert any("synchronous_commit" in problem for problem in checks.durability_problems())
