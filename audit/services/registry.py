"""The log explains itself: the verbs it may hold and the key that signs it are leaves of their own."""

from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from audit.domain import checkpoints, verbs
from audit.domain.actors import Actor
from audit.models import Event
from audit.services import keys
from audit.services.record import record

_NAMESPACE = UUID("0d1b6a34-52f1-5c0e-8a7c-6b1c9e1f2a10")


@transaction.atomic
def publish_registry(now: datetime) -> bool:
    """Record the verb registry and the signing key where the log does not hold them yet; return whether anything was recorded."""
    return any([_publish_verbs(now), _publish_key(now)])


def _publish_verbs(now: datetime) -> bool:
    rows = verbs.compact_rows()
    digest = verbs.registry_digest(rows)
    subject = ("audit.registry", uuid5(_NAMESPACE, digest))
    if _has_event(verbs.REGISTRY_VERB, subject[1]):
        return False
    facts = {"version": verbs.REGISTRY_VERSION, "digest": digest, "rows": rows}
    record(verbs.REGISTRY_VERB, subject=subject, actor=Actor.system("registry"), at=now, facts=facts)
    return True


def _publish_key(now: datetime) -> bool:
    public = keys.signing_key().public_key().public_bytes_raw()
    subject = ("audit.key", uuid5(_NAMESPACE, f"{keys.log_origin()}:{public.hex()}"))
    if _has_event("audit.log.key_published", subject[1]):
        return False
    facts = {
        "algorithm": "ed25519",
        "public_key": public.hex(),
        "key_id": checkpoints.key_id(keys.log_origin(), public).hex(),
        "origin": keys.log_origin(),
    }
    record("audit.log.key_published", subject=subject, actor=Actor.system("registry"), at=now, facts=facts)
    return True


def _has_event(verb: str, subject_id: UUID) -> bool:
    return Event.objects.filter(verb=verb, subject_id=subject_id).exists()
