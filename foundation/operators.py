"""The operators' site (Django's admin): a place to look. What changes the product are services, on the record."""

# ruff: noqa: ARG002 - the signatures are Django's

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
else:
    _Admin = admin.ModelAdmin


class ReadOnlyAdmin(_Admin):
    """Staff may look; nothing is added, changed or deleted here.

    `for_all_seeing`: the rows share an integration's visibility, so only those who see every integration look at them
    (settings.PORTOLAN_SEES_ALL names who that is).
    """

    for_all_seeing = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        user = request.user
        allowed = bool(user.is_active and user.is_staff)
        return allowed and (not self.for_all_seeing or import_string(settings.PORTOLAN_SEES_ALL)(user))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
