"""`exec`: a PostgreSQL that lives for one command, for tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from config.embedded.errors import CannotStart
from config.embedded.places import PASSABLE, Places
from config.embedded.postgres import APP, SUPER, Cluster, cluster_for

MEMORY_BYTES = 2 * 2**30


@contextmanager
def scratch_cluster() -> Iterator[Cluster]:
    """A new cluster in a temporary folder, stopped and deleted at the end."""
    folder = Path(tempfile.mkdtemp(prefix="portolan-", dir=_where()))
    try:
        if os.geteuid() == 0:
            folder.chmod(PASSABLE)
        at = Places(folder)
        at.make()
        cluster = cluster_for(at)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
            if not cluster.home.is_relative_to(folder):
                shutil.rmtree(cluster.home.parent, ignore_errors=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def execute(command: Sequence[str]) -> int:
    """Run `command` with DATABASE_URL (may create databases and roles) and PORTOLAN_SCRATCH_APP_URL; return its exit code."""
    if not command:
        raise CannotStart("Say what to run: python -m config.embedded exec -- COMMAND …")
    with scratch_cluster() as cluster:
        address = cluster.url(SUPER)
        env = {**os.environ, "DATABASE_URL": address, "DATABASE_OWNER_URL": address, "PORTOLAN_SCRATCH_APP_URL": cluster.url(APP)}
        process = subprocess.Popen(command, env=env)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda got, _frame: process.send_signal(got))
        signal.signal(signal.SIGINT, lambda _number, _frame: None)  # the terminal tells the command itself
        return process.wait()


def _where() -> str | None:
    """Memory where there is plenty of it: `fsync` stays on and costs nothing there. TMPDIR wins."""
    shared = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of our own in it
    if os.environ.get("TMPDIR") or not os.access(shared, os.W_OK) or shutil.disk_usage(shared).free < MEMORY_BYTES:
        return None
    return str(shared)
