"""Who relies on an integration, as far as the catalog was told: the one definition of a consumer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from catalog.domain.vocabulary import EntityKind, RelationType

# Relations in which the other end relies on this integration: as the source of the relation, or as its target.
RELYING_SOURCES = frozenset({RelationType.DEPENDS_ON, RelationType.USES, RelationType.CALLS})
RELYING_TARGETS = frozenset({RelationType.FEEDS, RelationType.PART_OF})
# What can rely on it and has a team that can be asked.
KINDS = frozenset({EntityKind.INTEGRATION, EntityKind.SYSTEM, EntityKind.COMPONENT})


@dataclass(frozen=True, slots=True)
class Tie:
    """One relation, read from its source: the ends by id."""

    type: str
    source: UUID
    target: UUID


def relying(integration: UUID, ties: Iterable[Tie]) -> frozenset[UUID]:
    """What relies on the integration: whatever depends on, uses or calls it, what it feeds, and the whole that it is part of.

    Its alternative, its duplicates and what it replaces do not.
    """
    found = set[UUID]()
    for tie in ties:
        if tie.target == integration and tie.type in RELYING_SOURCES:
            found.add(tie.source)
        if tie.source == integration and tie.type in RELYING_TARGETS:
            found.add(tie.target)
    return frozenset(found - {integration})


def consumers(integration: UUID, team: UUID, ties: Iterable[Tie], owners: Mapping[UUID, UUID | None]) -> frozenset[UUID]:
    """The teams that own what relies on the integration, without its own. `owners`: entity → team, of what is still in use."""
    found = {owners.get(one) for one in relying(integration, ties)}
    return frozenset(one for one in found if one is not None and one != team)
