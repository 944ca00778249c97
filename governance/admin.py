"""For operators with the admin site: to look, never to edit. Boards, policies and requests change through commands, on the record."""

from django.contrib import admin

from foundation.operators import ReadOnlyAdmin
from governance.models import Board, ChangeRequest, CheckResult, Policy, Vote


@admin.register(Board)
class BoardAdmin(ReadOnlyAdmin):
    list_display = ("slug", "title", "version")
    search_fields = ("slug", "title")


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin):
    list_display = ("slug", "title", "is_enabled", "version")
    search_fields = ("slug", "title")


@admin.register(ChangeRequest)
class ChangeRequestAdmin(ReadOnlyAdmin):
    for_all_seeing = True
    list_display = ("number", "action", "change_class", "integration", "state", "revision", "next_check_at", "stale_reason")
    list_filter = ("state", "action", "change_class")
    list_select_related = ("integration",)
    search_fields = ("number", "integration__slug")


@admin.register(Vote)
class VoteAdmin(ReadOnlyAdmin):
    for_all_seeing = True
    list_display = ("change_id", "sequence", "user", "value", "revision", "subject_digest", "at")
    list_select_related = ("user",)
    list_filter = ("value",)


@admin.register(CheckResult)
class CheckResultAdmin(ReadOnlyAdmin):
    for_all_seeing = True
    list_display = ("change_id", "name", "passed", "subject_digest", "at")
    list_filter = ("name", "passed")
