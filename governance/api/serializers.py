"""Shapes of boards, policies and change requests."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foundation.edge.serializers import CommandSerializer, ReadSerializer
from governance.domain.ballots import Choice
from governance.domain.lifecycle import Action


class BoardMemberSerializer(ReadSerializer):
    username = serializers.CharField(source="user.username")
    display_name = serializers.CharField(source="user.display_name")
    is_active = serializers.BooleanField(source="user.is_active")
    since = serializers.DateTimeField()


class BoardSerializer(ReadSerializer):
    id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField()
    version = serializers.IntegerField()
    members = BoardMemberSerializer(many=True)


class RegisterBoardSerializer(CommandSerializer):
    slug = serializers.SlugField(max_length=63)
    title = serializers.CharField(max_length=120)
    members = serializers.ListField(child=serializers.CharField(max_length=63), default=list, help_text="User names.")


class PolicySerializer(ReadSerializer):
    id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField()
    environments = serializers.SerializerMethodField(help_text="Slugs; none means every production environment.")
    requirements = serializers.JSONField()
    review_ttl_s = serializers.IntegerField()
    execution_ttl_s = serializers.IntegerField()
    is_enabled = serializers.BooleanField()
    version = serializers.IntegerField()

    def get_environments(self, policy: Any) -> list[str]:
        return [environment.slug for environment in policy.environments.all()]


class RegisterPolicySerializer(CommandSerializer):
    slug = serializers.SlugField(max_length=63)
    title = serializers.CharField(max_length=120)
    environments = serializers.ListField(child=serializers.CharField(max_length=63), default=list)
    requirements = serializers.JSONField()
    review_ttl_s = serializers.IntegerField(min_value=60, max_value=365 * 86400, default=14 * 86400)
    execution_ttl_s = serializers.IntegerField(min_value=60, max_value=365 * 86400, default=7 * 86400)


class UpdatePolicySerializer(CommandSerializer):
    title = serializers.CharField(max_length=120, required=False)
    requirements = serializers.JSONField(required=False)
    review_ttl_s = serializers.IntegerField(min_value=60, max_value=365 * 86400, required=False)
    execution_ttl_s = serializers.IntegerField(min_value=60, max_value=365 * 86400, required=False)
    is_enabled = serializers.BooleanField(required=False)


class TargetSerializer(CommandSerializer):
    environment = serializers.CharField(max_length=63)
    runtime = serializers.CharField(max_length=63)


def _named(field: str, attrs: dict[str, Any]) -> dict[str, Any]:
    """Only a retirement goes without."""
    if attrs[field] is None and attrs["action"] != Action.RETIRE:
        raise serializers.ValidationError({field: ["This field is required."]}, code="required")
    return attrs


class SubmitChangeSerializer(CommandSerializer):
    action = serializers.ChoiceField(
        [action.value for action in Action],
        default=Action.DEPLOY.value,
        help_text="retire takes out what stands in the targets; what was taken out comes back by another deploy.",
    )
    integration = serializers.CharField(max_length=63)
    release = serializers.CharField(
        max_length=63, required=False, allow_null=True, default=None, help_text="The release's version; a retirement names none."
    )
    targets = TargetSerializer(many=True)
    reason = serializers.CharField(max_length=4000)
    not_before = serializers.DateTimeField(required=False, allow_null=True, default=None)
    not_after = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Whatever is to run is named."""
        return _named("release", attrs)


class EditChangeSerializer(CommandSerializer):
    release = serializers.CharField(max_length=63, required=False)
    reason = serializers.CharField(max_length=4000, required=False)
    not_before = serializers.DateTimeField(required=False, allow_null=True)
    not_after = serializers.DateTimeField(required=False, allow_null=True)


class VoteSerializer(CommandSerializer):
    value = serializers.ChoiceField([choice.value for choice in Choice])
    subject_digest = serializers.RegexField(r"^sha256:[0-9a-f]{64}$", max_length=71, help_text="The digest that was shown.")
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class ReasonSerializer(CommandSerializer):
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class RollbackSerializer(CommandSerializer):
    to_release = serializers.CharField(max_length=63, required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=4000)


