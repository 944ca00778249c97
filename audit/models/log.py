"""The log itself: dense leaves, full tiles, and the heads that were (or will be) signed."""

from django.db import models


class Leaf(models.Model):
    """One place in the log. The database refuses holes (trigger) and doubles (keys), so a second sequencer fails."""

    index = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    leaf_hash = models.BinaryField()
    sequenced_at = models.DateTimeField()


class Tile(models.Model):
    """A full hash tile of C2SP tlog-tiles: 256 hashes, and the root of the subtree they span."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    data = models.BinaryField()
    root = models.BinaryField()


class Checkpoint(models.Model):
    """A head of the log. `signed_note` is written once, after commit, and never changed (trigger)."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    origin = models.CharField(max_length=200)
    signed_note = models.TextField(null=True)  # noqa: DJ001 - absent and empty differ: absent means unsigned
    created_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)


class Heartbeat(models.Model):
    """One row: the log's own timed cosignature under its newest head, renewed while nothing happens. Not part of the log."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField()
    line = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_one_heartbeat")]
