"""Folders of their own for the launcher's tests. As root they must let the database's account through, as the launcher's own do."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.places import Places
from config.embedded.postgres import Cluster, cluster_for


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="pl-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
    if os.geteuid() == 0:
        made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def at(folder: Path) -> Places:
    made = Places(folder / "var")
    made.make()
    return made


@pytest.fixture
def cluster(at: Places) -> Iterator[Cluster]:
    """A PostgreSQL that runs."""
    made = cluster_for(at)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def database(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The test database with real commits and no clearing afterwards: for tests that write no row."""
    from django.db import connection

    with django_db_blocker.unblock():
        yield
        connection.close()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
