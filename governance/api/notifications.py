"""/notifications, /subscriptions and /integrations/{slug}/subscription."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from catalog.domain.vocabulary import Section
from foundation.edge.schema import listed
from foundation.edge.serializers import CommandSerializer, ReadSerializer
from foundation.edge.views import Edge
from governance.selectors import notifications as selectors
from governance.services import reading, subscriptions

_SECTIONS = [section.value for section in Section]


class NotificationSerializer(ReadSerializer):
    """Something you were told. `path` is the page of the portal to go to."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    integration = serializers.CharField(source="integration.slug", allow_null=True)
    title = serializers.CharField()
    detail = serializers.CharField()
    path = serializers.CharField()
    at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class NotificationListSerializer(ReadSerializer):
    """A page of them, and how many are unread (at most 100 are counted)."""

    results = NotificationSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    count = serializers.IntegerField(required=False)
    unread = serializers.IntegerField()


class ReadCountSerializer(ReadSerializer):
    """How many were unread."""

    read = serializers.IntegerField()


class SubscriptionSerializer(ReadSerializer):
    """What you follow. No sections mean all."""

    integration = serializers.CharField(source="integration.slug")
    sections = serializers.ListField(child=serializers.ChoiceField(_SECTIONS))
    since = serializers.DateTimeField()


class SubscribeSerializer(CommandSerializer):
    sections = serializers.ListField(child=serializers.ChoiceField(_SECTIONS), required=False, max_length=len(_SECTIONS))


class Notifications(Edge):
    """What you were told."""

    scopes: ClassVar = {"get": "catalog:read"}
    filters = selectors.FILTERS

    @extend_schema(operation_id="notifications_list", responses=NotificationListSerializer)
    def get(self, request: Any) -> Response:
        """List your notifications, newest first; those about what you may not see are neither shown nor counted."""
        answer = self.page(NotificationSerializer, selectors.notifications_of(request.viewer))
        answer.data["unread"] = selectors.unread_count(request.viewer)
        return answer


class NotificationRead(Edge):
    """One of them was read."""

    scopes: ClassVar = {"post": "catalog:write"}

    @extend_schema(operation_id="notifications_read", request=None, responses=NotificationSerializer)
    def post(self, request: Any, notification_id: UUID) -> Response:
        """Mark one as read."""
        found = reading.mark_read(notification_id=notification_id, actor=request.actor, viewer=request.viewer, now=request.now)
        return self.answer(NotificationSerializer(found).data)


class NotificationsRead(Edge):
    """All of them were read."""

    scopes: ClassVar = {"post": "catalog:write"}

    @extend_schema(operation_id="notifications_read_all", request=None, responses=ReadCountSerializer)
    def post(self, request: Any) -> Response:
        """Mark everything you may see as read."""
        count = reading.mark_all_read(actor=request.actor, viewer=request.viewer, now=request.now)
        return self.answer(ReadCountSerializer({"read": count}).data)


class Subscriptions(Edge):
    """What you follow."""

    scopes: ClassVar = {"get": "catalog:read"}
    filters = selectors.SUBSCRIPTION_FILTERS

    @extend_schema(operation_id="subscriptions_list", responses=listed(SubscriptionSerializer))
    def get(self, request: Any) -> Response:
        """List what you follow and may see."""
        return self.page(SubscriptionSerializer, selectors.subscriptions_of(request.viewer))


class IntegrationSubscription(Edge):
    """Following the documents of one integration."""

    scopes: ClassVar = {"put": "catalog:write", "delete": "catalog:write"}

    @extend_schema(operation_id="integrations_subscribe", request=SubscribeSerializer, responses=SubscriptionSerializer)
    def put(self, request: Any, slug: str) -> Response:
        """Be told when these sections (none named: all) are written or verified; replaces what was asked before."""
        command = self.read(SubscribeSerializer)
        row = subscriptions.subscribe(integration=slug, **command, actor=request.actor, viewer=request.viewer, now=request.now)
        return self.answer(SubscriptionSerializer(row).data)

    @extend_schema(operation_id="integrations_unsubscribe", responses={204: None})
    def delete(self, request: Any, slug: str) -> Response:
        """Be told no more."""
        subscriptions.unsubscribe(integration=slug, actor=request.actor, viewer=request.viewer, now=request.now)
        return self.answer(status=204)
