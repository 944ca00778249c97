"""What was read from one file, as plain values that may be kept: no bytes of it, no credentials, no addresses with queries.

A draft is what a file says; whether that creates, updates or contradicts something is decided against the catalog, later.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

MAX_ENDPOINTS = 100
MAX_AI_USES = 50
MAX_PARTS = 1000  # flows of one file
MAX_RELATIONS = 1000  # of one file


@dataclass(frozen=True, slots=True)
class SystemDraft:
    """A system that a file names. `kind` is one of `SystemKind`."""

    slug: str
    title: str
    kind: str = "other"
    description: str = ""


@dataclass(frozen=True, slots=True)
class EndpointDraft:
    """One end: the system by slug, the data object by slug where the file names one. `address` has no credentials and no query."""

    system: str
    role: str
    operation: str
    data_object: str | None = None
    fields: tuple[str, ...] = ()
    cadence: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class AiUse:
    """A model that is called: whose, which, by which node, and the kinds of data that reach it."""

    provider: str
    model: str
    node: str
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IntegrationDraft:
    """One integration of a file. `part` tells it from the file's others and stays the same when it is renamed; "" when it is alone."""

    part: str
    title: str
    type: str
    purpose: str = ""
    tags: tuple[str, ...] = ()
    endpoints: tuple[EndpointDraft, ...] = ()
    trigger: str = ""
    ai_use: tuple[AiUse, ...] = ()
    notes: str = ""
    owner: str = ""  # as the file has it, which is no name of this catalog


@dataclass(frozen=True, slots=True)
class ComponentDraft:
    """A reusable part: a sub-flow, a library. `kind` is one of `ComponentKind`."""

    part: str
    title: str
    kind: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class RelationDraft:
    """`source` stands in a relation (a `RelationType`) to `target`. Either end is `kind:namespace/name`, which may be in another file.

    `api` and `component` name parts of an import under the same label; `system`, `resource` and `domain` what is called so here.
    """

    source: str
    type: str
    target: str


@dataclass(frozen=True, slots=True)
class FileDraft:
    """Everything one file says, and `remarks`: sentences about what could not be read from it.

    `owners` are names of teams or people as the file has them; nobody is made of them.
    """

    format: str
    integrations: tuple[IntegrationDraft, ...] = ()
    components: tuple[ComponentDraft, ...] = ()
    systems: tuple[SystemDraft, ...] = ()
    remarks: tuple[str, ...] = ()
    relations: tuple[RelationDraft, ...] = ()
    owners: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing in it can be registered. Systems that no flow uses count only where they are the file's subject."""
        return not (self.integrations or self.components or self.systems)


class NotImported(Exception):
    """The file cannot be imported; the message is a sentence for the person who sent it."""


def as_json(draft: FileDraft) -> dict[str, Any]:
    """For a JSON column."""
    return asdict(draft)


def from_json(value: Mapping[str, Any]) -> FileDraft:
    """The inverse of `as_json`."""
    return FileDraft(
        format=value["format"],
        integrations=tuple(_integration(item) for item in value["integrations"]),
        components=tuple(ComponentDraft(**item) for item in value["components"]),
        systems=tuple(SystemDraft(**item) for item in value["systems"]),
        remarks=tuple(value["remarks"]),
        relations=tuple(RelationDraft(**item) for item in value.get("relations", ())),  # a draft may have waited for a newer version
        owners=tuple(value.get("owners", ())),
    )


def once(draft: FileDraft) -> FileDraft:
    """Parts that a file has twice under one identity are read once; a remark says so."""
    seen: set[str] = set()
    twice: dict[str, None] = {}

    def is_first(item: IntegrationDraft | ComponentDraft) -> bool:
        if item.part in seen:
            twice[item.title] = None
            return False
        seen.add(item.part)
        return True

    kept = tuple(filter(is_first, draft.integrations)), tuple(filter(is_first, draft.components))
    if not twice:
        return draft
    told = f"The file has more than one of the same identity; the first was read: {', '.join(list(twice)[:10])}."
    return replace(draft, integrations=kept[0], components=kept[1], remarks=(*draft.remarks, told))


def _integration(item: Mapping[str, Any]) -> IntegrationDraft:
    endpoints = tuple(EndpointDraft(**{**end, "fields": tuple(end["fields"])}) for end in item["endpoints"])
    ai_use = tuple(AiUse(**{**use, "data": tuple(use["data"])}) for use in item["ai_use"])
    return IntegrationDraft(**{**item, "tags": tuple(item["tags"]), "endpoints": endpoints, "ai_use": ai_use})
