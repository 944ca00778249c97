"""Edits of many integrations at once, kept so that the whole batch can be undone; and views that people keep."""

from django.db import models

from accounts.models import User
from foundation.ids import uuid7


class BulkBatch(models.Model):
    """What one bulk edit did. `changes`: [{integration, version, before, after}] for every row that was changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    changes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]


class SavedView(models.Model):
    """A list's query under a name: one person's, or shared with everybody signed in. What it shows is decided by who looks."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    title = models.CharField(max_length=120)
    title_key = models.CharField(max_length=240, db_collation="C", editable=False)
    query = models.CharField(max_length=2000)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["title_key", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "title_key"], name="saved_view_once_per_owner"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="saved_view_version_positive"),
        ]
