"""The fields that an import fills, in the form in which they are compared: what a draft says, what an integration has."""

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.domain.imports.drafts import FileDraft, IntegrationDraft
from catalog.domain.vocabulary import Section
from catalog.models import FlowEndpoint, Integration
from foundation.canonical import packed, sha256_digest

FIELDS = ("title", "purpose", "type", "tags", "endpoints", "ai_use")
NOTES = "document:overview"
NOTES_SECTION = Section.OVERVIEW
_FORMAT, _TRIGGER, _OWNER = "import/format", "import/trigger", "import/owner"


def said(draft: IntegrationDraft, endpoints: list[dict[str, Any]]) -> dict[str, Any]:
    """What the file says, by field. `endpoints` are the draft's, with the names that their systems and data objects have here."""
    ai_use = [{"provider": use.provider, "model": use.model, "node": use.node, "data": list(use.data)} for use in draft.ai_use]
    return {
        "title": draft.title,
        "purpose": draft.purpose,
        "type": draft.type,
        "tags": list(draft.tags),
        "endpoints": sorted(endpoints, key=_order),
        "ai_use": ai_use,
    }


def present(integration: Integration, rows: Iterable[FlowEndpoint]) -> dict[str, Any]:
    """What the integration has now, in the same form."""
    return {
        "title": integration.title,
        "purpose": integration.purpose,
        "type": integration.type,
        "tags": list(integration.tags),
        "endpoints": sorted((_end(row) for row in rows), key=_order),
        "ai_use": integration.ai_use,
    }


def endpoint(system: str, data_object: str | None, role: str, operation: str, **more: Any) -> dict[str, Any]:
    """One end as commands take it."""
    told = {"system": system, "data_object": data_object, "role": role, "operation": operation}
    return {**told, "fields_touched": [], "cadence": "", "address": "", "volume_per_day": None, **more}


def labels_with(labels: Mapping[str, str], file: FileDraft, draft: IntegrationDraft) -> dict[str, str]:
    """The labels with our own set: where it came from, what starts it, whom the file names as owner. Everybody else's stay."""
    told = {_FORMAT: file.format, _TRIGGER: draft.trigger, _OWNER: draft.owner}
    return {**{key: text for key, text in labels.items() if key not in told}, **{key: text for key, text in told.items() if text}}


def digest(value: Any) -> str:
    """What a machine wrote, to tell later whether it still stands."""
    return sha256_digest(packed(value))


def _end(row: FlowEndpoint) -> dict[str, Any]:
    return endpoint(
        row.system.slug,
        row.data_object.slug if row.data_object else None,
        row.role,
        row.operation,
        fields_touched=list(row.fields_touched),
        cadence=row.cadence,
        address=row.address,
        volume_per_day=row.volume_per_day,
    )


def _order(end: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return (end["system"], end["data_object"] or "", end["role"], end["operation"])
