"""Reading environments, systems and data objects: any signed-in person may."""

from collections.abc import Iterable

from django.db.models import QuerySet

from catalog.domain.errors import DataObjectMissing, EnvironmentMissing, SystemMissing
from catalog.models import DataObject, Environment, System
from foundation.text import slug_key


def environments() -> QuerySet[Environment]:
    """All environments on the way to production."""
    return Environment.objects.order_by("rank", "slug_key", "id")


def systems() -> QuerySet[System]:
    """All systems with their teams, by slug."""
    return System.objects.select_related("team").order_by("slug_key", "id")


def data_objects() -> QuerySet[DataObject]:
    """All data objects with their system of record, by slug."""
    return DataObject.objects.select_related("system_of_record").order_by("slug_key", "id")


def environment_by_slug(slug: str) -> Environment:
    """The environment of any spelling of the slug. Raises EnvironmentMissing."""
    found = environments().filter(slug_key=slug_key(slug)).first()
    if found is None:
        raise EnvironmentMissing
    return found


def system_by_slug(slug: str) -> System:
    """The system of any spelling of the slug. Raises SystemMissing."""
    found = systems().filter(slug_key=slug_key(slug)).first()
    if found is None:
        raise SystemMissing
    return found


def data_object_by_slug(slug: str) -> DataObject:
    """The data object of any spelling of the slug. Raises DataObjectMissing."""
    found = data_objects().filter(slug_key=slug_key(slug)).first()
    if found is None:
        raise DataObjectMissing
    return found


def systems_by_slugs(slugs: Iterable[str]) -> dict[str, System]:
    """Systems by slug key, in one query."""
    return {row.slug_key: row for row in System.objects.filter(slug_key__in={slug_key(slug) for slug in slugs})}


def data_objects_by_slugs(slugs: Iterable[str]) -> dict[str, DataObject]:
    """Data objects by slug key, in one query."""
    return {row.slug_key: row for row in DataObject.objects.filter(slug_key__in={slug_key(slug) for slug in slugs})}
