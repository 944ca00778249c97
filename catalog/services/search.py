"""The words an integration is found by, kept beside it: accents folded, because the embedded database cannot.

Four lines, from what counts most to what counts least: its names; its tags, team, systems, data objects and fields; its purpose; its
documents. `Integration.search_vector` weighs them.
"""

from collections.abc import Iterable

from catalog.domain.documents import SEARCHED_CHARS
from catalog.models import CarriedName, Document, FlowEndpoint, Integration
from foundation.searching import stored


def search_words(integration: Integration, endpoints: Iterable[FlowEndpoint], documents: Iterable[str] = ()) -> str:
    """Folded text of slug and title; tags, team, systems, data objects and fields; purpose; documents: one line each."""
    around = [*integration.tags, integration.team.slug, integration.team.title]
    for endpoint in endpoints:
        around += [endpoint.system.slug, endpoint.system.title]
        around += [endpoint.data_object.slug, endpoint.data_object.title] if endpoint.data_object else []
        around += endpoint.fields_touched
    bodies = [body[:SEARCHED_CHARS] for body in documents]
    lines = [[integration.slug, integration.title], list(dict.fromkeys(around)), [integration.purpose], bodies]
    return "\n".join(" ".join(filter(None, map(stored, line))) for line in lines)


def refresh_search(integration: Integration) -> None:
    """Write the words anew after a document changed; no version, no history: it is derived."""
    endpoints = integration.endpoints.select_related("system", "data_object")
    bodies = Document.objects.filter(integration=integration).values_list("body", flat=True)
    Integration.objects.filter(pk=integration.pk).update(search_text=search_words(integration, endpoints, bodies))


def note_carried(endpoints: Iterable[FlowEndpoint]) -> None:
    """Keep the names of what new endpoints carry, to be suggested; one statement, none where nothing is carried."""
    names = sorted({name for endpoint in endpoints for name in endpoint.carried})
    if names:
        CarriedName.objects.bulk_create([CarriedName(name=name) for name in names], ignore_conflicts=True)
