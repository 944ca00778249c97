"""What is planned for an integration, by quarter."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.models import EventStamped
from catalog.domain.vocabulary import RoadmapState
from catalog.models.integration import Integration
from foundation.ids import uuid7


class RoadmapItem(models.Model):
    """One improvement that was promised, with the quarter it is meant for (`2027-Q1`)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="roadmap_items")
    title = models.CharField(max_length=160)
    description = models.TextField(max_length=4000, blank=True)
    quarter = models.CharField(max_length=7, db_collation="C")
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in RoadmapState], default=RoadmapState.PLANNED)
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords(bases=[EventStamped], related_name="+")

    class Meta:
        ordering = ["integration", "quarter", "id"]
        constraints = [models.CheckConstraint(condition=models.Q(version__gte=1), name="roadmap_item_version_positive")]
