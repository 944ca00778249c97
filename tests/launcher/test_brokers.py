"""With a broker, wake-ups travel by Celery; without the broker, the poller alone does the work."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import celery
import pytest
from django.db import connection

from config.worker import Duty, Worker
from foundation import carrier

ROOT = Path(__file__).resolve().parents[2]
BROKERS = {
    "redis": os.environ.get("PORTOLAN_TEST_REDIS", "redis://127.0.0.1:6379/5"),
    "rabbitmq": os.environ.get("PORTOLAN_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//"),
}
TASK = """
import os
from celery import shared_task

@shared_task(name="audit.pulse")
def pulse(*, mark, **_future_kwargs):
    with open(os.environ["PULSE_FILE"], "a") as file:
        file.write(mark + "\\n")
"""


def until(true, within_s=30.0):
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def reachable(url: str) -> bool:
    from kombu import Connection

    try:
        with Connection(url, connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, timeout=3)
    except Exception:  # noqa: BLE001 - each broker's client has errors of its own
        return False
    return True


@pytest.fixture(params=sorted(BROKERS))
def broker(request):
    url = BROKERS[request.param]
    if not reachable(url):
        pytest.skip(f"no {request.param} answers at its address on this machine")
    return url


def environment(tmp_path: Path, url: str) -> dict[str, str]:
    (tmp_path / "pulse_task.py").write_text(TASK)
    return {
        **os.environ,
        "CELERY_BROKER_URL": url,
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "config.settings.test"),
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "PULSE_FILE": str(tmp_path / "pulses"),
        "PORTOLAN_VAR": str(tmp_path / "var"),
    }


@pytest.mark.real
@pytest.mark.usefixtures("database")
def test_a_wake_up_travels_by_a_real_broker(broker, tmp_path):
    env = environment(tmp_path, broker)
    queue = f"portolan-test-{os.getpid()}-{time.time_ns()}"
    options = ["-A", "config.celery", "worker", "--include", "pulse_task", "--pool", "threads", "--concurrency", "1", "-Q", queue]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-n", f"{queue}@%h", "--loglevel", "INFO"]
    log = (tmp_path / "celery.log").open("w")
    send = (
        "import django; django.setup(); from config.celery import app; from foundation import carrier; "
        f"app.conf.task_default_queue = {queue!r}; carrier.wake('audit.pulse', mark='heard')"
    )
    with subprocess.Popen([sys.executable, "-m", "celery", *options, *quiet], cwd=ROOT, env=env, stdout=log, stderr=log) as celery:
        try:
            assert until(lambda: "ready" in (tmp_path / "celery.log").read_text()), (tmp_path / "celery.log").read_text()
            settings = {**env, "DATABASE_URL": _address()}
            subprocess.run([sys.executable, "-c", send], cwd=ROOT, env=settings, check=True, timeout=60)
            assert until((tmp_path / "pulses").exists), (tmp_path / "celery.log").read_text()
            assert (tmp_path / "pulses").read_text() == "heard\n"
        finally:
            celery.terminate()
            _forget(broker, queue)
    log.close()


@pytest.mark.usefixtures("database")
def test_without_its_broker_a_command_succeeds_and_the_poller_does_the_work(settings, monkeypatch):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(celery, "current_app", celery.Celery("nobody-listens", broker=settings.CELERY_BROKER_URL, set_as_current=False))
    lost = carrier.LOST.labels(task="audit.pulse")._value.get()
    carrier.wake("audit.pulse", mark="lost")
    assert carrier.LOST.labels(task="audit.pulse")._value.get() == lost + 1
    seen = threading.Event()
    worker = Worker(threads=1, duties=(Duty("look", 0.1),), find=lambda _name: lambda **_ids: seen.set())
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    try:
        assert seen.wait(10)
    finally:
        worker.stop.set()
        thread.join(10)


def _address() -> str:
    found = connection.get_connection_params()
    host, user = found.get("host", ""), found.get("user", "")
    return f"postgres://{user}:{found.get('password', '')}@/{found['dbname']}?host={host}&port={found.get('port', '') or 5432}"


def _forget(url: str, queue: str) -> None:
    """Leave nothing on a broker that others share."""
    from kombu import Connection

    with Connection(url) as broker, broker.channel() as channel:
        channel.queue_delete(queue)
