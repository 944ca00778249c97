"""The landscape: environments, systems and data objects. Administrators register it; a system's team keeps it right."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.domain.rights import require_administrator
from accounts.domain.viewers import Viewer
from audit.domain.actors import Actor
from catalog.domain.errors import DataObjectMissing, EnvironmentMissing, SystemMissing
from catalog.domain.vocabulary import Classification, EntityKind
from catalog.models import DataObject, Environment, System
from catalog.selectors import landscape as selectors
from catalog.services import fields
from catalog.services.entries import Noun, register, require_member, update

ENVIRONMENT = Noun(
    kind=EntityKind.ENVIRONMENT,
    rows=selectors.environments,
    missing=EnvironmentMissing,
    readers=fields.ENVIRONMENT,
    facts=lambda row: {"is_production": row.is_production, "rank": row.rank},
    owner=lambda _row: None,
)
SYSTEM = Noun(
    kind=EntityKind.SYSTEM,
    rows=selectors.systems,
    missing=SystemMissing,
    readers=fields.SYSTEM,
    facts=lambda row: {"team": row.team_id, "kind": row.kind, "criticality": str(row.tier), "is_discovered": row.is_discovered},
)
DATA_OBJECT = Noun(
    kind=EntityKind.DATA_OBJECT,
    rows=selectors.data_objects,
    missing=DataObjectMissing,
    readers=fields.DATA_OBJECT,
    facts=lambda row: {
        "team": selectors.keeper_of_data_object(row),
        "classification": row.classification,
        "is_discovered": row.is_discovered,
    },
    owner=selectors.keeper_of_data_object,
)


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
    register(ENVIRONMENT, environment, slug, values, actor=actor, now=now)
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
    description: str = "",
    domain: str | None = None,
    is_discovered: bool = False,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> System:
    """Register a system; `team` and `domain` are slugs. `is_discovered`: named by an import, not yet confirmed by a person.

    Raises: AdministratorsOnly, Invalid (422), SlugTaken (409).
    """
    require_administrator(viewer)
    values = {
        "title": title,
        "kind": kind,
        "vendor": vendor,
        "team": team,
        "tier": tier,
        "residency": residency,
        "description": description,
        "domain": domain,
    }
    system = System(is_discovered=is_discovered)
    register(SYSTEM, system, slug, values, actor=actor, now=now)
    return system


@transaction.atomic
def discover_system(*, slug: str, title: str, kind: str, team: str, actor: Actor, viewer: Viewer, now: datetime) -> System:
    """Register a system that an import of `team` (a slug) has found; any member may. The team keeps it until it is handed over.

    Raises: Invalid (422), NotYourEntry (403), SlugTaken (409).
    """
    require_member(viewer, team)
    system = System(is_discovered=True)
    register(SYSTEM, system, slug, {"title": title, "kind": kind, "team": team}, actor=actor, now=now)
    return system


@transaction.atomic
def register_data_object(
    *,
    slug: str,
    title: str,
    system_of_record: str | None = None,
    classification: str = "internal",
    personal_categories: Iterable[str] = (),
    description: str = "",
    domain: str | None = None,
    is_discovered: bool = False,
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
        "description": description,
        "domain": domain,
    }
    data_object = DataObject(is_discovered=is_discovered)
    register(DATA_OBJECT, data_object, slug, values, actor=actor, now=now)
    return data_object


@transaction.atomic
def discover_data_object(
    *,
    slug: str,
    title: str,
    team: str,
    classification: str = Classification.INTERNAL,
    personal_categories: Iterable[str] = (),
    system_of_record: str | None = None,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> DataObject:
    """Register a data object that an import of `team` (a slug) has found; any member may.

    Its system of record (a slug) says who keeps it; without one administrators confirm it.
    Raises: Invalid (422), NotYourEntry (403), SlugTaken (409).
    """
    require_member(viewer, team)
    values = {
        "title": title,
        "classification": classification,
        "personal_categories": list(personal_categories),
        "system_of_record": system_of_record,
    }
    data_object = DataObject(is_discovered=True)
    register(DATA_OBJECT, data_object, slug, values, actor=actor, now=now)
    return data_object


@transaction.atomic
def update_environment(
    *, slug: str, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime
) -> Environment:
    """Change an environment. Raises: AdministratorsOnly, EnvironmentMissing, VersionMoved (412), Invalid (422)."""
    environment: Environment = update(ENVIRONMENT, slug, changes, expected_version=expected_version, actor=actor, viewer=viewer, now=now)
    return environment


@transaction.atomic
def update_system(
    *, slug: str, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime
) -> System:
    """Change a system, or confirm a discovered one (`is_discovered` false).

    Raises: SystemMissing, NotYourEntry, AdministratorsOnly, VersionMoved (412), Invalid (422).
    """
    system: System = update(SYSTEM, slug, changes, expected_version=expected_version, actor=actor, viewer=viewer, now=now)
    return system


@transaction.atomic
def update_data_object(
    *, slug: str, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime
) -> DataObject:
    """Change a data object, or confirm a discovered one (`is_discovered` false).

    Raises: DataObjectMissing, NotYourEntry, AdministratorsOnly, VersionMoved (412), Invalid (422).
    """
    found: DataObject = update(DATA_OBJECT, slug, changes, expected_version=expected_version, actor=actor, viewer=viewer, now=now)
    return found
