"""Bearer tokens: the secret is shown once, only its keyed hash is kept."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.db import transaction
from django.db.models import DateTimeField, Func, Value

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
    clock = _Clock() if now is None else Value(now, output_field=DateTimeField())
    token = Token.objects.select_related("user").annotate(read_at=clock).filter(secret_hash=_keyed(secret)).first()
    if token is None:
        return None
    now = token.read_at
    if token.revoked_at is not None:
        raise TokenRevoked
    if token.expires_at is not None and token.expires_at <= now:
        raise TokenExpired
    if not token.user.is_active:
        raise AccountInactive
    if token.last_used_at is None or token.last_used_at <= now - _TOUCH_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


class _Clock(Func):
    """The database's present moment, whenever the transaction began."""

    function = "clock_timestamp"
    output_field = DateTimeField()


def _keyed(secret: str) -> bytes:
    return hmac.new(_pepper(), secret.encode(), hashlib.sha256).digest()


@lru_cache(maxsize=1)
def _pepper() -> bytes:
    return keys.secret_key("pepper.key")
