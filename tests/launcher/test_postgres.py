"""The embedded database: durable, closed to others, and started again whatever happened to it before."""

import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from config.embedded import upgrade
from config.embedded.binaries import shipped
from config.embedded.errors import CannotStart
from config.embedded.places import Places, socket_folder
from config.embedded.postgres import APP, OWNER, SUPER, _is_postmaster, cluster_for, reachable


def ask(url: str, statement: str) -> str:
    with psycopg.connect(url, autocommit=True) as server:
        return str(server.execute(statement).fetchone()[0])


def test_it_is_durable_and_speaks_no_tcp(cluster):
    settings = {
        name: ask(cluster.url(APP), f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    }
    assert set(settings.values()) == {"on"}
    assert ask(cluster.url(APP), "SHOW listen_addresses") == ""


def test_only_its_owner_reaches_folder_and_socket(cluster):
    for folder in (cluster.data, cluster.sockets, cluster.places.keys):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    secrets = [path for path in cluster.places.keys.iterdir() if path.is_file()]
    assert secrets
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}


@pytest.mark.parametrize("password", ["", "wrong"])
def test_no_password_no_entry(cluster, password):
    wrong = f"host={cluster.sockets} user={APP} dbname=portolan password={password}"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(wrong, passfile="/dev/null")


def test_the_service_role_is_no_owner(cluster):
    assert ask(cluster.url(OWNER), "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()") == OWNER
    assert ask(cluster.url(APP), "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user") == "False"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(cluster.url(APP), "CREATE TABLE mine (id int)")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the database to another account")
def test_root_hands_the_database_to_an_account_without_rights(cluster):
    uid = int(Path(f"/proc/{cluster.process.pid}/status").read_text().split("Uid:")[1].split()[0])
    assert uid != 0
    assert cluster.data.stat().st_uid == uid


def test_no_password_is_visible_to_other_people(cluster):
    line = Path(f"/proc/{cluster.process.pid}/cmdline").read_text() + Path(f"/proc/{cluster.process.pid}/environ").read_text()
    for role in (SUPER, OWNER, APP):
        assert (cluster.places.keys / f"{role}.password").read_text().strip() not in line


def test_a_second_start_keeps_the_data(cluster):
    with psycopg.connect(cluster.url(OWNER), autocommit=True) as server:
        server.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    cluster.stop()
    again = cluster_for(cluster.places)
    again.start()
    try:
        assert not again.fresh
        assert ask(again.url(OWNER), "SELECT answer FROM kept") == "42"
    finally:
        again.stop()


def test_after_a_kill_it_recovers(cluster):
    with psycopg.connect(cluster.url(OWNER), autocommit=True) as server:
        server.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    cluster.process.kill()
    cluster.process.wait()
    cluster.start()
    assert ask(cluster.url(OWNER), "SELECT answer FROM kept") == "42"
    assert any("cut off" in line for line in cluster.notes)


def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(cluster):
    cluster.process.kill()
    cluster.process.wait()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        try:
            for file in (cluster.data / "postmaster.pid", cluster.sockets / ".s.PGSQL.5432.lock"):
                file.write_text("\n".join([str(stranger.pid), *file.read_text().split("\n")[1:]]))
            cluster.start()
            assert stranger.poll() is None
            assert ask(cluster.url(APP), "SELECT 1") == "1"
        finally:
            stranger.kill()


def test_a_server_left_running_is_stopped_first(cluster):
    left = cluster.process
    again = cluster_for(cluster.places)
    again.start()
    try:
        assert left.wait(10) is not None
        assert any("left its database running" in line for line in again.notes)
    finally:
        again.stop()


def test_stopping_leaves_no_process(cluster):
    pid = cluster.process.pid
    cluster.stop()
    assert not _is_postmaster(pid, cluster.data)


def test_an_interrupted_first_start_is_made_whole(at):
    cluster = cluster_for(at)
    half = cluster.home / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    if cluster.account.switch:
        os.chown(cluster.home, *cluster.account.owner)
    cluster.start()
    try:
        assert ask(cluster.url(APP), "SELECT 1") == "1"
    finally:
        cluster.stop()


