"""Where things run: development, test, staging, production."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.models import EventStamped
from foundation.ids import uuid7


class Environment(models.Model):
    """One stage of the way to production, with the health gate that a deployment there must pass.

    The gate: for `soak_s` seconds after the runtime was read back, at least `gate_good_runs` runs of the new digest must have
    succeeded and no more than `gate_failed_runs` may have failed. `soak_s` = 0 means the environment has no gate.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=63, db_collation="C")
    slug_key = models.CharField(max_length=63, unique=True, db_collation="C", editable=False)
    title = models.CharField(max_length=120)
    rank = models.PositiveSmallIntegerField()
    is_production = models.BooleanField(default=False)
    is_protected = models.BooleanField(default=False)
    dispatches_automatically = models.BooleanField(default=True)
    rolls_back_automatically = models.BooleanField(default=True)
    soak_s = models.PositiveIntegerField(default=0)
    gate_good_runs = models.PositiveSmallIntegerField(default=1)
    gate_failed_runs = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords(bases=[EventStamped], related_name="+")

    class Meta:
        ordering = ["rank", "slug_key"]
        constraints = [models.CheckConstraint(condition=models.Q(version__gte=1), name="environment_version_positive")]

    def __str__(self) -> str:
        return self.title
