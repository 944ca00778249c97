"""Publishing a new version of the lifecycle, and moving integrations onto it by a recorded mapping."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.domain.inputs import Reading
from accounts.domain.rights import require_administrator
from accounts.domain.viewers import Viewer
from accounts.services.rows import is_unique_violation
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.definitions import read_lifecycle, title_of
from catalog.domain.errors import LifecycleNumberTaken
from catalog.domain.lifecycle import Lifecycle, as_definition, stored
from catalog.models import Integration, LifecycleModel
from catalog.selectors import lifecycles as selectors
from catalog.selectors.lifecycles import subject_of
from catalog.services.stages import write_migration
from foundation.canonical import digest_of
from foundation.errors import pointer_of

BATCH = 500
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """Integrations at one stage, and where the mapping puts them."""

    stage: str
    to: str
    count: int


@dataclass(frozen=True, slots=True)
class Migration:
    """What a migration did or, on a dry run, would do. `rows` are at most 200 of those that the viewer may see."""

    origin: int
    target: int
    is_dry_run: bool
    counts: list[Moved]
    total: int
    rows: list[dict[str, str]]
    truncated: bool


@transaction.atomic
def publish_lifecycle(*, title: str, definition: Any, actor: Actor, viewer: Viewer, now: datetime) -> LifecycleModel:
    """Publish the next version, which never changes and which new integrations enter from now on.

    Raises: AdministratorsOnly (403), Invalid (422, every fault with its pointer), LifecycleNumberTaken (409).
    """
    require_administrator(viewer)
    reading = Reading()
    words = title_of(reading, ("title",), title, 120)
    lifecycle = read_lifecycle(reading, definition)
    reading.close()
    assert lifecycle is not None  # noqa: S101 - nothing was wrong
    form = as_definition(lifecycle)
    last = LifecycleModel.objects.select_for_update().order_by("-number").first()
    number = last.number + 1 if last else 1
    try:
        model = LifecycleModel.objects.create(number=number, title=words, definition=form, published_at=now)
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise LifecycleNumberTaken from error
    facts = {"number": number, "definition_digest": digest_of(form)}
    record("catalog.lifecycle.published", subject=subject_of(number), actor=actor, at=now, facts=facts, texts={"title": words})
    return model


@transaction.atomic
def migrate_integrations(
    *, number: int, source: int, mapping: Mapping[str, str], is_dry_run: bool, actor: Actor, viewer: Viewer, now: datetime
) -> Migration:
    """Move everything on lifecycle `source` onto `number`; `mapping` gives a stage there for every stage in use.

    One transaction: all of them or none. The migration is an event of the version moved to, with the whole mapping, also when nothing
    stood on the other; each integration gets a version, a history row and an event of its own. The rows are taken in batches, so
    that memory stays bounded. A dry run answers the same and writes nothing.
    Raises: AdministratorsOnly (403), LifecycleMissing (404), Invalid (422, a pointer for each stage that is not mapped or not known).
    """
    require_administrator(viewer)
    target = stored(selectors.get(number).definition)
    reading = Reading()
    if source == number:
        reading.fault("/from", "same", "Name another version than the one to move to.")
    origin = stored(selectors.get(source).definition)
    counts = selectors.counts_on(source)
    _check(reading, mapping, origin, target, counts)
    reading.close()
    told = [Moved(stage, mapping[stage], count) for stage, count in counts.items()]
    rows = _rows(source, mapping, viewer)
    total = sum(counts.values())
    if not is_dry_run:
        total = _move_all(number, source, mapping, actor=actor, now=now)
        _keep(number, source, mapping, total, actor=actor, now=now)
    return Migration(source, number, is_dry_run, told, total, rows[:SHOWN], len(rows) > SHOWN)


def _keep(number: int, source: int, mapping: Mapping[str, str], moved: int, *, actor: Actor, now: datetime) -> None:
    """The mapping itself, stage by stage: what a later reader needs to tell why something stands where it does."""
    stages = sorted(mapping)
    facts = {"number": number, "previous_number": source, "stages": stages, "targets": [mapping[stage] for stage in stages], "moved": moved}
    record("catalog.lifecycle.migrated", subject=subject_of(number), actor=actor, at=now, facts=facts)


def _check(reading: Reading, mapping: Mapping[str, str], origin: Lifecycle, target: Lifecycle, counts: Mapping[str, int]) -> None:
    for stage in counts:
        if stage not in mapping:
            reading.fault(pointer_of("mapping", stage), "unmapped", f"{counts[stage]} stand at {stage}: say where they go.")
    for stage, to in mapping.items():
        if origin.stage(stage) is None and stage not in counts:
            reading.fault(pointer_of("mapping", stage), "unknown-stage", "The version to move from has no such stage.")
        if target.stage(to) is None:
            reading.fault(pointer_of("mapping", stage), "unknown-stage", f"The version to move to has no stage {to}.")


def _rows(source: int, mapping: Mapping[str, str], viewer: Viewer) -> list[dict[str, str]]:
    found = selectors.standing_on(source, viewer)[: SHOWN + 1]
    return [{"slug": row.slug, "title": row.title, "stage": row.stage, "to": mapping.get(row.stage, "")} for row in found]


def _move_all(number: int, source: int, mapping: Mapping[str, str], *, actor: Actor, now: datetime) -> int:
    moved = 0
    ids = selectors.ids_on(source)
    for start in range(0, len(ids), BATCH):
        locked = Integration.objects.select_for_update().filter(pk__in=ids[start : start + BATCH], lifecycle=source).order_by("id")
        for row in locked.defer("search_text", "search_vector"):
            write_migration(row, lifecycle=number, stage=_mapped(mapping, row.stage), actor=actor, now=now)
            moved += 1
    return moved


def _mapped(mapping: Mapping[str, str], stage: str) -> str:
    """Where a row goes. One that moved meanwhile to a stage nobody mapped undoes the whole migration."""
    if stage not in mapping:
        reading = Reading()
        reading.fault(pointer_of("mapping", stage), "unmapped", f"An integration has just come to {stage}: say where it goes.")
        reading.close()
    return mapping[stage]
