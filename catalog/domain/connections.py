"""Connections: what a template asks for, what may fill it, and when it needs a person again."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from catalog.domain.secrets import is_reference, secret_in_text, secrets_in
from foundation.errors import DomainError, FieldError
from foundation.secrets import secret_in_line
from foundation.text import clean

MAX_SLOTS = 20
MAX_DESCRIPTION = 300
MAX_REFERENCE = 330
SOON = timedelta(days=30)
_SLOT = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
_PROTOCOL = re.compile(r"[a-z0-9](?:[a-z0-9+.-]{0,29}[a-z0-9])?\Z")
_REFERENCE = "Write where it is kept: env://NAME, file://, vault:// or k8s://. What was sent is not a reference and was not kept."


class Upkeep(StrEnum):
    """What a connection needs from its team, the most urgent first."""

    EXPIRED = "expired"
    ROTATION_DUE = "rotation-due"
    EXPIRES_SOON = "expires-soon"
    FINE = "fine"


def is_protocol(word: str) -> bool:
    """Whether `word` names a protocol as machines do: https, sftp, amqp, ldaps."""
    return _PROTOCOL.match(word) is not None


def slot_faults(slots: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    """What is wrong with a template's slots `{name, required?, description?}`, with pointers that start at /slots."""
    if len(slots) > MAX_SLOTS:
        yield FieldError("/slots", "too-many", f"At most {MAX_SLOTS} slots.")
    seen = set()
    for index, slot in enumerate(slots):
        at, name = f"/slots/{index}", slot.get("name")
        if not isinstance(name, str) or not _SLOT.match(name):
            yield FieldError(f"{at}/name", "slot-name", "Use small letters, digits and _; start with a letter.")
        elif name in seen:
            yield FieldError(f"{at}/name", "duplicate", "Another slot has this name.")
        seen.add(name)
        yield from _description_faults(slot.get("description", ""), f"{at}/description")


def whole_slots(slots: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The slots as they are kept, every member there."""
    return [
        {"name": slot["name"], "required": bool(slot.get("required", True)), "description": str(slot.get("description", "")).strip()}
        for slot in slots
    ]


def reference_faults(slots: Sequence[Mapping[str, Any]], references: Mapping[str, Any]) -> Iterator[FieldError]:
    """What is wrong with the references for these slots. Neither a value nor an unknown name is ever repeated in a fault."""
    names = {slot["name"] for slot in slots}
    if not references.keys() <= names:
        told = ", ".join(sorted(names)) or "none"
        yield FieldError("/references", "unknown-slot", f"The template has no such slot. Its slots: {told}.")
    for slot in slots:
        if slot["required"] and slot["name"] not in references:
            yield FieldError(f"/references/{slot['name']}", "required", "The template requires a reference here.")
    for name in sorted(names & references.keys()):
        fault = _reference_fault(references[name])
        if fault:
            yield FieldError(f"/references/{name}", *fault)


def no_longer_fits(slots: Sequence[Mapping[str, Any]], references: Mapping[str, Any]) -> bool:
    """Whether a connection that was sound would break if its template had these slots."""
    return next(reference_faults(slots, references), None) is not None


def rotation_due_at(rotated_at: datetime | None, every_days: int | None) -> datetime | None:
    """When the next rotation is due; None where none is asked for or nothing is known of the last."""
    return rotated_at + timedelta(days=every_days) if rotated_at is not None and every_days is not None else None


def upkeep(*, expires_at: datetime | None, rotated_at: datetime | None, every_days: int | None, now: datetime) -> Upkeep:
    """What the connection needs at `now`. One that is to be rotated and never was is due."""
    if expires_at is not None and expires_at <= now:
        return Upkeep.EXPIRED
    due = rotation_due_at(rotated_at, every_days)
    if every_days is not None and (due is None or due <= now):
        return Upkeep.ROTATION_DUE
    if expires_at is not None and expires_at - now <= SOON:
        return Upkeep.EXPIRES_SOON
    return Upkeep.FINE


def _reference_fault(value: Any) -> tuple[str, str] | None:
    """(code, sentence): for what looks like a secret the sign it was told by, else that it is no reference."""
    if not isinstance(value, str) or len(value) > MAX_REFERENCE:
        return "secret-reference", _REFERENCE
    shaped = secret_in_text(value)
    if shaped:
        return shaped
    if is_reference(value):
        return None
    found = next(secrets_in({"value": value}), None)
    return (found.code, found.detail) if found else ("secret-reference", _REFERENCE)


def _description_faults(text: Any, at: str) -> Iterator[FieldError]:
    try:
        if not isinstance(text, str) or len(clean(text)) > MAX_DESCRIPTION:
            yield FieldError(at, "length", f"One line of at most {MAX_DESCRIPTION} characters.")
            return
    except DomainError as error:
        yield FieldError(at, error.code, error.detail)
        return
    secret = secret_in_line(text)
    if secret:
        yield FieldError(at, *secret)
