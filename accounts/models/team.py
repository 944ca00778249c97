"""Who answers: teams in a tree, each one-to-one with a permission group."""

from django.contrib.auth.models import Group
from django.db import models
from simple_history.models import HistoricalRecords

from accounts.models.user import User
from audit.models import EventStamped
from foundation.ids import uuid7


class Team(models.Model):
    """A group of people who answer for integrations. Members of an ancestor see what a descendant owns."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=63, db_collation="C")
    slug_key = models.CharField(max_length=63, unique=True, db_collation="C", editable=False)
    title = models.CharField(max_length=120)
    contact = models.CharField(max_length=200, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    group = models.OneToOneField(Group, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords(bases=[EventStamped], related_name="+")

    class Meta:
        ordering = ["slug_key"]
        constraints = [
            models.CheckConstraint(condition=models.Q(version__gte=1), name="team_version_positive"),
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="team_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.title


class Membership(models.Model):
    """A person in a team."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    is_lead = models.BooleanField(default=False)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="member_once")]
