"""Who decides: boards, each one-to-one with a permission group."""

from django.contrib.auth.models import Group
from django.db import models
from simple_history.models import HistoricalRecords

from accounts.models import User
from audit.models import EventStamped
from foundation.ids import uuid7


class Board(models.Model):
    """People who may vote where a policy names the board."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=63, db_collation="C")
    slug_key = models.CharField(max_length=63, unique=True, db_collation="C", editable=False)
    title = models.CharField(max_length=120)
    group = models.OneToOneField(Group, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords(bases=[EventStamped], related_name="+")

    class Meta:
        ordering = ["slug_key"]
        constraints = [models.CheckConstraint(condition=models.Q(version__gte=1), name="board_version_positive")]

    def __str__(self) -> str:
        return self.title


class BoardMember(models.Model):
    """A person on a board."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    board = models.ForeignKey(Board, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "user"], name="board_member_once")]
