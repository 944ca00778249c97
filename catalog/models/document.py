"""What people wrote about an integration, section by section."""

from django.db import models
from simple_history.models import HistoricalRecords

from accounts.models import User
from audit.models import EventStamped
from catalog.domain.vocabulary import Section
from catalog.models.integration import Integration
from catalog.models.release import Release
from foundation.ids import uuid7


class Document(models.Model):
    """One section of an integration's documentation, in Markdown."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="documents")
    section = models.CharField(max_length=16, choices=[(section.value, section.value) for section in Section])
    body = models.TextField(max_length=200_000)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    verified_for = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    history = HistoricalRecords(bases=[EventStamped], related_name="+")

    class Meta:
        ordering = ["integration", "section"]
        constraints = [
            models.UniqueConstraint(fields=["integration", "section"], name="document_section_once"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="document_version_positive"),
        ]
