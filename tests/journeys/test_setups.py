"""The same job on other set-ups: an external PostgreSQL 15, wake-ups by Redis or by RabbitMQ."""

import os
import shutil
import uuid
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.journeys.service import RunningService
from tests.journeys.test_main_job import AGENT, approve, checked, ended, file_manifest, register, submit

pytestmark = pytest.mark.real
EXTERNAL = os.environ.get("PORTOLAN_TEST_POSTGRES", "postgres://root@127.0.0.1:5432/postgres")
BROKERS = {
    "redis": os.environ.get("PORTOLAN_TEST_REDIS", "redis://127.0.0.1:6379/6"),
    "rabbitmq": os.environ.get("PORTOLAN_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//"),
}


def drive(service: RunningService) -> None:
    """Register, release, ask, approve twice, see it proven."""
    owner = service.people["owner"]
    register(owner, "setup-check")
    release = {"version": "1.0.0", "manifest": file_manifest(["order_number"])}
    owner("POST", "/integrations/setup-check/releases", release, expect=201)
    change = checked(owner, submit(owner, "setup-check", "1.0.0", AGENT, "Does it work here too?")["number"])
    for part in ("board_1", "board_2"):
        approve(service.people[part], change["number"])
    assert ended(owner, change["number"])["state"] == "completed"


@pytest.fixture
def external():
    """A database of its own on an external server, with an application role that does not own it."""
    name, role = f"portolan_{uuid.uuid4().hex[:10]}", f"app_{uuid.uuid4().hex[:10]}"
    try:
        connection = psycopg.connect(EXTERNAL, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL answers at PORTOLAN_TEST_POSTGRES")
    with connection:
        assert connection.info.server_version >= 150000
        password = uuid.uuid4().hex
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        connection.execute(f"CREATE DATABASE {name}")
        parts = urlsplit(EXTERNAL)
        owner = urlunsplit(parts._replace(path=f"/{name}"))
        host = parts.netloc.rpartition("@")[2]
        app = urlunsplit(parts._replace(netloc=f"{role}:{password}@{host}", path=f"/{name}"))
        yield {"DATABASE_URL": app, "DATABASE_OWNER_URL": owner, "PORTOLAN_APP_ROLE": role}
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute(f"DROP ROLE {role}")


def running(environment: dict[str, str]) -> RunningService:
    return RunningService(environment=environment)


def test_the_job_is_done_on_an_external_postgresql(external: dict[str, str]) -> None:
    """DATABASE_URL names a server: nothing embedded starts, the application role cannot touch the log."""
    with running(external) as service:
        drive(service)
        assert not (service.folder / "var" / "postgres").exists()
        with psycopg.connect(external["DATABASE_URL"]) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM audit_leaf")
    shutil.rmtree(service.folder, ignore_errors=True)


@pytest.mark.parametrize("broker", sorted(BROKERS))
def test_the_job_is_done_with_wake_ups_by_a_broker(broker: str) -> None:
    """CELERY_BROKER_URL is set: tasks travel by the broker and the job is done as before."""
    from kombu import Connection

    try:
        with Connection(BROKERS[broker], connect_timeout=2) as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
    except Exception:  # noqa: BLE001 - each broker's client has errors of its own
        pytest.skip(f"no {broker} answers at its address on this machine")
    with running({"CELERY_BROKER_URL": BROKERS[broker]}) as service:
        drive(service)
        assert "governance" in service.log_of("celery"), "no task travelled by the broker"
    shutil.rmtree(service.folder, ignore_errors=True)
