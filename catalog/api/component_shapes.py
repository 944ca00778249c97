"""How components, connection templates and connections look over HTTP, and what their commands take."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from catalog.api.shapes import RetirableSerializer
from catalog.domain.connections import MAX_DESCRIPTION, Upkeep, rotation_due_at, upkeep
from catalog.domain.vocabulary import AuthType, ComponentKind
from catalog.selectors.connections import sees_references
from foundation.edge.serializers import CommandSerializer, ReadSerializer

COMPONENT_KINDS = [kind.value for kind in ComponentKind]
_AUTH_TYPES = [kind.value for kind in AuthType]


class ComponentSerializer(RetirableSerializer):
    """A reusable part. `newest` is its newest version, null before the first."""

    kind = serializers.ChoiceField(COMPONENT_KINDS)
    team = serializers.CharField(source="team.slug")
    description = serializers.CharField()
    newest = serializers.CharField(allow_null=True)


class UpdateComponentSerializer(CommandSerializer):
    title = serializers.CharField(max_length=120, required=False)
    kind = serializers.ChoiceField(COMPONENT_KINDS, required=False)
    team = serializers.CharField(max_length=63, required=False)
    description = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class RegisterComponentSerializer(UpdateComponentSerializer):
    slug = serializers.CharField(max_length=63)
    title = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(COMPONENT_KINDS)
    team = serializers.CharField(max_length=63)


class ComponentVersionSerializer(ReadSerializer):
    """A version in the list: everything but its content. `identical_to` is another version with the same content."""

    version = serializers.CharField(source="number")
    digest = serializers.CharField()
    notes = serializers.CharField()
    created_by = serializers.CharField(source="created_by.username")
    created_at = serializers.DateTimeField()
    identical_to = serializers.CharField(allow_null=True)


class ComponentVersionDetailSerializer(ComponentVersionSerializer):
    """A version with its content; null, with `redacted: true`, for those who may not read a mapping."""

    content = serializers.SerializerMethodField()
    redacted = serializers.SerializerMethodField()

    def get_content(self, version: Any) -> dict[str, Any] | None:
        """What it does, as its kind has it."""
        return dict(version.content) if self.context["sees_content"] else None

    def get_redacted(self, _version: Any) -> bool:
        """Whether the content was left out."""
        return not self.context["sees_content"]


class PublishComponentVersionSerializer(CommandSerializer):
    version = serializers.CharField(max_length=63)
    content = serializers.JSONField()
    notes = serializers.CharField(max_length=20_000, required=False, allow_blank=True)


class UsedBySerializer(ReadSerializer):
    """One release that pins a version, and the environments in which that release is live."""

    integration = serializers.CharField(source="release.integration.slug")
    title = serializers.CharField(source="release.integration.title")
    team = serializers.CharField(source="release.integration.team.slug")
    release = serializers.CharField(source="release.version")
    version = serializers.CharField(source="component_version.number")
    live_in = serializers.ListField(child=serializers.CharField())


class SlotSerializer(ReadSerializer):
    """One thing that a connection must or may be given."""

    name = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]  # DRF takes fields off the class
    description = serializers.CharField()


class ConnectionTemplateSerializer(RetirableSerializer):
    """An approved way to reach a kind of system."""

    description = serializers.CharField()
    protocol = serializers.CharField()
    auth_type = serializers.ChoiceField(_AUTH_TYPES)
    slots = SlotSerializer(many=True)


class SlotInputSerializer(CommandSerializer):
    name = serializers.CharField(max_length=63)
    required = serializers.BooleanField(required=False)  # type: ignore[assignment]  # as above
    description = serializers.CharField(max_length=MAX_DESCRIPTION, required=False, allow_blank=True)


class UpdateConnectionTemplateSerializer(CommandSerializer):
    title = serializers.CharField(max_length=120, required=False)
    description = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    protocol = serializers.CharField(max_length=31, required=False)
    auth_type = serializers.ChoiceField(_AUTH_TYPES, required=False)
    slots = SlotInputSerializer(many=True, required=False)


class RegisterConnectionTemplateSerializer(UpdateConnectionTemplateSerializer):
    slug = serializers.CharField(max_length=63)
    title = serializers.CharField(max_length=120)
    protocol = serializers.CharField(max_length=31)
    auth_type = serializers.ChoiceField(_AUTH_TYPES)


class ConnectionSerializer(RetirableSerializer):
    """A template filled in for one system in one environment.

    `references` (slot → where the secret is kept) are null, with `redacted: true`, for all but the owning team, administrators
    and auditors. `upkeep` says what it needs now; `rotation_due_at` is null where no rotation is asked for or none was told yet.
    """

    template = serializers.CharField(source="template.slug")
    system = serializers.CharField(source="system.slug")
    environment = serializers.CharField(source="environment.slug")
    team = serializers.CharField(source="team.slug")
    expires_at = serializers.DateTimeField(allow_null=True)
    rotated_at = serializers.DateTimeField(allow_null=True)
    rotate_every_days = serializers.IntegerField(allow_null=True)
    rotation_due_at = serializers.SerializerMethodField()
    upkeep = serializers.SerializerMethodField()
    references = serializers.SerializerMethodField()
    redacted = serializers.SerializerMethodField()

    def get_rotation_due_at(self, row: Any) -> datetime | None:
        """The last rotation and the time between two."""
        return rotation_due_at(row.rotated_at, row.rotate_every_days)

    def get_upkeep(self, row: Any) -> Upkeep:
        """What it needs now."""
        return upkeep(expires_at=row.expires_at, rotated_at=row.rotated_at, every_days=row.rotate_every_days, now=self.context["now"])

    def get_references(self, row: Any) -> dict[str, str] | None:
        """Where each slot's secret is kept."""
        return dict(row.references) if sees_references(row, self.context["viewer"]) else None

    def get_redacted(self, row: Any) -> bool:
        """Whether the references were left out."""
        return not sees_references(row, self.context["viewer"])


class UpdateConnectionSerializer(CommandSerializer):
    title = serializers.CharField(max_length=120, required=False)
    team = serializers.CharField(max_length=63, required=False)
    references = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    rotated_at = serializers.DateTimeField(required=False, allow_null=True)
    rotate_every_days = serializers.IntegerField(min_value=1, max_value=3660, required=False, allow_null=True)


class RegisterConnectionSerializer(UpdateConnectionSerializer):
    slug = serializers.CharField(max_length=63)
    title = serializers.CharField(max_length=120)
    template = serializers.CharField(max_length=63)
    system = serializers.CharField(max_length=63)
    environment = serializers.CharField(max_length=63)
    team = serializers.CharField(max_length=63)
    references = serializers.DictField(child=serializers.JSONField(allow_null=True))
