"""Where values came from: imports, what machines filled in, and what they would have written over a person's word."""

from django.db import models

from accounts.models import Team, User
from catalog.domain.vocabulary import EntityKind
from catalog.models.integration import Integration
from catalog.models.queued import QueuedBatch
from foundation.ids import uuid7


class ImportBatch(QueuedBatch):
    """One run of an import."""

    label = models.CharField(max_length=120)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")

    class Meta(QueuedBatch.Meta):
        pass


class ImportFile(models.Model):
    """One file of a batch: what was read from it (never its bytes, which may hold secrets), and its verdict once there is one."""

    class Verdict(models.TextChoices):
        CREATED = "created"
        UPDATED = "updated"
        UNCHANGED = "unchanged"
        ATTENTION = "needs attention"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="files")
    position = models.PositiveIntegerField()
    path = models.CharField(max_length=500)
    content_digest = models.CharField(max_length=71, db_collation="C", blank=True)
    draft = models.JSONField(null=True, blank=True)
    verdict = models.CharField(max_length=16, choices=Verdict.choices, blank=True)
    reason = models.CharField(max_length=1000, blank=True)
    created = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)  # begun so often; one that stops its worker each time is given up

    class Meta:
        ordering = ["batch", "position"]
        constraints = [models.UniqueConstraint(fields=["batch", "path"], name="import_file_once")]


class ImportSource(models.Model):
    """Identity of what is imported: the same `part` of the same file under the same label is the same entity, whatever it is called.

    Parts that begin with `relation:` are typed relations; `kind` is then that of their source.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    label = models.CharField(max_length=120, db_collation="C")
    path = models.CharField(max_length=500, db_collation="C")
    part = models.CharField(max_length=200, db_collation="C", blank=True)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in EntityKind])
    entity_id = models.UUIDField(db_index=True)
    content_digest = models.CharField(max_length=71, db_collation="C")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["label", "path", "part"], name="import_source_once")]
        indexes = [
            models.Index(fields=["label", "content_digest"], name="import_source_by_content"),
            models.Index(fields=["label", "part"], name="import_source_by_part"),
        ]


class FieldSource(models.Model):
    """A field of an integration that a machine filled, and the digest of what it wrote. A person's edit removes the row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="field_sources")
    field = models.CharField(max_length=31)
    label = models.CharField(max_length=120)
    path = models.CharField(max_length=500)
    value_digest = models.CharField(max_length=71, db_collation="C")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "field"], name="field_source_once")]


class Divergence(models.Model):
    """A machine knows another value for a field that a person has set: theirs stands until somebody accepts or rejects this.

    Settled: the two came to say the same, or the machine says it no more, before anybody answered.
    """

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        SETTLED = "settled"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="divergences")
    field = models.CharField(max_length=31)
    value = models.JSONField()
    label = models.CharField(max_length=120)
    path = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    raised_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["integration", "field", "label"], condition=models.Q(state="open"), name="divergence_open_once")
        ]


class ObservationClock(models.Model):
    """When a runtime last reported an integration, and last succeeded. Kept apart: machines' news never change the entity's row."""

    integration = models.OneToOneField(Integration, models.CASCADE, primary_key=True, related_name="observation_clock")
    observed_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
