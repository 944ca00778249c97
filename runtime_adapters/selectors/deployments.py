"""Deployments, slots and desired states, for governance, the API and the portal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.domain.viewers import Viewer
from catalog.domain.vocabulary import EntityKind
from catalog.models.integration import visible_q
from catalog.selectors.conditions import by_name
from foundation import filters
from runtime_adapters.domain.errors import NoSuchDeployment, NoSuchSlot
from runtime_adapters.domain.states import SETTLED, DeploymentState, Sync
from runtime_adapters.models import Attempt, Deployment, DesiredState, Observation, Slot

SHOWN_ATTEMPTS = 20
# What the list may be filtered and sorted by: the same for the API and for the pages.
FILTERS = filters.compile_filters(
    {
        "integration": by_name(EntityKind.INTEGRATION, "slot__integration"),
        "environment": by_name(EntityKind.ENVIRONMENT, "slot__environment"),
        "runtime": filters.slug("slot__runtime__slug_key"),
        "slot": filters.uuid("slot_id"),
        "state": filters.choice("state", [state.value for state in DeploymentState]),
        "digest": filters.text("digest"),
        "change": filters.uuid("change_id"),
        "requested_at": filters.moment("requested_at"),
    },
    sorts={"requested_at": ("requested_at",)},
    default_sort="-requested_at",
)
_WITH = ("slot__integration", "slot__environment", "slot__runtime", "slot__observation", "slot__desired", "release")


def deployments_visible_to(viewer: Viewer) -> QuerySet[Deployment]:
    """Deployments of the integrations the viewer may see, newest first, with all that a list shows."""
    return Deployment.objects.filter(visible_q(viewer, "slot__integration__")).select_related(*_WITH).order_by("-requested_at", "-id")


def with_attempts(deployments: QuerySet[Deployment]) -> QuerySet[Deployment]:
    """The same with the newest attempts of each, newest first, in one more query."""
    newest = Attempt.objects.select_related("deployment__slot__integration").order_by("-number")[:SHOWN_ATTEMPTS]
    return deployments.prefetch_related(Prefetch("attempts", queryset=newest, to_attr="newest_attempts"))


def get_visible(deployment_id: UUID, viewer: Viewer) -> Deployment:
    """One deployment with its attempts. Raises NoSuchDeployment, also for one the viewer may not see."""
    deployment = with_attempts(deployments_visible_to(viewer).filter(pk=deployment_id)).first()
    if deployment is None:
        raise NoSuchDeployment
    return deployment


def for_change(change_id: UUID) -> list[Deployment]:
    """What a change request set in motion, in slot order."""
    return list(Deployment.objects.filter(change_id=change_id).select_related(*_WITH).order_by("slot_id", "generation"))


def unread_settlements(limit: int = 100) -> list[Deployment]:
    """Settled deployments that governance has not read yet, oldest first."""
    rows = Deployment.objects.filter(settled_at__isnull=False, settlement_read_at__isnull=True)
    return list(rows.select_related(*_WITH).order_by("settled_at", "id")[:limit])


def rollback_target(slot_id: UUID, *, excluding: str) -> Deployment | None:
    """The newest deployment of the slot that succeeded with another digest, which is not quarantined there."""
    quarantined = DesiredState.objects.filter(slot_id=slot_id).values_list("quarantined", flat=True).first() or []
    rows = Deployment.objects.filter(slot_id=slot_id, state=DeploymentState.SUCCEEDED, release__isnull=False)
    found = rows.exclude(digest__in=[excluding, *quarantined]).select_related(*_WITH)
    return found.order_by("-timeline", "-generation").first()


def succeeded_before(slot_id: UUID, digest: str) -> bool:
    """Whether this digest ever passed its gate on the slot and has not been quarantined there since."""
    quarantined = DesiredState.objects.filter(slot_id=slot_id).values_list("quarantined", flat=True).first() or []
    rows = Deployment.objects.filter(slot_id=slot_id, digest=digest, state=DeploymentState.SUCCEEDED)
    return digest not in quarantined and rows.exists()


def desired_of(slot_ids: Iterable[UUID]) -> dict[UUID, DesiredState]:
    """The desired state per slot; slots without one are missing."""
    rows = DesiredState.objects.filter(slot_id__in=list(slot_ids)).select_related("release")
    return {row.slot_id: row for row in rows}


def holding(slot_ids: Iterable[UUID]) -> set[UUID]:
    """Slots there is something to take out of: a release is desired, the removal of the last one ended without success, or since then
    something was seen there again.
    """
    desired = desired_of(slot_ids)
    extra = set(Observation.objects.filter(slot_id__in=desired, sync=Sync.EXTRA).values_list("slot_id", flat=True))
    newest = newest_of_slots(key for key, row in desired.items() if row.release_id is None)
    left = {key for key, row in newest.items() if row.state in SETTLED - {DeploymentState.SUCCEEDED}}
    return left | extra | {key for key, row in desired.items() if row.release_id is not None}


def slot_visible_to(slot_id: UUID, viewer: Viewer) -> Slot:
    """The same, when the viewer may see its integration. Raises NoSuchSlot."""
    slot = _slots().filter(visible_q(viewer, "integration__"), pk=slot_id).first()
    if slot is None:
        raise NoSuchSlot
    return slot


def slots_visible_to(viewer: Viewer, *, integration_id: UUID | None = None, runtime_id: UUID | None = None) -> QuerySet[Slot]:
    """Slots of integrations the viewer may see, of one integration or runtime where asked."""
    rows = _slots().filter(visible_q(viewer, "integration__"))
    if integration_id is not None:
        rows = rows.filter(integration_id=integration_id)
    return rows if runtime_id is None else rows.filter(runtime_id=runtime_id)


def slot_of(integration_id: UUID, environment_id: UUID, runtime_id: UUID) -> Slot | None:
    """The slot at that place, if it was ever opened."""
    return _slots().filter(integration_id=integration_id, environment_id=environment_id, runtime_id=runtime_id).first()


def newest_of(slot_id: UUID) -> Deployment | None:
    """The slot's newest generation."""
    return Deployment.objects.filter(slot_id=slot_id).select_related(*_WITH).order_by("-timeline", "-generation").first()


