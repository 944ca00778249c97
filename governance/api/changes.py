"""Change requests over HTTP: ask, look, vote, take back, send, go back, prove."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.response import Response

from catalog.domain.vocabulary import EntityKind
from catalog.selectors import integrations as integration_selectors
from catalog.selectors.conditions import by_name
from foundation.edge.schema import listed
from foundation.edge.views import Edge
from foundation.filters import absent, choice, compile_filters, integer, slug
from governance.api.serializers import (
    ChangeDetailSerializer,
    ChangeSerializer,
    DiffSerializer,
    EditChangeSerializer,
    EvaluateSerializer,
    ReasonSerializer,
    RollbackSerializer,
    SubmitChangeSerializer,
    VoteSerializer,
)
from governance.domain.ballots import Choice
from governance.domain.lifecycle import Action, State
from governance.models import ChangeRequest
from governance.selectors import change_requests as selectors
from governance.selectors import timelines
from governance.services import change_requests, dispatching, evidence, preview, rollbacks, votes

FILTERS = compile_filters(
    {
        "integration": by_name(EntityKind.INTEGRATION, "integration"),
        "state": choice("state", [state.value for state in State]),
        "action": choice("action", [action.value for action in Action]),
        "requester": slug("requester__username_key"),
        "number": integer("number"),
        "automatic": absent("requester"),
    },
    sorts={"number": ("number",)},
    default_sort="-number",
    search=None,
)


class ChangeEdge(Edge):
    """What the views of change requests share."""

    def shown(self, change: ChangeRequest, status: int = 200, known: selectors.Known | None = None) -> Response:
        """The request as a viewer sees it now."""
        return self.answer(self.detail(change, known), status, etag=change.version)

    def detail(self, change: ChangeRequest, known: selectors.Known | None = None) -> Any:
        viewer, now = self.request.viewer, self.request.now
        redacted = not integration_selectors.sees_inside(change.integration_id, viewer)
        overview = selectors.overview_of(change, viewer, now=now, redacted=redacted, known=known)
        return ChangeDetailSerializer(change, context={"overview": overview, "now": now}).data

    def found(self, number: int) -> ChangeRequest:
        return selectors.get_visible(number, self.request.viewer)


class Changes(ChangeEdge):
    scopes: ClassVar = {"get": "changes:read", "post": "changes:request"}
    filters = FILTERS

    @extend_schema(operation_id="change_requests_list", responses=listed(ChangeSerializer))
    def get(self, request: Any) -> Response:
        return self.page(ChangeSerializer, selectors.visible_to(request.viewer), context={"now": request.now})

    @extend_schema(operation_id="change_requests_submit", request=SubmitChangeSerializer, responses={201: ChangeDetailSerializer})
    def post(self, request: Any) -> Response:
        command = self.read(SubmitChangeSerializer)
        change = change_requests.draft_and_submit(**command, actor=request.actor, viewer=request.viewer, now=request.now)
        return self.shown(self.found(change.number), 201)


class ChangeDetail(ChangeEdge):
    scopes: ClassVar = {"get": "changes:read", "patch": "changes:request"}
    if_match_on = ("patch",)

    @extend_schema(operation_id="change_requests_read", responses=ChangeDetailSerializer)
    def get(self, _request: Any, number: int) -> Response:
        return self.shown(self.found(number))

    @extend_schema(operation_id="change_requests_edit", request=EditChangeSerializer, responses=ChangeDetailSerializer)
    def patch(self, request: Any, number: int) -> Response:
        change_requests.edit(
            number=number,
            changes=self.read(EditChangeSerializer),
            expected_version=self.if_match(),
            actor=request.actor,
            viewer=request.viewer,
            now=request.now,
        )
        return self.shown(self.found(number))


class Votes(ChangeEdge):
    scopes: ClassVar = {"post": "changes:vote"}

    @extend_schema(operation_id="change_requests_vote", request=VoteSerializer, responses={201: ChangeDetailSerializer})
    def post(self, request: Any, number: int) -> Response:
        command = self.read(VoteSerializer)
        change, known = votes.cast(
            number=number,
            choice=Choice(command["value"]),
            shown=command["subject_digest"],
            reason=command["reason"],
            actor=request.actor,
            viewer=request.viewer,
            now=request.now,
        )
        return self.shown(change, 201, known)  # not looked up again: the vote that decides ends a judge's view


class Withdrawal(ChangeEdge):
    scopes: ClassVar = {"post": "changes:request"}

    @extend_schema(operation_id="change_requests_withdraw", request=ReasonSerializer, responses=ChangeDetailSerializer)
    def post(self, request: Any, number: int) -> Response:
        reason = self.read(ReasonSerializer)["reason"]
        change_requests.withdraw(number=number, reason=reason, actor=request.actor, viewer=request.viewer, now=request.now)
        return self.shown(self.found(number))


class Dispatch(ChangeEdge):
    scopes: ClassVar = {"post": "changes:dispatch"}

    @extend_schema(operation_id="change_requests_dispatch", request=None, responses=ChangeDetailSerializer)
    def post(self, request: Any, number: int) -> Response:
        dispatching.dispatch(number=number, actor=request.actor, viewer=request.viewer, now=request.now)
        return self.shown(self.found(number))


class Diff(ChangeEdge):
    scopes: ClassVar = {"get": "changes:read"}

    @extend_schema(operation_id="change_requests_diff", responses=DiffSerializer)
    def get(self, request: Any, number: int) -> Response:
        change = self.found(number)
        redacted = not integration_selectors.sees_inside(change.integration_id, request.viewer)
        overview = selectors.overview_of(change, request.viewer, now=request.now, redacted=redacted)
        return self.answer(DiffSerializer(overview).data)


TIMELINE = inline_serializer(
    "Timeline", {"results": serializers.ListField(child=serializers.JSONField()), "next": serializers.CharField(allow_null=True)}
)


class Timeline(ChangeEdge):
    scopes: ClassVar = {"get": "changes:read"}
    list_on = ()

    @extend_schema(operation_id="change_requests_timeline", responses=TIMELINE)
    def get(self, _request: Any, number: int) -> Response:
        events = timelines.timeline_of(self.found(number))
        return self.answer({"results": [entry.as_json() for entry in events], "next": None})


class Evidence(ChangeEdge):
    scopes: ClassVar = {"get": "audit:read"}

    @extend_schema(operation_id="change_requests_evidence", responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Any, number: int) -> HttpResponse:
        pack = evidence.pack_of(self.found(number), viewer=request.viewer, actor=request.actor, now=request.now)
        response = HttpResponse(pack, content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="change-{number}-evidence.zip"'
        return response


class Evaluate(ChangeEdge):
    scopes: ClassVar = {"post": "changes:request"}

    @extend_schema(operation_id="evaluate", request=EvaluateSerializer, responses=ChangeDetailSerializer)
    def post(self, request: Any) -> Response:
        command = self.read(EvaluateSerializer)
        answer = preview.evaluate_gate(**command, read=self.detail, actor=request.actor, viewer=request.viewer, now=request.now)
        return self.answer(answer)


class SlotRollback(ChangeEdge):
    scopes: ClassVar = {"post": "changes:request"}

    @extend_schema(operation_id="slots_rollback", request=RollbackSerializer, responses={201: ChangeDetailSerializer})
    def post(self, request: Any, slot: UUID) -> Response:
        command = self.read(RollbackSerializer)
        change = rollbacks.request_rollback(slot_id=slot, **command, actor=request.actor, viewer=request.viewer, now=request.now)
        return self.shown(self.found(change.number), 201)
