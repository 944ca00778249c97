"""What may run: immutable releases, and what is live where (written down to us by the runtime side)."""

from django.db import models
from simple_history.models import HistoricalRecords

from accounts.models import User
from audit.models import EventStamped
from catalog.models.environment import Environment
from catalog.models.integration import Integration
from foundation.ids import uuid7


class Release(models.Model):
    """An immutable version of an integration. `digest` = sha256 of the RFC 8785 form of the manifest."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, models.PROTECT, related_name="releases")
    version = models.CharField(max_length=63, db_collation="C")
    version_sort = models.CharField(max_length=200, db_collation="C", editable=False)
    digest = models.CharField(max_length=71, db_collation="C", db_index=True)
    runtime_kind = models.CharField(max_length=63)
    manifest = models.JSONField()
    manifest_bytes = models.BinaryField()
    notes = models.TextField(max_length=20_000, blank=True)
    evidence = models.JSONField(default=list)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["integration", "-version_sort"]
        constraints = [models.UniqueConstraint(fields=["integration", "version"], name="release_version_once")]
        indexes = [models.Index(fields=["integration", "-version_sort"], name="release_newest_first")]

    def __str__(self) -> str:
        return self.version


class ReleaseAuthor(models.Model):
    """Everybody who wrote content of a release: none of them may approve it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    release = models.ForeignKey(Release, models.CASCADE, related_name="authors")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "user"], name="release_author_once")]


class LiveRelease(models.Model):
    """Which release runs where, as the runtime side last recorded it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="live_releases")
    environment = models.ForeignKey(Environment, models.PROTECT, related_name="+")
    runtime_key = models.CharField(max_length=63, db_collation="C")
    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    since = models.DateTimeField()

    history = HistoricalRecords(bases=[EventStamped], related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "environment", "runtime_key"], name="live_release_once_per_slot")]
