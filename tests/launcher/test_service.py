"""`make run` from outside: the real command, in folders of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from config.embedded.processes import Child

ROOT = Path(__file__).resolve().parents[2]


class Run:
    """A started `python -m config.embedded run`."""

    def __init__(self, var: Path, port: int, **env: str) -> None:
        hidden = {"DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL", "PORTOLAN_KEYS_DIR", "DJANGO_SETTINGS_MODULE"}
        kept = {key: value for key, value in os.environ.items() if key not in hidden}
        self.env = {**kept, "PORTOLAN_VAR": str(var), "PORT": str(port), "PORTOLAN_DEMO": "0", **env}
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.embedded", "run"],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []

    def until(self, text: str) -> None:
        for line in self.process.stdout:
            self.lines.append(line)
            if text in line:
                return
        pytest.fail("".join(self.lines))

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        self.lines += self.process.stdout.readlines()
        return self.process.wait(60)

    def manage(self, *arguments: str, **env: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env={**self.env, **env}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def children(self) -> dict[str, int]:
        """Every live process whose parent is the launcher, by what it runs."""
        found = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
                line = (stat.parent / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            if int(fields[1]) == self.process.pid:
                name = next((word for word in ("gunicorn", "manage.py worker", "postgres") if word in line), line)
                found[name] = int(stat.parent.name)
        return found


def refused(**env: str) -> str:
    """What the command says when it must not start: one sentence, no traceback, exit code 1."""
    done = subprocess.run([sys.executable, "-m", "config.embedded", "run"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture
def run(folder, free_port):
    started = Run(folder / "var", free_port)
    yield started
    if started.process.poll() is None:
        started.end()


@pytest.mark.slow
def test_from_nothing_to_ready_and_back_again(run, folder):
    run.until("create_administrator")
    assert run.ready()
    assert "boss is an administrator now" in run.manage("create_administrator", "boss", PORTOLAN_ADMIN_PASSWORD="a long enough pass phrase")

    second = refused(**{**run.env, "PORT": str(run.port + 1)})
    assert f"process {run.process.pid} at http://127.0.0.1:{run.port}" in second
    elsewhere = refused(**{**run.env, "PORTOLAN_VAR": str(folder / "other")})
    assert f"Port {run.port} is already in use" in elsewhere

    for name in ("gunicorn", "manage.py worker", "postgres"):
        pid = run.children()[name]
        os.kill(pid, signal.SIGKILL)
        until(lambda name=name, pid=pid: run.children().get(name, pid) != pid)
        until(run.ready)
    before = run.children()
    assert len(before) == 3

    assert run.end(signal.SIGINT) == 0
    assert not [pid for pid in before.values() if Path(f"/proc/{pid}").exists()]

    again = Run(folder / "var", run.port)
    started = time.monotonic()
    again.until("Ready:")
    took_s = time.monotonic() - started
    assert "boss" in again.manage(
        "shell", "-c", "from accounts.models import User; print(*User.objects.values_list('username', flat=True))"
    )
    assert not any("Preparing" in line for line in again.lines)
    assert again.end() == 0
    print(json.dumps({"name": "second_start", "value": round(took_s, 1), "unit": "s"}))


def until(true, within_s=60.0):
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1"])
def test_a_port_that_is_none_is_told(folder, port):
    assert "PORT must be a number" in refused(**{**os.environ, "PORT": port, "PORTOLAN_VAR": str(folder / "var")})
    assert not (folder / "var").exists()


def test_somebody_who_listens_everywhere_is_noticed(folder):
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))  # noqa: S104 - that is the case
        other.listen()
        port = other.getsockname()[1]
        said = refused(**{**os.environ, "PORT": str(port), "PORTOLAN_VAR": str(folder / "var")})
    assert f"Port {port} is already in use" in said


@pytest.mark.parametrize("size", ["4m", "50m"], ids=["while making the database", "while preparing it"])
def test_a_full_disk_is_one_sentence(free_port, folder, size):
    """A small file system of our own."""
    small = folder / "small"
    small.mkdir()
    options = f"size={size},mode=755"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(small)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("this account may not mount a small file system")
    try:
        hidden = {key: value for key, value in os.environ.items() if not key.startswith("DATABASE")}
        said = refused(**{**hidden, "PORT": str(free_port), "PORTOLAN_VAR": str(small / "var")})
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert said.startswith("The disk is full")


def test_a_program_that_keeps_failing_is_started_with_growing_pauses(tmp_path, capsys):
    child = Child("flaky", [sys.executable, "-c", "raise SystemExit(3)"], log=tmp_path / "log", env=dict(os.environ), cwd=tmp_path)
    child.start()
    pauses = []
    while len(pauses) < 3:
        failures = child.failures
        if child.process is None:
            child.restart_at = 0
        child.watch()
        if child.failures > failures:
            pauses.append(child.restart_at - time.monotonic())
    child.stop()
    assert pauses == [pytest.approx(0.5, abs=0.2), pytest.approx(1, abs=0.2), pytest.approx(2, abs=0.2)]
    assert capsys.readouterr().out.count("flaky ended unexpectedly (exit code 3)") == 3


def test_a_program_that_will_not_stop_is_ended(tmp_path, capsys):
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    child = Child("stubborn", [sys.executable, "-c", stubborn], log=tmp_path / "log", env=dict(os.environ), cwd=tmp_path, stop_s=0.3)
    child.start()
    until(lambda: "up" in (tmp_path / "log").read_text(), 20)
    process = child.process
    child.stop()
    assert process.returncode == -signal.SIGKILL
