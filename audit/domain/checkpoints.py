"""C2SP signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), signed with Ed25519."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.domain.errors import BadNote

ED25519 = 0x01
COSIGNATURE = 0x04  # c2sp.org/tlog-cosignature: Ed25519 over a time and the checkpoint
_DASH = "— "


@dataclass(frozen=True, slots=True)
class Head:
    """A head of a log: its name, how many leaves it covers, and their RFC 6962 root (32 bytes)."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: key name, 4-byte key id, signature bytes."""

    name: str
    key_id: bytes
    blob: bytes


def key_id(name: str, public: bytes, kind: int = ED25519) -> bytes:
    """SHA-256(name || 0x0A || type || public key), first four bytes."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def vkey(name: str, public: bytes) -> str:
    """The verification key as one line of text."""
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(bytes([ED25519]) + public).decode()}"


def parse_vkey(line: str) -> tuple[str, bytes, bytes]:
    """Name, key id and 32-byte public key of a verification key; raise BadNote when it contradicts itself."""
    name, _, rest = line.strip().partition("+")
    id_hex, _, encoded = rest.partition("+")
    material = _b64(encoded)
    if not name or len(material) != 33 or material[0] != ED25519:
        raise BadNote("This is not an Ed25519 verification key.")
    if key_id(name, material[1:]).hex() != id_hex:
        raise BadNote("The verification key's id does not belong to it.")
    return name, bytes.fromhex(id_hex), material[1:]


def head_text(head: Head) -> str:
    """The note text of a checkpoint."""
    if not head.origin or "\n" in head.origin or head.size < 0 or len(head.root) != 32:
        raise BadNote("A checkpoint needs an origin, a size and a 32-byte root.")
    return f"{head.origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"


def signed(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """The note with one signature line of `key`."""
    blob = key_id(name, key.public_key().public_bytes_raw()) + key.sign(text.encode())
    return f"{text}\n{_DASH}{name} {base64.b64encode(blob).decode()}\n"


def cosignature(text: str, name: str, key: Ed25519PrivateKey, at_s: int) -> str:
    """A cosignature/v1 line: `key` says under `name` that at `at_s` (POSIX seconds) this was the newest checkpoint it knew."""
    timed = f"cosignature/v1\ntime {at_s}\n{text}"
    blob = key_id(name, key.public_key().public_bytes_raw(), COSIGNATURE) + at_s.to_bytes(8) + key.sign(timed.encode())
    return f"{_DASH}{name} {base64.b64encode(blob).decode()}\n"


def parse_note(note: str) -> tuple[str, list[Signature]]:
    """Split a signed note into its text and signature lines; raise BadNote when it is malformed."""
    text, gap, lines = note.rpartition("\n\n")
    if not gap or not text or not lines.endswith("\n"):
        raise BadNote("A signed note is a text, an empty line and signature lines.")
    if any(ord(char) < 0x20 and char != "\n" for char in note):
        raise BadNote("A signed note holds no control characters.")
    return text + "\n", [_signature(line) for line in lines[:-1].split("\n")]


def opened(note: str, name: str, public: bytes) -> str:
    """The note's text, when `public` has signed it under `name`; raise BadNote otherwise."""
    text, signatures = parse_note(note)
    wanted = key_id(name, public)
    found = [one for one in signatures if one.name == name and one.key_id == wanted]
    if len(found) != 1:
        raise BadNote("The note bears no single signature of this key.")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(found[0].blob, text.encode())
    except InvalidSignature:
        raise BadNote("The note's signature does not hold.") from None
    return text


def parse_head(text: str) -> Head:
    """The checkpoint in a note's text; extension lines are allowed and ignored."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise BadNote("A checkpoint has an origin, a size and a root line.")
    origin, size, root = lines[:3]
    if not size.isascii() or not size.isdigit() or (size != "0" and size.startswith("0")):
        raise BadNote("A tree size is decimal without leading zeroes.")
    head = Head(origin=origin, size=int(size), root=_b64(root))
    if len(head.root) != 32:
        raise BadNote("A root has 32 bytes.")
    return head


def _signature(line: str) -> Signature:
    if not line.startswith(_DASH):
        raise BadNote("A signature line starts with an em dash.")
    name, gap, encoded = line.removeprefix(_DASH).partition(" ")
    blob = _b64(encoded)
    if not name or not gap or "+" in name or len(blob) < 5:
        raise BadNote("A signature line is a key name and a signature.")
    return Signature(name=name, key_id=blob[:4], blob=blob[4:])


def _b64(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("This is not base64.") from None
    if base64.b64encode(found).decode() != text:
        raise BadNote("This base64 is not canonical.")
    return found
