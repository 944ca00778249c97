"""What a person was told and what they follow: shown and counted only while the integration it is about is visible to them."""

from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.domain.viewers import Viewer
from accounts.models import User
from accounts.selectors import viewers
from catalog.domain.vocabulary import EntityKind
from catalog.models import Integration
from catalog.models.integration import visible_q
from catalog.selectors.conditions import by_name
from foundation.filters import absent, compile_filters, text
from governance.domain.errors import NotificationMissing
from governance.models import Notification, Subscription

MOST_COUNTED = 100  # a larger number says no more than this one
FILTERS = compile_filters(
    {"unread": absent("read_at"), "kind": text("kind"), "integration": by_name(EntityKind.INTEGRATION, "integration")},
    sorts={"at": ("at",)},
    default_sort="-at",
)
SUBSCRIPTION_FILTERS = compile_filters(
    {"integration": by_name(EntityKind.INTEGRATION, "integration")},
    sorts={"integration": ("integration__slug_key",)},
    default_sort="integration",
)


def may_see(user: User, integration: Integration) -> bool:
    """Whether the account may see the integration now; no query where everybody may."""
    if integration.visibility != "restricted":
        return True
    return Integration.objects.visible_to(viewers.viewer_of(user)).filter(pk=integration.pk).exists()


def notifications_of(viewer: Viewer) -> QuerySet[Notification]:
    """The viewer's own, newest first, with their integrations."""
    about = Q(integration__isnull=True) | visible_q(viewer, "integration__")
    return Notification.objects.filter(about, user_id=viewer.user_id).select_related("integration").order_by("-at", "-id")


def get(notification_id: UUID, viewer: Viewer) -> Notification:
    """One of the viewer's own. Raises NotificationMissing."""
    found = notifications_of(viewer).filter(pk=notification_id).first()
    if found is None:
        raise NotificationMissing
    return found


def unread_count(viewer: Viewer) -> int:
    """How many are unread, at most MOST_COUNTED; one query."""
    return notifications_of(viewer).filter(read_at__isnull=True).order_by()[:MOST_COUNTED].count()


def subscriptions_of(viewer: Viewer) -> QuerySet[Subscription]:
    """What the viewer follows and may see, by the integration's slug."""
    seen = visible_q(viewer, "integration__")
    return Subscription.objects.filter(seen, user_id=viewer.user_id).select_related("integration").order_by("integration__slug_key", "id")


def subscription_to(integration_id: UUID, viewer: Viewer) -> Subscription | None:
    """How the viewer follows one integration; None when not at all. The caller has shown that it is visible."""
    return Subscription.objects.filter(integration_id=integration_id, user_id=viewer.user_id).first()
