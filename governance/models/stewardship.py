"""Keeping owners real: attestation campaigns, the escalation ladder, and the record of stage moves."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Team, User
from catalog.domain.connections import Upkeep
from catalog.models import Connection, Integration
from foundation.ids import uuid7


class StageMove(models.Model):
    """One move on the lifecycle, with what its guards found. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    lifecycle = models.PositiveIntegerField()
    from_stage = models.CharField(max_length=31)
    to_stage = models.CharField(max_length=31)
    evidence = models.JSONField(default=list)  # [{guard, detail}] of every guard that passed
    reason = models.TextField(max_length=4000, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["integration", "-at"], name="stage_move_by_integration")]


class Campaign(models.Model):
    """A round of asking owners whether what is registered is still right. `query` is a filter of the integrations list."""

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.CharField(max_length=160)
    query = models.CharField(max_length=2000, blank=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]


class Attestation(models.Model):
    """What one integration's owners were asked in a campaign, and what they said."""

    class Answer(models.TextChoices):
        CONFIRM = "confirm"
        CORRECT = "correct"
        DISOWN = "disown"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="attestations")
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    answer = models.CharField(max_length=7, choices=Answer.choices, blank=True)
    note = models.TextField(max_length=4000, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["campaign", "integration_id"]
        constraints = [models.UniqueConstraint(fields=["campaign", "integration"], name="attested_once_per_campaign")]


class Escalation(models.Model):
    """Something about an integration's ownership that nobody has put right yet. Each step of the ladder tells somebody higher up."""

    class Kind(models.TextChoices):
        ORPHAN = "orphan"
        ATTESTATION = "attestation"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    opened_at = models.DateTimeField()
    step = models.PositiveSmallIntegerField(default=0)  # steps already taken
    next_check_at = models.DateTimeField(null=True, blank=True, db_index=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["integration", "kind"], condition=models.Q(closed_at__isnull=True), name="escalation_open_once")
        ]


class Acknowledgement(models.Model):
    """A team that consumes a deprecated integration says that it knows and has moved, or will."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "team"], name="acknowledged_once_per_team")]


class Subscription(models.Model):
    """Somebody wants to be told when an integration's documents change."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    sections = ArrayField(models.CharField(max_length=16), default=list, blank=True)  # empty: all
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "integration"], name="subscribed_once")]


class Notification(models.Model):
    """Something a person was told in the portal. `key` makes telling twice the same as once. Shown while its integration is visible."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=31)
    integration = models.ForeignKey(Integration, models.CASCADE, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=200)
    detail = models.TextField(max_length=4000, blank=True)
    path = models.CharField(max_length=300, blank=True)  # of the page to go to
    key = models.CharField(max_length=120, db_collation="C")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notified_once")]
        indexes = [
            models.Index(fields=["user", "-at"], name="notification_by_user"),
            models.Index(fields=["user"], condition=models.Q(read_at__isnull=True), name="notification_unread"),
        ]


class ExpiryNotice(models.Model):
    """A connection's team was told that it expires soon, or that it has expired. Another day of expiry is another occasion."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    connection = models.ForeignKey(Connection, models.CASCADE, related_name="+")
    need = models.CharField(max_length=12, choices=[(need.value, need.value) for need in (Upkeep.EXPIRES_SOON, Upkeep.EXPIRED)])
    expires_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "need", "expires_at"], name="expiry_told_once")]


class NotifierPlace(models.Model):
    """One row: how far the log has been read for what people are told of. `next_index` is the first place not read yet."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    next_index = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="notifier_place_once")]
