"""Bearer tokens: the secret is shown once, only its keyed hash is kept."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.db import connection, transaction

from accounts.domain.errors import AccountInactive, TokenExpired, TokenMissing, TokenRevoked
from accounts.domain.inputs import Reading
from accounts.domain.roles import Scope
from accounts.domain.secrets import new_secret, well_formed
from accounts.models import Token, User
from audit.domain.actors import Actor
from audit.services import keys
from audit.services.record import record

SUBJECT = "accounts.token"
_TOUCH_EVERY = timedelta(minutes=1)
_SCOPES = frozenset(scope.value for scope in Scope)


@transaction.atomic
def issue_token(
    *, user: User, label: str, scopes: Iterable[str], expires_at: datetime | None = None, actor: Actor, now: datetime
) -> tuple[Token, str]:
    """A new token of `user` and its secret, which nobody can read again.

    Raises: Invalid (422) for unknown scopes, no scope at all, or an expiry that has passed.
    """
    reading = Reading()
    wanted = list(dict.fromkeys(scopes))
    for index, scope in enumerate(wanted):
        if scope not in _SCOPES:
            reading.fault(f"/scopes/{index}", "not-a-choice", f"Choose among: {', '.join(sorted(_SCOPES))}.")
    if not wanted:
        reading.fault("/scopes", "length", "Name at least one scope.")
    if expires_at is not None and expires_at <= now:
        reading.fault("/expires_at", "in-the-past", "Give a time that is still to come.")
    label = reading.line("label", label, most=120)
    reading.close()
    prefix, secret = new_secret()
    token = Token.objects.create(
        user=user, label=label, prefix=prefix, secret_hash=_keyed(secret), scopes=wanted, created_at=now, expires_at=expires_at
    )
    record(
        "accounts.token.issued",
        subject=(SUBJECT, token.id),
        actor=actor,
        at=now,
        facts={"user": user.id, "token": token.id, "scopes": wanted, "expires_at": expires_at},
        texts={"label": label},
        version=1,
    )
    return token, secret


@transaction.atomic
def revoke_token(*, token_id: UUID, user: User | None = None, actor: Actor, now: datetime) -> Token:
    """Make a token useless from this moment on; of `user` only, when given. Raises TokenMissing."""
    found = Token.objects.select_for_update().filter(id=token_id)
    token = (found if user is None else found.filter(user=user)).first()
    if token is None:
        raise TokenMissing
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        facts = {"user": token.user_id, "token": token.id}
        record("accounts.token.revoked", subject=(SUBJECT, token.id), actor=actor, at=now, facts=facts, version=2)
    return token


def resolve(secret: str, now: datetime | None = None) -> Token | None:
    """The token (with its user and `read_at`) that `secret` opens, or None when it is not one of ours.

    Without `now` the database's clock is read in the same statement; `read_at` is the moment that was used.
    A mistyped secret is told by its check digits without a query. Its use is noted at most once a minute.
    Raises: TokenRevoked, TokenExpired, AccountInactive (401).
    """
    if not well_formed(secret):
        return None
    token = _found(_keyed(secret), now)
    if token is None:
        return None
    moment: datetime = token.read_at  # type: ignore[attr-defined]
    if token.revoked_at is not None:
        raise TokenRevoked
    if token.expires_at is not None and token.expires_at <= moment:
        raise TokenExpired
    if not token.user.is_active:
        raise AccountInactive
    if token.last_used_at is None or token.last_used_at <= moment - _TOUCH_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=moment)
    return token


def _found(secret_hash: bytes, now: datetime | None) -> Token | None:
    """The token with its user and `read_at`. Runs for every request of every machine, so the statement is put together once."""
    statement, token_names, user_names = _lookup()
    with connection.cursor() as cursor:
        cursor.execute(statement, [now, secret_hash])
        row = cursor.fetchone()
    if row is None:
        return None
    end = 1 + len(token_names)
    token = Token.from_db(connection.alias, token_names, row[1:end])
    token.user = User.from_db(connection.alias, user_names, row[end:])
    token.read_at = row[0]  # type: ignore[attr-defined]  # told, not kept
    return token


@lru_cache(maxsize=1)
def _lookup() -> tuple[str, list[str], list[str]]:
    """The statement, and the attributes that its columns after the moment are for."""
    tokens, users = Token._meta.concrete_fields, User._meta.concrete_fields  # noqa: SLF001 - Django's documented model API
    columns = ", ".join([*(f"token.{field.column}" for field in tokens), *(f"owner.{field.column}" for field in users)])
    statement = (
        f"SELECT coalesce(%s::timestamptz, clock_timestamp()), {columns} FROM {Token._meta.db_table} token "  # noqa: S608, SLF001
        f"JOIN {User._meta.db_table} owner ON owner.id = token.user_id WHERE token.secret_hash = %s"  # noqa: SLF001
    )
    return statement, [field.attname for field in tokens], [field.attname for field in users]


def _keyed(secret: str) -> bytes:
    return hmac.new(_pepper(), secret.encode(), hashlib.sha256).digest()


@lru_cache(maxsize=1)
def _pepper() -> bytes:
    return keys.secret_key("pepper.key")
