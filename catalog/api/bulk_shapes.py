"""How batches look over HTTP."""

from typing import Any

from rest_framework import serializers

from catalog.domain.sheets import MAX_CHARS, MAX_ROWS
from catalog.services.bulk import Verdict
from foundation.edge.serializers import CommandSerializer, ReadSerializer


class BulkSerializer(CommandSerializer):
    """Rows in the shape of a sheet: `{slug, version, …}`; columns that are left out stay as they are. Without a version: a new one."""

    rows = serializers.ListField(child=serializers.JSONField(), max_length=MAX_ROWS)
    dry_run = serializers.BooleanField(default=False)


class SheetSerializer(CommandSerializer):
    """The same as the text of a sheet."""

    format = serializers.ChoiceField(["csv", "yaml"])
    content = serializers.CharField(max_length=MAX_CHARS, trim_whitespace=False)
    dry_run = serializers.BooleanField(default=False)


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
    verdict = serializers.ChoiceField([verdict.value for verdict in Verdict])
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
    """A batch that was applied, in the list."""

    id = serializers.UUIDField()
    by = serializers.CharField(source="by.username")
    rows = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)

    def get_rows(self, batch: Any) -> int:
        """How many integrations it changed."""
        return len(batch.changes)
