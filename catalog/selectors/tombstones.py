"""What was deleted and may be restored. Callers have shown that they may look: administrators only."""

from django.db.models import QuerySet

from catalog.domain.vocabulary import EntityKind
from catalog.models import Tombstone
from foundation.filters import choice, compile_filters
from foundation.filters import slug as slug_filter

FILTERS = compile_filters(
    {"kind": choice("kind", [kind.value for kind in EntityKind]), "team": slug_filter("team__slug_key")},
    sorts={"at": ("at",)},
    default_sort="-at",
)


def tombstones() -> QuerySet[Tombstone]:
    """All of them, newest first, with the team that answered for each and who deleted it."""
    return Tombstone.objects.select_related("team", "by").order_by("-at", "-id")
