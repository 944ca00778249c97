"""The one shape of each resource, and the shapes of commands."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foundation.edge.serializers import CommandSerializer, ReadSerializer
from runtime_adapters.domain.states import DeploymentState, Health, Sync
from runtime_adapters.models import Attempt, Deployment, Observation, Runtime, Slot


def generation_of(row: Any) -> dict[str, int | None]:
    """A generation as clients see it: ordered by timeline, then n."""
    return {"timeline": row.timeline, "n": row.generation}


class GenerationShape(ReadSerializer):
    timeline = serializers.IntegerField()
    n = serializers.IntegerField()


class FactsShape(ReadSerializer):
    """Five facts, kept apart: what was asked, what the runtime said, what was read back, what runs, what is proven."""

    requested_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    recorded_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    proven_at = serializers.DateTimeField(allow_null=True)


class AttemptShape(ReadSerializer):
    """`detail` and `evidence` are null with `redacted` true for those who do not own the integration."""

    number = serializers.IntegerField()
    step = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()
    detail = serializers.SerializerMethodField()
    evidence = serializers.SerializerMethodField()
    redacted = serializers.SerializerMethodField()

    def get_detail(self, attempt: Attempt) -> str | None:
        return attempt.detail if self._sees_inside(attempt) else None

    def get_evidence(self, attempt: Attempt) -> dict[str, Any] | None:
        return attempt.evidence if self._sees_inside(attempt) else None

    def get_redacted(self, attempt: Attempt) -> bool:
        return not self._sees_inside(attempt)

    def _sees_inside(self, attempt: Attempt) -> bool:
        viewer = self.context["request"].viewer
        return bool(viewer.sees_all or viewer.is_operator or attempt.deployment.slot.integration.team_id in viewer.team_ids)


class DeploymentShape(ReadSerializer):
    id = serializers.UUIDField()
    slot = serializers.UUIDField(source="slot_id")
    integration = serializers.CharField(source="slot.integration.slug")
    environment = serializers.CharField(source="slot.environment.slug")
    runtime = serializers.CharField(source="slot.runtime.slug")
    release = serializers.CharField(source="release.version", allow_null=True)
    generation = serializers.SerializerMethodField()
    digest = serializers.CharField()
    change = serializers.UUIDField(source="change_id")
    cause = serializers.CharField()
    state = serializers.ChoiceField(choices=[state.value for state in DeploymentState])
    reason = serializers.CharField()
    facts = serializers.SerializerMethodField()
    is_read_back = serializers.BooleanField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    gate_until = serializers.DateTimeField(allow_null=True)
    attempt_count = serializers.IntegerField()
    attempts = AttemptShape(source="newest_attempts", many=True)
    next_check_at = serializers.SerializerMethodField()

    @extend_schema_field(GenerationShape)
    def get_generation(self, deployment: Deployment) -> dict[str, int | None]:
        return generation_of(deployment)

    @extend_schema_field(FactsShape)
    def get_facts(self, deployment: Deployment) -> dict[str, Any]:
        names = ("requested_at", "accepted_at", "recorded_at", "started_at", "proven_at")
        return {name: getattr(deployment, name) for name in names}

    def get_next_check_at(self, deployment: Deployment) -> Any:
        return deployment.next_attempt_at or deployment.slot.next_check_at


class ObservationShape(ReadSerializer):
    sync = serializers.ChoiceField(choices=[sync.value for sync in Sync])
    sync_since = serializers.DateTimeField(allow_null=True)
    is_present = serializers.BooleanField()
    is_started = serializers.BooleanField(allow_null=True)
    digest = serializers.CharField()
    generation = serializers.SerializerMethodField()
    content_hash = serializers.CharField()
    native_revision = serializers.CharField()
    received_at = serializers.DateTimeField()

    @extend_schema_field(GenerationShape)
    def get_generation(self, observation: Observation) -> dict[str, int | None]:
        return generation_of(observation)


class DesiredShape(ReadSerializer):
    generation = GenerationShape()
    release = serializers.CharField(allow_null=True)
    digest = serializers.CharField()
    payload_digest = serializers.CharField()
    content_hash = serializers.CharField()
    change = serializers.UUIDField()
    cause = serializers.CharField()
    set_at = serializers.DateTimeField()
    quarantined = serializers.ListField(child=serializers.CharField())


class SlotShape(ReadSerializer):
    id = serializers.UUIDField()
    integration = serializers.CharField(source="integration.slug")
    environment = serializers.CharField(source="environment.slug")
    runtime = serializers.CharField(source="runtime.slug")
    desired = serializers.SerializerMethodField()
    observed = serializers.SerializerMethodField()
    next_check_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(DesiredShape(allow_null=True))
    def get_desired(self, slot: Slot) -> dict[str, Any] | None:
        desired = getattr(slot, "desired", None)
        if desired is None:
            return None
        return {
            "generation": generation_of(desired),
            "release": desired.release.version if desired.release else None,
            "digest": desired.digest,
            "payload_digest": desired.payload_digest,
            "content_hash": desired.content_hash,
            "change": desired.change_id,
            "cause": desired.cause,
            "set_at": desired.set_at,
            "quarantined": desired.quarantined,
        }

    @extend_schema_field(ObservationShape(allow_null=True))
    def get_observed(self, slot: Slot) -> dict[str, Any] | None:
        observation = getattr(slot, "observation", None)
        return None if observation is None else ObservationShape(observation, context=self.context).data


class HealthShape(ReadSerializer):
    """One conclusion per environment, runtime and release. Counts cover the last 24 hours."""

    environment = serializers.CharField(source="environment.slug")
    runtime = serializers.CharField(source="slot.runtime.slug")
    slot = serializers.UUIDField(source="slot_id")
    release = serializers.CharField(source="release.version")
    digest = serializers.CharField(source="release.digest")
    is_live = serializers.BooleanField()
    state = serializers.ChoiceField(choices=[state.value for state in Health])
    reason = serializers.CharField()
    since = serializers.DateTimeField()
    last_reading_at = serializers.DateTimeField(allow_null=True)
    last_success_at = serializers.DateTimeField(allow_null=True)
    runs_succeeded = serializers.IntegerField()
    runs_failed = serializers.IntegerField()
    records_read = serializers.IntegerField()
    records_written = serializers.IntegerField()
    records_failed = serializers.IntegerField()


class IntegrationHealthShape(ReadSerializer):
    integration = serializers.CharField()
    results = HealthShape(many=True)


class RuntimeShape(ReadSerializer):
    """`config` holds references to secrets, never secrets; operators alone see it."""

    slug = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    environments = serializers.SerializerMethodField()
    config = serializers.SerializerMethodField()
    is_enabled = serializers.BooleanField()
    version = serializers.IntegerField()
    last_seen_at = serializers.DateTimeField(allow_null=True)
    clock_offset_ms = serializers.IntegerField(allow_null=True)
    paused_until = serializers.DateTimeField(allow_null=True)
    failures_in_row = serializers.IntegerField()

    def get_environments(self, runtime: Runtime) -> list[str]:
        return [environment.slug for environment in runtime.environments.all()]

    def get_config(self, runtime: Runtime) -> dict[str, Any] | None:
        viewer = self.context["request"].viewer
        return runtime.config if viewer.is_operator or viewer.sees_all else None


class RegisterRuntime(CommandSerializer):
    slug = serializers.CharField(max_length=63)
    title = serializers.CharField(max_length=120)
    kind = serializers.CharField(max_length=63)
    environments = serializers.ListField(child=serializers.CharField(max_length=63), max_length=50)
    config = serializers.JSONField(default=dict)

    def validate_config(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise serializers.ValidationError("Expected an object.", code="wrong-type")
        return value


class UpdateRuntime(CommandSerializer):
    title = serializers.CharField(max_length=120, required=False)
    environments = serializers.ListField(child=serializers.CharField(max_length=63), max_length=50, required=False)
    config = serializers.JSONField(required=False)
    is_enabled = serializers.BooleanField(required=False)

    def validate_config(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise serializers.ValidationError("Expected an object.", code="wrong-type")
        return value


class IssueRuntimeToken(CommandSerializer):
    label = serializers.CharField(max_length=120)  # type: ignore[assignment]


class TokenIssued(serializers.Serializer[Any]):
    secret = serializers.CharField()


class ProbeShape(serializers.Serializer[Any]):
    reachable = serializers.BooleanField()
    code = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    version = serializers.CharField(allow_blank=True)
    findings = serializers.ListField(child=serializers.DictField())


class GenerationInput(CommandSerializer):
    timeline = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    n = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class ObservationInput(CommandSerializer):
    slot = serializers.UUIDField()
    generation = GenerationInput()
    digest = serializers.RegexField(r"^(sha256:[0-9a-f]{64})?\Z", allow_blank=True, max_length=71, required=False, default="")
    native_revision = serializers.CharField(max_length=200, allow_blank=True, allow_null=True, required=False, default="")
    content_hash = serializers.RegexField(
        r"^(sha256:[0-9a-f]{64})?\Z", allow_blank=True, allow_null=True, max_length=71, required=False, default=""
    )
    seq = serializers.IntegerField(min_value=0, max_value=2**53 - 1)
    result = serializers.ChoiceField(choices=["recorded", "started", "failed"])
    reason = serializers.CharField(max_length=500, allow_blank=True, allow_null=True, required=False, default="")


class Observations(CommandSerializer):
    observations = serializers.ListField(child=ObservationInput(), max_length=1000)


class HealthReports(serializers.Serializer[Any]):
    reports = serializers.ListField(child=serializers.DictField(), max_length=1000)


class Received(serializers.Serializer[Any]):
    accepted = serializers.IntegerField()
    duplicate = serializers.IntegerField(required=False)
    ignored = serializers.IntegerField(required=False)
    refused = serializers.ListField(child=serializers.DictField())


class DesiredKey(serializers.Serializer[Any]):
    key_id = serializers.CharField()
    algorithm = serializers.CharField()
    public_key = serializers.CharField(help_text="SubjectPublicKeyInfo, PEM")


class Envelope(serializers.Serializer[Any]):
    """A DSSE v1 envelope, payload type application/vnd.portolan.desired+json."""

    payload = serializers.CharField()
    payloadType = serializers.CharField()  # noqa: N815 - the standard's spelling
    signatures = serializers.ListField(child=serializers.DictField())
