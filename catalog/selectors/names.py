"""Which entity a name leads to: its present name, or an alias from before a rename."""

from uuid import UUID

from catalog.domain.vocabulary import EntityKind
from catalog.models import Name
from foundation.text import slug_key


def renamed(kind: EntityKind, slug: str) -> UUID | None:
    """The entity that once had this name; None when none did. Ask when the present names know nothing of it."""
    found: UUID | None = Name.objects.filter(kind=kind, key=slug_key(slug), is_current=False).values_list("entity_id", flat=True).first()
    return found


def aliases_of(entity_id: UUID) -> list[str]:
    """Earlier names that still lead to the entity, oldest first."""
    return list(Name.objects.filter(entity_id=entity_id, is_current=False).order_by("since", "id").values_list("slug", flat=True))
