"""How systems are reached: templates say what is needed, connections say where it is kept. Never the secret itself."""

from django.db import models
from simple_history.models import HistoricalRecords

from accounts.models import Team
from audit.models import EventStamped
from catalog.domain.vocabulary import AuthType
from catalog.models.environment import Environment
from catalog.models.name import live_name_once
from catalog.models.system import System
from foundation.ids import uuid7


class ConnectionTemplate(models.Model):
    """An approved way to reach a kind of system. `slots`: [{name, required, description}], each filled by a reference."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=63, db_collation="C")
    slug_key = models.CharField(max_length=63, db_collation="C", editable=False)
    title = models.CharField(max_length=120)
    description = models.TextField(max_length=4000, blank=True)
    protocol = models.CharField(max_length=31)
    auth_type = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in AuthType])
    slots = models.JSONField(default=list)
    retired_at = models.DateTimeField(null=True, blank=True)
    tombstoned_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords(bases=[EventStamped], related_name="+")

    class Meta:
        ordering = ["slug_key"]
        constraints = [
            live_name_once("connection_template"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="connection_template_version_positive"),
        ]

    def __str__(self) -> str:
        return self.title


class Connection(models.Model):
    """A template filled in for one system in one environment. `references`: slot name → secret reference (`vault://…`)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=63, db_collation="C")
    slug_key = models.CharField(max_length=63, db_collation="C", editable=False)
    title = models.CharField(max_length=120)
    template = models.ForeignKey(ConnectionTemplate, models.PROTECT, related_name="+")
    system = models.ForeignKey(System, models.PROTECT, related_name="+")
    environment = models.ForeignKey(Environment, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    references = models.JSONField(default=dict)
    expires_at = models.DateTimeField(null=True, blank=True)
    rotated_at = models.DateTimeField(null=True, blank=True)
    rotate_every_days = models.PositiveSmallIntegerField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    tombstoned_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords(bases=[EventStamped], related_name="+")

    class Meta:
        ordering = ["slug_key"]
        constraints = [
            live_name_once("connection"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="connection_version_positive"),
        ]

    def __str__(self) -> str:
        return self.title
