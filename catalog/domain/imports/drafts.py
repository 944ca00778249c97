"""What was read from one file, as plain values that may be kept: no bytes of it, no credentials, no addresses with queries.

A draft is what a file says; whether that creates, updates or contradicts something is decided against the catalog, later.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

MAX_ENDPOINTS = 100
MAX_AI_USES = 50
MAX_PARTS = 1000  # flows of one file


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


@dataclass(frozen=True, slots=True)
class ComponentDraft:
    """A reusable part: a sub-flow, a library. `kind` is one of `ComponentKind`."""

    part: str
    title: str
    kind: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class FileDraft:
    """Everything one file says, and `remarks`: sentences about what could not be read from it."""

    format: str
    integrations: tuple[IntegrationDraft, ...] = ()
    components: tuple[ComponentDraft, ...] = ()
    systems: tuple[SystemDraft, ...] = ()
    remarks: tuple[str, ...] = ()

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
    )


def _integration(item: Mapping[str, Any]) -> IntegrationDraft:
    endpoints = tuple(EndpointDraft(**{**end, "fields": tuple(end["fields"])}) for end in item["endpoints"])
    ai_use = tuple(AiUse(**{**use, "data": tuple(use["data"])}) for use in item["ai_use"])
    return IntegrationDraft(**{**item, "tags": tuple(item["tags"]), "endpoints": endpoints, "ai_use": ai_use})
