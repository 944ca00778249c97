"""The words an integration is found by, kept beside it: accents folded, because the embedded database cannot."""

from collections.abc import Iterable

from catalog.models import Document, FlowEndpoint, Integration
from foundation.text import fold

_DOCUMENT_CHARS = 20_000  # of each section: a text vector holds at most a megabyte


def search_words(integration: Integration, endpoints: Iterable[FlowEndpoint], documents: Iterable[str] = ()) -> str:
    """Folded text of slug, title, purpose, tags, team, systems, data objects, fields and documents."""
    parts = [integration.slug, integration.slug.replace("-", " "), integration.title, integration.purpose, *integration.tags]
    parts += [integration.team.slug, integration.team.title]
    for endpoint in endpoints:
        parts += [endpoint.system.slug, endpoint.system.title]
        parts += [endpoint.data_object.slug, endpoint.data_object.title] if endpoint.data_object else []
        parts += endpoint.fields_touched
    parts += [body[:_DOCUMENT_CHARS] for body in documents]
    return fold(" ".join(parts))


def refresh_search(integration: Integration) -> None:
    """Write the words anew after a document changed; no version, no history: it is derived."""
    endpoints = integration.endpoints.select_related("system", "data_object")
    bodies = Document.objects.filter(integration=integration).values_list("body", flat=True)
    Integration.objects.filter(pk=integration.pk).update(search_text=search_words(integration, endpoints, bodies))
