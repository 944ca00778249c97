"""Facets and chips of the list of integrations: each value is a link that sets or takes away one filter."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.domain.viewers import Viewer
from accounts.selectors import people
from catalog.domain.vocabulary import EntityKind
from catalog.selectors.entities import entities
from catalog.selectors.facets import COLUMNS, Facet
from foundation.text import slug_key
from portal.components.status import face
from portal.forms.integrations import SEEN_BY, TYPE_WORDS

SHOWN_VALUES = 8  # of each facet before the fold
LABELS: Mapping[str, Promise] = {
    "q": gettext_lazy("Search"),
    "team": gettext_lazy("Team"),
    "team_below": gettext_lazy("Team and those below"),
    "stage": gettext_lazy("Stage"),
    "tier": gettext_lazy("Tier"),
    "type": gettext_lazy("Kind"),
    "visibility": gettext_lazy("Seen by"),
    "calls_ai": gettext_lazy("Calls AI models"),
    "system": gettext_lazy("System"),
    "data_object": gettext_lazy("Data object"),
    "domain": gettext_lazy("Domain"),
    "environment": gettext_lazy("Live in"),
    "tag": gettext_lazy("Tag"),
    "label": gettext_lazy("Label"),
    "owner": gettext_lazy("Owner"),
    "component": gettext_lazy("Component"),
    "carries": gettext_lazy("Carries"),
    "role": gettext_lazy("Role"),
    "operation": gettext_lazy("Operation"),
    "classification": gettext_lazy("Classification"),
    "personal_category": gettext_lazy("Personal data"),
    "orphan": gettext_lazy("Without an owner"),
    "never_attested": gettext_lazy("Never attested"),
}
_NAMED: Mapping[str, EntityKind] = {
    "system": EntityKind.SYSTEM,
    "data_object": EntityKind.DATA_OBJECT,
    "domain": EntityKind.DOMAIN,
    "environment": EntityKind.ENVIRONMENT,
    "component": EntityKind.COMPONENT,
}
_RANGES = {"__gte": "≥", "__lte": "≤", "__gt": ">", "__lt": "<"}


def at_hand() -> tuple[str, ...]:
    """The facets that one index answers: shown with the page."""
    return tuple(COLUMNS)


def facet_groups(facets: Sequence[Facet], given: Mapping[str, str], kept: Mapping[str, str]) -> list[dict[str, Any]]:
    """`[{name, label, values: [{label, count, url, is_active}], folded: […], other_values}]`, without those that have no value."""
    return [_group(facet, given, kept) for facet in facets if facet.values]


def _group(facet: Facet, given: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, Any]:
    chosen = given.get(facet.name, "").split(",")
    values = [
        {
            "label": word_of(facet.name, value.value, value.label),
            "count": value.count,
            "url": _url(_without(kept, facet.name, value.value) if value.value in chosen else {**kept, facet.name: value.value}),
            "is_active": value.value in chosen,
        }
        for value in facet.values
    ]
    return {
        "name": facet.name,
        "label": LABELS[facet.name],
        "values": values[:SHOWN_VALUES],
        "folded": values[SHOWN_VALUES:],
        "other_values": facet.other_values,
        "is_multiple": facet.is_multiple,
    }


def chips_of(given: Mapping[str, str], kept: Mapping[str, str], titles: Mapping[tuple[str, str], str]) -> list[dict[str, str]]:
    """What is asked for now, value by value: `[{label, value, url}]`; the link takes it away. `titles`: of `titles_of`."""
    return [
        {
            "label": _label(name),
            "value": word_of(name, value, titles.get((name, value), value)),
            "url": _url(_without(kept, name, value)),
        }
        for name, values in given.items()
        for value in ([values] if name == "q" else values.split(","))
        if value
    ]


def titles_of(given: Mapping[str, str], viewer: Viewer, facets: Sequence[Facet]) -> dict[tuple[str, str], str]:
    """(filter, value as it was asked for) → what it is called: from the counted facets, else from the landscape, a query for each kind."""
    titles = {(facet.name, value.value): value.label for facet in facets for value in facet.values}
    for name, kind in _NAMED.items():
        asked = {slug_key(value): value for value in given.get(name, "").split(",") if value and (name, value) not in titles}
        if asked:
            named = entities(kind, viewer).filter(slug_key__in=asked).values_list("slug_key", "title")
            titles |= {(name, asked[key]): title for key, title in named}
    owners = {slug_key(value): value for value in given.get("owner", "").split(",") if value}
    return titles | {("owner", owners[key]): user.display_name for key, user in people.remembered(owners).items()}


def word_of(name: str, value: str, label: str) -> str:
    """A value in the words of the pages."""
    if name == "stage":
        return str(face("lifecycle", value).word)
    if name == "tier":
        return _("Tier %s") % value
    if value in {"true", "false"}:
        return _("Yes") if value == "true" else _("No")
    if name == "type":
        return str(TYPE_WORDS.get(value, value))
    if name == "visibility":
        return str(SEEN_BY.get(value, value))
    return label


def _label(name: str) -> str:
    lead, _sep, suffix = name.partition("__")
    known = str(LABELS.get(lead, lead.replace("_", " ").capitalize()))
    return f"{known} {_RANGES['__' + suffix]}" if suffix else known


def _without(kept: Mapping[str, str], name: str, value: str) -> dict[str, str]:
    left = [] if name == "q" else [each for each in kept.get(name, "").split(",") if each and each != value]
    rest = {other: text for other, text in kept.items() if other != name}
    if name == "q" and rest.get("sort") == "relevance":
        del rest["sort"]
    return {**rest, name: ",".join(left)} if left else rest


def _url(params: Mapping[str, str]) -> str:
    return f"{reverse('portal:integrations')}?{urlencode(params)}"
