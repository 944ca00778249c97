"""What was deleted, for as long as it may come back."""

from django.db import models

from accounts.models import Team, User
from catalog.domain.vocabulary import EntityKind
from foundation.ids import uuid7


class Tombstone(models.Model):
    """One deleted entity: `id` is the entity's own. `names`: [{slug, is_current, since}] as they were given back. Gone once restored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in EntityKind])
    slug = models.CharField(max_length=63, db_collation="C")
    title = models.CharField(max_length=160)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    names = models.JSONField(default=list)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at", "-id"], name="tombstone_newest_first")]

    def __str__(self) -> str:
        return self.title
