"""A request to change what runs, what it must satisfy, and what the checks found."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import User
from catalog.models import Integration, Release
from foundation.ids import uuid7
from governance.domain.lifecycle import Action, ChangeClass, State
from runtime_adapters.models import Slot


class ChangeRequest(models.Model):
    """One change on its way. `subject_digest` is what votes bind to; `state` is a cache, never an authorisation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveBigIntegerField(unique=True)
    action = models.CharField(max_length=12, choices=[(action.value, action.value) for action in Action])
    change_class = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in ChangeClass])
    integration = models.ForeignKey(Integration, models.PROTECT, related_name="+")
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")
    release_digest = models.CharField(max_length=71, db_collation="C", blank=True)
    subject_digest = models.CharField(max_length=71, db_collation="C", blank=True)
    diff_digest = models.CharField(max_length=71, db_collation="C", blank=True)
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in State])
    revision = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)
    requester = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    contributors = ArrayField(models.UUIDField(), default=list)
    reason = models.TextField(max_length=4000)
    policy_snapshot = models.JSONField(default=list)
    policy_digest = models.CharField(max_length=71, db_collation="C", blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    not_after = models.DateTimeField(null=True, blank=True)
    review_until = models.DateTimeField(null=True, blank=True)
    execute_until = models.DateTimeField(null=True, blank=True)
    caused_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    stale_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["-number"]
        indexes = [
            models.Index(fields=["state", "-number"], name="change_by_state"),
            models.Index(fields=["integration", "-number"], name="change_by_integration"),
        ]
        constraints = [models.CheckConstraint(condition=models.Q(revision__gte=1), name="revision_from_one")]


class ChangeTarget(models.Model):
    """One slot the change is for: what exactly would be sent there, and what it replaces."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    change = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="targets")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="+")
    payload = models.JSONField(null=True, blank=True)
    payload_digest = models.CharField(max_length=71, db_collation="C", blank=True)
    content_hash = models.CharField(max_length=71, db_collation="C", blank=True)
    base_generation = models.PositiveIntegerField(default=0)
    base_release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="+")
    base_digest = models.CharField(max_length=71, db_collation="C", blank=True)

    class Meta:
        ordering = ["slot_id"]
        constraints = [models.UniqueConstraint(fields=["change", "slot"], name="target_once")]


class Requirement(models.Model):
    """One requirement copied from a policy at submission."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    change = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="requirements")
    name = models.CharField(max_length=63)
    kind = models.CharField(max_length=8)
    needs = models.PositiveSmallIntegerField(null=True, blank=True)
    spec = models.JSONField()
    policy_slug = models.CharField(max_length=63)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["change", "name"], name="requirement_once"),
            models.CheckConstraint(condition=models.Q(kind="check") | models.Q(needs__gte=1), name="quorum_of_at_least_one"),
        ]


class CheckResult(models.Model):
    """What an automatic check found on exactly one content; the latest row per name counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    change = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="check_results")
    name = models.CharField(max_length=63)
    subject_digest = models.CharField(max_length=71, db_collation="C")
    passed = models.BooleanField()
    detail = models.CharField(max_length=500, blank=True)
    findings = models.JSONField(default=list)
    valid_until = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
