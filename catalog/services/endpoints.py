"""The ends of an integration: which systems and data objects it touches. Read as a whole, compared, replaced where they differ."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.domain.inputs import Reading
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.secrets import secret_in_text
from catalog.domain.vocabulary import EndpointRole, Operation
from catalog.models import FlowEndpoint, Integration
from catalog.selectors import landscape
from foundation.errors import pointer_of
from foundation.text import slug_key

MAX_ENDPOINTS = 100
_MEMBERS = frozenset({"system", "data_object", "role", "operation", "fields_touched", "cadence", "address"})
_REQUIRED = ("system", "data_object", "role", "operation")


def read_endpoints(reading: Reading, endpoints: Sequence[Mapping[str, Any]]) -> list[FlowEndpoint]:
    """Unsaved endpoints of `{system, data_object, role, operation, fields_touched?, cadence?, address?}`; two queries for all."""
    if len(endpoints) > MAX_ENDPOINTS:
        reading.fault("/endpoints", "too-many", f"At most {MAX_ENDPOINTS} endpoints.")
        return []
    sound = [(index, item) for index, item in enumerate(endpoints) if _is_sound(reading, index, item)]
    systems = landscape.systems_by_slugs(item["system"] for _, item in sound)
    data_objects = landscape.data_objects_by_slugs(item["data_object"] for _, item in sound)
    read: dict[tuple[Any, ...], FlowEndpoint] = {}
    for index, item in sound:
        endpoint = _read(reading, index, item)
        system, data_object = systems.get(slug_key(item["system"])), data_objects.get(slug_key(item["data_object"]))
        if system is None:
            reading.fault(f"/endpoints/{index}/system", "unknown-system", "There is no such system.")
        if data_object is None:
            reading.fault(f"/endpoints/{index}/data_object", "unknown-data-object", "There is no such data object.")
        if system is None or data_object is None:
            continue
        endpoint.system, endpoint.data_object = system, data_object
        if _identity(endpoint) in read:
            reading.fault(f"/endpoints/{index}", "duplicate", "The same endpoint appears twice.")
        read[_identity(endpoint)] = endpoint
    return list(read.values())


def add_endpoints(integration: Integration, endpoints: Iterable[FlowEndpoint]) -> list[FlowEndpoint]:
    """Save the endpoints of a new integration."""
    rows = list(endpoints)
    for row in rows:
        row.integration = integration
    return FlowEndpoint.objects.bulk_create(rows)


def replace_endpoints(integration: Integration, endpoints: Iterable[FlowEndpoint], *, actor: Actor, now: datetime) -> bool:
    """Make the integration's endpoints these; unchanged ones keep their ids. Records each change; False when there was none."""
    present = {_whole(row): row for row in integration.endpoints.select_related("system", "data_object")}
    wanted = {_whole(row): row for row in endpoints}
    gone = [row for key, row in present.items() if key not in wanted]
    new = [row for key, row in wanted.items() if key not in present]
    FlowEndpoint.objects.filter(pk__in=[row.pk for row in gone]).delete()
    add_endpoints(integration, new)
    for verb, rows in (("removed", gone), ("added", new)):
        for row in rows:
            facts = {"integration": integration.id, "system": row.system_id, "endpoint": row.id, "role": row.role}
            texts = {"data_object": row.data_object.slug, "operation": row.operation, "fields_touched": row.fields_touched}
            subject = ("catalog.integration", integration.id)
            record(f"catalog.endpoint.{verb}", subject=subject, actor=actor, at=now, facts=facts, texts=texts)
    return bool(gone or new)


def _is_sound(reading: Reading, index: int, item: Mapping[str, Any]) -> bool:
    if not isinstance(item, Mapping):
        reading.fault(f"/endpoints/{index}", "type", "Each endpoint must be an object.")
        return False
    before = len(reading.faults)
    for name in item.keys() - _MEMBERS:
        reading.fault(f"/endpoints/{index}" + pointer_of(name), "unknown-field", "Unknown member.")
    for name in _REQUIRED:
        if not isinstance(item.get(name), str):
            reading.fault(f"/endpoints/{index}/{name}", "required", "Every endpoint needs this.")
    return len(reading.faults) == before


def _read(reading: Reading, index: int, item: Mapping[str, Any]) -> FlowEndpoint:
    at = ("endpoints", index)
    address = reading.line((*at, "address"), item.get("address", ""), most=300, least=0)
    secret = secret_in_text(address)
    if secret:
        reading.fault(pointer_of(*at, "address"), *secret)
    return FlowEndpoint(
        role=reading.one_of((*at, "role"), item["role"], set(EndpointRole)),
        operation=reading.one_of((*at, "operation"), item["operation"], set(Operation)),
        fields_touched=[reading.line((*at, "fields_touched"), field, most=120) for field in item.get("fields_touched", ())],
        cadence=reading.line((*at, "cadence"), item.get("cadence", ""), most=63, least=0),
        address=address,
    )


def _identity(row: FlowEndpoint) -> tuple[Any, ...]:
    return (row.system_id, row.data_object_id, row.role, row.operation)


def _whole(row: FlowEndpoint) -> tuple[Any, ...]:
    return (*_identity(row), tuple(row.fields_touched), row.cadence, row.address)
