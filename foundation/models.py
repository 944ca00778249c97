"""The one table of this floor: answers kept for repeated commands."""

from django.db import models
from django.db.models.functions import Now


class IdempotencyKey(models.Model):
    """An answer given to a command that carried an Idempotency-Key, to be given again to its repetition.

    `owner` is the account's id (no foreign key: this floor knows no accounts). The body holds no secret: what a view
    shows once is dropped before it is kept.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.UUIDField()
    key = models.CharField(max_length=255, db_collation="C")
    fingerprint = models.CharField(max_length=71, db_collation="C", help_text="Digest of method, target and body.")
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="idempotency_key_once"),
            models.CheckConstraint(condition=models.Q(status__gte=200, status__lt=300), name="idempotency_only_success"),
        ]
