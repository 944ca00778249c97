"""The tree of domains, and lists cut down to one of them with everything below it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from catalog.domain.trees import below
from catalog.domain.vocabulary import EntityKind
from catalog.models import Domain, Name
from catalog.selectors.landscape import domains

# How a list names the condition that `within` understands: a slug of a domain, or several.
CONDITION = "domain__slug_key"


@dataclass(slots=True)
class Branch:
    """One domain with those that lie directly in it, and how far down it stands (0 at the top)."""

    domain: Domain
    depth: int
    children: list["Branch"] = field(default_factory=list)


def parents() -> dict[UUID, UUID | None]:
    """Every domain that was not deleted with what it lies in."""
    return dict(Domain.objects.filter(tombstoned_at__isnull=True).values_list("pk", "parent_id"))


def tree() -> list[Branch]:
    """All domains as they lie in each other, by slug on each level, in one query."""
    branches = {row.pk: Branch(row, 0) for row in domains()}
    tops: list[Branch] = []
    for branch in branches.values():
        above = branches.get(branch.domain.parent_id) if branch.domain.parent_id else None
        (above.children if above else tops).append(branch)
    todo = list(tops)
    while todo:
        branch = todo.pop()
        for child in branch.children:
            child.depth = branch.depth + 1
            todo.append(child)
    return tops


def within(plan: QuerySet[Any], where: Mapping[str, Any]) -> tuple[QuerySet[Any], dict[str, Any]]:
    """Apply the condition on the domain, which covers the domains below it; (rows, the other conditions).

    An unknown domain has no rows.
    """
    rest = dict(where)
    one, several = rest.pop(CONDITION + "__exact", None), rest.pop(CONDITION + "__in", None)
    keys = [one] if one is not None else several
    if keys is None:
        return plan, rest
    known = Name.objects.filter(kind=EntityKind.DOMAIN, key__in=keys).values_list("entity_id", flat=True)
    lying_in = parents()
    inside = {node for root in known for node in below(lying_in, root)}
    return plan.filter(domain_id__in=inside), rest
