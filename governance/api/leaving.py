"""/users/{username}/reassignment-plan and /users/{username}/deactivate."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.domain.rights import require_administrator
from foundation.edge.views import Edge
from governance.api import stewardship_shapes as shapes
from governance.services import reassignment


class ReassignmentPlan(Edge):
    """What somebody who leaves would leave behind."""

    scopes: ClassVar = {"post": "admin"}

    @extend_schema(operation_id="users_reassignment_plan", request=None, responses=shapes.PlanSerializer)
    def post(self, _request: Request, username: str) -> Response:
        """List everything a person holds, with a token bound to the list; writes nothing (administrators, and everybody for themselves)."""
        return self.answer(shapes.PlanSerializer(reassignment.plan(username=username, viewer=self.request.viewer)).data)


class Deactivation(Edge):
    """Leaving in order."""

    scopes: ClassVar = {"post": "admin"}

    @extend_schema(operation_id="users_deactivate", request=shapes.DeactivateSerializer, responses=shapes.PlanSerializer)
    def post(self, _request: Request, username: str) -> Response:
        """Pass on what the plan listed and switch the account off, all or nothing (administrators). Answers what was passed on."""
        require_administrator(self.request.viewer)
        command = self.read(shapes.DeactivateSerializer)
        reassign = command.get("reassign") or {}
        found = reassignment.deactivate(
            username=username,
            token=command["token"],
            default=reassign.get("default"),
            overrides=reassign.get("overrides") or {},
            actor=self.request.actor,
            viewer=self.request.viewer,
            now=self.request.now,
        )
        return self.answer(shapes.PlanSerializer(found).data)