def newest_of_slots(slot_ids: Iterable[UUID]) -> dict[UUID, Deployment]:
    """The newest generation of each slot, in one query; slots that never had one are missing."""
    rows = Deployment.objects.filter(slot_id__in=list(slot_ids)).select_related("release")
    return {row.slot_id: row for row in rows.order_by("slot_id", "-timeline", "-generation").distinct("slot_id")}


def of_changes(change_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Deployment id → the change that set it in motion, in one query."""
    return dict(Deployment.objects.filter(change_id__in=list(change_ids)).values_list("id", "change_id"))


def overdue(viewer: Viewer, now: datetime) -> QuerySet[Deployment]:
    """Deployments on their way whose gate or last moment has passed, of the integrations the viewer may see; oldest first."""
    late = Q(gate_until__lt=now) | Q(give_up_at__lt=now)
    return deployments_visible_to(viewer).filter(late, settled_at__isnull=True).order_by("requested_at", "id")


@dataclass(frozen=True, slots=True)
class SlotCounts:
    """How many slots a runtime has, how many differ from what they should hold, and how many hold what nobody asked for."""

    slots: int = 0
    drifted: int = 0
    unmanaged: int = 0


def slot_counts(viewer: Viewer) -> dict[UUID, SlotCounts]:
    """Counts by runtime, over the slots of integrations the viewer may see."""
    differs, extra = Q(observation__sync__in=[Sync.DRIFTED, Sync.MISSING]), Q(observation__sync=Sync.EXTRA)
    rows = Slot.objects.filter(visible_q(viewer, "integration__")).order_by().values("runtime_id")
    counted = rows.annotate(slots=Count("id"), drifted=Count("id", filter=differs), unmanaged=Count("id", filter=extra))
    return {row["runtime_id"]: SlotCounts(row["slots"], row["drifted"], row["unmanaged"]) for row in counted}


def due_slots(now: datetime, limit: int = 50) -> list[UUID]:
    """Slots that want to be looked at and are held by nobody, longest waiting first."""
    rows = Slot.objects.filter(next_check_at__lte=now).exclude(lease_expires_at__gt=now)
    return list(rows.order_by("next_check_at", "id").values_list("id", flat=True)[:limit])


def _slots() -> QuerySet[Slot]:
    return Slot.objects.select_related("integration", "environment", "runtime", "desired__release", "observation")
