"""Addresses below /api/v1/."""

from django.urls import path

from runtime_adapters.api import agents, deployments, runtimes

urlpatterns = [
    path("deployments", deployments.DeploymentList.as_view(), name="deployments"),
    path("deployments/<uuid:deployment_id>", deployments.DeploymentDetail.as_view(), name="deployment"),
    path("slots/<uuid:slot_id>", deployments.SlotDetail.as_view(), name="slot"),
    path("slots/<uuid:slot_id>/check", deployments.SlotCheck.as_view(), name="slot-check"),
    path("integrations/<str:slug>/health", deployments.IntegrationHealth.as_view(), name="integration-health"),
    path("runtimes", runtimes.RuntimeList.as_view(), name="runtimes"),
    path("runtimes/<str:slug>", runtimes.RuntimeDetail.as_view(), name="runtime"),
    path("runtimes/<str:slug>/tokens", runtimes.RuntimeTokens.as_view(), name="runtime-tokens"),
    path("runtimes/<str:slug>/probe", runtimes.RuntimeProbe.as_view(), name="runtime-probe"),
    path("runtime/desired", agents.Desired.as_view(), name="runtime-desired"),
    path("runtime/key", agents.Key.as_view(), name="runtime-key"),
    path("runtime/observations", agents.ObservationIntake.as_view(), name="runtime-observations"),
    path("runtime/health-reports", agents.HealthIntake.as_view(), name="runtime-health-reports"),
]
