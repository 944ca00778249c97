"""Who acts: people and the service accounts of machines."""

import zoneinfo
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from simple_history.models import HistoricalRecords

from accounts.domain.roles import Role
from audit.models import EventStamped
from foundation.ids import uuid7
from foundation.text import slug_key

TIME_ZONES = frozenset(zoneinfo.available_timezones())


class UserKind(models.TextChoices):
    HUMAN = "human"
    SERVICE = "service"


class UserManager(BaseUserManager["User"]):
    """Looks people up by any spelling of their user name; rows are written by `accounts.services.users`."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username_key=slug_key(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """An account. `person_id` names the natural person behind it: linked accounts share it, and a person votes once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(max_length=63, unique=True, db_collation="C")
    username_key = models.CharField(max_length=63, unique=True, db_collation="C", editable=False)
    display_name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    kind = models.CharField(max_length=8, choices=UserKind.choices, default=UserKind.HUMAN)
    person_id = models.UUIDField(db_index=True, default=uuid7)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=63, default="UTC")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    history = HistoricalRecords(
        bases=[EventStamped], excluded_fields=["password", "last_login"], m2m_fields=[], related_name="+", cascade_delete_history=False
    )
    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["username_key"]
        constraints = [models.CheckConstraint(condition=models.Q(version__gte=1), name="user_version_positive")]

    def __str__(self) -> str:
        return self.display_name or self.username

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Django saves when somebody last signed in. That changes nothing of the account, so no history row tells of it: the event does."""
        if update_fields is not None and set(update_fields) == {"last_login"}:
            type(self).objects.filter(pk=self.pk).update(last_login=self.last_login)
        else:
            super().save(update_fields=update_fields, **kwargs)


class RoleGrant(models.Model):
    """One organisation-wide right of one account. None of them gives a vote."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=16, choices=[(role.value, role.value) for role in Role])
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="role_granted_once")]
