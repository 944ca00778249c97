"""The only place that grants and withdraws rights on single objects (django-guardian, direct foreign keys)."""

from typing import Any

from django.contrib.auth.models import Group
from guardian.shortcuts import assign_perm, remove_perm

from accounts.models import User


def grant(*, permission: str, to: User | Group, obj: Any) -> None:
    """Give a person or a group `permission` (a bare codename) on `obj`. Granting twice is the same as once."""
    assign_perm(permission, to, obj)


def withdraw(*, permission: str, of: User | Group, obj: Any) -> None:
    """Take it back; nothing happens when it was not given."""
    remove_perm(permission, of, obj)