def test_replaced_keys_are_told(cluster):
    cluster.stop()
    (cluster.places.keys / f"{SUPER}.password").write_text("another")
    with pytest.raises(CannotStart, match="were the keys replaced"):
        cluster_for(cluster.places).start()


def test_a_long_path_gets_a_short_socket_folder(folder):
    deep = Places(folder / ("d" * 60) / ("e" * 60))
    deep.make()
    if os.geteuid() == 0:
        (folder / ("d" * 60)).chmod(0o711)
    cluster = cluster_for(deep)
    cluster.start()
    try:
        assert not cluster.sockets.is_relative_to(folder)
        assert stat.S_IMODE(cluster.sockets.stat().st_mode) == 0o700
        assert ask(cluster.url(APP), "SELECT 1") == "1"
    finally:
        cluster.stop()
        cluster.sockets.rmdir()


def test_a_short_path_keeps_its_sockets(folder):
    assert socket_folder(folder, "x") == folder


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to reach around closed folders")
def test_a_closed_folder_is_left_closed_and_worked_around(folder):
    closed = folder / "home"
    closed.mkdir(mode=0o700)
    at = Places(closed / "var")
    at.make()
    cluster = cluster_for(at)
    try:
        cluster.start()
        assert ask(cluster.url(APP), "SELECT 1") == "1"
        assert str(cluster.home).startswith("/var/lib/portolan/")
        assert any("is closed to the account" in line for line in cluster.notes)
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        cluster.stop()
        subprocess.run(["rm", "-r", str(cluster.home.parent)], check=True)


@pytest.mark.skipif(len(shipped()) < 2, reason="the wheel brings one PostgreSQL version only")
def test_an_older_major_version_moves_over(at):
    old, new = min(shipped()), max(shipped())
    fresh = cluster_for(at)
    before = replace(fresh, binaries=reachable(shipped()[old], fresh.places, fresh.account))  # a checkout may be closed to the account
    before.start()
    with psycopg.connect(before.url(OWNER), autocommit=True) as server:
        server.execute("CREATE TABLE kept AS SELECT 'Grüße' AS word")
        server.execute("GRANT SELECT ON kept TO portolan_app")
    before.stop()
    after, said = cluster_for(at), []
    upgrade.bring_up_to_date(after, said.append)
    after.start()
    try:
        assert said[0].startswith(f"The database moves from PostgreSQL {old} to {new}")
        assert ask(after.url(APP), "SELECT word FROM kept") == "Grüße"
        assert int(ask(after.url(APP), "SHOW server_version_num")) // 10000 == new
        assert (after.home / f"data.pg{old}" / "PG_VERSION").read_text().strip() == str(old)
    finally:
        after.stop()


def test_data_from_a_newer_version_is_refused(cluster):
    cluster.stop()
    (cluster.data / "PG_VERSION").write_text("99\n")
    with pytest.raises(CannotStart, match="made by PostgreSQL 99"):
        upgrade.bring_up_to_date(cluster, print)


def test_data_without_its_old_programs_is_told(cluster):
    cluster.stop()
    (cluster.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(CannotStart, match="set PORTOLAN_OLD_PG_BIN"):
        upgrade.bring_up_to_date(cluster, print)


def test_nothing_outlives_a_killed_launcher(folder):
    """The parent is killed with SIGKILL: the kernel tells the server, which shuts down by itself."""
    code = "\n".join(
        [
            "import sys, pathlib",
            "from config.embedded.places import Places",
            "from config.embedded.postgres import cluster_for",
            f"at = Places(pathlib.Path({str(folder / 'var')!r}))",
            "at.make(); cluster = cluster_for(at); cluster.start(); print(cluster.process.pid, flush=True); sys.stdin.read()",
        ]
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as launcher:
        pid = int(launcher.stdout.readline())
        data = folder / "var" / "postgres" / "data"
        assert _is_postmaster(pid, data)
        launcher.send_signal(signal.SIGKILL)
    until = time.monotonic() + 15
    while _is_postmaster(pid, data) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _is_postmaster(pid, data)
