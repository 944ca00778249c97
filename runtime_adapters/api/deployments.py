"""Deployments, slots and health, as people see them."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from catalog.selectors.integrations import get_visible as get_integration
from foundation.edge.schema import listed
from foundation.edge.views import Edge, EdgeRequest
from runtime_adapters.api.shapes import DeploymentShape, HealthShape, IntegrationHealthShape, SlotShape
from runtime_adapters.selectors import deployments
from runtime_adapters.selectors.health import health_of
from runtime_adapters.services import slots


class DeploymentList(Edge):
    """Every generation of every visible slot, newest first."""

    scopes = {"get": "catalog:read"}
    filters = deployments.FILTERS

    @extend_schema(operation_id="deployments_list", responses=listed(DeploymentShape))
    def get(self, request: EdgeRequest) -> Response:
        return self.page(DeploymentShape, deployments.with_attempts(deployments.deployments_visible_to(request.viewer)))


class DeploymentDetail(Edge):
    """One deployment: its five facts kept apart, its attempts, and why it stands where it stands."""

    scopes = {"get": "catalog:read"}

    @extend_schema(operation_id="deployments_retrieve", responses=DeploymentShape)
    def get(self, request: EdgeRequest, deployment_id: UUID) -> Response:
        deployment = deployments.get_visible(deployment_id, request.viewer)
        return self.answer(DeploymentShape(deployment, context={"request": request}).data)


class SlotDetail(Edge):
    """What should be in a slot, and what was last seen there."""

    scopes = {"get": "catalog:read"}

    @extend_schema(operation_id="slots_retrieve", responses=SlotShape)
    def get(self, request: EdgeRequest, slot_id: UUID) -> Response:
        slot = deployments.slot_visible_to(slot_id, request.viewer)
        return self.answer(SlotShape(slot, context={"request": request}).data)


class SlotCheck(Edge):
    """Look at the slot now; a deployment that is backing off tries at once."""

    scopes = {"post": "admin"}

    @extend_schema(operation_id="slots_check", request=None, responses={202: SlotShape})
    def post(self, request: EdgeRequest, slot_id: UUID) -> Response:
        slots.look_again(slot_id=slot_id, actor=request.actor, viewer=request.viewer, now=request.now)
        slot = deployments.slot_visible_to(slot_id, request.viewer)
        return self.answer(SlotShape(slot, context={"request": request}).data, status=202)


class IntegrationHealth(Edge):
    """How an integration is doing, per environment, runtime and release."""

    scopes = {"get": "catalog:read"}

    @extend_schema(operation_id="integrations_health", responses=IntegrationHealthShape)
    def get(self, request: EdgeRequest, slug: str) -> Response:
        integration = get_integration(slug, request.viewer)
        rows = HealthShape(health_of(integration.id), many=True, context={"request": request}).data
        return self.answer({"integration": integration.slug, "results": rows})
