"""What allauth asks of us: accounts are made by administrators, and two-factor secrets are encrypted at rest."""

import os
import tempfile
from pathlib import Path
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from cryptography.fernet import Fernet
from django import forms
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from foundation.secrets import secret_in_line

ISSUER = "Portolan"
KEY_FILE = "mfa.key"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Sign-up is closed: every account is made by an administrator, on the record."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - signature of allauth
        return False


def user_display(user: Any) -> str:
    """Return the name people know the user by."""
    return str(user.display_name or user.username)


def _key_path() -> Path:
    return Path(settings.PORTOLAN_KEYS_DIR) / KEY_FILE


def _create_key(path: Path) -> None:
    """Write a new key (mode 0600) unless another process was first: a link, unlike a rename, never replaces."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)  # mkstemp makes the file 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            return
    finally:
        Path(name).unlink()


def _cipher() -> Fernet:
    path = _key_path()
    if not path.exists():
        _create_key(path)
    return Fernet(path.read_bytes().strip())


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Authenticator secrets and recovery seeds reach the database only under the key in `mfa.key`."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret; InvalidToken when the key file is not the one it was encrypted with."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return ISSUER

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()


def refuse_secret(name: str) -> None:
    """A validator: what a security key is called is kept and shown."""
    if found := secret_in_line(name):
        raise ValidationError(found[1], code=found[0])


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """A security key and what it is called."""

    name = forms.CharField(required=False, max_length=120, validators=[refuse_secret])


class RenameKeyForm(EditWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """Another name for a security key."""

    name = forms.CharField(max_length=120, validators=[refuse_secret])
