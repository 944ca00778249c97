"""One generation of one slot on its way to the runtime, and every attempt made."""

from django.db import models

from catalog.models import Release
from foundation.ids import uuid7
from runtime_adapters.domain.states import DeploymentState
from runtime_adapters.models.desired import Cause
from runtime_adapters.models.runtime import Slot


class Deployment(models.Model):
    """What became of one generation. Five facts are kept apart: requested, accepted, recorded, started, proven."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="deployments")
    timeline = models.PositiveIntegerField()
    generation = models.PositiveIntegerField()
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=71, db_collation="C", blank=True)
    change_id = models.UUIDField(db_index=True)
    cause = models.CharField(max_length=8, choices=Cause.choices)
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in DeploymentState])
    reason = models.CharField(max_length=500, blank=True)
    requested_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    proven_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    gate_until = models.DateTimeField(null=True, blank=True)
    attempt_count = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    give_up_at = models.DateTimeField(null=True, blank=True)
    is_read_back = models.BooleanField(null=True, blank=True)  # False: recorded on the word of a runtime that cannot be read
    settlement_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["slot", "timeline", "generation"], name="deployment_once_per_generation")]
        indexes = [
            models.Index(
                fields=["settled_at"],
                name="deployment_unread_settlement",
                condition=models.Q(settled_at__isnull=False, settlement_read_at__isnull=True),
            ),
        ]


class Attempt(models.Model):
    """One try to make the runtime hold the generation. `evidence` holds what the adapter saw, without secrets."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    deployment = models.ForeignKey(Deployment, models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    epoch = models.PositiveBigIntegerField()
    step = models.CharField(max_length=16)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=32, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["deployment", "number"], name="attempt_number_once")]
