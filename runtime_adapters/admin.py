"""For operators with the admin site: to look, never to edit. What changes runtimes and slots are services."""

from django.contrib import admin

from foundation.operators import ReadOnlyAdmin
from runtime_adapters.models import Attempt, Deployment, HealthState, Observation, Runtime, Slot


@admin.register(Runtime)
class RuntimeAdmin(ReadOnlyAdmin):
    list_display = ("slug", "kind", "is_enabled", "last_seen_at", "failures_in_row", "paused_until")


@admin.register(Slot)
class SlotAdmin(ReadOnlyAdmin):
    for_all_seeing = True
    list_display = ("id", "integration", "environment", "runtime", "lease_owner", "lease_expires_at", "next_check_at")
    list_select_related = ("integration", "environment", "runtime")


@admin.register(Deployment)
class DeploymentAdmin(ReadOnlyAdmin):
    for_all_seeing = True
    list_display = ("id", "slot_id", "generation", "digest", "state", "requested_at", "settled_at")
    list_filter = ("state", "cause")


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    for_all_seeing = True
    list_display = ("deployment_id", "number", "step", "outcome", "started_at", "ended_at")


@admin.register(Observation)
class ObservationAdmin(ReadOnlyAdmin):
    for_all_seeing = True
    list_display = ("slot_id", "sync", "digest", "is_present", "is_started", "received_at")


@admin.register(HealthState)
class HealthStateAdmin(ReadOnlyAdmin):
    for_all_seeing = True
    list_display = ("slot_id", "release_id", "state", "since", "last_reading_at", "due_at")
    list_filter = ("state",)
