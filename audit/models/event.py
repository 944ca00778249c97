"""Events in their final bytes, and the outbox that says which of them have no place in the log yet."""

from django.db import models
from django.db.models import F, Q


class Event(models.Model):
    """One thing that happened. Append-only for everybody: grants, triggers and the log's hashes say so."""

    id = models.UUIDField(primary_key=True, editable=False)
    body = models.BinaryField()  # the leaf, final; the columns beside it only index it
    leaf_hash = models.BinaryField()
    verb = models.CharField(max_length=80, db_collation="C")
    actor_type = models.CharField(max_length=8, db_collation="C")
    actor_ref = models.UUIDField()
    subject_type = models.CharField(max_length=63, db_collation="C")
    subject_id = models.UUIDField()
    version = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()
    request_id = models.CharField(max_length=128, default="", db_collation="C")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("subject_type"), F("subject_id"), F("version"), name="audit_event_version_once", condition=Q(version__isnull=False)
            ),
            models.CheckConstraint(condition=Q(version__isnull=True) | Q(version__gte=1), name="audit_event_version_positive"),
        ]
        indexes = [
            models.Index(fields=["subject_id", "id"], name="audit_event_subject"),
            models.Index(fields=["actor_ref", "id"], name="audit_event_actor"),
            models.Index(fields=["verb", "id"], name="audit_event_verb"),
        ]


class Pending(models.Model):
    """Outbox: the presence of a row means that its event is not in the log yet. The sequencer alone deletes here.

    The number orders what waits: who writes while holding a row's lock writes after its last writer, so causes precede effects.
    """

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True)
