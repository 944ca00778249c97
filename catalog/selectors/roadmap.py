"""What is planned for an integration."""

from uuid import UUID

from django.db.models import QuerySet

from catalog.domain.errors import RoadmapItemMissing
from catalog.domain.vocabulary import RoadmapState
from catalog.models import Integration, RoadmapItem
from foundation.filters import choice, compile_filters, text

FILTERS = compile_filters(
    {"state": choice("state", RoadmapState), "quarter": text("quarter")},
    sorts={"quarter": ("quarter",)},
    default_sort="quarter",
)


def items_of(integration: Integration) -> QuerySet[RoadmapItem]:
    """The roadmap by quarter."""
    return RoadmapItem.objects.filter(integration=integration).order_by("quarter", "id")


def item_of(integration: Integration, item_id: UUID) -> RoadmapItem:
    """One item. Raises RoadmapItemMissing."""
    item = items_of(integration).filter(pk=item_id).first()
    if item is None:
        raise RoadmapItemMissing
    return item
