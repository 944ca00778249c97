"""Where the embedded set-up keeps things, and with which rights."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import CannotStart, told

ROOT = Path(__file__).resolve().parents[2]
PRIVATE, PASSABLE = 0o700, 0o711
SOCKET_PATH_BYTES = 100  # the system's limit is 104 to 108 bytes, name and closing NUL included
SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Places:
    """The folders under `PORTOLAN_VAR`. Nothing outside them is changed."""

    var: Path

    @property
    def keys(self) -> Path:
        return Path(os.environ.get("PORTOLAN_KEYS_DIR") or self.var / "keys")

    @property
    def logs(self) -> Path:
        return self.var / "logs"

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def backups(self) -> Path:
        return self.var / "backups"

    @property
    def state_file(self) -> Path:
        return self.var / "state.json"

    @property
    def demo_file(self) -> Path:
        return self.var / "demo.json"

    @property
    def database_file(self) -> Path:
        """Addresses with passwords of the database this folder keeps (0600)."""
        return self.keys / "database.json"

    def make(self) -> None:
        """Make the folders. As root `var` may be passed through (not listed), so that the database's account reaches its part."""
        try:
            if not self.var.exists():
                self.var.mkdir(parents=True)
                self.var.chmod(PASSABLE if os.geteuid() == 0 else PRIVATE)
            for folder in (self.keys, self.logs, self.run, self.backups):
                private_folder(folder)
        except OSError as error:
            raise told(error, f"making {self.var}") from error

    def state(self) -> dict[str, object]:
        """What earlier starts recorded; empty when there was none."""
        try:
            read = json.loads(self.state_file.read_text())
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) else {}

    def remember(self, **facts: object) -> None:
        write_private(self.state_file, json.dumps({**self.state(), **facts}, indent=1, sort_keys=True).encode())

    def short_id(self) -> str:
        """Twelve characters that tell this folder from others on the machine."""
        return hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]


def places() -> Places:
    """The places that the environment names."""
    return Places(Path(os.environ.get("PORTOLAN_VAR") or ROOT / "var").resolve())


def private_folder(folder: Path, owner: tuple[int, int] | None = None) -> Path:
    """Make `folder` for one account only, and refuse one that somebody else owns."""
    if folder.is_symlink():
        raise CannotStart(f"{folder} is a symbolic link; Portolan keeps secrets only in real folders.")
    folder.mkdir(parents=True, exist_ok=True)
    uid = owner[0] if owner else os.geteuid()
    found = folder.stat()
    if found.st_uid not in {uid, os.geteuid()}:
        raise CannotStart(f"{folder} belongs to another account (uid {found.st_uid}); choose another folder with PORTOLAN_VAR.")
    if owner and found.st_uid != uid:
        os.chown(folder, *owner)
    if found.st_mode & 0o777 != PRIVATE:
        folder.chmod(PRIVATE)
    return folder


def write_private(path: Path, data: bytes) -> None:
    """Replace `path` in one step by a file that only its owner reads, on disk before this returns."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def kept_secret(path: Path) -> str:
    """Read the secret in `path`, making a random one (256 bits, URL-safe) the first time."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        write_private(draft, secrets.token_urlsafe(32).encode() + b"\n")
        with suppress(FileExistsError):  # whoever comes second keeps the first one's secret
            os.link(draft, path)
        draft.unlink()
        return path.read_text().strip()


def socket_folder(wanted: Path, short_id: str) -> Path:
    """`wanted`, or a short folder of ours where the socket's path would be too long for the system."""
    if len(os.fsencode(wanted / SOCKET_NAME)) <= SOCKET_PATH_BYTES:
        return wanted
    base = Path("/run") if os.geteuid() == 0 and os.access("/run", os.W_OK) else Path("/tmp")  # noqa: S108 - 0700 and owner-checked
    return base / f"portolan-{os.geteuid()}-{short_id}"
