"""The operators' site: mostly for looking. Accounts, teams and rights are changed through commands, on the record."""

from django.contrib import admin

from accounts.models import Membership, RoleGrant, Team, Token, User
from foundation.operators import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ["username", "display_name", "kind", "is_active", "last_login"]
    list_filter = ["kind", "is_active", "role_grants__role"]
    search_fields = ["username_key", "display_name"]
    fields = ["username", "display_name", "email", "kind", "person_id", "is_active", "is_staff", "time_zone", "last_login", "created_at"]


@admin.register(Team)
class TeamAdmin(ReadOnlyAdmin):
    list_display = ["slug", "title", "parent"]
    search_fields = ["slug_key", "title"]


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ["team", "user", "is_lead", "since"]
    list_select_related = ["team", "user"]


@admin.register(RoleGrant)
class RoleGrantAdmin(ReadOnlyAdmin):
    list_display = ["user", "role", "granted_at"]
    list_select_related = ["user"]


@admin.register(Token)
class TokenAdmin(ReadOnlyAdmin):
    list_display = ["prefix", "user", "label", "expires_at", "revoked_at", "last_used_at"]
    list_select_related = ["user"]
    exclude = ["secret_hash"]
