"""Reading an integration's documents. Callers have shown that the integration is visible."""

from collections.abc import Iterable

from django.db.models import QuerySet

from catalog.domain.documents import Mark, SectionState, Written, outline
from catalog.domain.errors import DocumentMissing
from catalog.domain.vocabulary import Section
from catalog.models import Document, Integration, LiveRelease, Release
from catalog.selectors.policies import tier_rules

_ORDER = {section.value: place for place, section in enumerate(Section)}
VERIFIED_CONTENT = ("verified_for__manifest", "verified_for__manifest_bytes", "verified_for__notes", "verified_for__evidence")


def documents_of(integration: Integration) -> list[Document]:
    """All written sections in the order of the vocabulary, with who verified them and for which release."""
    return sorted(_documents(integration), key=lambda document: _ORDER.get(document.section, len(_ORDER)))


def get(integration: Integration, section: str) -> Document:
    """One section. Raises DocumentMissing."""
    document = _documents(integration).filter(section=section).first()
    if document is None:
        raise DocumentMissing
    return document


def outline_of(integration: Integration, documents: Iterable[Document]) -> list[SectionState]:
    """How every section stands, those that nobody wrote too; `documents` are all that are written. Three queries at most."""
    found = list(documents)
    live = LiveRelease.objects.filter(integration=integration, environment__is_production=True)
    marks = [Mark(*row) for row in live.values_list("release__version", "release__version_sort", "since")]
    newest = None
    if not marks:
        published = Release.objects.filter(integration=integration).order_by("-version_sort", "-id")
        newest = next((Mark(*row) for row in published.values_list("version", "version_sort")[:1]), None)
    required = tier_rules(integration.tier).sections
    return outline(required, [_written(document) for document in found], live=marks, newest=newest)


def with_states(integration: Integration, documents: list[Document]) -> list[Document]:
    """The same rows; each tells how it stands in `state` (a SectionState)."""
    states = {state.section: state for state in outline_of(integration, documents)}
    for document in documents:
        document.state = states[document.section]  # type: ignore[attr-defined]  # told, not kept
    return documents


def _documents(integration: Integration) -> QuerySet[Document]:
    return Document.objects.filter(integration=integration).select_related("verified_for", "verified_by").defer(*VERIFIED_CONTENT)


def _written(document: Document) -> Written:
    release = document.verified_for
    mark = Mark(release.version, release.version_sort) if release else None
    return Written(document.section, document.version, document.changed_at, mark, document.verified_at)
