"""How the landscape looks over HTTP, and what its commands take."""

from rest_framework import serializers

from catalog.domain.vocabulary import Classification, SystemKind
from foundation.edge.serializers import CommandSerializer, ReadSerializer

SYSTEM_KINDS = [kind.value for kind in SystemKind]
LEVELS = [level.value for level in Classification]


class EnvironmentSerializer(ReadSerializer):
    """A stage on the way to production, with its health gate."""

    slug = serializers.CharField()
    title = serializers.CharField()
    rank = serializers.IntegerField()
    is_production = serializers.BooleanField()
    is_protected = serializers.BooleanField()
    dispatches_automatically = serializers.BooleanField()
    rolls_back_automatically = serializers.BooleanField()
    soak_s = serializers.IntegerField()
    gate_good_runs = serializers.IntegerField()
    gate_failed_runs = serializers.IntegerField()
    version = serializers.IntegerField()


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


class SystemSerializer(ReadSerializer):
    """An application or service."""

    slug = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(SYSTEM_KINDS)
    vendor = serializers.CharField()
    team = serializers.CharField(source="team.slug", allow_null=True)
    tier = serializers.IntegerField()
    residency = serializers.CharField()
    version = serializers.IntegerField()


class UpdateSystemSerializer(CommandSerializer):
    title = serializers.CharField(max_length=120, required=False)
    kind = serializers.ChoiceField(SYSTEM_KINDS, required=False)
    vendor = serializers.CharField(max_length=120, required=False, allow_blank=True)
    team = serializers.CharField(max_length=63, required=False, allow_null=True)
    tier = serializers.IntegerField(min_value=1, max_value=3, required=False)
    residency = serializers.CharField(max_length=63, required=False, allow_blank=True)


class RegisterSystemSerializer(UpdateSystemSerializer):
    slug = serializers.CharField(max_length=63)
    title = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(SYSTEM_KINDS)


class DataObjectSerializer(ReadSerializer):
    """What flows between systems."""

    slug = serializers.CharField()
    title = serializers.CharField()
    system_of_record = serializers.CharField(source="system_of_record.slug", allow_null=True)
    classification = serializers.ChoiceField(LEVELS)
    personal_categories = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField()


class UpdateDataObjectSerializer(CommandSerializer):
    title = serializers.CharField(max_length=120, required=False)
    system_of_record = serializers.CharField(max_length=63, required=False, allow_null=True)
    classification = serializers.ChoiceField(LEVELS, required=False)
    personal_categories = serializers.ListField(child=serializers.CharField(max_length=63), required=False, max_length=50)


class RegisterDataObjectSerializer(UpdateDataObjectSerializer):
    slug = serializers.CharField(max_length=63)
    title = serializers.CharField(max_length=120)
