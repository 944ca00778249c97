"""Batches whose row is the queue: a worker takes one while `state` is queued or running and `next_check_at` has passed."""

from django.db import models

from accounts.models import User
from foundation.ids import uuid7


class QueuedBatch(models.Model):
    """What somebody asked for that takes longer than an answer may, and how far it is."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    is_dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True, db_index=True)
    objects = models.Manager()

    class Meta:
        abstract = True
        ordering = ["-created_at", "-id"]
