"""What does run, as last read back or reported."""

from django.db import models

from foundation.ids import uuid7
from runtime_adapters.domain.states import Sync
from runtime_adapters.models.runtime import Slot


class Observation(models.Model):
    """The latest look at a slot. Their clock is informational; ours (`received_at`) decides."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slot = models.OneToOneField(Slot, models.CASCADE, related_name="observation")
    digest = models.CharField(max_length=71, db_collation="C", blank=True)
    timeline = models.PositiveIntegerField(null=True, blank=True)
    generation = models.PositiveIntegerField(null=True, blank=True)
    native_revision = models.CharField(max_length=200, blank=True)
    content_hash = models.CharField(max_length=71, db_collation="C", blank=True)
    is_present = models.BooleanField(default=False)
    is_started = models.BooleanField(null=True, blank=True)
    source_seq = models.BigIntegerField(default=0)
    result = models.CharField(max_length=16, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    sync = models.CharField(max_length=8, choices=[(sync.value, sync.value) for sync in Sync], default=Sync.UNKNOWN)
    sync_since = models.DateTimeField(null=True, blank=True)
    differing_looks = models.PositiveIntegerField(default=0)
