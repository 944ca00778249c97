"""Shapes of attestations, campaigns, escalations and of leaving."""

from typing import Any

from rest_framework import serializers

from catalog.domain.product import MAX_CO_OWNERS
from catalog.domain.vocabulary import IntegrationType
from catalog.models import Visibility
from foundation.edge.serializers import CommandSerializer, ReadSerializer
from governance.domain.reassignment import Held
from governance.models import Attestation, Campaign, Escalation

ANSWERS = list(Attestation.Answer.values)
CAMPAIGN_STATES = list(Campaign.State.values)


class ProgressSerializer(ReadSerializer):
    """Counted over what the caller may see."""

    asked = serializers.IntegerField()
    answered = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    corrected = serializers.IntegerField()
    disowned = serializers.IntegerField()
    percent = serializers.IntegerField()


class CampaignSerializer(ReadSerializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    query = serializers.CharField(help_text="A query string of the integrations list; empty: all integrations.")
    state = serializers.ChoiceField(CAMPAIGN_STATES)
    opened_by = serializers.CharField(source="opened_by.username")
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class CampaignDetailSerializer(CampaignSerializer):
    """A campaign with how far it has come."""

    progress = serializers.SerializerMethodField()

    def get_progress(self, campaign: Any) -> dict[str, int]:
        found: dict[str, int] = ProgressSerializer(self.context["progress"][campaign.id]).data
        return found


class OpenCampaignSerializer(CommandSerializer):
    title = serializers.CharField(max_length=160)
    query = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    due_at = serializers.DateTimeField()


class AttestationSerializer(ReadSerializer):
    """What was asked about one integration, and what was said. `answer` is empty while nobody answered."""

    id = serializers.UUIDField()
    campaign = serializers.UUIDField(source="campaign_id")
    campaign_title = serializers.CharField(source="campaign.title")
    due_at = serializers.DateTimeField(source="campaign.due_at")
    integration = serializers.CharField(source="integration.slug")
    title = serializers.CharField(source="integration.title")
    team = serializers.CharField(source="integration.team.slug")
    version = serializers.IntegerField(source="integration.version", help_text="Of the integration: what a correction must name.")
    answer = serializers.CharField()
    note = serializers.CharField()
    answered_by = serializers.CharField(source="answered_by.username", allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)


class CorrectionSerializer(CommandSerializer):
    title = serializers.CharField(max_length=160, required=False)
    purpose = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    type = serializers.ChoiceField([kind.value for kind in IntegrationType], required=False)
    team = serializers.CharField(max_length=63, required=False)
    tier = serializers.IntegerField(min_value=1, max_value=3, required=False)
    visibility = serializers.ChoiceField(Visibility.choices, required=False)
    technical_owner = serializers.CharField(max_length=63, required=False, allow_null=True)
    business_owner = serializers.CharField(max_length=63, required=False, allow_null=True)
    on_call = serializers.CharField(max_length=63, required=False, allow_null=True)
    data_steward = serializers.CharField(max_length=63, required=False, allow_null=True)
    co_owners = serializers.ListField(child=serializers.CharField(max_length=63), required=False, max_length=MAX_CO_OWNERS)
    tags = serializers.ListField(child=serializers.CharField(max_length=63), required=False, max_length=50)


class AttestSerializer(CommandSerializer):
    answer = serializers.ChoiceField(ANSWERS)
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    changes = CorrectionSerializer(required=False)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class AnswerSerializer(AttestSerializer):
    integration = serializers.CharField(max_length=63)


class BulkAnswersSerializer(CommandSerializer):
    answers = AnswerSerializer(many=True, min_length=1, max_length=200)  # type: ignore[call-arg]  # of the list
    campaign_id = serializers.UUIDField(required=False, allow_null=True)


class AttestedSerializer(ReadSerializer):
    integration = serializers.CharField(source="slug")
    version = serializers.IntegerField()
    attested_at = serializers.DateTimeField(allow_null=True)


class FaultSerializer(ReadSerializer):
    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class AnswerResultSerializer(ReadSerializer):
    """How one row went. Of a refused row `code`, `detail` and `errors` say why; the others are not touched by it."""

    integration = serializers.CharField()
    answer = serializers.CharField()
    status = serializers.ChoiceField(["taken", "refused"])
    version = serializers.IntegerField(allow_null=True)
    attested_at = serializers.DateTimeField(allow_null=True)
    code = serializers.CharField(allow_null=True)
    detail = serializers.CharField(allow_null=True)
    errors = FaultSerializer(many=True)  # type: ignore[assignment]  # ours, not DRF's


class BulkResultSerializer(ReadSerializer):
    taken = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = AnswerResultSerializer(many=True)


class EscalationSerializer(ReadSerializer):
    """Something about ownership that nobody has put right. `step`: how many steps of the ladder have been taken."""

    id = serializers.UUIDField()
    integration = serializers.CharField(source="integration.slug")
    title = serializers.CharField(source="integration.title")
    team = serializers.CharField(source="integration.team.slug")
    kind = serializers.ChoiceField(Escalation.Kind.choices)
    opened_at = serializers.DateTimeField()
    step = serializers.IntegerField()
    next_check_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class HeldItemSerializer(ReadSerializer):
    """One thing held. `key` names it in an override; `binds`: it must pass to somebody."""

    key = serializers.CharField()
    kind = serializers.ChoiceField([kind.value for kind in Held])
    name = serializers.CharField()
    title = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    binds = serializers.BooleanField()


class PlanSerializer(ReadSerializer):
    """Everything a person holds. `hidden`: how many of it the caller may not see. `token` is bound to the whole list."""

    username = serializers.CharField(source="user.username")
    token = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    hidden = serializers.IntegerField()
    items = HeldItemSerializer(source="shown", many=True)


class ReassignSerializer(CommandSerializer):
    default = serializers.CharField(max_length=63, required=False, allow_null=True, default=None)
    overrides = serializers.DictField(child=serializers.CharField(max_length=63, allow_null=True), required=False, default=dict)


class DeactivateSerializer(CommandSerializer):
    token = serializers.CharField(max_length=71)
    reassign = ReassignSerializer(required=False)
