"""Dump and restore a database with PostgreSQL's own programs. Passwords travel in the environment, never on a command line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from config.embedded.binaries import Binaries
from config.embedded.errors import CannotStart

_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
}


def dump(binaries: Binaries, *, url: str, to: Path) -> None:
    """Write the whole database at `url` to `to` (pg_dump's custom format, 0600), complete or not at all."""
    part = to.with_name(to.name + ".part")
    part.touch(mode=0o600)
    try:
        _run([binaries.path("pg_dump"), "--format=custom", "--compress=6", f"--file={part}"], url, "dumping the database")
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)


def restore(binaries: Binaries, *, url: str, source: Path, as_owner: bool = False) -> None:
    """Load a dump into the database at `url` in one transaction.

    `as_owner` gives every object to the connecting role instead of the dump's, and leaves grants to the caller.
    """
    ownership = ["--no-owner", "--no-privileges"] if as_owner else []
    command = [
        binaries.path("pg_restore"),
        "--exit-on-error",
        "--single-transaction",
        *ownership,
        "--dbname",
        database_of(url),
        str(source),
    ]
    _run(command, url, "restoring the database")


def database_of(url: str) -> str:
    return str(conninfo_to_dict(url)["dbname"])


def _run(command: list[str], url: str, doing: str) -> None:
    known = {_VARIABLES[key]: str(value) for key, value in conninfo_to_dict(url).items() if key in _VARIABLES and value}
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    done = subprocess.run(command, env={**inherited, **known}, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        complaint = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        if "No space left" in done.stderr:
            complaint = "the disk is full"
        raise CannotStart(f"{doing.capitalize()} failed: {complaint}")
