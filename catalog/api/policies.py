"""/tier-policies and /tier-policies/{tier}."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.domain.rights import require_administrator
from catalog.api.integration_shapes import HISTORY, HistoryEntrySerializer
from catalog.domain.vocabulary import OwnerRole, Section
from catalog.selectors import policies as selectors
from catalog.selectors import policy_history
from catalog.services import policies as commands
from foundation.edge.schema import listed
from foundation.edge.serializers import CommandSerializer, ReadSerializer
from foundation.edge.views import Edge

ROLES = [role.value for role in OwnerRole]
SECTIONS = [section.value for section in Section]


class TierPolicySerializer(ReadSerializer):
    """What an integration of one tier needs. `version` 0: the default, which nobody has edited."""

    tier = serializers.IntegerField()
    owner_roles = serializers.ListField(child=serializers.ChoiceField(ROLES))
    sections = serializers.ListField(child=serializers.ChoiceField(SECTIONS))
    attest_every_days = serializers.IntegerField()
    escalate_after_days = serializers.ListField(child=serializers.IntegerField())
    version = serializers.IntegerField()


class UpdateTierPolicySerializer(CommandSerializer):
    owner_roles = serializers.ListField(child=serializers.ChoiceField(ROLES), required=False, max_length=5)
    sections = serializers.ListField(child=serializers.ChoiceField(SECTIONS), required=False, max_length=7)
    attest_every_days = serializers.IntegerField(required=False, min_value=1, max_value=3650)
    escalate_after_days = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=3650), required=False, min_length=1, max_length=4
    )


class TierPoliciesView(Edge):
    """What each tier asks for."""

    scopes = {"get": "catalog:read"}

    @extend_schema(responses=listed(TierPolicySerializer))
    def get(self, _request: Request) -> Response:
        """List the three tiers."""
        rules = selectors.rules_by_tier().values()
        return self.answer({"results": TierPolicySerializer(list(rules), many=True).data, "next": None})


class TierPolicyView(Edge):
    """What one tier asks for."""

    scopes = {"get": "catalog:read", "put": "admin"}
    if_match_on = ("put",)

    @extend_schema(responses=TierPolicySerializer)
    def get(self, _request: Request, tier: int) -> Response:
        """Show what the tier asks for."""
        rules = selectors.rules_of(tier)
        return self.answer(TierPolicySerializer(rules).data, etag=rules.version)

    @extend_schema(request=UpdateTierPolicySerializer, responses=TierPolicySerializer)
    def put(self, _request: Request, tier: int) -> Response:
        """Change what the tier asks for (administrators); fields left out stay as they are."""
        require_administrator(self.request.viewer)
        version = self.if_match()
        policy = commands.update_tier_policy(
            tier=tier,
            changes=self.read(UpdateTierPolicySerializer),
            expected_version=version,
            actor=self.request.actor,
            viewer=self.request.viewer,
            now=self.request.now,
        )
        return self.answer(TierPolicySerializer(selectors.rules_of(policy.tier)).data, etag=policy.version)


class TierPolicyHistoryView(Edge):
    """What changed in what one tier asks for."""

    scopes = {"get": "catalog:read"}

    @extend_schema(responses=HISTORY)
    def get(self, _request: Request, tier: int) -> Response:
        """The latest 200 changes, newest first, field by field, from the default on."""
        changes = policy_history.history_of(tier, self.request.viewer)
        return self.answer({"results": HistoryEntrySerializer(changes, many=True).data, "next": None})
