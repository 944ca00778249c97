"""For operators with the admin site: to look, never to edit. What changes runtimes and slots are services."""

# ruff: noqa: ARG002 - the signatures are the admin site's

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from runtime_adapters.models import Attempt, Deployment, HealthState, Observation, Runtime, Slot


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """No adding, changing or deleting."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Runtime)
class RuntimeAdmin(ReadOnly):
    list_display = ("slug", "kind", "is_enabled", "last_seen_at", "failures_in_row", "paused_until")


@admin.register(Slot)
class SlotAdmin(ReadOnly):
    list_display = ("id", "integration", "environment", "runtime", "lease_owner", "lease_expires_at", "next_check_at")
    list_select_related = ("integration", "environment", "runtime")


@admin.register(Deployment)
class DeploymentAdmin(ReadOnly):
    list_display = ("id", "slot_id", "generation", "digest", "state", "requested_at", "settled_at")
    list_filter = ("state", "cause")


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    list_display = ("deployment_id", "number", "step", "outcome", "started_at", "ended_at")


@admin.register(Observation)
class ObservationAdmin(ReadOnly):
    list_display = ("slot_id", "sync", "digest", "is_present", "is_started", "received_at")


@admin.register(HealthState)
class HealthStateAdmin(ReadOnly):
    list_display = ("slot_id", "release_id", "state", "since", "last_reading_at", "due_at")
    list_filter = ("state",)
