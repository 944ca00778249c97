"""A database and a folder that live for one run."""

import os
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@contextmanager
def scratch(url: str) -> Iterator[Path]:
    """Make a database on the server of `url`, point the environment at it and at a new PORTOLAN_VAR; remove both at the end.

    Must be entered before Django's settings are loaded.
    """
    name = f"portolan_bench_{secrets.token_hex(4)}"
    folder = Path(tempfile.mkdtemp(prefix="portolan-bench-"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what follows `finally` is done
    _on_server(url, "CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0", name)
    try:
        _point_environment_at(urlunsplit(urlsplit(url)._replace(path=f"/{name}")), folder)
        yield folder
    finally:
        _on_server(url, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        shutil.rmtree(folder, ignore_errors=True)


def _on_server(url: str, statement: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL(statement).format(sql.Identifier(name)))


def _point_environment_at(url: str, folder: Path) -> None:
    """The settings are those of production: what is measured is what is run."""
    metrics = folder / "metrics"
    metrics.mkdir()
    (folder / "static").mkdir()
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings.production",
        DATABASE_URL=url,
        DATABASE_OWNER_URL=url,
        SECRET_KEY=secrets.token_hex(32),
        ALLOWED_HOSTS="127.0.0.1,testserver",
        PORTOLAN_VAR=str(folder),
        PORTOLAN_LOG_LEVEL="WARNING",
        PROMETHEUS_MULTIPROC_DIR=str(metrics),
    )
    for name in ("CELERY_BROKER_URL", "PORTOLAN_KEYS_DIR", "PORTOLAN_STATIC_ROOT", "PORTOLAN_AS_OWNER"):
        os.environ.pop(name, None)
