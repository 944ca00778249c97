"""The texts of people that leaves commit to, encrypted, so that erasing them leaves the log valid."""

from django.db import models

from foundation.ids import uuid7


class Disclosure(models.Model):
    """One text: its salt and its ciphertext (12-byte nonce, then AES-256-GCM over the JSON value)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event_id = models.UUIDField()
    path = models.CharField(max_length=320, db_collation="C")
    salt = models.BinaryField()
    ciphertext = models.BinaryField()
    key_id = models.UUIDField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event_id", "path"], name="audit_disclosure_path_once")]


class DisclosureKey(models.Model):
    """One data key per person or service, wrapped by the key file; deleting it erases all their texts, in backups too."""

    subject = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField()

    class Meta:
        db_table = "audit_disclosure_key"
