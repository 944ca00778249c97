"""DSSE v1 envelopes (secure-systems-lab/dsse): a payload, its type, and Ed25519 signatures over both."""

import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.domain.errors import BadNote
from foundation import strict_json
from foundation.canonical import jcs


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding that is signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def key_id(public: bytes) -> str:
    """SHA-256 of the raw public key, hexadecimal."""
    return hashlib.sha256(public).hexdigest()


def sealed(payload_type: str, payload: bytes, key: Ed25519PrivateKey) -> bytes:
    """The envelope as RFC 8785 bytes, signed by one key."""
    public = key.public_key().public_bytes_raw()
    signature = {"keyid": key_id(public), "sig": _b64(key.sign(pae(payload_type, payload)))}
    return jcs({"payload": _b64(payload), "payloadType": payload_type, "signatures": [signature]})


def opened(envelope: bytes, payload_type: str, public: bytes) -> bytes:
    """The payload, when `public` signed it as `payload_type`; raise BadNote otherwise."""
    try:
        outer = strict_json.loads(envelope)
        signatures = {one["keyid"]: one["sig"] for one in outer["signatures"]}
        payload, signature = base64.b64decode(outer["payload"], validate=True), base64.b64decode(signatures[key_id(public)], validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, pae(payload_type, payload))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        raise BadNote("The envelope bears no signature of this key.") from None
    if outer["payloadType"] != payload_type:
        raise BadNote(f"The envelope is not a {payload_type}.")
    return payload


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
