"""The ends of an integration: which systems and data objects it touches. Read as a whole, compared, replaced where they differ."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.domain.inputs import Reading
from accounts.services.rows import create_rows, delete_rows
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.carrying import carried
from catalog.domain.vocabulary import EndpointRole, Operation
from catalog.models import DataObject, FlowEndpoint, Integration, System
from catalog.selectors import landscape
from catalog.services.presence import hold
from catalog.services.search import note_carried
from foundation.errors import pointer_of
from foundation.text import slug_key

MAX_ENDPOINTS = 100
_MEMBERS = frozenset({"system", "data_object", "role", "operation", "fields_touched", "cadence", "address", "volume_per_day"})
_REQUIRED = ("system", "role", "operation")
MAX_VOLUME, MAX_FIELDS = 10**12, 500


def read_endpoints(reading: Reading, endpoints: Sequence[Mapping[str, Any]], *, present: Iterable[FlowEndpoint] = ()) -> list[FlowEndpoint]:
    """Unsaved endpoints, two queries for all.

    Each is `{system, data_object?, role, operation, fields_touched?, cadence?, address?, volume_per_day?}`; a data object that is
    None or left out is not known yet. What is retired may be named by `present` endpoints, and by no new one.
    """
    if len(endpoints) > MAX_ENDPOINTS:
        reading.fault("/endpoints", "too-many", f"At most {MAX_ENDPOINTS} endpoints.")
        return []
    sound = [(index, item) for index, item in enumerate(endpoints) if _is_sound(reading, index, item)]
    systems = landscape.systems_by_slugs(item["system"] for _, item in sound)
    data_objects = landscape.data_objects_by_slugs(item["data_object"] for _, item in sound if item.get("data_object"))
    read: dict[tuple[Any, ...], FlowEndpoint] = {}
    places: dict[tuple[Any, ...], int] = {}
    for index, item in sound:
        endpoint = _read(reading, index, item)
        system, named = systems.get(slug_key(item["system"])), item.get("data_object")
        data_object = data_objects.get(slug_key(named)) if named else None
        if system is None:
            reading.fault(f"/endpoints/{index}/system", "unknown-system", "There is no such system.")
        if named and data_object is None:
            reading.fault(f"/endpoints/{index}/data_object", "unknown-data-object", "There is no such data object.")
        if system is None or (named and data_object is None):
            continue
        endpoint.system, endpoint.data_object = system, data_object
        endpoint.carried = carried(data_object.slug if data_object else None, endpoint.fields_touched)
        if _identity(endpoint) in read:
            reading.fault(f"/endpoints/{index}", "duplicate", "The same endpoint appears twice.")
        read[_identity(endpoint)] = endpoint
        places[_identity(endpoint)] = index
    _require_in_use(reading, read.values(), places, {_identity(row) for row in present})
    return list(read.values())


def _require_in_use(
    reading: Reading, rows: Iterable[FlowEndpoint], places: Mapping[tuple[Any, ...], int], present: Collection[tuple[Any, ...]]
) -> None:
    """What new endpoints name must be there and in use, and stays so until they are saved."""
    new = [row for row in rows if _identity(row) not in present]
    systems = hold(System, (row.system_id for row in new))
    data_objects = hold(DataObject, (row.data_object_id for row in new if row.data_object_id))
    for row in new:
        at = places[_identity(row)]
        for name, key, held in (("system", row.system_id, systems), ("data_object", row.data_object_id, data_objects)):
            noun = name.replace("_", " ")
            if key is not None and key not in held:
                reading.fault(f"/endpoints/{at}/{name}", f"unknown-{noun.replace(' ', '-')}", f"There is no such {noun}.")
            elif key is not None and held[key]:
                reading.fault(f"/endpoints/{at}/{name}", "retired", f"This {noun} is retired: nothing new may use it.")


def add_endpoints(integration: Integration, endpoints: Iterable[FlowEndpoint], *, actor: Actor, now: datetime) -> list[FlowEndpoint]:
    """Save new endpoints with their history. Call it before the event is recorded that tells of them."""
    rows = list(endpoints)
    for row in rows:
        row.integration = integration
    note_carried(rows)
    return create_rows(rows, actor=actor, now=now)


def exchange_endpoints(
    integration: Integration, endpoints: Iterable[FlowEndpoint], *, actor: Actor, now: datetime
) -> tuple[list[FlowEndpoint], list[FlowEndpoint]]:
    """Make the integration's endpoints these: (those that went, those that came). Unchanged ones keep their ids."""
    present = {_whole(row): row for row in integration.endpoints.select_related("system", "data_object")}
    wanted = {_whole(row): row for row in endpoints}
    gone = [row for key, row in present.items() if key not in wanted]
    new = [row for key, row in wanted.items() if key not in present]
    delete_rows(gone, actor=actor, now=now)
    return gone, add_endpoints(integration, new, actor=actor, now=now)


def record_exchange(
    integration: Integration, gone: Iterable[FlowEndpoint], new: Iterable[FlowEndpoint], *, actor: Actor, now: datetime
) -> None:
    """One event for each endpoint that went or came."""
    for verb, rows in (("removed", gone), ("added", new)):
        for row in rows:
            facts = {"integration": integration.id, "system": row.system_id, "endpoint": row.id, "role": row.role}
            about = row.data_object.slug if row.data_object else None
            texts = {"data_object": about, "operation": row.operation, "fields_touched": row.fields_touched}
            subject = ("catalog.integration", integration.id)
            record(f"catalog.endpoint.{verb}", subject=subject, actor=actor, at=now, facts=facts, texts=texts)


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
    if not isinstance(item.get("data_object"), str | None):
        reading.fault(f"/endpoints/{index}/data_object", "type", "This must be a slug or null.")
    for name in ("cadence", "address"):
        if not isinstance(item.get(name, ""), str):
            reading.fault(f"/endpoints/{index}/{name}", "type", "This must be a text.")
    touched = item.get("fields_touched", [])
    if not isinstance(touched, list | tuple) or not all(isinstance(field, str) for field in touched) or len(touched) > MAX_FIELDS:
        reading.fault(f"/endpoints/{index}/fields_touched", "type", f"This must be a list of at most {MAX_FIELDS} texts.")
    return len(reading.faults) == before


def _read(reading: Reading, index: int, item: Mapping[str, Any]) -> FlowEndpoint:
    at = ("endpoints", index)
    return FlowEndpoint(
        role=reading.one_of((*at, "role"), item["role"], set(EndpointRole)),
        operation=reading.one_of((*at, "operation"), item["operation"], set(Operation)),
        fields_touched=[reading.line((*at, "fields_touched"), field, most=120) for field in item.get("fields_touched", ())],
        cadence=reading.line((*at, "cadence"), item.get("cadence", ""), most=63, least=0),
        address=reading.line((*at, "address"), item.get("address", ""), most=300, least=0),
        volume_per_day=_volume(reading, index, item.get("volume_per_day")),
    )


def _volume(reading: Reading, index: int, value: Any) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_VOLUME):
        return value
    reading.fault(f"/endpoints/{index}/volume_per_day", "out-of-range", f"Give a whole number from 0 to {MAX_VOLUME}.")
    return None


def _identity(row: FlowEndpoint) -> tuple[Any, ...]:
    return (row.system_id, row.data_object_id, row.role, row.operation)


def _whole(row: FlowEndpoint) -> tuple[Any, ...]:
    return (*_identity(row), tuple(row.fields_touched), row.cadence, row.address, row.volume_per_day)
