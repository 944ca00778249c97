"""The operators' site: for looking only. The catalog is changed through its commands, on the record."""

from django.contrib import admin

from catalog.models import DataObject, Environment, Integration, LiveRelease, Release, System
from foundation.operators import ReadOnlyAdmin


@admin.register(Environment)
class EnvironmentAdmin(ReadOnlyAdmin):
    list_display = ["slug", "title", "rank", "is_production", "is_protected", "soak_s"]


@admin.register(System)
class SystemAdmin(ReadOnlyAdmin):
    list_display = ["slug", "title", "kind", "team", "tier"]
    list_select_related = ["team"]
    search_fields = ["slug_key", "title"]


@admin.register(DataObject)
class DataObjectAdmin(ReadOnlyAdmin):
    list_display = ["slug", "title", "classification", "system_of_record"]
    list_select_related = ["system_of_record"]
    search_fields = ["slug_key", "title"]


@admin.register(Integration)
class IntegrationAdmin(ReadOnlyAdmin):
    for_all_seeing = True
    list_display = ["slug", "title", "type", "team", "tier", "stage", "visibility"]
    list_filter = ["type", "tier", "stage", "visibility"]
    list_select_related = ["team"]
    search_fields = ["slug_key", "title"]
    exclude = ["search_text"]


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    for_all_seeing = True
    list_display = ["integration", "version", "runtime_kind", "created_by", "created_at"]
    list_select_related = ["integration", "created_by"]
    exclude = ["manifest_bytes"]


@admin.register(LiveRelease)
class LiveReleaseAdmin(ReadOnlyAdmin):
    for_all_seeing = True
    list_display = ["integration", "environment", "runtime_key", "release", "since"]
    list_select_related = ["integration", "environment", "release"]
