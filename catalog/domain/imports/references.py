"""What may be meant by one end of a relation: `kind:namespace/name`."""

from catalog.domain.imports.words import line, slug_of
from catalog.domain.vocabulary import EntityKind

_NAMED = {"system": EntityKind.SYSTEM, "resource": EntityKind.SYSTEM, "component": EntityKind.SYSTEM, "domain": EntityKind.DOMAIN}


def part_of(reference: str) -> str:
    """The part under which an import of the same label registered it, if it did; "" for kinds that have none."""
    return reference if reference.startswith(("api:", "component:")) else ""


def named_by(reference: str) -> tuple[EntityKind, str] | None:
    """The kind and slug it would have otherwise: an application is a system. None for APIs, which have only their part."""
    kind = _NAMED.get(reference.partition(":")[0])
    slug = slug_of(reference.rpartition("/")[2])
    return (kind, slug) if kind and slug else None


def told(reference: str) -> str:
    """The reference as people write it."""
    return line(reference.replace(":default/", ":"), 150)
