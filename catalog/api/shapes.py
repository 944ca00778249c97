"""How the landscape looks over HTTP, and what its commands take."""

from typing import Any

from rest_framework import serializers

from catalog.domain.vocabulary import Classification, SystemKind
from foundation.edge.serializers import CommandSerializer, ReadSerializer

SYSTEM_KINDS = [kind.value for kind in SystemKind]
LEVELS = [level.value for level in Classification]


class EntrySerializer(ReadSerializer):
    """What everything in the landscape has. `id` never changes; `aliases` are names from before a rename: they still lead here."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField()
    aliases = serializers.SerializerMethodField()
    version = serializers.IntegerField()

    def get_aliases(self, row: Any) -> list[str]:
        """Names are of today: a state of the past has none."""
        return list(getattr(row, "aliases", ()))


class RetirableSerializer(EntrySerializer):
    """The same for what can be retired."""

    is_retired = serializers.SerializerMethodField()

    def get_is_retired(self, row: Any) -> bool:
        """Whether it is kept for what still uses it, and not for anything new."""
        return row.retired_at is not None


class RenameSerializer(CommandSerializer):
    slug = serializers.CharField(max_length=63)


class EnvironmentSerializer(EntrySerializer):
    """A stage on the way to production, with its health gate."""

    rank = serializers.IntegerField()
    is_production = serializers.BooleanField()
    is_protected = serializers.BooleanField()
    dispatches_automatically = serializers.BooleanField()
    rolls_back_automatically = serializers.BooleanField()
    soak_s = serializers.IntegerField()
    gate_good_runs = serializers.IntegerField()
    gate_failed_runs = serializers.IntegerField()


class UpdateEnvironmentSerializer(CommandSerializer):
    title = serializers.CharField(max_length=120, required=False)
    rank = serializers.IntegerField(min_value=0, max_value=32_767, required=False)
    is_production = serializers.BooleanField(required=False)
    is_protected = serializers.BooleanField(required=False)
    dispatches_automatically = serializers.BooleanField(required=False)
    rolls_back_automatically = serializers.BooleanField(required=False)
    soak_s = serializers.IntegerField(min_value=0, max_value=30 * 24 * 3600, required=False)
    gate_good_runs = serializers.IntegerField(min_value=0, max_value=32_767, required=False)
    gate_failed_runs = serializers.IntegerField(min_value=0, max_value=32_767, required=False)


class RegisterEnvironmentSerializer(UpdateEnvironmentSerializer):
    slug = serializers.CharField(max_length=63)
    title = serializers.CharField(max_length=120)
    rank = serializers.IntegerField(min_value=0, max_value=32_767)


class DomainSerializer(RetirableSerializer):
    """A business area and what it lies in."""

    description = serializers.CharField()
    parent = serializers.CharField(source="parent.slug", allow_null=True)  # type: ignore[assignment]  # DRF takes fields off the class
    team = serializers.CharField(source="team.slug", allow_null=True)


class UpdateDomainSerializer(CommandSerializer):
    title = serializers.CharField(max_length=120, required=False)
    description = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    parent = serializers.CharField(max_length=63, required=False, allow_null=True)  # type: ignore[assignment]  # as above
    team = serializers.CharField(max_length=63, required=False, allow_null=True)


class RegisterDomainSerializer(UpdateDomainSerializer):
    slug = serializers.CharField(max_length=63)
    title = serializers.CharField(max_length=120)


class SystemSerializer(RetirableSerializer):
    """An application or service. `is_discovered`: an import named it and no person has confirmed it yet."""

    kind = serializers.ChoiceField(SYSTEM_KINDS)
    vendor = serializers.CharField()
    team = serializers.CharField(source="team.slug", allow_null=True)
    tier = serializers.IntegerField()
    residency = serializers.CharField()
    description = serializers.CharField()
    domain = serializers.CharField(source="domain.slug", allow_null=True)
    is_discovered = serializers.BooleanField()


class _SystemFields(CommandSerializer):
    title = serializers.CharField(max_length=120, required=False)
    kind = serializers.ChoiceField(SYSTEM_KINDS, required=False)
    vendor = serializers.CharField(max_length=120, required=False, allow_blank=True)
    team = serializers.CharField(max_length=63, required=False, allow_null=True)
    tier = serializers.IntegerField(min_value=1, max_value=3, required=False)
    residency = serializers.CharField(max_length=63, required=False, allow_blank=True)
    description = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    domain = serializers.CharField(max_length=63, required=False, allow_null=True)


class UpdateSystemSerializer(_SystemFields):
    is_discovered = serializers.BooleanField(required=False, help_text="false confirms what an import has found.")


class RegisterSystemSerializer(_SystemFields):
    slug = serializers.CharField(max_length=63)
    title = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(SYSTEM_KINDS)


class DataObjectSerializer(RetirableSerializer):
    """What flows between systems. `is_discovered`: an import named it and no person has confirmed it yet."""

    system_of_record = serializers.CharField(source="system_of_record.slug", allow_null=True)
    classification = serializers.ChoiceField(LEVELS)
    personal_categories = serializers.ListField(child=serializers.CharField())
    description = serializers.CharField()
    domain = serializers.CharField(source="domain.slug", allow_null=True)
    is_discovered = serializers.BooleanField()


class _DataObjectFields(CommandSerializer):
    title = serializers.CharField(max_length=120, required=False)
    system_of_record = serializers.CharField(max_length=63, required=False, allow_null=True)
    classification = serializers.ChoiceField(LEVELS, required=False)
    personal_categories = serializers.ListField(child=serializers.CharField(max_length=63), required=False, max_length=50)
    description = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    domain = serializers.CharField(max_length=63, required=False, allow_null=True)


class UpdateDataObjectSerializer(_DataObjectFields):
    is_discovered = serializers.BooleanField(required=False, help_text="false confirms what an import has found.")


class RegisterDataObjectSerializer(_DataObjectFields):
    slug = serializers.CharField(max_length=63)
    title = serializers.CharField(max_length=120)
