"""What people write about an integration, section by section."""

from datetime import datetime

from django.db import transaction

from accounts.domain.errors import Invalid
from accounts.domain.inputs import Reading
from accounts.domain.viewers import Viewer
from accounts.services.rows import account_of, save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.documents import MAX_LENGTH
from catalog.domain.errors import DocumentExists, DocumentMissing
from catalog.domain.rights import require_editor
from catalog.domain.vocabulary import Section
from catalog.models import Document, Release
from catalog.services.integrations import lock_visible
from catalog.services.search import refresh_search
from foundation.canonical import sha256_digest
from foundation.conditional import IfMatchRequired, VersionMoved
from foundation.errors import FieldError

SUBJECT = "catalog.document"


@transaction.atomic
def write_document(
    *,
    integration: str,
    section: str,
    body: str,
    expected_version: int | None,
    is_new: bool = False,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> Document:
    """Write one section (Markdown). `expected_version` is the version read; None for a section not written before.

    Raises: IntegrationMissing, NotYourIntegration, IfMatchRequired (428: it is there, and no version was given),
    DocumentExists (409: the same, when the caller insists on `is_new`), VersionMoved (412), Invalid and a secret's code (422).
    """
    owner = lock_visible(integration, viewer)
    require_editor(viewer, owner.team_id)
    if section not in set(Section):
        raise Invalid(errors=[FieldError("/section", "not-a-choice", f"Choose one of: {', '.join(Section)}.")])
    text = _body(body)
    document = Document.objects.select_for_update().filter(integration=owner, section=section).first()
    if document is None:
        if expected_version is not None:
            raise VersionMoved(0)
        document = Document(integration=owner, section=section, version=0)
    elif expected_version is None:
        raise DocumentExists if is_new else IfMatchRequired
    elif document.version != expected_version:
        raise VersionMoved(document.version)
    elif document.body == text:
        document.integration = owner
        return document
    document.integration, document.body, document.changed_at = owner, text, now
    document.version += 1
    save_row(document, actor=actor, now=now, taken=DocumentExists)
    refresh_search(owner)
    _record(document, actor, now)
    return document


@transaction.atomic
def verify_document(
    *, integration: str, section: str, release: str, expected_version: int, actor: Actor, viewer: Viewer, now: datetime
) -> Document:
    """Say that the section as it stands holds for a release (its version). A version of its own; the text stays.

    Raises: IntegrationMissing, NotYourIntegration, DocumentMissing, VersionMoved (412), Invalid (422: no such release).
    """
    owner = lock_visible(integration, viewer)
    require_editor(viewer, owner.team_id)
    document = Document.objects.select_for_update(of=("self",)).filter(integration=owner, section=section).first()
    if document is None:
        raise DocumentMissing
    if document.version != expected_version:
        raise VersionMoved(document.version)
    document.integration = owner
    found = Release.objects.defer("manifest", "manifest_bytes").filter(integration=owner, version=release).first()
    if found is None:
        raise Invalid(errors=[FieldError("/release", "unknown-release", "The integration has no such release.")])
    document.verified_for, document.verified_at, document.verified_by_id = found, now, account_of(actor)
    document.version += 1
    save_row(document, actor=actor, now=now)
    facts = {"integration": owner.id, "document": document.id, "kind": document.section, "release": found.id}
    record("catalog.document.verified", subject=(SUBJECT, document.id), actor=actor, at=now, facts=facts, version=document.version)
    return document


def _body(body: str) -> str:
    reading = Reading()
    text = reading.lines("body", body, most=MAX_LENGTH, least=1)
    reading.close()
    return text


def _record(document: Document, actor: Actor, now: datetime) -> None:
    content = document.body.encode()
    facts = {
        "integration": document.integration_id,
        "document": document.id,
        "kind": document.section,
        "content_digest": sha256_digest(content),
        "bytes": len(content),
    }
    subject = (SUBJECT, document.id)
    record("catalog.document.written", subject=subject, actor=actor, at=now, facts=facts, version=document.version)
