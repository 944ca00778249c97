"""What else is told of the rows of a page: their systems, what is live, and where the words of a search stand in them.

Each answers for all rows of a page at once, in one statement.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models.functions import Left

from catalog.domain.documents import SEARCHED_CHARS
from catalog.models import Document, FlowEndpoint, LiveRelease
from foundation.searching import Search, Term, segments, spans, words_of

_ORDER = {"source": 0, "enrichment": 1, "target": 2, "reply": 3}
SEARCHED_DOCUMENTS = 12  # rows of a page whose documents are read to show where the words stand
Segments = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class End:
    """One end of a flow, by its words."""

    role: str
    system: str
    data_object: str | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Live:
    """A release that runs somewhere."""

    environment: str
    version: str


def ends_of(ids: Collection[UUID]) -> dict[UUID, list[End]]:
    """Titles of what each integration joins, in the direction of the flow."""
    found: dict[UUID, list[End]] = defaultdict(list)
    rows = FlowEndpoint.objects.filter(integration__in=ids).order_by("role", "id")
    told = rows.values_list("integration_id", "role", "system__title", "data_object__title", "fields_touched")
    for owner, role, system, data_object, fields in told:
        found[owner].append(End(role, system, data_object, tuple(fields)))
    for ends in found.values():
        ends.sort(key=lambda end: (_ORDER[end.role], end.system))
    return found


def live_of(ids: Collection[UUID]) -> dict[UUID, list[Live]]:
    """What is live where, in the order of environments."""
    found: dict[UUID, list[Live]] = defaultdict(list)
    rows = LiveRelease.objects.filter(integration__in=ids).order_by("environment__rank", "runtime_key")
    for owner, environment, version in rows.values_list("integration_id", "environment__title", "release__version"):
        found[owner].append(Live(environment, version))
    return found


def highlights_of(rows: Sequence[Any], search: Search, ends: Mapping[UUID, Sequence[End]]) -> dict[UUID, dict[str, Segments]]:
    """By integration `{title, purpose, team, tags, systems, data_objects, fields_touched, documents: [{text, is_hit}]}`.

    The title always, the others where they have a hit. Made of the texts themselves, so that nothing but text ever leaves here.
    Documents are looked into only where some word was found nowhere else.
    """
    terms = search.sought
    marked = {row.pk: _marked(_texts(row, ends.get(row.pk, ())), terms) for row in rows}
    unexplained = [row.pk for row in rows if not _explained(marked[row.pk], search)]
    for owner, shown in _in_documents(unexplained[:SEARCHED_DOCUMENTS], terms).items():
        marked[owner]["documents"] = shown
    return marked


def _texts(row: Any, ends: Sequence[End]) -> Iterable[tuple[str, str]]:
    yield "title", row.title
    yield "purpose", row.purpose
    yield "team", row.team__title
    yield "tags", _listed(row.tags)
    yield "systems", _listed(end.system for end in ends)
    yield "data_objects", _listed(end.data_object for end in ends if end.data_object)
    yield "fields_touched", _listed(field for end in ends for field in end.fields)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _marked(texts: Iterable[tuple[str, str]], terms: Sequence[Term]) -> dict[str, Segments]:
    shown: dict[str, Segments] = {}
    for name, text in texts:
        found = spans(text, terms)
        if found or name == "title":
            shown[name] = segments(text, found)
    return shown


def _explained(shown: Mapping[str, Segments], search: Search) -> bool:
    """Whether everything sought has a hit among what is marked: of alternatives one."""
    hits = [words_of(piece["text"]) for pieces in shown.values() for piece in pieces if piece["is_hit"]]
    sought = [group for group in search.groups if not group[0].is_excluded]
    return all(any(term.matches(hit) for term in group for hit in hits) for group in sought)


def _in_documents(ids: Sequence[UUID], terms: Sequence[Term]) -> dict[UUID, Segments]:
    if not ids:
        return {}
    shown: dict[UUID, Segments] = {}
    rows = Document.objects.filter(integration__in=ids).annotate(head=Left("body", SEARCHED_CHARS)).order_by("integration", "section")
    for owner, body in rows.values_list("integration_id", "head"):
        found = spans(body, terms) if owner not in shown else []
        if found:
            shown[owner] = segments(" ".join(body.split("\n")), found)
    return shown
