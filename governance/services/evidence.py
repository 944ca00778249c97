"""The evidence pack of a change: its events with proofs, and exactly what was decided on."""

import hashlib
from datetime import datetime

from django.db import transaction

from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from audit.services.evidence import build_pack
from audit.services.record import record
from catalog.selectors.releases import manifest_of
from foundation.canonical import jcs
from governance.domain.errors import NotAllowed
from governance.models import ChangeRequest
from governance.selectors.timelines import CHANGE, subjects_of
from governance.services import targets as target_services


def pack_of(change: ChangeRequest, *, viewer: Viewer, actor: Actor, now: datetime) -> bytes:
    """Return the zip that `audit/verify.py` checks offline; downloading it is an event too. For auditors and administrators.

    It holds the histories of the change, of what caused it and of its deployments, the manifests decided on, and the
    very object whose digest the votes bind to.
    """
    if not viewer.reads_log:
        raise NotAllowed("Evidence packs hold everybody's words: auditors and administrators download them.")
    subjects = subjects_of(change)
    if change.caused_by is not None:
        subjects += subjects_of(change.caused_by)
    pack = build_pack(now=now, subjects=subjects, event_ids=target_services.publishing_events(change), extra_files=_files(change))
    with transaction.atomic():
        record(
            "audit.evidence.downloaded",
            subject=(CHANGE, change.id),
            actor=actor,
            at=now,
            facts={"change": change.id, "number": change.number, "pack_digest": f"sha256:{hashlib.sha256(pack).hexdigest()}"},
        )
    return pack


def _files(change: ChangeRequest) -> dict[str, bytes]:
    """Named by their digests, which events in the pack state: the verifier recomputes every one."""
    files: dict[str, bytes] = {}
    releases = [change.release, *(target.base_release for target in change.targets.select_related("base_release"))]
    for release in releases:
        if release is not None:
            files[f"manifests/{release.digest.removeprefix('sha256:')}.json"] = jcs(manifest_of(release))
    subject = jcs(target_services.subject_of(change))
    files[f"blobs/{hashlib.sha256(subject).hexdigest()}"] = subject
    return files
