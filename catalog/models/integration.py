"""The integration: what exists, between which systems, and who answers for it."""

from typing import Any, cast

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from simple_history.models import HistoricalRecords

from accounts.domain.viewers import Viewer
from accounts.models import Team, User
from audit.models import EventStamped
from catalog.domain.vocabulary import EndpointRole, IntegrationType, Operation, Stage
from catalog.models.name import live_name_once
from catalog.models.system import DataObject, System
from foundation.ids import uuid7

# Each line of the folded text counts for less than the one before it: names; tags and what it joins; purpose; documents.
_WEIGHED = " || ".join(
    f"setweight(to_tsvector('simple'::regconfig, split_part(%(expressions)s, E'\\n', {line})), '{weight}')"
    for line, weight in enumerate("ABCD", 1)
)
_PRESENT = Q(tombstoned_at__isnull=True)


class Visibility(models.TextChoices):
    ORGANISATION = "organisation"
    RESTRICTED = "restricted"


class IntegrationQuerySet(models.QuerySet["Integration"]):
    """Chainable filters only."""

    def visible_to(self, viewer: Viewer) -> "IntegrationQuerySet":
        """The one visibility rule (decision: what hangs on an integration shares its visibility)."""
        return self.filter(visible_q(viewer))


def inside_q(viewer: Viewer, path: str = "") -> Q:
    """Whose eyes may read addresses, manifests and payloads: owning team, holders of a grant, auditors, administrators."""
    granted_to_user = IntegrationUserObjectPermission.objects.filter(user_id=viewer.user_id).values("content_object_id")
    granted_to_group = IntegrationGroupObjectPermission.objects.filter(group_id__in=viewer.group_ids).values("content_object_id")
    return Q(**{f"{path}team_id__in": viewer.team_ids}) | Q(**{f"{path}id__in": granted_to_user}) | Q(**{f"{path}id__in": granted_to_group})


def visible_q(viewer: Viewer, path: str = "") -> Q:
    """The same rule for a table that points at integrations: `path` is the way there, e.g. ``"integration__"``.

    What was deleted is gone for everybody, auditors too: they find it in the log and in readings of the past.
    """
    present = Q(**{f"{path}tombstoned_at__isnull": True})
    if viewer.sees_all:
        return present
    return present & (Q(**{f"{path}visibility": Visibility.ORGANISATION}) | inside_q(viewer, path))


