"""What a change must satisfy, per environment."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.models import EventStamped
from catalog.models import Environment
from foundation.ids import uuid7


class Policy(models.Model):
    """A bundle of requirements bound to environments (none named: every production environment).

    `requirements` is a list of objects, each valid against `governance.domain.requirements`:
    `{"name", "kind": "quorum", "boards": [slug, …], "needs": n ≥ 1, "veto": bool, "token_votes": bool, "enforcement"}` or
    `{"name", "kind": "check", "check": name, "enforcement"}`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=63, db_collation="C")
    slug_key = models.CharField(max_length=63, unique=True, db_collation="C", editable=False)
    title = models.CharField(max_length=120)
    environments = models.ManyToManyField(Environment, related_name="+", blank=True)
    requirements = models.JSONField()
    review_ttl_s = models.PositiveIntegerField(default=14 * 86400)
    execution_ttl_s = models.PositiveIntegerField(default=7 * 86400)
    is_enabled = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    history = HistoricalRecords(bases=[EventStamped], m2m_fields=[environments], m2m_bases=[EventStamped], related_name="+")

    class Meta:
        ordering = ["slug_key"]
        constraints = [models.CheckConstraint(condition=models.Q(version__gte=1), name="policy_version_positive")]

    def __str__(self) -> str:
        return self.title
