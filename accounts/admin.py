"""The operators' site: mostly for looking. Accounts, teams and rights are changed through commands, on the record."""

# ruff: noqa: ARG002 - the signatures are Django's
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Membership, RoleGrant, Team, Token, User

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


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ["username", "display_name", "kind", "is_active", "last_login"]
    list_filter = ["kind", "is_active", "role_grants__role"]
    search_fields = ["username_key", "display_name"]
    fields = ["username", "display_name", "email", "kind", "person_id", "is_active", "is_staff", "time_zone", "last_login", "created_at"]


@admin.register(Team)
class TeamAdmin(ReadOnly):
    list_display = ["slug", "title", "parent"]
    search_fields = ["slug_key", "title"]


@admin.register(Membership)
class MembershipAdmin(ReadOnly):
    list_display = ["team", "user", "is_lead", "since"]
    list_select_related = ["team", "user"]


@admin.register(RoleGrant)
class RoleGrantAdmin(ReadOnly):
    list_display = ["user", "role", "granted_at"]
    list_select_related = ["user"]


@admin.register(Token)
class TokenAdmin(ReadOnly):
    list_display = ["prefix", "user", "label", "expires_at", "revoked_at", "last_used_at"]
    list_select_related = ["user"]
    exclude = ["secret_hash"]
