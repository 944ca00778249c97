"""Texts beside the log: encrypted when written, read for those who may, erased when they must go."""

import logging
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection

from audit.domain.commitments import SALT_BYTES, commitment
from audit.domain.errors import KeyUnusable
from audit.models import Disclosure, DisclosureKey
from audit.services import keys
from foundation import strict_json
from foundation.canonical import jcs

_NONCE = 12
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Text:
    """One disclosed text, with the salt that proves it against the leaf's commitment."""

    path: str
    value: Any
    salt: bytes


def committed(texts: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, bytes]]:
    """Commitments for the leaf, and the salts they were made with, by field name."""
    salts = {path: secrets.token_bytes(SALT_BYTES) for path in texts}
    return {path: commitment(path, value, salts[path]) for path, value in texts.items()}, salts


def store(*, event_id: UUID, owner: UUID, texts: Mapping[str, Any], salts: Mapping[str, bytes]) -> None:
    """Keep the texts of one event under the owner's data key, in the caller's transaction."""
    cipher = AESGCM(_data_key(owner))
    Disclosure.objects.bulk_create(
        Disclosure(
            event_id=event_id, path=path, salt=salts[path], ciphertext=_sealed(cipher, jcs(value), _bound(event_id, path)), key_id=owner
        )
        for path, value in texts.items()
    )


def prepare(owner: UUID) -> None:
    """Make the owner's data key now, before two transactions could make the keys of the same two owners in opposite order."""
    _data_key(owner)


def texts_of(event_ids: Iterable[UUID]) -> dict[UUID, list[Text]]:
    """The texts that still exist, by event, in field order. Ask only for those who may see them.

    Raises KeyUnusable when the installation's disclosure key is not the one that the data keys were wrapped with.
    """
    rows = list(Disclosure.objects.filter(event_id__in=list(event_ids)).order_by("event_id", "path"))
    wrapped = DisclosureKey.objects.in_bulk({row.key_id for row in rows})
    ciphers = {owner: AESGCM(_unwrapped(owner, bytes(row.wrapped))) for owner, row in wrapped.items()}
    found: dict[UUID, list[Text]] = {}
    for row in rows:
        if row.key_id not in ciphers:  # erased by its key
            continue
        try:
            plain = _opened(ciphers[row.key_id], bytes(row.ciphertext), _bound(row.event_id, row.path))
        except KeyUnusable:  # its key is gone: it was being written while its owner was erased, who has a new key since
            _log.warning("a text beside the log has lost its key", extra={"event": str(row.event_id)})
            continue
        found.setdefault(row.event_id, []).append(Text(path=row.path, value=strict_json.loads(plain), salt=bytes(row.salt)))
    return found


def _data_key(owner: UUID) -> bytes:
    """The owner's data key; a new one on first use (two first users agree on one row)."""
    found = DisclosureKey.objects.filter(subject=owner).values_list("wrapped", flat=True).first()
    if found is None:
        fresh = _sealed(AESGCM(keys.secret_key()), AESGCM.generate_key(256), owner.bytes)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_disclosure_key (subject, wrapped) VALUES (%s, %s) ON CONFLICT (subject) DO NOTHING", [owner, fresh]
            )
        found = DisclosureKey.objects.values_list("wrapped", flat=True).get(subject=owner)
    return _unwrapped(owner, bytes(found))


def _unwrapped(owner: UUID, wrapped: bytes) -> bytes:
    return _opened(AESGCM(keys.secret_key()), wrapped, owner.bytes)


def _bound(event_id: UUID, path: str) -> bytes:
    return event_id.bytes + path.encode()


def _sealed(cipher: AESGCM, plain: bytes, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + cipher.encrypt(nonce, plain, bound)


def _opened(cipher: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
    except InvalidTag:
        raise KeyUnusable("A text beside the log cannot be decrypted with this installation's disclosure key.") from None
