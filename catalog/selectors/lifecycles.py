"""Reading the lifecycles that were published, and who is where on them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from django.db.models import Count, Q, QuerySet

from accounts.domain.viewers import Viewer
from audit.selectors import events
from catalog.domain.errors import LifecycleMissing
from catalog.domain.lifecycle import Lifecycle, StageKind, stored
from catalog.models import Integration, LifecycleModel

SUBJECT: Final = "catalog.lifecycle_model"
MIGRATED: Final = "catalog.lifecycle.migrated"
# A lifecycle is known by its number; the log knows subjects by UUIDs, so each number has one.
_NAMES: Final = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


@dataclass(frozen=True, slots=True)
class PastMigration:
    """A migration that was made onto a version: from which, and [(stage there, stage here)] of its mapping. `event` tells it in the log."""

    at: datetime
    origin: int
    mapping: list[tuple[str, str]]
    event: UUID


def subject_of(number: int) -> tuple[str, UUID]:
    """What the log calls a lifecycle."""
    return (SUBJECT, uuid5(_NAMES, f"lifecycle:{number}"))


def migrations_onto(number: int) -> list[PastMigration]:
    """Every migration onto the version, the newest first. How many it moved is told by the log alone: some may be hidden."""
    told = [event for event in events.history_of([subject_of(number)]) if event.verb == MIGRATED]
    return [
        PastMigration(
            event.at, int(event.facts["previous_number"]), list(zip(event.facts["stages"], event.facts["targets"], strict=True)), event.id
        )
        for event in reversed(told)
    ]


def lifecycles() -> QuerySet[LifecycleModel]:
    """Every version, the newest first."""
    return LifecycleModel.objects.order_by("-number")


def get(number: int) -> LifecycleModel:
    """One version. Raises LifecycleMissing."""
    found = LifecycleModel.objects.filter(number=number).first() if 0 < number < 2**31 else None
    if found is None:
        raise LifecycleMissing
    return found


def newest() -> LifecycleModel:
    """The version that new integrations enter. Raises LifecycleMissing (an installation always has one)."""
    found = lifecycles().first()
    if found is None:
        raise LifecycleMissing
    return found


def lifecycle_of(integration: Integration) -> Lifecycle:
    """The lifecycle that the integration is on: the one it entered, or was migrated to."""
    return stored(get(integration.lifecycle).definition)


def by_number(numbers: Collection[int]) -> dict[int, Lifecycle]:
    """Several versions in one query."""
    rows = LifecycleModel.objects.filter(number__in=set(numbers)).values_list("number", "definition")
    return {number: stored(definition) for number, definition in rows}


def is_final(integration: Integration) -> bool:
    """Whether the integration is at an end of its own lifecycle, so that it may be deleted."""
    return lifecycle_of(integration).kind(integration.stage) is StageKind.FINAL


def final_q(path: str = "") -> Q:
    """Integrations at an end of their own lifecycle; `path` is the way to them. One query over the (few) versions."""
    ends = {
        number: [stage.key for stage in stored(definition).stages if stage.kind is StageKind.FINAL]
        for number, definition in LifecycleModel.objects.values_list("number", "definition")
    }
    return Q(*[Q(**{f"{path}lifecycle": number, f"{path}stage__in": keys}) for number, keys in ends.items()], _connector=Q.OR)


def occupied(viewer: Viewer) -> dict[int, list[tuple[str, int]]]:
    """How many integrations that the viewer may see stand where: number → [(stage, count)]."""
    rows = Integration.objects.visible_to(viewer).values_list("lifecycle", "stage").annotate(Count("id")).order_by("lifecycle", "stage")
    found: dict[int, list[tuple[str, int]]] = {}
    for number, stage, count in rows:
        found.setdefault(number, []).append((stage, count))
    return found


def counts_on(number: int) -> dict[str, int]:
    """How many integrations stand at which stage of the lifecycle: of all there are. For those who migrate them."""
    rows = (
        Integration.objects.filter(lifecycle=number, tombstoned_at__isnull=True)
        .values_list("stage")
        .annotate(Count("id"))
        .order_by("stage")
    )
    return dict(rows)


def standing_on(number: int, viewer: Viewer) -> QuerySet[Integration]:
    """The integrations on the lifecycle that the viewer may see, by slug."""
    return Integration.objects.visible_to(viewer).filter(lifecycle=number).only("slug", "title", "stage").order_by("slug_key", "id")


def ids_on(number: int) -> list[UUID]:
    """Everything that a migration away from the lifecycle moves, in the order in which it takes the rows."""
    found = Integration.objects.filter(lifecycle=number, tombstoned_at__isnull=True).order_by("id")
    return list(found.values_list("id", flat=True))
