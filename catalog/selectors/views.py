"""Saved views: one's own, and those that others share."""

from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.domain.viewers import Viewer
from catalog.domain.errors import ViewMissing
from catalog.models import SavedView
from foundation.filters import boolean, compile_filters

FILTERS = compile_filters({"is_shared": boolean("is_shared")}, sorts={"title": ("title_key",)}, default_sort="title")


def views_for(viewer: Viewer) -> QuerySet[SavedView]:
    """The viewer's own and all shared ones with their owners, by title."""
    rows = SavedView.objects.filter(Q(owner_id=viewer.user_id) | Q(is_shared=True))
    return rows.select_related("owner").order_by("title_key", "id")


def get(view_id: UUID, viewer: Viewer) -> SavedView:
    """One of them. Raises ViewMissing, for somebody else's private one too."""
    found = views_for(viewer).filter(pk=view_id).first()
    if found is None:
        raise ViewMissing
    return found
