"""Reading environments, systems and data objects: any signed-in person may."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from catalog.domain.errors import DataObjectMissing, EnvironmentMissing, SystemMissing
from catalog.domain.vocabulary import EntityKind
from catalog.models import DataObject, Environment, System
from catalog.selectors import names
from foundation.errors import DomainError
from foundation.text import slug_key


def environments() -> QuerySet[Environment]:
    """All environments on the way to production."""
    return Environment.objects.order_by("rank", "slug_key", "id")


def systems() -> QuerySet[System]:
    """All systems with their teams, by slug."""
    return System.objects.filter(tombstoned_at__isnull=True).select_related("team").order_by("slug_key", "id")


def data_objects() -> QuerySet[DataObject]:
    """All data objects with their system of record, by slug."""
    return DataObject.objects.filter(tombstoned_at__isnull=True).select_related("system_of_record").order_by("slug_key", "id")


def named(plan: QuerySet[Any], kind: EntityKind, slug: str, missing: type[DomainError]) -> Any:
    """The one of `plan` that has this name, or had it before it was renamed. Raises `missing`."""
    found = plan.filter(slug_key=slug_key(slug)).first()
    if found is None:
        earlier = names.renamed(kind, slug)
        found = plan.filter(pk=earlier).first() if earlier else None
    if found is None:
        raise missing
    return found


def environment_by_slug(slug: str) -> Environment:
    """The environment of any spelling of the slug. Raises EnvironmentMissing."""
    found: Environment = named(environments(), EntityKind.ENVIRONMENT, slug, EnvironmentMissing)
    return found


def system_by_slug(slug: str) -> System:
    """The system of any spelling of the slug. Raises SystemMissing."""
    found: System = named(systems(), EntityKind.SYSTEM, slug, SystemMissing)
    return found


def data_object_by_slug(slug: str) -> DataObject:
    """The data object of any spelling of the slug. Raises DataObjectMissing."""
    found: DataObject = named(data_objects(), EntityKind.DATA_OBJECT, slug, DataObjectMissing)
    return found


def systems_by_slugs(slugs: Iterable[str]) -> dict[str, System]:
    """Systems by slug key, in one query."""
    return {row.slug_key: row for row in systems().filter(slug_key__in={slug_key(slug) for slug in slugs})}


def data_objects_by_slugs(slugs: Iterable[str]) -> dict[str, DataObject]:
    """Data objects by slug key, in one query."""
    return {row.slug_key: row for row in data_objects().filter(slug_key__in={slug_key(slug) for slug in slugs})}
