"""Runtimes: the engines that run integrations, what they can tell, and what they hold."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from foundation.errors import DomainError
from governance.selectors import timelines
from portal.components.times import span_words
from portal.views.base import PortalRequest, page
from portal.views.reviews.facts import entry_of
from runtime_adapters.contract import AdapterSpec, Concurrency, Mode, Observe
from runtime_adapters.domain.states import Sync
from runtime_adapters.registry import spec_of
from runtime_adapters.selectors import deployments as deployment_selectors
from runtime_adapters.selectors import health as health_selectors
from runtime_adapters.selectors import runtimes as selectors
from runtime_adapters.selectors.deployments import SlotCounts

RUNTIME: Final = "runtime_adapters.runtime"
SILENT_AFTER: Final = timedelta(minutes=2)  # an agent asks every few seconds
SHOWN_SLOTS, SHOWN_ENTRIES = 200, 20


@require_safe
@page
def runtimes(request: PortalRequest) -> HttpResponse:
    """All runtimes; slots are counted over the integrations that the viewer may see."""
    counts = deployment_selectors.slot_counts(request.viewer)
    rows = [_row(runtime, counts.get(runtime.id, SlotCounts()), request.now) for runtime in selectors.runtimes()]
    return render(request, "portal/runtimes/runtimes.html", {"now": request.now, "rows": rows})


def _row(runtime: Any, counts: SlotCounts, now: datetime) -> dict[str, Any]:
    spec = _spec(runtime.kind)
    state, reason = _state(runtime, spec, now)
    return {
        "title": runtime.title,
        "url": reverse("portal:runtime", args=[runtime.slug]),
        "kind": runtime.kind,
        "mode": _mode(spec),
        "environments": [environment.title for environment in runtime.environments.all()],
        "state": state,
        "last_seen_at": runtime.last_seen_at,
        "slots": counts.slots,
        "drifted": counts.drifted,
        "unmanaged": counts.unmanaged,
        "reason": reason,
    }


def _spec(kind: str) -> AdapterSpec | None:
    try:
        return spec_of(kind)
    except DomainError:
        return None


def _mode(spec: AdapterSpec | None) -> str:
    if spec is None:
        return _("unknown")
    return _("we call it") if spec.capabilities.mode is Mode.PUSH else _("its agent asks us")


def _state(runtime: Any, spec: AdapterSpec | None, now: datetime) -> tuple[str, str]:
    """(state, why). Never heard of is unknown; only a word of its own makes a runtime connected."""
    if not runtime.is_enabled:
        return "disabled", _("switched off here")
    if spec is None:
        return "unknown", _("its adapter cannot be loaded here")
    if runtime.failures_in_row:
        return "unreachable", _("%d calls in a row failed") % runtime.failures_in_row
    if runtime.last_seen_at is None:
        return "unknown", ""
    gap = now - runtime.last_seen_at
    if spec.capabilities.mode is Mode.PULL and gap > SILENT_AFTER:
        return "silent", _("its agent has not asked for %s") % span_words(gap)
    return "connected", ""


@require_safe
@page
def runtime(request: PortalRequest, slug: str) -> HttpResponse:
    """One runtime with its slots."""
    found = selectors.runtime_by_slug(slug)
    spec = _spec(found.kind)
    slots = list(
        deployment_selectors.slots_visible_to(request.viewer, runtime_id=found.id).order_by("integration__slug_key", "id")[:SHOWN_SLOTS]
    )
    history = timelines.history_of([(RUNTIME, found.id)])[-SHOWN_ENTRIES:]
    context = {
        "now": request.now,
        "runtime": _facts(found, spec, request),
        "abilities": _abilities(spec),
        "slots": _slots(slots),
        "unmanaged": [_unmanaged(slot) for slot in slots if _sync(slot) == Sync.EXTRA],
        "entries": [entry_of(happening) for happening in reversed(history)],
    }
    return render(request, "portal/runtimes/runtime.html", context)


def _facts(found: Any, spec: AdapterSpec | None, request: PortalRequest) -> dict[str, Any]:
    state, reason = _state(found, spec, request.now)
    sees_config = request.viewer.is_operator or request.viewer.sees_all
    offset = found.clock_offset_ms
    return {
        "title": found.title,
        "slug": found.slug,
        "kind": found.kind,
        "mode": _mode(spec),
        "adapter": spec.title if spec else found.kind,
        "adapter_version": spec.version if spec else "",
        "state": state,
        "reason": reason[:1].upper() + reason[1:] + "." if reason else "",
        "last_seen_at": found.last_seen_at,
        "environments": [environment.title for environment in found.environments.all()],
        "address": str(found.config.get("base_url", "")) if sees_config else "",
        "clock_offset": f"{offset / 1000:.1f} s" if offset is not None else "",
    }


def _abilities(spec: AdapterSpec | None) -> list[dict[str, Any]]:
    """What the adapter promises, and what it means for the reader when it does not."""
    if spec is None:
        return []
    can = spec.capabilities
    reads = {
        Observe.CONTENT: _("“Recorded” means that the content itself was read back and matched."),
        Observe.DIGEST: _("“Recorded” means that our mark was read back; the content behind it is not seen."),
        Observe.NONE: _("“Recorded” is the runtime's word alone."),
    }
    by_agent = _("“Recorded” means that its agent reported this digest; we read nothing there ourselves.")
    told = [
        (_("Lets us read back what it holds"), can.observe is not Observe.NONE, by_agent if can.mode is Mode.PULL else reads[can.observe]),
        (
            _("Says whether a release has started"),
            can.started,
            _("“Started” is its own word.") if can.started else _("“Started” stays empty; only runs are evidence."),
        ),
        (
            _("Refuses to overwrite a newer generation"),
            Concurrency.FENCING in can.concurrency,
            _("A late command does no harm.")
            if Concurrency.FENCING in can.concurrency
            else _("Portolan reads back before it sends, and sends from one worker at a time."),
        ),
        (
            _("Notices somebody else's edit at the moment of writing"),
            Concurrency.CAS_REVISION in can.concurrency,
            _("A write against an old revision is refused.")
            if Concurrency.CAS_REVISION in can.concurrency
            else _("An edit by hand is found at the next look, not at once."),
        ),
        (
            _("Takes a release whole or not at all"),
            can.atomic,
            _("There is no half-written state.") if can.atomic else _("A broken write can leave a part; the next look finds it."),
        ),
        (
            _("Can take a release out again"),
            can.remove,
            _("Retiring is done from here.") if can.remove else _("Retiring needs a hand at the runtime."),
        ),
        (
            _("Reports its runs"),
            can.health_push,
            _("Health comes from its own runs.") if can.health_push else _("Flows report their runs themselves, or health is unknown."),
        ),
    ]
    return [{"name": name, "has": has, "meaning": meaning} for name, has, meaning in told]


def _slots(slots: Sequence[Any]) -> list[dict[str, Any]]:
    """Slots in which something is or was desired, with their newest delivery and its health."""
    newest = deployment_selectors.newest_of_slots([slot.id for slot in slots])
    health = health_selectors.states_of({(slot, deployment.release_id) for slot, deployment in newest.items() if deployment.release_id})
    rows = []
    for slot in slots:
        deployment = newest.get(slot.id)
        if deployment is None:
            continue
        state = health.get((slot.id, deployment.release_id)) if deployment.release_id else None
        rows.append(
            {
                "integration": slot.integration.title,
                "url": reverse("portal:deployment", args=[deployment.id]),
                "environment": slot.environment.title,
                "version": deployment.release.version if deployment.release else _("removal"),
                "generation": deployment.generation,
                "desired_digest": deployment.digest,
                "drift": _sync(slot),
                "deployment_state": deployment.state,
                "health": state.state if state else "unknown",
            }
        )
    return rows


def _sync(slot: Any) -> str:
    seen = getattr(slot, "observation", None)
    return seen.sync if seen else Sync.UNKNOWN.value


def _unmanaged(slot: Any) -> dict[str, Any]:
    return {
        "name": slot.integration.title,
        "seen_at": slot.observation.received_at,
        "detail": _("held in %s although nothing should be there") % slot.environment.title,
    }
