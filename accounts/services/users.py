"""Accounts of people and machines."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts.domain.errors import LastAdministrator, PersonMissing, UsernameTaken
from accounts.domain.inputs import Reading
from accounts.domain.roles import Role
from accounts.models import Token, User
from accounts.models.user import TIME_ZONES, UserKind
from accounts.services.rows import save_row
from audit.domain.actors import Actor
from audit.services.record import record
from foundation.conditional import VersionMoved
from foundation.ids import uuid7
from foundation.text import slug_key

SUBJECT = "accounts.user"
EDITABLE = ("display_name", "email", "time_zone")


@transaction.atomic
def create_user(
    *,
    username: str,
    display_name: str,
    email: str = "",
    kind: str = "human",
    password: str | None = None,
    person_id: UUID | None = None,
    time_zone: str = "UTC",
    actor: Actor,
    now: datetime,
) -> User:
    """Open an account. `person_id` links it to a person who already has one: linked accounts vote once.

    Raises: Invalid (422, with pointers), UsernameTaken (409).
    """
    reading = Reading()
    identity = uuid7()
    user = User(
        id=identity,
        username=reading.username("username", username),
        display_name=reading.line("display_name", display_name, most=120),
        email=_email(reading, email),
        kind=reading.one_of("kind", kind, UserKind.values),
        person_id=person_id or identity,
        time_zone=reading.one_of("time_zone", time_zone, TIME_ZONES) if time_zone != "UTC" else time_zone,
        created_at=now,
    )
    user.username_key = slug_key(user.username)
    _check_person(reading, person_id)
    _set_password(reading, user, password)
    reading.close()
    save_row(user, actor=actor, now=now, taken=UsernameTaken)
    record(
        "accounts.user.created",
        subject=(SUBJECT, user.id),
        actor=actor,
        at=now,
        facts={"kind": user.kind, "person": user.person_id},
        texts={"username": user.username, "display_name": user.display_name, "email": user.email},
        about=user.person_id,
        version=user.version,
    )
    return user


@transaction.atomic
def update_user(*, username: str, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, now: datetime) -> User:
    """Change display name, e-mail address or time zone.

    Raises: PersonMissing, VersionMoved (412), Invalid (422).
    """
    user = _locked(username)
    if expected_version not in {None, user.version}:
        raise VersionMoved(user.version)
    reading = Reading()
    changed = [name for name in EDITABLE if name in changes and changes[name] != getattr(user, name)]
    for name in changed:
        setattr(user, name, _read(reading, name, changes[name]))
    reading.close()
    if not changed:
        return user
    user.version += 1
    save_row(user, actor=actor, now=now)
    record(
        "accounts.user.updated",
        subject=(SUBJECT, user.id),
        actor=actor,
        at=now,
        facts={"changed": changed},
        texts={name: getattr(user, name) for name in changed},
        about=user.person_id,
        version=user.version,
    )
    return user


@transaction.atomic
def deactivate_user(*, username: str, actor: Actor, now: datetime) -> User:
    """Switch an account off: it can no longer sign in, and all its tokens are revoked.

    Raises: PersonMissing, LastAdministrator (409).
    """
    user = _locked(username)
    if not user.is_active:
        return user
    if user.role_grants.filter(role=Role.ADMINISTRATOR).exists():
        require_other_administrator(user)
    user.is_active = False
    user.version += 1
    save_row(user, actor=actor, now=now)
    revoked = Token.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    record(
        "accounts.user.deactivated",
        subject=(SUBJECT, user.id),
        actor=actor,
        at=now,
        facts={"person": user.person_id, "revoked_tokens": revoked},
        version=user.version,
    )
    return user


@transaction.atomic
def reactivate_user(*, username: str, actor: Actor, now: datetime) -> User:
    """Switch an account on again; its old tokens stay revoked."""
    user = _locked(username)
    if user.is_active:
        return user
    user.is_active = True
    user.version += 1
    save_row(user, actor=actor, now=now)
    record("accounts.user.updated", subject=(SUBJECT, user.id), actor=actor, at=now, facts={"changed": ["is_active"]}, version=user.version)
    return user


def require_other_administrator(user: User) -> None:
    """Raise LastAdministrator when nobody else is an active administrator. Locks them, so that two cannot leave at once."""
    active = User.objects.select_for_update().filter(role_grants__role=Role.ADMINISTRATOR, is_active=True).order_by("id")
    if all(other.pk == user.pk for other in active):
        raise LastAdministrator


def _locked(username: str) -> User:
    user = User.objects.select_for_update().filter(username_key=slug_key(username)).first()
    if user is None:
        raise PersonMissing
    return user


def _check_person(reading: Reading, person_id: UUID | None) -> None:
    if person_id is not None and not User.objects.filter(person_id=person_id).exists():
        reading.fault("/person_id", "unknown-person", "No account has this person.")


def _set_password(reading: Reading, user: User, password: str | None) -> None:
    if password is None:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        for message in error.messages:
            reading.fault("/password", "weak-password", message)
        return
    user.set_password(password)


def _email(reading: Reading, value: str) -> str:
    text = reading.line("email", value, most=254, least=0)
    try:
        if text:
            validate_email(text)
    except ValidationError:
        reading.fault("/email", "email", "This is not an e-mail address.")
    return text


def _read(reading: Reading, name: str, value: str) -> str:
    if name == "email":
        return _email(reading, value)
    if name == "time_zone":
        return reading.one_of(name, value, TIME_ZONES)
    return reading.line(name, value, most=120)
