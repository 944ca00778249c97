"""The signer: signs the newest stored root after commit, and never a head that contradicts what it signed before.

What was signed last is kept in a file beside the keys, not in the database, so that a restored or rewritten database
cannot make the signer forget it.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from audit.domain import checkpoints
from audit.domain.errors import LogForked
from audit.models import Checkpoint, Heartbeat
from audit.selectors import log
from audit.services import keys

STATE_FILE = "log_signed_head.json"
BEAT_EVERY, BEAT_SOON = timedelta(seconds=60), timedelta(seconds=10)


def sign_latest(now: datetime) -> int:
    """Sign the newest checkpoint if it is unsigned; return the size that is signed now (0 for an empty log).

    Raises LogForked when the log is smaller than the last signed head or does not contain it; nothing is signed then.
    """
    with _state_locked() as path:
        row = Checkpoint.objects.order_by("-size").first()
        last = _last_signed(path)
        if row is None:
            if last is not None:
                raise LogForked(f"The log is empty, but a head of {last.size} leaves was signed.")
            return 0
        head = checkpoints.Head(origin=row.origin, size=row.size, root=bytes(row.root))
        if row.signed_note is not None and head == last:
            return row.size  # the usual case of an idle log
        _require_continuation(head, last)
        if row.signed_note is not None:
            _remember(path, head, row.signed_note, now)  # the file was lost: what the database says was signed binds again
        else:
            note = checkpoints.signed(checkpoints.head_text(head), head.origin, keys.signing_key())
            _remember(path, head, note, now)
            Checkpoint.objects.filter(size=row.size, signed_note__isnull=True).update(signed_note=note, signed_at=now)
        return row.size


def beat(now: datetime) -> bool:
    """Cosign the newest head with the time, every 60 s (10 s after it moved): a silent log is then told from a stopped one.

    Only the head that this signer signed last; whether it did is returned. C2SP tlog-cosignature, by the log's own key.
    """
    known = Heartbeat.objects.first()
    if known is not None and now - known.at < BEAT_SOON:
        return False
    head = log.newest_head()
    if head is None or (known is not None and known.size == head.size and now - known.at < BEAT_EVERY):
        return False
    with _state_locked() as path:
        last = _last_signed(path)
        if last is None or (last.size, last.root) != (head.size, head.root):
            return False
    line = checkpoints.cosignature(checkpoints.head_text(last), last.origin, keys.signing_key(), int(now.timestamp()))
    Heartbeat.objects.update_or_create(pk=1, defaults={"size": head.size, "line": line, "at": now})
    return True


def last_signed_note() -> str | None:
    """The last note that this signer made, from its own file; None before the first."""
    path = keys.keys_dir() / STATE_FILE
    return str(json.loads(path.read_text())["note"]) if path.exists() else None


def _require_continuation(head: checkpoints.Head, last: checkpoints.Head | None) -> None:
    if log.root_at(head.size) != head.root:
        raise LogForked(f"The stored root of {head.size} leaves is not the root of the stored leaves.")
    if last is None or last.size == 0:
        return
    if head.origin != last.origin:
        raise LogForked(f"The last signed head belongs to the log {last.origin}.")
    if head.size < last.size:
        raise LogForked(f"The log has {head.size} leaves, but {last.size} were signed: leaves are missing from {head.size}.")
    if log.root_at(last.size) != last.root:
        raise LogForked(f"The first {last.size} leaves are not the ones that were signed.")


@contextmanager
def _state_locked() -> Iterator[Path]:
    """One signer at a time on this keys folder."""
    path = keys.keys_dir() / STATE_FILE
    handle = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield path
    finally:
        os.close(handle)


def _last_signed(path: Path) -> checkpoints.Head | None:
    if not path.exists():
        return None
    stored = json.loads(path.read_text())
    return checkpoints.parse_head(checkpoints.parse_note(stored["note"])[0])


def _remember(path: Path, head: checkpoints.Head, note: str, now: datetime) -> None:
    """Written before the note is published: a crash between the two re-signs the same head."""
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"size": head.size, "note": note, "signed_at": now.isoformat()}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
