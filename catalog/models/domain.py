"""Business areas: the tree in which systems and data objects stand."""

from django.db import models
from simple_history.models import HistoricalRecords

from accounts.models import Team
from audit.models import EventStamped
from catalog.models.name import live_name_once
from foundation.ids import uuid7


class Domain(models.Model):
    """A business area such as commerce or finance; areas may lie in areas."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=63, db_collation="C")
    slug_key = models.CharField(max_length=63, db_collation="C", editable=False)
    title = models.CharField(max_length=120)
    description = models.TextField(max_length=4000, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    tombstoned_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords(bases=[EventStamped], related_name="+")

    class Meta:
        ordering = ["slug_key"]
        constraints = [
            live_name_once("domain"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="domain_version_positive"),
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="domain_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.title
