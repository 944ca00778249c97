"""For operators with the admin site: to look, never to edit. Boards, policies and requests change through commands, on the record."""

# ruff: noqa: ARG002 - the signatures are the admin site's

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from governance.models import Board, ChangeRequest, CheckResult, Policy, Vote

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:
    _Admin = admin.ModelAdmin


class ReadOnly(_Admin):
    """Staff may look; nothing is added, changed or deleted here."""

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


@admin.register(Board)
class BoardAdmin(ReadOnly):
    list_display = ("slug", "title", "version")
    search_fields = ("slug", "title")


@admin.register(Policy)
class PolicyAdmin(ReadOnly):
    list_display = ("slug", "title", "is_enabled", "version")
    search_fields = ("slug", "title")


@admin.register(ChangeRequest)
class ChangeRequestAdmin(ReadOnly):
    list_display = ("number", "action", "change_class", "integration", "state", "revision", "next_check_at", "stale_reason")
    list_filter = ("state", "action", "change_class")
    list_select_related = ("integration",)
    search_fields = ("number", "integration__slug")


@admin.register(Vote)
class VoteAdmin(ReadOnly):
    list_display = ("change_id", "sequence", "user", "value", "revision", "subject_digest", "at")
    list_select_related = ("user",)
    list_filter = ("value",)


@admin.register(CheckResult)
class CheckResultAdmin(ReadOnly):
    list_display = ("change_id", "name", "passed", "subject_digest", "at")
    list_filter = ("name", "passed")
