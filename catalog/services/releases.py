"""Publishing releases: immutable content with a digest, and the people who wrote it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction

from accounts.domain.inputs import Reading
from accounts.domain.viewers import Viewer
from accounts.models import User
from accounts.selectors import people
from accounts.services.rows import is_unique_violation
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.errors import ManifestRefused, ReleaseVersionTaken
from catalog.domain.evidence import evidence_faults
from catalog.domain.manifests import faults_of
from catalog.domain.rights import may_edit, require_proposer
from catalog.domain.versions import is_semver, sort_key
from catalog.models import Environment, Integration, Release, ReleaseAuthor
from catalog.selectors import integrations, releases
from catalog.services import pins
from catalog.services.presence import require_present
from foundation import strict_json
from foundation.canonical import NotCanonical, digest_of
from foundation.errors import FieldError
from foundation.text import slug_key

SUBJECT = "catalog.release"
MAX_CO_AUTHORS = 50


@transaction.atomic
def publish_release(
    *,
    integration: str,
    version: str,
    manifest: Mapping[str, Any],
    manifest_bytes: bytes | None = None,
    notes: str = "",
    evidence: Sequence[Mapping[str, Any]] = (),
    co_authors: Iterable[str] = (),
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> Release:
    """Publish an immutable version. `digest` = sha256 of the RFC 8785 form of `manifest`; `manifest_bytes` are kept as received.

    What `pins` names as `{component, version}` must exist, and is kept as used by this release.
    Its authors are the viewer and `co_authors` (user names): none of them may approve it. The release carries
    `identical_to`: the newest other version of the integration with the same content, or None.
    Raises: IntegrationMissing, NotYourIntegration (403), ManifestRefused and Invalid (422, with pointers),
    ReleaseVersionTaken (409), NotCanonical (400).
    """
    owner = integrations.get_visible(integration, viewer)
    require_present(owner)
    granted = frozenset[str]() if may_edit(viewer, owner.team_id) else integrations.granted_to(owner.id, viewer)
    require_proposer(viewer, owner.team_id, granted)
    _check_manifest(manifest)
    pins_of_it = pins.pinned(manifest, owner)
    digest = _digest(manifest)
    reading = Reading()
    authors = _authors(reading, viewer.user_id, co_authors)
    release = Release(
        integration=owner,
        version=version,
        digest=digest,
        runtime_kind=manifest["runtime_kind"],
        manifest=dict(manifest),
        manifest_bytes=_received(manifest, manifest_bytes, digest),
        notes=_notes(reading, notes),
        evidence=[dict(entry) for entry in evidence],
        created_by_id=viewer.user_id,
        created_at=now,
    )
    if is_semver(version):
        release.version_sort = sort_key(version)
    else:
        reading.fault("/version", "semver", "Give a semantic version such as 1.4.0 (semver.org), at most 63 characters.")
    reading.faults.extend(evidence_faults(evidence))
    reading.close()
    _save(release, owner)
    ReleaseAuthor.objects.bulk_create(ReleaseAuthor(release=release, user=user) for user in authors)
    pins.tie(release, pins_of_it)
    twin = releases.identical_to(release)
    release.identical_to = twin.version if twin else None  # type: ignore[attr-defined]  # told, not kept
    _record(release, authors, twin.id if twin else None, actor, now)
    return release


def _check_manifest(manifest: Mapping[str, Any]) -> None:
    environments = Environment.objects.values_list("slug_key", flat=True)
    faults = faults_of(manifest, environments=frozenset(environments))
    if faults:
        raise ManifestRefused(errors=faults)


def _digest(manifest: Mapping[str, Any]) -> str:
    try:
        return digest_of(dict(manifest))
    except NotCanonical as error:
        faults = [FieldError("/manifest" + fault.pointer, fault.code, fault.detail) for fault in error.errors]
        raise NotCanonical(errors=faults) from error


def _received(manifest: Mapping[str, Any], received: bytes | None, digest: str) -> bytes:
    """The bytes to keep: member order matters to some runtimes, and JSONB does not keep it."""
    if received is None:
        return orjson.dumps(dict(manifest))
    if digest_of(strict_json.loads(received)) != digest:
        raise ManifestRefused("The bytes of the manifest do not say what the manifest says.")
    return received


def _notes(reading: Reading, notes: str) -> str:
    return reading.lines("notes", notes, most=20_000)


def _authors(reading: Reading, publisher: UUID, co_authors: Iterable[str]) -> list[User]:
    names = list(co_authors)
    if len(names) > MAX_CO_AUTHORS:
        reading.fault("/co_authors", "too-many", f"At most {MAX_CO_AUTHORS} co-authors.")
        return []
    known = people.by_usernames(names)
    for index, name in enumerate(names):
        if slug_key(name) not in known:
            reading.fault(f"/co_authors/{index}", "unknown-user", "There is no such active account.")
    everybody = {user.pk: user for user in (*people.by_ids([publisher]).values(), *known.values())}
    return list(everybody.values())


def _save(release: Release, owner: Integration) -> None:
    try:
        release.save(force_insert=True)
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise ReleaseVersionTaken(f"{owner.slug} has a release {release.version}; releases never change.") from error


def _record(release: Release, authors: list[User], twin: UUID | None, actor: Actor, now: datetime) -> None:
    facts = {
        "integration": release.integration_id,
        "release": release.id,
        "release_digest": release.digest,
        "semver": release.version,
        "bytes": len(release.manifest_bytes),
        "authors": sorted({user.person_id for user in authors}, key=str),
        "identical_to": twin,
    }
    texts = {"notes": release.notes} if release.notes else {}
    record("catalog.release.published", subject=(SUBJECT, release.id), actor=actor, at=now, facts=facts, texts=texts, version=1)
