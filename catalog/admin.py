"""The operators' site: for looking only. The catalog is changed through its commands, on the record."""

# ruff: noqa: ARG002 - the signatures are Django's
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from catalog.models import DataObject, Environment, Integration, LiveRelease, Release, System

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:
    _Admin = admin.ModelAdmin


class ReadOnly(_Admin):
    """Auditors of the installation: staff may look; nothing is added, changed or deleted here."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Environment)
class EnvironmentAdmin(ReadOnly):
    list_display = ["slug", "title", "rank", "is_production", "is_protected", "soak_s"]


@admin.register(System)
class SystemAdmin(ReadOnly):
    list_display = ["slug", "title", "kind", "team", "tier"]
    list_select_related = ["team"]
    search_fields = ["slug_key", "title"]


@admin.register(DataObject)
class DataObjectAdmin(ReadOnly):
    list_display = ["slug", "title", "classification", "system_of_record"]
    list_select_related = ["system_of_record"]
    search_fields = ["slug_key", "title"]


class VisibleOnly(ReadOnly):
    """What shares an integration's visibility is shown only to those who see all."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) and _sees_all(request)


def _sees_all(request: HttpRequest) -> bool:
    from accounts.selectors.viewers import viewer_of

    user: Any = request.user
    return viewer_of(user).sees_all


@admin.register(Integration)
class IntegrationAdmin(VisibleOnly):
    list_display = ["slug", "title", "type", "team", "tier", "stage", "visibility"]
    list_filter = ["type", "tier", "stage", "visibility"]
    list_select_related = ["team"]
    search_fields = ["slug_key", "title"]
    exclude = ["search_text"]


@admin.register(Release)
class ReleaseAdmin(VisibleOnly):
    list_display = ["integration", "version", "runtime_kind", "created_by", "created_at"]
    list_select_related = ["integration", "created_by"]
    exclude = ["manifest_bytes"]


@admin.register(LiveRelease)
class LiveReleaseAdmin(VisibleOnly):
    list_display = ["integration", "environment", "runtime_key", "release", "since"]
    list_select_related = ["integration", "environment", "release"]
