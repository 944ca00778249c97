"""Whom the agent believes: one pinned Ed25519 key, DSSE envelopes, and a log head that never goes back.

DSSE: github.com/secure-systems-lab/dsse, protocol v1. Heads: C2SP tlog-checkpoint.
"""

import base64
import binascii
import hashlib
import json
import logging
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from runtime_adapters.agent.files import write_atomically

DESIRED_TYPE = "application/vnd.portolan.desired+json"
log = logging.getLogger("portolan.agent")


class Untrusted(Exception):
    """What the server sent is not signed by the pinned key, or contradicts what was seen before."""


def read_key(text: bytes) -> Ed25519PublicKey:
    """Read a public key: PEM, base64 of the 32 raw bytes, or JSON with such a text in `public_key`."""
    text = text.strip()
    try:
        if text.startswith(b"-----BEGIN"):
            key = load_pem_public_key(text)
            if not isinstance(key, Ed25519PublicKey):
                raise Untrusted("the key is not Ed25519")
            return key
        if text.startswith(b"{"):
            return read_key(str(json.loads(text)["public_key"]).encode())
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except (ValueError, KeyError, TypeError, binascii.Error, UnsupportedAlgorithm):
        raise Untrusted("that is not an Ed25519 public key") from None


def open_envelope(body: bytes, key: Ed25519PublicKey) -> dict[str, Any]:
    """Return the signed desired state. Raises Untrusted unless the pinned key signed exactly these bytes as that type."""
    try:
        outer = json.loads(body)
        if outer["payloadType"] != DESIRED_TYPE:
            raise Untrusted("the envelope is not a desired state")
        payload = base64.b64decode(outer["payload"], validate=True)
        known = hashlib.sha256(key.public_bytes_raw()).hexdigest()
        signature = next(one["sig"] for one in outer["signatures"] if one.get("keyid", known) == known)
        key.verify(base64.b64decode(signature, validate=True), pae(DESIRED_TYPE, payload))
        desired = json.loads(payload)
    except StopIteration:
        raise Untrusted("the envelope is signed by another key than the pinned one") from None
    except InvalidSignature:
        raise Untrusted("the envelope's signature does not hold") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Untrusted("the answer is not an envelope") from None
    if not isinstance(desired, dict) or not isinstance(desired.get("slots"), list):
        raise Untrusted("the envelope holds no desired state")
    return desired


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what is signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def keep_head(folder: Path, note: str | None) -> None:
    """Keep the largest log head seen. One that is smaller, or as large with another root, is set aside and told loudly."""
    new = _size_and_root(note)
    if note is None or new is None:
        return
    kept_file = folder / "log_head.txt"
    kept = _size_and_root(kept_file.read_text()) if kept_file.exists() else None
    if kept is not None and (new[0] < kept[0] or (new[0] == kept[0] and new[1] != kept[1])):
        write_atomically(folder / "log_head.contradiction.txt", note.encode())
        log.error("the log went back: %s entries were seen before, now %s; both heads are kept in %s", kept[0], new[0], folder)
        return
    if kept != new:
        write_atomically(kept_file, note.encode())


def _size_and_root(note: str | None) -> tuple[int, str] | None:
    lines = (note or "").split("\n")
    return (int(lines[1]), lines[2]) if len(lines) > 3 and lines[1].isascii() and lines[1].isdigit() else None
