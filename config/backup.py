"""Backups: one tar with the database, the signer's state and, when asked for, the keys; and the way back.

A backup is read in an order that keeps it consistent: first what was signed, then the database, whose log can only be longer.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from audit.domain.actors import Actor
from audit.models import Leaf
from audit.services.keys import keys_dir
from audit.services.record import record
from audit.services.sign import STATE_FILE
from config.embedded.binaries import Binaries, newest
from config.embedded.dumps import dump, restore
from config.embedded.places import ROOT, places, write_private
from foundation.clock import db_now

FORMAT = 1
DUMP, SIGNER, MANIFEST = "database.dump", f"signer/{STATE_FILE}", "manifest.json"
KEY_FILES = ("log_signing.key", "desired_signing.key", "disclosure.key", "pepper.key", "django_secret.key", "mfa.key")
SESSIONS_KEY = "django_secret.key"


class BackupRefused(Exception):
    """A backup or restore that would lose or mix up data; the sentence says what to do."""


@dataclass(frozen=True)
class Restored:
    """What a restore did: the log's size now, and how many signed leaves the backup did not have."""

    leaves: int
    lost: int
    keys: tuple[str, ...]


def owner_url() -> str:
    """The owner's address: it reads and writes everything that a backup holds."""
    return str(settings.DATABASE_OWNER_URL or settings.DATABASE_URL)


def programs() -> Binaries:
    """PostgreSQL's programs: those the embedded database runs from, or the newest at hand. Newer ones dump older servers."""
    noted = places().database_file
    if noted.exists():
        folder = Path(json.loads(noted.read_text())["bin"])
        if (folder / "pg_dump").exists():
            return Binaries(folder)
    return newest()


