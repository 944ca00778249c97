"""What the organisation asks of each tier, and the lifecycle that integrations follow: data, not code."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from simple_history.models import HistoricalRecords

from audit.models import EventStamped
from foundation.ids import uuid7


class TierPolicy(models.Model):
    """What an integration of one tier needs. A tier without a row follows `catalog.domain.ownership.DEFAULTS`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tier = models.PositiveSmallIntegerField(unique=True)
    owner_roles = ArrayField(models.CharField(max_length=20))
    sections = ArrayField(models.CharField(max_length=16))
    attest_every_days = models.PositiveSmallIntegerField()
    escalate_after_days = ArrayField(models.PositiveSmallIntegerField())
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords(bases=[EventStamped], related_name="+")

    class Meta:
        ordering = ["tier"]
        constraints = [
            models.CheckConstraint(condition=models.Q(version__gte=1), name="tier_policy_version_positive"),
            models.CheckConstraint(condition=models.Q(tier__gte=1, tier__lte=3), name="tier_policy_tier_1_to_3"),
        ]


class LifecycleModel(models.Model):
    """One immutable version of the lifecycle. `definition` is read by `catalog.domain.lifecycle.Lifecycle`."""

    number = models.PositiveIntegerField(primary_key=True)
    title = models.CharField(max_length=120)
    definition = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
