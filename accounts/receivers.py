"""Signs of life of accounts that Django and allauth tell only by signals. The one place with receivers (decision 6)."""

from typing import Any
from uuid import uuid5

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import Signal

from accounts.models import User
from accounts.selectors.viewers import actor_of
from audit.domain.actors import Actor
from audit.services.record import record
from foundation.clock import db_now
from foundation.text import slug_key

_SUBJECT = "accounts.user"


def connect() -> None:
    """Called once, when the application is ready."""
    pairs: list[tuple[Signal, Any]] = [
        (user_logged_in, _signed_in),
        (user_logged_out, _signed_out),
        (user_login_failed, _sign_in_failed),
        *((signal, _password_changed) for signal in (password_changed, password_set, password_reset)),
        *((signal, _mfa_enabled) for signal in (authenticator_added, authenticator_reset)),
        (authenticator_removed, _mfa_disabled),
    ]
    for signal, receiver in pairs:
        signal.connect(receiver, dispatch_uid=f"accounts.{id(signal)}.{receiver.__name__}")


def _signed_in(*, user: User, **_more: object) -> None:
    _note("accounts.sign_in.succeeded", user, {"method": "password"})


def _signed_out(*, user: User | None, **_more: object) -> None:
    if user is not None:
        _note("accounts.sign_out", user, {"method": "session"})


def _password_changed(*, user: User, **_more: object) -> None:
    _note("accounts.password.changed", user, {"way": "self"})


def _mfa_enabled(*, user: User, authenticator: Any, **_more: object) -> None:
    _note("accounts.mfa.enabled", user, {"method": authenticator.type})


def _mfa_disabled(*, user: User, authenticator: Any, **_more: object) -> None:
    _note("accounts.mfa.disabled", user, {"method": authenticator.type})


def _sign_in_failed(*, credentials: dict[str, Any], **_more: object) -> None:
    """The words typed are not kept: a password typed into the wrong field must not reach the log."""
    tried = str(credentials.get("username") or credentials.get("login") or "")
    user = User.objects.filter(username_key=slug_key(tried)).first() if tried and "\x00" not in tried else None
    reason = "unknown-account" if user is None else "inactive" if not user.is_active else "refused"
    anonymous = Actor.anonymous()
    subject = uuid5(anonymous.ref, "sign-in") if user is None else user.pk
    with transaction.atomic():
        facts = {"method": "password", "reason_code": reason}
        record("accounts.sign_in.failed", subject=(_SUBJECT, subject), actor=anonymous, at=db_now(), facts=facts, outcome="deny")


def _note(verb: str, user: User, facts: dict[str, Any]) -> None:
    with transaction.atomic():
        record(verb, subject=(_SUBJECT, user.pk), actor=actor_of(user, method="session"), at=db_now(), facts=facts)
