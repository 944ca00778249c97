"""How integrations and releases look over HTTP, and what their commands take."""

from typing import Any

from rest_framework import serializers

from catalog.api import product_shapes as product
from catalog.domain.product import MAX_CO_OWNERS, MAX_LABEL
from catalog.domain.vocabulary import EndpointRole, IntegrationType, Operation
from catalog.models import Visibility
from catalog.selectors.releases import manifest_of
from foundation.edge.schema import listed
from foundation.edge.serializers import CommandSerializer, ReadSerializer

INTEGRATION_TYPES = [kind.value for kind in IntegrationType]
ENDPOINT_ROLES = [role.value for role in EndpointRole]
_OPERATIONS = [operation.value for operation in Operation]


class IntegrationSerializer(ReadSerializer):
    """An integration in the list. `id` is what it is, whatever it is called: a name may be another's one day."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField()
    type = serializers.ChoiceField(INTEGRATION_TYPES)
    team = serializers.CharField(source="team__slug")
    tier = serializers.IntegerField()
    stage = serializers.CharField()
    lifecycle = serializers.IntegerField()
    visibility = serializers.ChoiceField(Visibility.choices)
    tags = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()


class EndpointSerializer(ReadSerializer):
    """One end. Its address is null, with `redacted: true`, for those who may only see the structure."""

    system = serializers.CharField(source="system.slug")
    data_object = serializers.CharField(source="data_object.slug", allow_null=True)
    role = serializers.ChoiceField(ENDPOINT_ROLES)
    operation = serializers.ChoiceField(_OPERATIONS)
    fields_touched = serializers.ListField(child=serializers.CharField())
    cadence = serializers.CharField()
    volume_per_day = serializers.IntegerField(allow_null=True)
    address = serializers.SerializerMethodField()
    redacted = serializers.SerializerMethodField()

    def get_address(self, endpoint: Any) -> str | None:
        """Where the system is called."""
        return endpoint.address if self.context["sees_inside"] else None

    def get_redacted(self, _endpoint: Any) -> bool:
        """Whether something was left out."""
        return not self.context["sees_inside"]


class LiveReleaseSerializer(ReadSerializer):
    """What runs where."""

    environment = serializers.CharField(source="environment.slug")
    runtime = serializers.CharField(source="runtime_key")
    release = serializers.CharField(source="release.version")
    digest = serializers.CharField(source="release.digest")
    since = serializers.DateTimeField()


class IntegrationDetailSerializer(product.ProductSerializer, IntegrationSerializer):
    """An integration with owners, what it promises, its four clocks, endpoints and what is live."""

    team = serializers.CharField(source="team.slug")
    purpose = serializers.CharField()
    technical_owner = serializers.CharField(source="technical_owner.username", allow_null=True)
    business_owner = serializers.CharField(source="business_owner.username", allow_null=True)
    on_call = serializers.CharField(source="on_call.username", allow_null=True)
    data_steward = serializers.CharField(source="data_steward.username", allow_null=True)
    endpoints = EndpointSerializer(many=True)
    live_releases = LiveReleaseSerializer(many=True)


class EndpointInputSerializer(CommandSerializer):
    system = serializers.CharField(max_length=63)
    data_object = serializers.CharField(max_length=63, required=False, allow_null=True)
    role = serializers.ChoiceField(ENDPOINT_ROLES)
    operation = serializers.ChoiceField(_OPERATIONS)
    fields_touched = serializers.ListField(child=serializers.CharField(max_length=120), required=False, max_length=500)
    cadence = serializers.CharField(max_length=63, required=False, allow_blank=True)
    address = serializers.CharField(max_length=255, required=False, allow_blank=True)
    volume_per_day = serializers.IntegerField(min_value=0, max_value=10**12, required=False, allow_null=True)


class UpdateIntegrationSerializer(CommandSerializer):
    title = serializers.CharField(max_length=160, required=False)
    purpose = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    type = serializers.ChoiceField(INTEGRATION_TYPES, required=False)
    team = serializers.CharField(max_length=63, required=False)
    tier = serializers.IntegerField(min_value=1, max_value=3, required=False)
    visibility = serializers.ChoiceField(Visibility.choices, required=False)
    technical_owner = serializers.CharField(max_length=63, required=False, allow_null=True)
    business_owner = serializers.CharField(max_length=63, required=False, allow_null=True)
    on_call = serializers.CharField(max_length=63, required=False, allow_null=True)
    data_steward = serializers.CharField(max_length=63, required=False, allow_null=True)
    co_owners = serializers.ListField(child=serializers.CharField(max_length=63), required=False, max_length=MAX_CO_OWNERS)
    tags = serializers.ListField(child=serializers.CharField(max_length=63), required=False, max_length=50)
    labels = serializers.DictField(child=serializers.CharField(max_length=MAX_LABEL, allow_blank=True), required=False)
    business_value = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    support = product.SupportInputSerializer(required=False, allow_null=True)
    change_policy = product.ChangePolicyInputSerializer(required=False, allow_null=True)
    deprecation = product.DeprecationInputSerializer(required=False, allow_null=True)
    reuse_check = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    endpoints = EndpointInputSerializer(many=True, required=False)


class RegisterIntegrationSerializer(UpdateIntegrationSerializer):
    slug = serializers.CharField(max_length=63)
    title = serializers.CharField(max_length=160)
    purpose = serializers.CharField(max_length=4000, allow_blank=True, default="")
    type = serializers.ChoiceField(INTEGRATION_TYPES)
    team = serializers.CharField(max_length=63)
    tier = serializers.IntegerField(min_value=1, max_value=3)
    endpoints = EndpointInputSerializer(many=True)


class ReleaseSerializer(ReadSerializer):
    """A release in the list: everything but its content. `identical_to` is another version with the same content."""

    version = serializers.CharField()
    digest = serializers.CharField()
    runtime_kind = serializers.CharField()
    notes = serializers.CharField()
    evidence = serializers.JSONField()
    created_by = serializers.CharField(source="created_by.username")
    authors = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    identical_to = serializers.CharField(allow_null=True)

    def get_authors(self, release: Any) -> list[str]:
        """User names of everybody who wrote content of it."""
        return sorted(author.user.username for author in release.authors.all())


class ReleaseDetailSerializer(ReleaseSerializer):
    """A release with its manifest; null, with `redacted: true`, for those who may only see the structure."""

    manifest = serializers.SerializerMethodField()
    redacted = serializers.SerializerMethodField()

    def get_manifest(self, release: Any) -> dict[str, Any] | None:
        """The manifest as it was received."""
        return dict(manifest_of(release)) if self.context["sees_inside"] else None

    def get_redacted(self, _release: Any) -> bool:
        """Whether the manifest was left out."""
        return not self.context["sees_inside"]


class PublishReleaseSerializer(CommandSerializer):
    version = serializers.CharField(max_length=63)
    manifest = serializers.JSONField()
    notes = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    evidence = serializers.ListField(child=serializers.JSONField(), required=False, max_length=50)
    co_authors = serializers.ListField(child=serializers.CharField(max_length=63), required=False, max_length=50)


class FieldChangeSerializer(ReadSerializer):
    """One field before and after."""

    field = serializers.CharField()
    before = serializers.JSONField()
    after = serializers.JSONField()


class HistoryEntrySerializer(ReadSerializer):
    """One change: what, by whom, and the log event that tells of it."""

    at = serializers.DateTimeField()
    event_id = serializers.UUIDField()
    subject = serializers.CharField()
    version = serializers.IntegerField()
    by = serializers.CharField(allow_null=True)
    changes = FieldChangeSerializer(many=True)


HISTORY = listed(HistoryEntrySerializer)


class GrantSerializer(ReadSerializer):
    """Somebody let in: a user or a team."""

    holder_type = serializers.ChoiceField(["user", "team"])
    holder = serializers.CharField()
    title = serializers.CharField()
    right = serializers.ChoiceField(["view", "propose"])


class AddGrantSerializer(CommandSerializer):
    right = serializers.ChoiceField(["view", "propose"], default="view")
