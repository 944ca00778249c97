"""Key files: made on first use, readable by the owner alone, never in the database, never in a message."""

import base64
import os
import secrets
import stat
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from audit.domain import checkpoints
from audit.domain.errors import KeyUnusable

LOG_SIGNING_KEY = "log_signing.key"
DISCLOSURE_KEY = "disclosure.key"


def keys_dir() -> Path:
    """The folder of key files, made private when missing."""
    folder = Path(settings.PORTOLAN_KEYS_DIR)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KeyUnusable(f"The keys folder cannot be made: {error.strerror}.") from None
    return folder


def log_origin() -> str:
    """The name of this log: the first line of its checkpoints."""
    return str(settings.PORTOLAN_LOG_ORIGIN)


def signing_key(name: str = LOG_SIGNING_KEY) -> Ed25519PrivateKey:
    """The Ed25519 key in the named file (PKCS#8 PEM); a new one on first use."""
    return _ed25519(_load_or_create(name, _new_ed25519))


def secret_key(name: str = DISCLOSURE_KEY) -> bytes:
    """The 32 secret bytes in the named file; new random ones on first use."""
    found = base64.b64decode(_load_or_create(name, _new_secret))
    if len(found) != 32:
        raise KeyUnusable(f"The key file {name} does not hold 32 bytes.")
    return found


def log_vkey() -> str:
    """The log's verification key in C2SP form: `<origin>+<key id>+<base64>`; give it to auditors."""
    return checkpoints.vkey(log_origin(), signing_key().public_key().public_bytes_raw())


def _load_or_create(name: str, make: Callable[[], bytes]) -> bytes:
    path = keys_dir() / name
    try:
        if not path.exists():
            _create(path, make())
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyUnusable(f"The key file {name} is readable by others; set its mode to 0600.")
        return path.read_bytes()
    except OSError as error:
        raise KeyUnusable(f"The key file {name} cannot be used: {error.strerror}.") from None


def _create(path: Path, content: bytes) -> None:
    """Write beside the target and link: whoever comes second keeps the first one's key."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _new_ed25519() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _new_secret() -> bytes:
    return base64.b64encode(secrets.token_bytes(32)) + b"\n"


@lru_cache(maxsize=8)
def _ed25519(pem: bytes) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except ValueError:
        raise KeyUnusable("The signing key file is not a PKCS#8 PEM key.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable("The signing key is not an Ed25519 key.")
    return key
