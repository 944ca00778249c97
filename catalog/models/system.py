"""What integrations connect: systems, and the data objects they carry."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from simple_history.models import HistoricalRecords

from accounts.models import Team
from audit.models import EventStamped
from catalog.domain.vocabulary import Classification, SystemKind
from catalog.models.domain import Domain
from catalog.models.name import live_name_once
from foundation.ids import uuid7


class System(models.Model):
    """An application or service with data that others need: an ERP, a shop, a translation service."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=63, db_collation="C")
    slug_key = models.CharField(max_length=63, db_collation="C", editable=False)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in SystemKind])
    vendor = models.CharField(max_length=120, blank=True)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    tier = models.PositiveSmallIntegerField(default=3)
    residency = models.CharField(max_length=63, blank=True)
    description = models.TextField(max_length=4000, blank=True)
    domain = models.ForeignKey(Domain, models.PROTECT, null=True, blank=True, related_name="+")
    is_discovered = models.BooleanField(default=False)  # named by an import, not yet confirmed by a person
    retired_at = models.DateTimeField(null=True, blank=True)
    tombstoned_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords(bases=[EventStamped], related_name="+")

    class Meta:
        ordering = ["slug_key"]
        constraints = [
            live_name_once("system"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="system_version_positive"),
            models.CheckConstraint(condition=models.Q(tier__gte=1, tier__lte=3), name="system_tier_1_to_3"),
        ]

    def __str__(self) -> str:
        return self.title


class DataObject(models.Model):
    """A business thing that flows between systems: Order, Product, Customer."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=63, db_collation="C")
    slug_key = models.CharField(max_length=63, db_collation="C", editable=False)
    title = models.CharField(max_length=120)
    system_of_record = models.ForeignKey(System, models.PROTECT, null=True, blank=True, related_name="+")
    classification = models.CharField(
        max_length=12, choices=[(level.value, level.value) for level in Classification], default=Classification.INTERNAL
    )
    personal_categories = ArrayField(models.CharField(max_length=63), default=list, blank=True)
    description = models.TextField(max_length=4000, blank=True)
    domain = models.ForeignKey(Domain, models.PROTECT, null=True, blank=True, related_name="+")
    is_discovered = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)
    tombstoned_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords(bases=[EventStamped], related_name="+")

    class Meta:
        ordering = ["slug_key"]
        constraints = [
            live_name_once("data_object"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="data_object_version_positive"),
        ]

    def __str__(self) -> str:
        return self.title
