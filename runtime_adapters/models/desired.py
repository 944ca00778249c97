"""What should run. Governance writes it through `services.deployments`; nothing else does."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from catalog.models import Release
from foundation.ids import uuid7
from runtime_adapters.models.runtime import Slot


class Cause(models.TextChoices):
    CHANGE = "change"
    ROLLBACK = "rollback"
    RETIRE = "retire"


class Timeline(models.Model):
    """One row. Grows by one after a restore, so that a runtime ahead of the restored database is told apart."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_timeline")]


class DesiredState(models.Model):
    """What should run in a slot. generation = (timeline, number), number + 1 per change and never used again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slot = models.OneToOneField(Slot, models.PROTECT, related_name="desired")
    timeline = models.PositiveIntegerField()
    generation = models.PositiveIntegerField()
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=71, db_collation="C", blank=True)
    payload = models.JSONField(null=True, blank=True)
    payload_digest = models.CharField(max_length=71, db_collation="C", blank=True)
    content_hash = models.CharField(max_length=71, db_collation="C", blank=True)
    change_id = models.UUIDField()
    cause = models.CharField(max_length=8, choices=Cause.choices)
    apply_epoch = models.PositiveIntegerField(default=1)
    quarantined = ArrayField(models.CharField(max_length=71), default=list)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(generation__gte=1), name="generation_from_one")]


class Authorisation(models.Model):
    """What governance allows to be sent for a slot, re-read before each send."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slot = models.OneToOneField(Slot, models.PROTECT, related_name="authorisation")
    digest = models.CharField(max_length=71, db_collation="C", blank=True)
    not_after = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    closed_intervals = models.JSONField(default=list)
    changed_at = models.DateTimeField()
