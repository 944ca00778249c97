"""How imports, verdicts and divergences look over HTTP, and what starting an import takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.domain.vocabulary import EntityKind
from catalog.models import Divergence, ImportBatch, ImportFile
from foundation.edge.serializers import CommandSerializer, ReadSerializer

IMPORT_STATES = ImportBatch.State.choices
VERDICTS = ImportFile.Verdict.choices
DIVERGENCE_STATES = Divergence.State.choices
MAX_FILES = 200


class ImportSerializer(ReadSerializer):
    """One run of an import; the counts are of files with each verdict so far."""

    id = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]  # the word of the row, which DRF's fields have too
    team = serializers.CharField(source="team.slug")
    by = serializers.CharField(source="by.username")
    is_dry_run = serializers.BooleanField()
    state = serializers.ChoiceField(IMPORT_STATES)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    files = serializers.IntegerField(source="file_count")
    created = serializers.IntegerField(source="created_count")
    updated = serializers.IntegerField(source="updated_count")
    unchanged = serializers.IntegerField(source="unchanged_count")
    attention = serializers.IntegerField(source="attention_count")


class CreatedSerializer(ReadSerializer):
    """Something that an import registered."""

    kind = serializers.ChoiceField([kind.value for kind in EntityKind])
    slug = serializers.CharField()


class ImportFileSerializer(ReadSerializer):
    """One file; its verdict is null until it was applied."""

    path = serializers.CharField()
    verdict = serializers.SerializerMethodField()
    reason = serializers.CharField()
    created = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(VERDICTS, allow_null=True))
    def get_verdict(self, file: Any) -> str | None:
        """What came of it."""
        return file.verdict or None

    @extend_schema_field(CreatedSerializer(many=True))
    def get_created(self, file: Any) -> list[dict[str, str]]:
        """What it registered; integrations that the caller may not see are left out."""
        created: list[dict[str, str]] = self.context["created"](file)
        return created


@extend_schema_field(serializers.CharField())
class ContentField(serializers.Field[Any, str, Any, Any]):
    """A file's text exactly as it is; it is read as a file, not as words for the catalog."""

    def to_internal_value(self, data: Any) -> str:
        """Any string."""
        if not isinstance(data, str):
            raise serializers.ValidationError("Expected a string.", code="wrong-type")
        return data


class ImportedFileSerializer(CommandSerializer):
    path = serializers.CharField(max_length=500)
    content = ContentField()


class StartImportSerializer(CommandSerializer):
    label = serializers.CharField(max_length=120)  # type: ignore[assignment]
    team = serializers.CharField(max_length=63)
    is_dry_run = serializers.BooleanField(default=False)
    files = ImportedFileSerializer(many=True, allow_empty=False, max_length=MAX_FILES)  # type: ignore[call-arg]  # DRF gives it to the list


class UploadImportSerializer(CommandSerializer):
    """The same as a form: `files` is repeated, and an archive (.zip) stands for what it holds, by the paths in it."""

    label = serializers.CharField(max_length=120)  # type: ignore[assignment]
    team = serializers.CharField(max_length=63)
    is_dry_run = serializers.ChoiceField(["false", "true"], default="false")
    files = serializers.ListField(child=serializers.FileField(allow_empty_file=True), allow_empty=False, max_length=MAX_FILES)


class DivergenceSerializer(ReadSerializer):
    """What a machine says of a field that a person set. The value is null, with `redacted: true`, for those who may not see inside."""

    id = serializers.UUIDField()
    integration = serializers.CharField(source="integration.slug")
    field = serializers.CharField()
    value = serializers.SerializerMethodField()
    redacted = serializers.SerializerMethodField()
    label = serializers.CharField()  # type: ignore[assignment]  # the word of the row, which DRF's fields have too
    path = serializers.CharField()
    state = serializers.ChoiceField(DIVERGENCE_STATES)
    raised_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_by = serializers.CharField(source="resolved_by.username", allow_null=True)

    @extend_schema_field(serializers.JSONField(allow_null=True))
    def get_value(self, row: Any) -> Any:
        """The machine's value."""
        return row.value if self.context["sees_inside"](row) else None

    def get_redacted(self, row: Any) -> bool:
        """Whether the value was left out."""
        return not self.context["sees_inside"](row)


class AnswerDivergenceSerializer(CommandSerializer):
    """What the caller was shown: `raised_at` of the divergence, `version` of the integration. Left out, it does not matter."""

    raised_at = serializers.DateTimeField(required=False)
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class FieldSourceSerializer(ReadSerializer):
    """A field that a machine filled and nobody has changed since."""

    field = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the word of the row, which DRF's fields have too
    path = serializers.CharField()
    at = serializers.DateTimeField()


class FieldSourceListSerializer(ReadSerializer):
    """All of an integration."""

    results = FieldSourceSerializer(many=True)
    next = serializers.CharField(allow_null=True)
