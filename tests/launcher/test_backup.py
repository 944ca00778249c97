"""A backup comes back whole, on another machine, and never silently older than what was signed."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import psycopg
import pytest

from config.embedded.places import Places
from config.embedded.postgres import APP, OWNER, Cluster, cluster_for

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def manage(cluster: Cluster, *arguments: str, fails: bool = False, **env: str) -> str:
    hidden = {"CELERY_BROKER_URL", "PORTOLAN_KEYS_DIR"}
    kept = {key: value for key, value in os.environ.items() if key not in hidden}
    settings = {
        **kept,
        "DJANGO_SETTINGS_MODULE": "config.settings.embedded",
        "PORTOLAN_VAR": str(cluster.places.var),
        "DATABASE_URL": cluster.url(APP),
        "DATABASE_OWNER_URL": cluster.url(OWNER),
        **env,
    }
    done = subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=settings, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stderr if fails else done.stdout


def ask(cluster: Cluster, statement: str) -> list[tuple]:
    with psycopg.connect(cluster.url(APP)) as server:
        return server.execute(statement).fetchall()


def sequence(cluster: Cluster) -> None:
    manage(cluster, "shell", "-c", "from audit.tasks import run_sequencer; run_sequencer()")


@pytest.fixture
def house(cluster):
    """A prepared house with an administrator and a signed log."""
    manage(cluster, "prepare_database", "--no-static", PORTOLAN_AS_OWNER="1")
    manage(cluster, "create_administrator", "boss", PORTOLAN_ADMIN_PASSWORD="a long enough pass phrase")
    sequence(cluster)
    return cluster


@pytest.fixture
def another(folder):
    """A second machine with nothing on it."""
    at = Places(folder / "another")
    at.make()
    made = cluster_for(at)
    made.start()
    yield made
    made.stop()


def test_a_backup_with_keys_moves_the_house(house, another, tmp_path):
    file = tmp_path / "house.tar"
    manage(house, "backup", str(file), "--with-keys")
    assert file.stat().st_mode & 0o777 == 0o600
    said = manage(another, "restore", str(file))
    assert "Restored a log of" in said
    assert ask(another, "SELECT username FROM accounts_user WHERE username = 'boss'") == [("boss",)]
    before, after = (dict(ask(each, "SELECT index, leaf_hash FROM audit_leaf")) for each in (house, another))
    assert before.items() <= after.items()
    assert ask(another, "SELECT count(*) FROM audit_event WHERE verb = 'audit.restored'") == [(1,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(another, "DELETE FROM audit_event RETURNING id")
    size = _signed(another)
    sequence(another)
    assert _signed(another) > size
    assert (another.places.keys / "log_signing.key").read_bytes() == (house.places.keys / "log_signing.key").read_bytes()


def test_a_full_database_is_not_overwritten_unasked(house, tmp_path):
    file = tmp_path / "house.tar"
    manage(house, "backup", str(file))
    assert "The database is not empty" in manage(house, "restore", str(file), fails=True)
    with psycopg.connect(house.url(APP)):
        assert "stop the service first" in manage(house, "restore", str(file), "--force", fails=True)
    assert ask(house, "SELECT count(*) FROM accounts_user") == [(1,)]


def test_events_signed_after_the_backup_are_not_lost_silently(house, tmp_path):
    file = tmp_path / "house.tar"
    manage(house, "backup", str(file))
    manage(house, "create_administrator", "later", PORTOLAN_ADMIN_PASSWORD="a long enough pass phrase")
    sequence(house)
    signed = _signed(house)
    assert "were signed after this backup" in manage(house, "restore", str(file), "--force", fails=True)
    assert ask(house, "SELECT count(*) FROM accounts_user") == [(2,)]
    said = manage(house, "restore", str(file), "--force", "--accept-lost-events")
    assert "signed events are missing" in said
    assert ask(house, "SELECT count(*) FROM accounts_user") == [(1,)]
    assert (house.places.keys / f"log_signed_head.lost-at-{signed}.json").exists()
    sequence(house)


def test_a_damaged_backup_is_refused_before_anything_changes(house, another, tmp_path):
    whole, damaged = tmp_path / "whole.tar", tmp_path / "damaged.tar"
    manage(house, "backup", str(whole))
    with tarfile.open(whole) as tar:
        offset = tar.getmember("database.dump").offset_data + 2000
    content = bytearray(whole.read_bytes())
    content[offset] ^= 1
    damaged.write_bytes(content)
    assert "The backup is damaged" in manage(another, "restore", str(damaged), fails=True)
    damaged.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert "is not a complete Portolan backup" in manage(another, "restore", str(damaged), fails=True)
    with psycopg.connect(another.url(OWNER)) as server:
        assert server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def _signed(cluster: Cluster) -> int:
    return int(json.loads((cluster.places.keys / "log_signed_head.json").read_text())["size"])
