"""What runs integrations, and the places on it that we answer for."""

from django.db import models
from simple_history.models import HistoricalRecords

from accounts.models import User
from audit.models import EventStamped
from catalog.models import Environment, Integration
from foundation.ids import uuid7


class Runtime(models.Model):
    """A runtime that an adapter speaks to (or that pulls). Secrets are references (`env://`, `file://`), never values."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=63, db_collation="C")
    slug_key = models.CharField(max_length=63, unique=True, db_collation="C", editable=False)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=63)
    config = models.JSONField(default=dict)
    environments = models.ManyToManyField(Environment, related_name="+")
    service_user = models.OneToOneField(User, models.PROTECT, related_name="+")
    is_enabled = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    clock_offset_ms = models.IntegerField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    failures_in_row = models.PositiveIntegerField(default=0)

    history = HistoricalRecords(
        bases=[EventStamped],
        excluded_fields=["last_seen_at", "clock_offset_ms", "paused_until", "failures_in_row"],
        m2m_fields=[environments],
        m2m_bases=[EventStamped],
        related_name="+",
    )

    class Meta:
        ordering = ["slug_key"]
        constraints = [models.CheckConstraint(condition=models.Q(version__gte=1), name="runtime_version_positive")]

    def __str__(self) -> str:
        return self.title


class Slot(models.Model):
    """(integration, environment, runtime): the unit of desired state, ordering and leases.

    The lease: `lease_epoch` grows by one per grant; a write with an older epoch is refused. `next_check_at` is when the
    reconciler looks again: the row is the queue.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, models.PROTECT, related_name="+")
    environment = models.ForeignKey(Environment, models.PROTECT, related_name="+")
    runtime = models.ForeignKey(Runtime, models.PROTECT, related_name="slots")
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_epoch = models.PositiveBigIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["integration", "environment", "runtime"], name="slot_once")]
