"""Who changed what an integration connects after it was registered: they count as authors of the next release."""

from django.db import models

from accounts.models import User
from catalog.models.integration import Integration
from foundation.ids import uuid7


class Contribution(models.Model):
    """One edit of an integration's endpoints by one account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["integration", "at"], name="contribution_by_integration")]
