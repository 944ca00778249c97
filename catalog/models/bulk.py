"""Edits of many integrations at once, kept so that the whole batch can be undone; and views that people keep."""

from django.db import models

from accounts.models import User
from catalog.models.queued import QueuedBatch
from foundation.ids import uuid7


class BulkBatch(QueuedBatch):
    """One bulk edit, the trial of one, or the undo of another. A small one is done at once and keeps only the rows that it changed."""

    origin = models.CharField(max_length=8, default="api")
    scopes = models.JSONField(null=True, blank=True)  # of the token that sent it; null for a session
    undoes = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="+")
    row_count = models.PositiveIntegerField(default=0)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta(QueuedBatch.Meta):
        pass


class BulkRow(models.Model):
    """One row of a batch: what was sent until it was applied (kept by a trial, to be applied after it), then what became of it."""

    class Rank(models.IntegerChoices):
        """Verdicts in the order in which people want to see them."""

        REFUSED = 0
        CHANGED = 1
        CREATED = 2
        UNCHANGED = 3
        WAITING = 9

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(BulkBatch, models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    content = models.TextField(blank=True)  # JSON, or YAML as it came: nothing that was not checked goes into JSONB
    slug = models.CharField(max_length=200, blank=True)
    slug_key = models.CharField(max_length=400, blank=True, db_collation="C")
    rank = models.PositiveSmallIntegerField(choices=Rank.choices, default=Rank.WAITING)
    integration_version = models.PositiveIntegerField(null=True, blank=True)
    diff = models.JSONField(default=list)
    problem = models.JSONField(null=True, blank=True)
    integration_id = models.UUIDField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # begun so often; one that stops its worker each time is given up

    class Meta:
        ordering = ["batch", "position"]
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="bulk_row_once")]
        indexes = [
            models.Index(fields=["batch", "rank", "position"], name="bulk_row_by_rank"),
            models.Index(fields=["batch", "slug_key"], name="bulk_row_by_slug"),
        ]


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
