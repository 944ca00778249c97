"""How batches look over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.domain.sheets import MAX_CHARS, MAX_ROWS
from catalog.models import BulkBatch
from catalog.services.bulk import VERDICTS, Verdict
from foundation.edge.serializers import CommandSerializer, ReadSerializer

VERDICT_CHOICES = [(verdict.value, verdict.value) for verdict in Verdict]
FORM_FLAGS = [("false", "false"), ("true", "true")]  # a form has no booleans
BATCH_STATES = BulkBatch.State.choices


class BulkSerializer(CommandSerializer):
    """Rows in the shape of a sheet: `{slug, version, …}`; columns that are left out stay as they are. Without a version: a new one."""

    rows = serializers.ListField(child=serializers.JSONField(), max_length=MAX_ROWS)
    dry_run = serializers.BooleanField(default=False)


class SheetSerializer(CommandSerializer):
    """The same as the text of a sheet."""

    format = serializers.ChoiceField(["csv", "yaml"])
    content = serializers.CharField(max_length=MAX_CHARS, trim_whitespace=False)
    dry_run = serializers.BooleanField(default=False)


class SheetUploadSerializer(CommandSerializer):
    """A sheet as a form: up to 50,000 rows and 48 MiB."""

    format = serializers.ChoiceField(["csv", "yaml"])
    file = serializers.ListField(child=serializers.FileField(allow_empty_file=True), min_length=1, max_length=1)
    dry_run = serializers.ChoiceField(FORM_FLAGS, default="false")


class DifferenceSerializer(ReadSerializer):
    """One field before and after."""

    field = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class RowFaultSerializer(ReadSerializer):
    """One fault of a row."""

    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class RowProblemSerializer(ReadSerializer):
    """Why a row was refused: what the same edit alone would have been answered."""

    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = RowFaultSerializer(many=True)  # type: ignore[assignment]  # a field's name, not DRF's own attribute


class RowResultSerializer(ReadSerializer):
    """What became of one row."""

    index = serializers.IntegerField()
    slug = serializers.CharField()
    verdict = serializers.ChoiceField(VERDICT_CHOICES)
    version = serializers.IntegerField(allow_null=True)
    diff = DifferenceSerializer(many=True)
    problem = RowProblemSerializer(allow_null=True)


class OutcomeSerializer(ReadSerializer):
    """A batch. `batch` is null for a trial run and where nothing was changed; every row has a result of its own."""

    batch = serializers.UUIDField(source="id", allow_null=True)
    dry_run = serializers.BooleanField(source="is_dry_run")
    counts = serializers.DictField(child=serializers.IntegerField())
    results = RowResultSerializer(many=True)


class BatchSerializer(ReadSerializer):
    """A batch and how far it is. One that was applied at once keeps only the rows that it changed."""

    id = serializers.UUIDField()
    by = serializers.CharField(source="by.username")
    dry_run = serializers.BooleanField(source="is_dry_run")
    undoes = serializers.UUIDField(source="undoes_id", allow_null=True)
    state = serializers.ChoiceField(BATCH_STATES)
    rows = serializers.IntegerField(source="row_count")
    done = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)

    def get_done(self, batch: Any) -> int:
        """How many rows have their result."""
        done: int = batch.row_count - batch.waiting_count
        return done

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_counts(self, batch: Any) -> dict[str, int]:
        """How many rows got each verdict so far."""
        return {verdict.value: getattr(batch, f"{verdict}_count") for verdict in Verdict}


class BatchRowSerializer(ReadSerializer):
    """One row of a batch; its verdict is null until it was applied. What the caller may no longer see of its integration is left out."""

    index = serializers.IntegerField(source="position")
    slug = serializers.CharField()
    verdict = serializers.SerializerMethodField()
    version = serializers.IntegerField(source="integration_version", allow_null=True)
    diff = DifferenceSerializer(many=True)
    problem = RowProblemSerializer(allow_null=True)

    @extend_schema_field(serializers.ChoiceField(VERDICT_CHOICES, allow_null=True))
    def get_verdict(self, row: Any) -> str | None:
        """What became of it."""
        return VERDICTS.get(row.rank)
