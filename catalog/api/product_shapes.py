"""How the product side of an integration looks over HTTP: promises, policies, its end, and when it was last known to be right."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.domain import product
from catalog.domain.vocabulary import EntityKind, RelationType, RoadmapState
from foundation.edge.serializers import CommandSerializer, ReadSerializer

_WORDS = ("maintenance_window", "approval", "text")
ROADMAP_STATES = [state.value for state in RoadmapState]
RELATION_TYPES = [name.value for name in RelationType]
ENTITY_KINDS = [kind.value for kind in EntityKind]


class SupportSerializer(ReadSerializer):
    """Whom to call, when they answer, and what they go by; empty texts where nothing is promised."""

    channel = serializers.CharField()
    hours = serializers.CharField()
    response_target = serializers.CharField()
    escalation = serializers.CharField()
    runbook = serializers.CharField()


class ChangePolicySerializer(ReadSerializer):
    """How changes are announced: days of notice (null: none promised), when they may happen, on whose word."""

    notice_days = serializers.IntegerField(allow_null=True)
    maintenance_window = serializers.CharField()
    approval = serializers.CharField()
    text = serializers.CharField()


class DeprecationSerializer(ReadSerializer):
    """Its end. `alternative` is the slug of the integration that replaces it, null where there is none or you may not see it."""

    effective_on = serializers.DateField(allow_null=True)
    removal_on = serializers.DateField(allow_null=True)
    alternative = serializers.CharField(allow_null=True)
    documentation = serializers.CharField()
    reason = serializers.CharField()


class ProductSerializer(ReadSerializer):
    """The members that the detail of an integration has besides those of the list."""

    aliases = serializers.ListField(child=serializers.CharField())
    co_owners = serializers.ListField(child=serializers.CharField(), source="co_owner_names")
    labels = serializers.DictField(child=serializers.CharField())
    business_value = serializers.CharField()
    support = serializers.SerializerMethodField()
    change_policy = serializers.SerializerMethodField()
    deprecation = serializers.SerializerMethodField()
    reuse_check = serializers.CharField()
    ai_use = serializers.ListField(child=serializers.DictField(child=serializers.JSONField()))
    lifecycle = serializers.IntegerField()
    attested_at = serializers.DateTimeField(allow_null=True)
    observed_at = serializers.SerializerMethodField()
    last_success_at = serializers.SerializerMethodField()

    @extend_schema_field(SupportSerializer)
    def get_support(self, integration: Any) -> dict[str, Any]:
        """The support model."""
        return {name: integration.support.get(name, "") for name in product.SUPPORT}

    @extend_schema_field(ChangePolicySerializer)
    def get_change_policy(self, integration: Any) -> dict[str, Any]:
        """The change policy."""
        return {"notice_days": None, **{name: integration.change_policy.get(name, "") for name in _WORDS}, **integration.change_policy}

    @extend_schema_field(DeprecationSerializer(allow_null=True))
    def get_deprecation(self, integration: Any) -> dict[str, Any] | None:
        """The deprecation, null while none is announced."""
        block = integration.deprecation
        if not block:
            return None
        days = {name: block.get(name) for name in ("effective_on", "removal_on")}
        return {**days, "alternative": integration.alternative, **{name: block.get(name, "") for name in ("documentation", "reason")}}

    def get_observed_at(self, integration: Any) -> datetime | None:
        """When a runtime last reported it."""
        return getattr(getattr(integration, "observation_clock", None), "observed_at", None)

    def get_last_success_at(self, integration: Any) -> datetime | None:
        """When it last succeeded."""
        return getattr(getattr(integration, "observation_clock", None), "last_success_at", None)


class SupportInputSerializer(CommandSerializer):
    channel = serializers.CharField(max_length=200, required=False, allow_blank=True)
    hours = serializers.CharField(max_length=200, required=False, allow_blank=True)
    response_target = serializers.CharField(max_length=200, required=False, allow_blank=True)
    escalation = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    runbook = serializers.CharField(max_length=500, required=False, allow_blank=True)


class ChangePolicyInputSerializer(CommandSerializer):
    notice_days = serializers.IntegerField(min_value=0, max_value=product.MAX_NOTICE_DAYS, required=False, allow_null=True)
    maintenance_window = serializers.CharField(max_length=200, required=False, allow_blank=True)
    approval = serializers.CharField(max_length=200, required=False, allow_blank=True)
    text = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class DeprecationInputSerializer(CommandSerializer):
    effective_on = serializers.DateField(required=False, allow_null=True)
    removal_on = serializers.DateField(required=False, allow_null=True)
    alternative = serializers.CharField(max_length=63, required=False, allow_null=True, allow_blank=True)
    documentation = serializers.CharField(max_length=500, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class RoadmapItemSerializer(ReadSerializer):
    """One improvement that is planned, for a quarter such as `2027-Q1`."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    description = serializers.CharField()
    quarter = serializers.CharField()
    state = serializers.ChoiceField(ROADMAP_STATES)
    version = serializers.IntegerField()


class UpdateRoadmapItemSerializer(CommandSerializer):
    title = serializers.CharField(max_length=160, required=False)
    description = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    quarter = serializers.CharField(max_length=7, required=False)
    state = serializers.ChoiceField(ROADMAP_STATES, required=False)


class AddRoadmapItemSerializer(UpdateRoadmapItemSerializer):
    title = serializers.CharField(max_length=160)
    quarter = serializers.CharField(max_length=7)


class RelationSerializer(ReadSerializer):
    """A relation as it reads from `of`; the other end is null, with `is_hidden: true`, where you may not know what it is.

    `type` is what its source declared, `name` the same word or its inverse.
    """

    id = serializers.UUIDField()
    type = serializers.ChoiceField(RELATION_TYPES)
    name = serializers.CharField()
    is_declared = serializers.BooleanField()
    of_kind = serializers.ChoiceField(ENTITY_KINDS)
    of = serializers.CharField()
    entity_kind = serializers.ChoiceField(ENTITY_KINDS)
    entity = serializers.CharField(allow_null=True)
    title = serializers.CharField(allow_null=True)
    is_hidden = serializers.BooleanField()
    note = serializers.CharField()
    since = serializers.DateTimeField()


class DeclareRelationSerializer(CommandSerializer):
    type = serializers.ChoiceField(RELATION_TYPES)
    entity_kind = serializers.ChoiceField(ENTITY_KINDS)
    entity = serializers.CharField(max_length=63)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class AddRelationSerializer(DeclareRelationSerializer):
    of_kind = serializers.ChoiceField(ENTITY_KINDS)
    of = serializers.CharField(max_length=63)
