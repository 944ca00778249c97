"""/lifecycles: the versions of the lifecycle, and the move from one to another."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.domain.lifecycle import StageKind
from catalog.selectors import lifecycles as selectors
from catalog.services import lifecycles as commands
from foundation.edge.schema import listed
from foundation.edge.serializers import CommandSerializer, ReadSerializer
from foundation.edge.views import Edge
from foundation.filters import compile_filters

STAGE_KINDS = [kind.value for kind in StageKind]
_KEY = 31


class StageSerializer(ReadSerializer):
    """One stage; `kind` is what it means to the rest of the product."""

    key = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(STAGE_KINDS)


class DefinitionSerializer(ReadSerializer):
    """What a lifecycle consists of."""

    initial = serializers.CharField()
    stages = StageSerializer(many=True)
    moves = serializers.ListField(child=serializers.DictField())
    on_live = serializers.DictField(allow_null=True)


class LifecycleSerializer(ReadSerializer):
    """One version of the lifecycle. It never changes; new integrations enter the newest."""

    number = serializers.IntegerField()
    title = serializers.CharField()
    published_at = serializers.DateTimeField()
    definition = DefinitionSerializer()


class MigratedFromSerializer(ReadSerializer):
    """A migration that was made onto this version, with its mapping; `event` is its event in the log."""

    at = serializers.DateTimeField()
    from_lifecycle = serializers.IntegerField(source="origin")
    mapping = serializers.SerializerMethodField()
    event = serializers.UUIDField()

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_mapping(self, row: Any) -> dict[str, str]:
        """Old stage → new stage."""
        return dict(row.mapping)


class LifecycleDetailSerializer(LifecycleSerializer):
    """One version, with the migrations that were made onto it, the newest first."""

    migrations = MigratedFromSerializer(many=True)


class PublishLifecycleSerializer(CommandSerializer):
    title = serializers.CharField(max_length=120)
    definition = serializers.JSONField()


class MigrateSerializer(CommandSerializer):
    mapping = serializers.DictField(child=serializers.CharField(max_length=_KEY))
    dry_run = serializers.BooleanField(required=False, default=False)

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python."""
        return {"from": serializers.IntegerField(min_value=1, max_value=2**31 - 1), **super().get_fields()}


class MigratedCountSerializer(ReadSerializer):
    """How many at a stage, and where they go."""

    stage = serializers.CharField()
    to = serializers.CharField()
    count = serializers.IntegerField()


class MigratedRowSerializer(ReadSerializer):
    """One integration, and where it goes."""

    slug = serializers.CharField()
    title = serializers.CharField()
    stage = serializers.CharField()
    to = serializers.CharField()


class MigrationSerializer(ReadSerializer):
    """What was moved or, on a dry run, would be. `rows` are the first 200."""

    from_lifecycle = serializers.IntegerField(source="origin")
    to_lifecycle = serializers.IntegerField(source="target")
    dry_run = serializers.BooleanField(source="is_dry_run")
    total = serializers.IntegerField()
    counts = MigratedCountSerializer(many=True)
    rows = MigratedRowSerializer(many=True)
    truncated = serializers.BooleanField()


class LifecyclesView(Edge):
    """The versions of the lifecycle."""

    scopes = {"get": "catalog:read", "post": "admin"}
    filters = compile_filters({}, sorts={"number": ("number",)}, default_sort="-number", search=None)

    @extend_schema(responses=listed(LifecycleSerializer))
    def get(self, _request: Request) -> Response:
        """List the versions, the newest first: the one that new integrations enter."""
        return self.page(LifecycleSerializer, selectors.lifecycles())

    @extend_schema(request=PublishLifecycleSerializer, responses={201: LifecycleSerializer})
    def post(self, request: Request) -> Response:
        """Publish a new version (administrators). What is registered already stays where it is until it is migrated."""
        command = self.read(PublishLifecycleSerializer)
        model = commands.publish_lifecycle(**command, **self.by())
        headers = {"Location": f"{request.path}/{model.number}"}
        return self.answer(LifecycleSerializer(model).data, status=201, headers=headers)


class LifecycleView(Edge):
    """One version."""

    scopes = {"get": "catalog:read"}

    @extend_schema(responses=LifecycleDetailSerializer)
    def get(self, _request: Request, lifecycle: int) -> Response:
        """Show a version: its stages, its moves, what each asks for, and the mappings by which integrations were moved onto it."""
        model: Any = selectors.get(lifecycle)
        model.migrations = selectors.migrations_onto(lifecycle)
        return self.answer(LifecycleDetailSerializer(model).data)


class MigrationView(Edge):
    """Moving what is on another version onto this one."""

    scopes = {"post": "admin"}

    @extend_schema(request=MigrateSerializer, responses=MigrationSerializer)
    def post(self, _request: Request, lifecycle: int) -> Response:
        """Migrate by a mapping of every stage in use (administrators); a dry run lists what would happen and writes nothing."""
        command = self.read(MigrateSerializer)
        done = commands.migrate_integrations(
            number=lifecycle, source=command["from"], mapping=command["mapping"], is_dry_run=command["dry_run"], **self.by()
        )
        return self.answer(MigrationSerializer(done).data)
