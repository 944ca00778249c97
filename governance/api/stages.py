"""/integrations/{slug}/stage, the record of its moves, and /acknowledge: the lifecycle of one integration."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.domain.lifecycle import StageKind
from catalog.selectors import integrations
from foundation.edge.schema import listed
from foundation.edge.serializers import CommandSerializer, ReadSerializer
from foundation.edge.views import Edge
from governance.selectors import stages as selectors
from governance.services import acknowledgements
from governance.services import stages as commands

_KINDS = [kind.value for kind in StageKind]


class GuardFindingSerializer(ReadSerializer):
    """What one guard found; when it failed, what to do about it and who can."""

    guard = serializers.CharField()
    passed = serializers.BooleanField()
    detail = serializers.CharField()
    remedy = serializers.CharField()
    who = serializers.CharField()


class PossibleMoveSerializer(ReadSerializer):
    """A move from here, with what each of its guards finds now."""

    to = serializers.CharField(source="stage")
    title = serializers.CharField()
    kind = serializers.ChoiceField(_KINDS)
    is_open = serializers.BooleanField()
    guards = GuardFindingSerializer(many=True)


class PositionSerializer(ReadSerializer):
    """Where an integration stands on the lifecycle it entered."""

    stage = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(_KINDS)
    lifecycle = serializers.IntegerField()
    version = serializers.IntegerField()
    may_move = serializers.BooleanField()
    moves = PossibleMoveSerializer(many=True)


class EvidenceSerializer(ReadSerializer):
    """What one guard had found when the move was made."""

    guard = serializers.CharField()
    detail = serializers.CharField()


class StageMoveSerializer(ReadSerializer):
    """One move: by a person, with reason and evidence; because a release went live; or by a migration of the lifecycle."""

    at = serializers.DateTimeField()
    from_stage = serializers.CharField()
    to_stage = serializers.CharField()
    from_lifecycle = serializers.IntegerField()
    lifecycle = serializers.IntegerField()
    origin = serializers.ChoiceField(["person", "went-live", "migration"])
    by = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    evidence = EvidenceSerializer(many=True)


class MoveStageSerializer(CommandSerializer):
    to = serializers.CharField(max_length=31)
    reason = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class AcknowledgeSerializer(CommandSerializer):
    team = serializers.CharField(max_length=63)


class AcknowledgementSerializer(ReadSerializer):
    """A team's word that it knows of the deprecation."""

    team = serializers.CharField(source="team.slug")
    by = serializers.CharField(source="by.username")
    at = serializers.DateTimeField()


class StageView(Edge):
    """The stage of an integration."""

    scopes = {"get": "catalog:read", "post": "catalog:write"}
    if_match_on = ("post",)

    @extend_schema(operation_id="integrations_stage_read", responses=PositionSerializer)
    def get(self, _request: Request, slug: str) -> Response:
        """Show where it stands and what each next move needs. Looking writes nothing."""
        return _shown(self, integrations.get_visible(slug, self.request.viewer))

    @extend_schema(operation_id="integrations_stage_move", request=MoveStageSerializer, responses=PositionSerializer)
    def post(self, _request: Request, slug: str) -> Response:
        """Move it (its team, teams above it, administrators). A move whose guards do not all hold names each that failed."""
        integrations.get_visible(slug, self.request.viewer)
        version = self.if_match()
        command = self.read(MoveStageSerializer)
        return _shown(self, commands.move_stage(slug=slug, expected_version=version, **command, **self.by()))


class StageMovesView(Edge):
    """How it came where it stands."""

    scopes = {"get": "catalog:read"}

    @extend_schema(operation_id="integrations_stage_moves_list", responses=listed(StageMoveSerializer))
    def get(self, _request: Request, slug: str) -> Response:
        """The latest 200 moves, newest first, with the evidence of every guard that was passed."""
        integration = integrations.get_visible(slug, self.request.viewer)
        return self.answer({"results": StageMoveSerializer(selectors.moves_of(integration), many=True).data, "next": None})


class AcknowledgeView(Edge):
    """A consuming team's word on a deprecation."""

    scopes = {"post": "catalog:write"}

    @extend_schema(operation_id="integrations_acknowledge", request=AcknowledgeSerializer, responses={201: AcknowledgementSerializer})
    def post(self, _request: Request, slug: str) -> Response:
        """Say for one of one's teams that it knows of the deprecation and has moved away, or will."""
        integrations.get_visible(slug, self.request.viewer)
        command = self.read(AcknowledgeSerializer)
        made = acknowledgements.acknowledge(slug=slug, **command, **self.by())
        return self.answer(AcknowledgementSerializer(made).data, status=201)


def _shown(view: Edge, integration: Any) -> Response:
    position = selectors.position_of(integration, view.request.viewer, now=view.request.now)
    return view.answer(PositionSerializer(position).data, etag=integration.version)
