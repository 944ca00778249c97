"""Reading the landscape: any signed-in person may. What was deleted is left out; what was retired is shown and says so."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from catalog.domain.errors import DataObjectMissing, DomainMissing, EnvironmentMissing, SystemMissing
from catalog.domain.vocabulary import EntityKind
from catalog.models import DataObject, Domain, Environment, Name, System
from catalog.selectors import names
from foundation.errors import DomainError
from foundation.text import slug_key


def environments() -> QuerySet[Environment]:
    """All environments on the way to production."""
    return Environment.objects.order_by("rank", "slug_key", "id")


def domains() -> QuerySet[Domain]:
    """All business areas with what they lie in and their teams, by slug."""
    return Domain.objects.filter(tombstoned_at__isnull=True).select_related("parent", "team").order_by("slug_key", "id")


def systems() -> QuerySet[System]:
    """All systems with their teams and domains, by slug."""
    return System.objects.filter(tombstoned_at__isnull=True).select_related("team", "domain").order_by("slug_key", "id")


def data_objects() -> QuerySet[DataObject]:
    """All data objects with their system of record and domain, by slug."""
    rows = DataObject.objects.filter(tombstoned_at__isnull=True).select_related("system_of_record", "domain")
    return rows.order_by("slug_key", "id")


def keeper_of_data_object(row: DataObject) -> UUID | None:
    """The team of its system of record, else of its domain: a data object has none of its own."""
    if row.system_of_record is not None and row.system_of_record.team_id is not None:
        return row.system_of_record.team_id
    return row.domain.team_id if row.domain is not None else None


def with_aliases(plan: QuerySet[Any]) -> QuerySet[Any]:
    """The same rows with `aliases`: earlier names that still lead to them, oldest first."""
    earlier = Name.objects.filter(entity_id=OuterRef("pk"), is_current=False).order_by("since", "id")
    rows: QuerySet[Any] = plan.annotate(aliases=ArraySubquery(earlier.values("slug")))
    return rows


def named(plan: QuerySet[Any], kind: EntityKind, slug: str, missing: type[DomainError]) -> Any:
    """The one of `plan` that has this name, or had it before it was renamed. Raises `missing`."""
    if "\x00" in slug:  # no name has it, and PostgreSQL would refuse the question
        raise missing
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


def domain_by_slug(slug: str) -> Domain:
    """The domain of any spelling of the slug. Raises DomainMissing."""
    found: Domain = named(domains(), EntityKind.DOMAIN, slug, DomainMissing)
    return found


def system_by_slug(slug: str) -> System:
    """The system of any spelling of the slug. Raises SystemMissing."""
    found: System = named(systems(), EntityKind.SYSTEM, slug, SystemMissing)
    return found


def data_object_by_slug(slug: str) -> DataObject:
    """The data object of any spelling of the slug. Raises DataObjectMissing."""
    found: DataObject = named(data_objects(), EntityKind.DATA_OBJECT, slug, DataObjectMissing)
    return found


def environments_by_slugs(slugs: Iterable[str]) -> dict[str, Environment]:
    """Environments by slug key, also of names from before a rename, in one query (two where one is unknown)."""
    return _by_slugs(environments(), EntityKind.ENVIRONMENT, slugs)


def systems_by_slugs(slugs: Iterable[str]) -> dict[str, System]:
    """Systems by slug key, also of names from before a rename, in one query (two where one is unknown)."""
    return _by_slugs(systems(), EntityKind.SYSTEM, slugs)


def data_objects_by_slugs(slugs: Iterable[str]) -> dict[str, DataObject]:
    """Data objects by slug key, also of names from before a rename, in one query (two where one is unknown)."""
    return _by_slugs(data_objects(), EntityKind.DATA_OBJECT, slugs)


def _by_slugs(plan: QuerySet[Any], kind: EntityKind, slugs: Iterable[str]) -> dict[str, Any]:
    keys = {slug_key(slug) for slug in slugs}
    found = {row.slug_key: row for row in plan.filter(slug_key__in=keys)}
    unknown = keys - found.keys()
    earlier = dict(Name.objects.filter(kind=kind, key__in=unknown, is_current=False).values_list("key", "entity_id")) if unknown else {}
    renamed = {row.pk: row for row in plan.filter(pk__in=earlier.values())} if earlier else {}
    return found | {key: renamed[pk] for key, pk in earlier.items() if pk in renamed}
