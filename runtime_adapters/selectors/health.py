"""How integrations are doing, per environment and release."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.domain.viewers import Viewer
from catalog.models.integration import visible_q
from runtime_adapters.domain.states import Health
from runtime_adapters.models import Deployment, Expectation, HealthReading, HealthState
from runtime_adapters.selectors.situations import ARRIVED

ALARMING = (Health.DEGRADED, Health.FAILING, Health.LATE, Health.SILENT)
_STANDING = Deployment.objects.filter(ARRIVED, slot=OuterRef("slot")).order_by("-timeline", "-generation")
_IS_LIVE = Coalesce(
    ExpressionWrapper(Q(release=Subquery(_STANDING.values("release")[:1])), output_field=BooleanField()), Value(value=False)
)


def health_of(integration_id: UUID) -> list[HealthState]:
    """One row per slot and release, the live ones (`is_live`) first, then by how lately they were heard of."""
    rows = _rows().filter(integration_id=integration_id)
    return list(rows.order_by("environment__rank", "environment_id", "-is_live", F("last_reading_at").desc(nulls_last=True), "id"))


def unhealthy(viewer: Viewer) -> QuerySet[Any]:
    """What runs and is not well, of the integrations the viewer may see; the longest first."""
    rows = _rows().filter(visible_q(viewer, "integration__"), is_live=True, state__in=ALARMING)
    return rows.order_by("since", "id")


def live_health(integration_ids: list[UUID]) -> list[HealthState]:
    """The states of what is live, for a list of integrations."""
    return list(_rows().filter(integration_id__in=integration_ids, is_live=True).order_by("integration_id", "environment__rank", "id"))


def states_of(pairs: Collection[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], HealthState]:
    """The conclusions by (slot, release), in one query; pairs without one are missing."""
    rows = _rows().filter(slot_id__in={slot for slot, _ in pairs}, release_id__in={release for _, release in pairs})
    return {(row.slot_id, row.release_id): row for row in rows if (row.slot_id, row.release_id) in pairs}


def expectations_of(integration_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], Expectation]:
    """What is expected to report how often, by (integration, environment)."""
    rows = Expectation.objects.filter(integration_id__in=integration_ids)
    return {(row.integration_id, row.environment_id): row for row in rows}


def recent_readings(slot_id: UUID, release_id: UUID, limit: int = 60) -> list[HealthReading]:
    """The newest readings of a release in a slot, newest first: what a chart shows."""
    return list(HealthReading.objects.filter(slot_id=slot_id, release_id=release_id).order_by("-window_end", "-key")[:limit])


def due_states(now: datetime, limit: int) -> list[UUID]:
    """Conclusions that must be drawn again, longest waiting first."""
    rows = HealthState.objects.filter(due_at__lte=now).order_by("due_at", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def _rows() -> QuerySet[Any]:
    rows = HealthState.objects.select_related("release", "environment", "integration", "slot__runtime", "slot__desired")
    return rows.annotate(is_live=_IS_LIVE)
