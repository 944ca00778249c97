"""Votes: append-only, each bound to exactly the content its person was shown."""

from django.db import models

from accounts.models import User
from foundation.ids import uuid7
from governance.domain.ballots import Choice
from governance.models.change_request import ChangeRequest


class Vote(models.Model):
    """One ballot. Rows are never updated or deleted; a person's latest ballot on a digest counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    change = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="votes")
    revision = models.PositiveIntegerField()
    subject_digest = models.CharField(max_length=71, db_collation="C")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    person_id = models.UUIDField()
    value = models.CharField(max_length=16, choices=[(choice.value, choice.value) for choice in Choice])
    reason = models.TextField(max_length=4000, blank=True)
    by_token = models.BooleanField(default=False)
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["change", "sequence"]
        constraints = [models.UniqueConstraint(fields=["change", "sequence"], name="vote_sequence_once")]
