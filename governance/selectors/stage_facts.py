"""Gathering what the guards of the lifecycle look at, in a fixed number of queries, however much hangs on the integration."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, OuterRef, Subquery

from accounts.domain.viewers import Viewer
from catalog.domain.documents import Freshness
from catalog.domain.evidence import spoilt
from catalog.domain.manifests import faults_of
from catalog.domain.ownership import TierRules, missing_roles
from catalog.domain.vocabulary import RoadmapState
from catalog.models import Connection, Environment, FlowEndpoint, Integration, ObservationClock, Release, RoadmapItem
from catalog.selectors import documents, owners, policies, releases
from foundation.text import slug_key
from governance.domain.lifecycle import Action, State
from governance.domain.stage_facts import Facts
from governance.models import ChangeTarget, CheckResult
from governance.selectors.consumers import consumers_of
from runtime_adapters.models import Deployment, HealthReading, HealthState, Slot
from runtime_adapters.selectors import health


def facts_of(integration: Integration, viewer: Viewer, *, counts_hidden: bool, now: datetime) -> Facts:
    """Everything about the integration that a guard may ask for.

    `counts_hidden`: whether consumers that the viewer may not see count. They do when a move is made; what is only looked at tells
    nothing of them.
    """
    rules = policies.tier_rules(integration.tier)
    release = _newest(integration)
    environments = list(Environment.objects.order_by("rank", "slug_key"))
    outline = documents.outline_of(integration, documents.documents_of(integration))
    live = list(releases.live_releases(integration.id))
    return Facts(
        now=now,
        tier=integration.tier,
        **_people(integration, rules),
        **_flow(integration),
        reuse_answered=bool(integration.reuse_check.strip()),
        **_release(integration, release, environments, now),
        missing_sections=tuple(_words(one.section) for one in outline if one.is_missing),
        stale_sections=tuple(_words(one.section) for one in outline if one.is_required and one.freshness is Freshness.STALE),
        **_production(integration, live, environments),
        support=frozenset(name for name, text in integration.support.items() if text),
        **_work(integration),
        effective_on=_day(integration.deprecation.get("effective_on")),
        removal_on=_day(integration.deprecation.get("removal_on")),
        has_alternative=bool(integration.deprecation.get("alternative")),
        **_consumers(integration, viewer, counts_hidden=counts_hidden),
        **_traffic(integration.id),
    )


def _people(integration: Integration, rules: TierRules) -> dict[str, Any]:
    found = owners.owners_of([integration])[integration.id]
    missing = missing_roles(found, rules)
    return {"active_members": len(found.members), "missing_roles": tuple(role.value for role in missing)}


def _flow(integration: Integration) -> dict[str, Any]:
    rows = list(FlowEndpoint.objects.filter(integration=integration).select_related("system", "data_object").order_by("role", "id"))
    systems = {row.system_id: row.system.title for row in rows}
    connected = Connection.objects.filter(system_id__in=systems, retired_at__isnull=True, tombstoned_at__isnull=True)
    reached = set(connected.values_list("system_id", flat=True))
    objects = [row.data_object for row in rows if row.data_object is not None]
    return {
        "systems": tuple(systems.values()),
        "roles": frozenset(row.role for row in rows),
        "without_object": tuple(dict.fromkeys(row.system.title for row in rows if row.data_object is None)),
        "unconfirmed_objects": tuple(dict.fromkeys(one.title for one in objects if one.is_discovered)),
        "unconnected_systems": tuple(title for system, title in systems.items() if system not in reached),
    }


def _newest(integration: Integration) -> Release | None:
    rows = Release.objects.filter(integration=integration).defer("manifest", "notes")
    return rows.order_by("-version_sort", "-id").first()


def _release(integration: Integration, release: Release | None, environments: Iterable[Environment], now: datetime) -> dict[str, Any]:
    if release is None:
        return {}
    manifest: Mapping[str, Any] = releases.manifest_of(release)
    faults = faults_of(manifest, environments=[slug_key(row.slug) for row in environments])
    newest = CheckResult.objects.filter(change__integration=integration, change__release=release)
    last = newest.order_by("name", "-at", "-id").distinct("name").values_list("name", "passed", "detail", "valid_until")
    checks = [f"{name}: {detail}" for name, passed, detail, _until in last if not passed]
    checks += [f"{name}: it passed, until {until:%Y-%m-%d}" for name, passed, _detail, until in last if passed and until and now >= until]
    return {
        "release": release.version,
        "manifest_connections": len(manifest.get("connections") or {}),
        "manifest_faults": tuple(f"{fault.pointer} {fault.detail}" for fault in faults),
        "failed_checks": (*checks, *spoilt(release.evidence, now.date())),
    }


def _production(integration: Integration, live: Iterable[Any], environments: Iterable[Environment]) -> dict[str, Any]:
    production = {row.id: row.title for row in environments if row.is_production}
    expected = {environment for _, environment in health.expectations_of([integration.id])}
    done = ChangeTarget.objects.filter(
        change__integration=integration,
        change__state=State.COMPLETED,
        change__action=Action.DEPLOY,
        slot__environment__is_production=True,
    )
    where = dict.fromkeys((row.environment_id, row.environment.title) for row in live)
    return {
        "production": tuple(production.values()),
        "completed_change": done.order_by("-change__number").values_list("change__number", flat=True).first(),
        "live_in_production": tuple(title for key, title in where if key in production),
        "expected_in": tuple(title for key, title in production.items() if key in expected),
        "live_in": tuple(title for _, title in where),
    }


def _work(integration: Integration) -> dict[str, Any]:
    states = list(RoadmapItem.objects.filter(integration=integration).values_list("state", flat=True))
    unwell = [row for row in health.live_health([integration.id]) if row.state in health.ALARMING]
    return {
        "open_items": sum(state in {RoadmapState.PLANNED, RoadmapState.IN_PROGRESS} for state in states),
        "items_under_work": sum(state == RoadmapState.IN_PROGRESS for state in states),
        "breaches": tuple(dict.fromkeys(f"{row.environment.title} ({row.state})" for row in unwell)),
    }


def _consumers(integration: Integration, viewer: Viewer, *, counts_hidden: bool) -> dict[str, Any]:
    found = consumers_of(integration, viewer)
    deaf = [one for one in found if not one.people]
    waiting = [one for one in found if not one.has_acknowledged]
    return {
        "deaf_consumers": tuple(one.title for one in deaf if one.is_shown),
        "waiting_consumers": tuple(one.title for one in waiting if one.is_shown),
        "hidden_deaf": counts_hidden and any(not one.is_shown for one in deaf),
        "hidden_waiting": counts_hidden and any(not one.is_shown for one in waiting),
    }


def _traffic(integration: UUID) -> dict[str, Any]:
    """When it last ran, by every word there is of it: a failed run is traffic too. Looked up backwards, by the index of readings."""
    ran = HealthReading.objects.filter(slot=OuterRef("slot_id"), release=OuterRef("release_id"), runs_started__gt=0)
    known = HealthState.objects.filter(integration=integration).annotate(ran=Subquery(ran.order_by("-window_end").values("window_end")[:1]))
    unknown = HealthReading.objects.filter(slot=OuterRef("pk"), release__isnull=True, runs_started__gt=0)
    stray = Slot.objects.filter(integration=integration).annotate(ran=Subquery(unknown.order_by("-window_end").values("window_end")[:1]))
    moments = [moment for pair in known.values_list("ran", "last_success_at") for moment in pair]
    moments += list(stray.values_list("ran", flat=True))
    moments += list(ObservationClock.objects.filter(integration=integration).values_list("last_success_at", flat=True))
    delivered = Deployment.objects.filter(slot__integration=integration).aggregate(at=Max("settled_at"))["at"]
    return {"last_run_at": max((moment for moment in moments if moment), default=None), "last_delivery_at": delivered}


def _day(text: Any) -> date | None:
    """A day as the deprecation holds it; what is none is not set."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _words(section: str) -> str:
    return section.replace("-", " ")