def dump_database(file: Path) -> None:
    """Write only the database, in pg_dump's custom format."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    dump(programs(), url=owner_url(), to=file)


def write_backup(file: Path, *, with_keys: bool, now: datetime) -> dict[str, Any]:
    """Write the backup to `file` (0600), complete or not at all; return its manifest."""
    signer = keys_dir() / STATE_FILE
    members: dict[str, bytes] = {SIGNER: signer.read_bytes()} if signer.exists() else {}
    if with_keys:
        members |= {f"keys/{name}": (keys_dir() / name).read_bytes() for name in KEY_FILES if (keys_dir() / name).exists()}
    with tempfile.TemporaryDirectory(dir=file.resolve().parent, prefix=".backup-") as folder:
        dumped = Path(folder) / DUMP
        dump(programs(), url=owner_url(), to=dumped)
        manifest = _manifest(members, dumped, now)
        part = Path(folder) / "backup.tar"
        with tarfile.open(fileobj=os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600), "wb"), mode="w") as tar:
            for name, content in {MANIFEST: json.dumps(manifest, indent=1, sort_keys=True).encode(), **members}.items():
                _add(tar, name, content)
            tar.add(dumped, DUMP)
        _to_disk(part)
        part.replace(file)
    return manifest


def _manifest(members: dict[str, bytes], dumped: Path, now: datetime) -> dict[str, Any]:
    digests = {name: _digest(io.BytesIO(content)) for name, content in members.items()}
    with dumped.open("rb") as stream:
        digests[DUMP] = _digest(stream)
    last = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    return {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "log_origin": settings.PORTOLAN_LOG_ORIGIN,
        "leaves_before_dump": 0 if last is None else last + 1,
        "migrations": sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()),
        "files": digests,
    }


def restore_backup(file: Path, *, force: bool, accept_lost_events: bool) -> Restored:
    """Put a backup into the configured database and keys folder, bring it up to this code, and record that it happened.

    Raises: BackupRefused when the backup is damaged, the database is in use or not empty (without `force`), other keys lie in the
    keys folder (without `force`), or events were signed that the backup lacks (without `accept_lost_events`).
    """
    with tempfile.TemporaryDirectory(dir=keys_dir(), prefix=".restore-") as folder:
        manifest = _unpack(file, Path(folder))
        signed, backed_up = _signed_size(keys_dir() / STATE_FILE), _signed_size(Path(folder) / SIGNER)
        _require_keys(Path(folder), force=force)
        _require_room(force=force)
        _refuse_silent_loss(manifest, signed, accept_lost_events)
        _empty_database()
        restore(programs(), url=owner_url(), source=Path(folder) / DUMP, as_owner=True)
        installed = _install_keys(Path(folder))
        leaves = _leaves()
        lost = max(0, signed - leaves)
        if lost and not accept_lost_events:
            raise BackupRefused(_loss(lost))
        if lost or not signed:
            _follow_backup(Path(folder) / SIGNER, known=signed)
    _prepare()
    _tell(manifest, lost, max(signed, backed_up))
    return Restored(leaves=leaves, lost=lost, keys=installed)


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    """Read only the members we know, each checked against the manifest, so that a hostile tar can write nowhere else."""
    try:
        with tarfile.open(file) as tar:
            found = {member.name: member for member in tar.getmembers() if member.isfile()}
            manifest: dict[str, Any] = json.loads(_member(tar, found[MANIFEST]).read())
            known = {DUMP, SIGNER, *(f"keys/{name}" for name in KEY_FILES)}
            if manifest["format"] != FORMAT or not set(manifest["files"]) <= known:
                raise BackupRefused("This backup was made by another version of Portolan.")
            for name, digest in manifest["files"].items():
                _extract(_member(tar, found[name]), folder / name, digest)
    except (tarfile.TarError, KeyError, ValueError, TypeError, EOFError) as error:
        raise BackupRefused(f"{file.name} is not a complete Portolan backup ({type(error).__name__}).") from error
    return manifest


def _member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Any:
    stream = tar.extractfile(member)
    if stream is None:
        raise KeyError(member.name)
    return stream


def _extract(stream: Any, target: Path, digest: str) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while block := stream.read(1 << 20):
            out.write(block)
    with target.open("rb") as written:
        if _digest(written) != digest:
            raise BackupRefused(f"The backup is damaged: {target.name} does not have the digest its manifest states.")


def _require_keys(folder: Path, *, force: bool) -> None:
    """Replacing keys makes what they protect unreadable: only when asked for."""
    pairs = [(path, keys_dir() / path.name) for path in sorted((folder / "keys").glob("*"))]
    different = [ours.name for path, ours in pairs if ours.exists() and ours.read_bytes() != path.read_bytes()]
    different = [name for name in different if name != SESSIONS_KEY]  # made at the first look at an empty folder; costs a sign-in
    if different and not force:
        raise BackupRefused(f"The keys folder holds other keys than the backup ({', '.join(different)}); --force replaces them.")


def _require_room(*, force: bool) -> None:
    connection.close()  # our own look at the database is not somebody else's
    with psycopg.connect(owner_url()) as server:
        busy = server.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
        ).fetchone()
        tables = server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if busy and busy[0]:
        raise BackupRefused(f"{busy[0]} other sessions use this database: stop the service first.")
    if tables and tables[0] and not force:
        raise BackupRefused(f"The database is not empty ({tables[0]} tables); --force replaces everything in it.")


def _refuse_silent_loss(manifest: dict[str, Any], signed: int, accept: bool) -> None:
    """Told before anything is deleted, as far as the manifest can tell."""
    missing = signed - int(manifest["leaves_before_dump"])
    if missing > 0 and not accept:
        raise BackupRefused(_loss(missing))


def _loss(missing: int) -> str:
    return (
        f"Up to {missing} events were signed after this backup was made and would be lost; "
        "whoever kept a newer head of the log will notice. --accept-lost-events goes on, and the log will say so."
    )


def _empty_database() -> None:
    with psycopg.connect(owner_url(), autocommit=True) as server:
        server.execute("DROP SCHEMA public CASCADE")
        server.execute("CREATE SCHEMA public")
        server.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO PUBLIC"))


def _install_keys(folder: Path) -> tuple[str, ...]:
    names = sorted(path.name for path in (folder / "keys").glob("*"))
    for name in names:
        write_private(keys_dir() / name, (folder / "keys" / name).read_bytes())
    return tuple(names)


def _follow_backup(state: Path, *, known: int) -> None:
    """Let the signer go on from the backup's head. A newer one that was signed here is set aside, never deleted."""
    current = keys_dir() / STATE_FILE
    if current.exists():
        current.rename(current.with_name(f"log_signed_head.lost-at-{known}.json"))
    if state.exists():
        write_private(current, state.read_bytes())


def _prepare() -> None:
    """Migrate what an older version backed up, and give the application role its rights, as the owner."""
    connection.close()
    command = [sys.executable, str(ROOT / "manage.py"), "prepare_database", "--no-static"]
    done = subprocess.run(command, env={**os.environ, "PORTOLAN_AS_OWNER": "1"}, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BackupRefused(f"The backup is in the database, but preparing it failed: {reason}")
    if places().state_file.exists() or places().database_file.exists():
        places().remember(demo="restored")


@transaction.atomic
def _tell(manifest: dict[str, Any], lost: int, retained: int) -> None:
    """Runtimes may be ahead of the restored data: a new timeline fences what they remember. The log says that it was restored."""
    from runtime_adapters.services.deployments import bump_timeline

    now, actor = db_now(), Actor.system("restore")
    bump_timeline(actor=actor, now=now)
    facts = {"checkpoint_size": retained, "events_after": lost, "backup_at": datetime.fromisoformat(manifest["made_at"])}
    record("audit.restored", subject=("audit.log", actor.ref), actor=actor, at=now, facts=facts)


def _leaves() -> int:
    with psycopg.connect(owner_url()) as server:
        row = server.execute("SELECT coalesce(max(index) + 1, 0) FROM audit_leaf").fetchone()
    return int(row[0]) if row else 0


def _signed_size(state: Path) -> int:
    return int(json.loads(state.read_text())["size"]) if state.exists() else 0


def _digest(stream: Any) -> str:
    return "sha256:" + hashlib.file_digest(stream, "sha256").hexdigest()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
