"""Typed relations between entities, each with a name in both directions (`catalog.domain.vocabulary.INVERSE`)."""

from django.db import models
from simple_history.models import HistoricalRecords

from audit.models import EventStamped
from catalog.domain.vocabulary import EntityKind, RelationType
from foundation.ids import uuid7

_KINDS = [(kind.value, kind.value) for kind in EntityKind]


class Relation(models.Model):
    """`source` stands in this relation to `target`. Kept by services in step with what exists: ends have kinds, not foreign keys."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    type = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in RelationType])
    source_kind = models.CharField(max_length=20, choices=_KINDS)
    source_id = models.UUIDField()
    target_kind = models.CharField(max_length=20, choices=_KINDS)
    target_id = models.UUIDField()
    note = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField()

    history = HistoricalRecords(bases=[EventStamped], related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_id", "type", "target_id"], name="relation_once"),
            models.CheckConstraint(condition=~models.Q(source_id=models.F("target_id")), name="relation_not_to_itself"),
        ]
        indexes = [models.Index(fields=["target_id", "type"], name="relation_by_target")]