class Integration(models.Model):
    """A documented connection between systems, with one accountable team."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=63, db_collation="C")
    slug_key = models.CharField(max_length=63, db_collation="C", editable=False)
    title = models.CharField(max_length=160)
    purpose = models.TextField(max_length=4000, blank=True)
    type = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in IntegrationType])
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    technical_owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    business_owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    on_call = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    data_steward = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    co_owners = ArrayField(models.UUIDField(), default=list, blank=True)  # account ids; accounts are switched off, never deleted
    tier = models.PositiveSmallIntegerField(default=3)
    stage = models.CharField(max_length=31, default=Stage.PROPOSED)  # one of the stages of its lifecycle
    lifecycle = models.PositiveIntegerField(default=1)  # the lifecycle's number it entered under; a mapping moves it to a newer one
    visibility = models.CharField(max_length=12, choices=Visibility.choices, default=Visibility.ORGANISATION)
    tags = ArrayField(models.CharField(max_length=63), default=list, blank=True)
    labels = models.JSONField(default=dict, blank=True)
    business_value = models.TextField(max_length=4000, blank=True)
    support = models.JSONField(default=dict, blank=True)
    change_policy = models.JSONField(default=dict, blank=True)
    deprecation = models.JSONField(default=dict, blank=True)
    reuse_check = models.TextField(max_length=4000, blank=True)
    ai_use = models.JSONField(default=list, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    attested_at = models.DateTimeField(null=True, blank=True)
    tombstoned_at = models.DateTimeField(null=True, blank=True)
    calls_ai = models.GeneratedField(expression=cast("Any", ~Q(ai_use=[])), output_field=models.BooleanField(), db_persist=True)
    search_text = models.TextField(blank=True, editable=False)  # by `catalog.services.search`
    search_vector = models.GeneratedField(
        expression=Func(F("search_text"), template=f"({_WEIGHED})", output_field=SearchVectorField()),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = IntegrationQuerySet.as_manager()
    history = HistoricalRecords(bases=[EventStamped], excluded_fields=["calls_ai", "search_text", "search_vector"], related_name="+")

    class Meta:
        ordering = ["slug_key"]
        permissions = [
            ("propose_release", "Can propose a release of the integration"),
            ("judge_release", "Can see the integration while a release of it waits for the vote"),
        ]
        indexes = [
            models.Index(fields=["team", "slug_key"], name="integration_by_team"),
            models.Index(fields=["stage", "slug_key"], name="integration_by_stage"),
            # One for each scope of the visibility rule, so that a page is read in order whatever the viewer may not see.
            models.Index(fields=["slug_key", "id"], condition=_PRESENT & Q(visibility="organisation"), name="integration_open"),
            models.Index(fields=["team", "slug_key", "id"], condition=_PRESENT & Q(visibility="restricted"), name="integration_kept"),
            models.Index(fields=["visibility", "changed_at", "id"], condition=_PRESENT, name="integration_by_change"),
            models.Index(fields=["visibility", "created_at", "id"], condition=_PRESENT, name="integration_by_creation"),
            models.Index(fields=["visibility", "tier", "slug_key", "id"], condition=_PRESENT, name="integration_by_tier"),
            # Facets and counts are read from this one alone.
            models.Index(
                fields=["visibility", "team", "stage", "tier", "type", "calls_ai"],
                include=["id"],
                condition=_PRESENT,
                name="integration_facets",
            ),
            GinIndex(fields=["labels"], name="integration_labels"),
            GinIndex(fields=["search_vector"], name="integration_search"),
            GinIndex(fields=["tags"], name="integration_tags"),
            GinIndex(fields=["co_owners"], name="integration_co_owners"),
        ]
        constraints = [
            live_name_once("integration"),
            models.CheckConstraint(condition=Q(version__gte=1), name="integration_version_positive"),
            models.CheckConstraint(condition=Q(tier__gte=1, tier__lte=3), name="integration_tier_1_to_3"),
        ]

    def __str__(self) -> str:
        return self.title


class IntegrationUserObjectPermission(UserObjectPermissionBase):
    """A grant on one integration to one account (django-guardian, direct key: `view_integration` and `propose_release`)."""

    content_object: Any = models.ForeignKey(Integration, models.CASCADE)


class IntegrationGroupObjectPermission(GroupObjectPermissionBase):
    """The same to a team's or a board's group."""

    content_object: Any = models.ForeignKey(Integration, models.CASCADE)


class FlowEndpoint(models.Model):
    """One end of an integration: which system, which data object, in which role. Impact and conflicts are read from these."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, models.CASCADE, related_name="endpoints")
    system = models.ForeignKey(System, models.PROTECT, related_name="+")
    data_object = models.ForeignKey(DataObject, models.PROTECT, null=True, blank=True, related_name="+")  # None: not known yet
    role = models.CharField(max_length=12, choices=[(role.value, role.value) for role in EndpointRole])
    operation = models.CharField(max_length=8, choices=[(operation.value, operation.value) for operation in Operation])
    fields_touched = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    cadence = models.CharField(max_length=63, blank=True)
    address = models.CharField(max_length=300, blank=True)
    volume_per_day = models.PositiveBigIntegerField(null=True, blank=True)
    # Folded names of what it carries, `customer.email` and `email`, so that one index answers who carries a field.
    carried = ArrayField(models.CharField(max_length=190), default=list, blank=True, editable=False)

    history = HistoricalRecords(bases=[EventStamped], excluded_fields=["carried"], related_name="+")

    class Meta:
        ordering = ["integration", "role", "id"]
        indexes = [GinIndex(fields=["carried"], name="flow_endpoint_carried")]
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "system", "data_object", "role", "operation"], name="flow_endpoint_once", nulls_distinct=False
            )
        ]