class EvaluateSerializer(CommandSerializer):
    action = serializers.ChoiceField([Action.DEPLOY.value, Action.RETIRE.value], default=Action.DEPLOY.value)
    integration = serializers.CharField(max_length=63)
    manifest = serializers.JSONField(required=False, allow_null=True, default=None, help_text="What would run; a retirement has none.")
    targets = TargetSerializer(many=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Whatever is to run is there."""
        return _named("manifest", attrs)


class ChangeSerializer(ReadSerializer):
    """A change request in a list."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    action = serializers.CharField()
    change_class = serializers.CharField()
    integration = serializers.CharField(source="integration.slug")
    integration_title = serializers.CharField(source="integration.title")
    release = serializers.CharField(source="release.version", allow_null=True)
    release_digest = serializers.CharField()
    subject_digest = serializers.CharField()
    state = serializers.SerializerMethodField()
    revision = serializers.IntegerField()
    version = serializers.IntegerField()
    requester = serializers.CharField(source="requester.username", allow_null=True)
    caused_by = serializers.IntegerField(source="caused_by.number", allow_null=True)
    reason = serializers.CharField()
    stale_reason = serializers.CharField()
    not_before = serializers.DateTimeField(allow_null=True)
    not_after = serializers.DateTimeField(allow_null=True)
    review_until = serializers.DateTimeField(allow_null=True)
    execute_until = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    dispatched_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)

    def get_state(self, change: Any) -> str:
        from governance.selectors.change_requests import effective_state

        return effective_state(change, self.context["now"]).value


class UnblockerSerializer(ReadSerializer):
    name = serializers.CharField()
    is_person = serializers.BooleanField()


class RequirementSerializer(ReadSerializer):
    name = serializers.CharField()
    kind = serializers.CharField()
    status = serializers.CharField()
    enforcement = serializers.CharField()
    needs = serializers.IntegerField()
    have = serializers.IntegerField()
    boards = serializers.ListField(child=serializers.CharField())
    detail = serializers.CharField()
    approved_by = serializers.ListField(child=serializers.CharField())
    who_can_unblock = UnblockerSerializer(many=True)
    next_change_at = serializers.DateTimeField(allow_null=True)


class StatementSerializer(ReadSerializer):
    kind = serializers.CharField()
    place = serializers.CharField(help_text="JSON Pointer into the payload.")
    subject = serializers.CharField()
    text = serializers.CharField()


class TargetViewSerializer(ReadSerializer):
    slot = serializers.UUIDField()
    environment = serializers.CharField()
    runtime = serializers.CharField()
    base_version = serializers.CharField(help_text="The release the slot holds today; empty when it holds none.")
    base_digest = serializers.CharField()
    payload_digest = serializers.CharField()
    statements = StatementSerializer(many=True)


class CastVoteSerializer(ReadSerializer):
    person = serializers.CharField(source="user.display_name")
    value = serializers.CharField()
    subject_digest = serializers.CharField()
    revision = serializers.IntegerField()
    reason = serializers.CharField()
    at = serializers.DateTimeField()


class DiffTargetSerializer(TargetViewSerializer):
    old = serializers.JSONField(allow_null=True, help_text="The payload that runs today; null when redacted.")
    new = serializers.JSONField(allow_null=True, help_text="The payload that would run; null when redacted, and when nothing would.")


class DiffSerializer(ReadSerializer):
    redacted = serializers.BooleanField()
    targets = DiffTargetSerializer(many=True)


class ChangeDetailSerializer(ChangeSerializer):
    """A change request with everything a decision rests on."""

    verdict = serializers.SerializerMethodField()
    requirements = serializers.SerializerMethodField()
    targets = serializers.SerializerMethodField()
    votes = serializers.SerializerMethodField()
    may_vote = serializers.SerializerMethodField()
    my_vote = serializers.SerializerMethodField()
    redacted = serializers.SerializerMethodField()

    def _overview(self) -> Any:
        return self.context["overview"]

    def get_verdict(self, _change: Any) -> str:
        return str(self._overview().verdict)

    @extend_schema_field(RequirementSerializer(many=True))
    def get_requirements(self, _change: Any) -> Any:
        return RequirementSerializer(self._overview().requirements, many=True).data

    @extend_schema_field(TargetViewSerializer(many=True))
    def get_targets(self, _change: Any) -> Any:
        return TargetViewSerializer(self._overview().targets, many=True).data

    @extend_schema_field(CastVoteSerializer(many=True))
    def get_votes(self, _change: Any) -> Any:
        return CastVoteSerializer(self._overview().votes, many=True).data

    def get_may_vote(self, _change: Any) -> bool:
        return bool(self._overview().may_vote)

    def get_my_vote(self, _change: Any) -> str:
        return str(self._overview().my_vote)

    def get_redacted(self, _change: Any) -> bool:
        return bool(self._overview().redacted)
