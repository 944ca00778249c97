"""Reusable parts: registered once, versioned for ever, pinned by the releases that use them."""

from django.db import models
from simple_history.models import HistoricalRecords

from accounts.models import Team, User
from audit.models import EventStamped
from catalog.domain.vocabulary import ComponentKind
from catalog.models.name import live_name_once
from catalog.models.release import Release
from foundation.ids import uuid7


class Component(models.Model):
    """A transformation, mapping, script, connector or sub-flow that several integrations may use."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=63, db_collation="C")
    slug_key = models.CharField(max_length=63, db_collation="C", editable=False)
    title = models.CharField(max_length=120)
    description = models.TextField(max_length=4000, blank=True)
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in ComponentKind])
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    tombstoned_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords(bases=[EventStamped], related_name="+")

    class Meta:
        ordering = ["slug_key"]
        constraints = [
            live_name_once("component"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="component_version_positive"),
        ]

    def __str__(self) -> str:
        return self.title


class ComponentVersion(models.Model):
    """Immutable content under a semantic version. `digest` = sha256 of the RFC 8785 form of `content`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    component = models.ForeignKey(Component, models.PROTECT, related_name="versions")
    number = models.CharField(max_length=63, db_collation="C")
    number_sort = models.CharField(max_length=200, db_collation="C", editable=False)
    digest = models.CharField(max_length=71, db_collation="C", db_index=True)
    content = models.JSONField()
    notes = models.TextField(max_length=20_000, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["component", "-number_sort"]
        constraints = [models.UniqueConstraint(fields=["component", "number"], name="component_version_once")]

    def __str__(self) -> str:
        return self.number


class Pin(models.Model):
    """A release uses exactly this version of a component: written when the release is published, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    release = models.ForeignKey(Release, models.CASCADE, related_name="pins")
    component_version = models.ForeignKey(ComponentVersion, models.PROTECT, related_name="pins")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "component_version"], name="pin_once")]
