"""What machines and scripts sign in with: only a keyed hash of the secret is kept."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models.user import User
from foundation.ids import uuid7


class Token(models.Model):
    """A bearer token of one account. It acts as its owner, limited to its scopes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16, db_collation="C")
    secret_hash = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=32))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "id"]
