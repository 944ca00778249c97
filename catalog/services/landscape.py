"""The landscape: environments, systems and data objects. Administrators register it; a system's team keeps it right."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction

from accounts.domain.errors import SlugTaken
from accounts.domain.inputs import Reading
from accounts.domain.rights import require_administrator
from accounts.domain.viewers import Viewer
from accounts.services.rows import save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.errors import DataObjectMissing, EnvironmentMissing, SystemMissing
from catalog.domain.rights import require_system_editor
from catalog.domain.vocabulary import EntityKind
from catalog.models import DataObject, Environment, System
from catalog.selectors import landscape as selectors
from catalog.services import names
from catalog.services.fields import DATA_OBJECT, ENVIRONMENT, SYSTEM, Readers
from foundation.conditional import VersionMoved
from foundation.errors import DomainError
from foundation.text import slug_key


@transaction.atomic
def register_environment(
    *,
    slug: str,
    title: str,
    rank: int,
    is_production: bool = False,
    is_protected: bool = False,
    dispatches_automatically: bool = True,
    rolls_back_automatically: bool = True,
    soak_s: int = 0,
    gate_good_runs: int = 1,
    gate_failed_runs: int = 0,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> Environment:
    """Register a stage of the way to production. Raises: AdministratorsOnly, Invalid (422), SlugTaken (409)."""
    require_administrator(viewer)
    values = {
        "title": title,
        "rank": rank,
        "is_production": is_production,
        "is_protected": is_protected,
        "dispatches_automatically": dispatches_automatically,
        "rolls_back_automatically": rolls_back_automatically,
        "soak_s": soak_s,
        "gate_good_runs": gate_good_runs,
        "gate_failed_runs": gate_failed_runs,
    }
    environment = Environment()
    _register(environment, slug, values, ENVIRONMENT, actor=actor, now=now)
    return environment


@transaction.atomic
def register_system(
    *,
    slug: str,
    title: str,
    kind: str,
    vendor: str = "",
    team: str | None = None,
    tier: int = 3,
    residency: str = "",
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> System:
    """Register a system; `team` is the slug of who answers for it. Raises: AdministratorsOnly, Invalid (422), SlugTaken (409)."""
    require_administrator(viewer)
    values = {"title": title, "kind": kind, "vendor": vendor, "team": team, "tier": tier, "residency": residency}
    system = System()
    _register(system, slug, values, SYSTEM, actor=actor, now=now)
    return system


@transaction.atomic
def register_data_object(
    *,
    slug: str,
    title: str,
    system_of_record: str | None = None,
    classification: str = "internal",
    personal_categories: Iterable[str] = (),
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> DataObject:
    """Register what flows between systems. Raises: AdministratorsOnly, Invalid (422), SlugTaken (409)."""
    require_administrator(viewer)
    values = {
        "title": title,
        "system_of_record": system_of_record,
        "classification": classification,
        "personal_categories": list(personal_categories),
    }
    data_object = DataObject()
    _register(data_object, slug, values, DATA_OBJECT, actor=actor, now=now)
    return data_object


@transaction.atomic
def update_environment(
    *, slug: str, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime
) -> Environment:
    """Change an environment. Raises: AdministratorsOnly, EnvironmentMissing, VersionMoved (412), Invalid (422)."""
    environment: Environment = _locked(Environment, slug, EnvironmentMissing)
    require_administrator(viewer)
    _update(environment, changes, ENVIRONMENT, expected_version, actor=actor, now=now)
    return environment


@transaction.atomic
def update_system(
    *, slug: str, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime
) -> System:
    """Change a system. Raises: SystemMissing, NotYourSystem, VersionMoved (412), Invalid (422)."""
    system: System = _locked(System, slug, SystemMissing)
    require_system_editor(viewer, system.team_id)
    _update(system, changes, SYSTEM, expected_version, actor=actor, now=now)
    return system


@transaction.atomic
def update_data_object(
    *, slug: str, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime
) -> DataObject:
    """Change a data object. Raises: AdministratorsOnly, DataObjectMissing, VersionMoved (412), Invalid (422)."""
    data_object: DataObject = _locked(DataObject, slug, DataObjectMissing)
    require_administrator(viewer)
    _update(data_object, changes, DATA_OBJECT, expected_version, actor=actor, now=now)
    return data_object


def _register(
    row: Any,
    slug: str,
    values: Mapping[str, Any],
    readers: Readers,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    reading = Reading()
    row.slug = reading.slug("slug", slug)
    for name, value in values.items():
        setattr(row, name, readers[name](reading, name, value))
    reading.close()
    row.slug_key = slug_key(row.slug)
    save_row(row, actor=actor, now=now, taken=SlugTaken)
    names.claim(_KINDS[type(row)], row, now=now)
    _record(row, "registered", [], actor=actor, now=now)


def _update(
    row: Any,
    changes: Mapping[str, Any],
    readers: Readers,
    expected_version: int | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    if expected_version not in {None, row.version}:
        raise VersionMoved(row.version)
    reading = Reading()
    read = {name: readers[name](reading, name, value) for name, value in changes.items() if name in readers}
    reading.close()
    changed = [name for name, value in read.items() if value != getattr(row, name)]
    if not changed:
        return
    for name in changed:
        setattr(row, name, read[name])
    row.version += 1
    save_row(row, actor=actor, now=now)
    _record(row, "updated", changed, actor=actor, now=now)


def _record(row: Any, verb: str, changed: list[str], *, actor: Actor, now: datetime) -> None:
    noun, facts = _FACTS[type(row)](row)
    if changed:
        facts["changed"] = changed
    texts = {"slug": row.slug, "title": row.title}
    subject = (f"catalog.{noun}", row.id)
    record(f"catalog.{noun}.{verb}", subject=subject, actor=actor, at=now, facts=facts, texts=texts, version=row.version)


_KINDS = {Environment: EntityKind.ENVIRONMENT, System: EntityKind.SYSTEM, DataObject: EntityKind.DATA_OBJECT}
_FACTS: dict[type, Callable[[Any], tuple[str, dict[str, Any]]]] = {
    Environment: lambda row: ("environment", {"is_production": row.is_production, "rank": row.rank}),
    System: lambda row: ("system", {"team": row.team_id, "kind": row.kind, "criticality": str(row.tier)}),
    DataObject: lambda row: ("data_object", {"classification": row.classification}),
}


def _locked(model: type[models.Model], slug: str, missing: type[DomainError]) -> Any:
    rows = model._default_manager.select_for_update(of=("self",))  # noqa: SLF001 - Django's public name for it
    return selectors.named(rows, _KINDS[model], slug, missing)
