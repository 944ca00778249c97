"""Reading an integration's documents. Callers have shown that the integration is visible."""

from django.db.models import QuerySet

from catalog.domain.errors import DocumentMissing
from catalog.domain.vocabulary import Section
from catalog.models import Document, Integration

_ORDER = {section.value: place for place, section in enumerate(Section)}


def documents_of(integration: Integration) -> list[Document]:
    """All written sections in the order of the vocabulary."""
    found: QuerySet[Document] = Document.objects.filter(integration=integration)
    return sorted(found, key=lambda document: _ORDER.get(document.section, len(_ORDER)))


def get(integration: Integration, section: str) -> Document:
    """One section. Raises DocumentMissing."""
    document = Document.objects.filter(integration=integration, section=section).first()
    if document is None:
        raise DocumentMissing
    return document
