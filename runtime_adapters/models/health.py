"""What runtimes report about health, and what we conclude from it."""

from django.db import models

from catalog.models import Environment, Integration, Release
from foundation.ids import uuid7
from runtime_adapters.domain.states import Health
from runtime_adapters.models.runtime import Runtime, Slot


class HealthReading(models.Model):
    """One reading as reported. (runtime, key) makes a resend harmless; `content_digest` tells a resend from a conflict."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    runtime = models.ForeignKey(Runtime, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200, db_collation="C")
    content_digest = models.BinaryField(max_length=32)
    slot = models.ForeignKey(Slot, models.CASCADE, null=True, blank=True, related_name="+")
    integration_slug = models.CharField(max_length=63, db_collation="C")
    environment_slug = models.CharField(max_length=63, db_collation="C")
    release = models.ForeignKey(Release, models.CASCADE, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=71, db_collation="C", blank=True)
    seq = models.BigIntegerField(default=0)
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    runs_started = models.PositiveIntegerField(default=0)
    runs_succeeded = models.PositiveIntegerField(default=0)
    runs_failed = models.PositiveIntegerField(default=0)
    records_read = models.PositiveBigIntegerField(default=0)
    records_written = models.PositiveBigIntegerField(default=0)
    records_failed = models.PositiveBigIntegerField(default=0)
    latency_count = models.PositiveIntegerField(default=0)
    latency_sum_ms = models.FloatField(default=0)
    latency_max_ms = models.FloatField(default=0)
    errors = models.JSONField(default=list)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["runtime", "key"], name="health_reading_once")]
        indexes = [
            models.Index(fields=["slot", "release", "-window_end"], name="health_reading_by_release"),
            models.Index(fields=["received_at"], name="health_reading_received"),
        ]


class HealthState(models.Model):
    """The conclusion per slot and release: the state, since when, on what evidence. `due_at` is when it must be looked at again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slot = models.ForeignKey(Slot, models.CASCADE, related_name="+")
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    release = models.ForeignKey(Release, models.CASCADE, related_name="+")
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in Health], default=Health.UNKNOWN)
    reason = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField()
    last_reading_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    runs_succeeded = models.PositiveBigIntegerField(default=0)
    runs_failed = models.PositiveBigIntegerField(default=0)
    records_read = models.PositiveBigIntegerField(default=0)
    records_written = models.PositiveBigIntegerField(default=0)
    records_failed = models.PositiveBigIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slot", "release"], name="health_state_once")]


class Expectation(models.Model):
    """How often an integration is expected to report in an environment; without one, silence is merely unknown."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    environment = models.ForeignKey(Environment, models.CASCADE, related_name="+")
    every_s = models.PositiveIntegerField()
    grace_s = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["integration", "environment"], name="expectation_once"),
            models.CheckConstraint(condition=models.Q(every_s__gte=1), name="expectation_positive"),
        ]
