"""Deployments: from what was decided to what runs, fact by fact."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from catalog.selectors import integrations as integration_selectors
from catalog.selectors import landscape
from foundation.cursors import paginate
from foundation.errors import DomainError
from governance.selectors import change_requests, timelines
from portal.components.status import face
from portal.views.base import PortalRequest, asked, page
from portal.views.catalog.running import expected_words
from portal.views.reviews.facts import entry_of
from runtime_adapters.contract import Capabilities, Mode, Observe
from runtime_adapters.domain.gate import Verdict, judge
from runtime_adapters.domain.states import DeploymentState
from runtime_adapters.registry import spec_of
from runtime_adapters.selectors import deployments as selectors
from runtime_adapters.selectors import health as health_selectors
from runtime_adapters.selectors import situations

FACTS: Final = ("requested", "accepted", "recorded", "started", "proven")
FACT_WORDS: Final = {
    "requested": gettext_lazy("requested"),
    "accepted": gettext_lazy("accepted"),
    "recorded": gettext_lazy("recorded"),
    "started": gettext_lazy("started"),
    "proven": gettext_lazy("proven"),
}
BROKEN: Final = frozenset({DeploymentState.FAILED, DeploymentState.HALTED, DeploymentState.UNHEALTHY, DeploymentState.ROLLED_BACK})
UNBLOCK: Final = {
    DeploymentState.HALTED: gettext_lazy(
        "An operator looks at the runtime and lets the slot be looked at again, or the owner asks for another release."
    ),
    DeploymentState.FAILED: gettext_lazy("The owner mends what the last attempt shows and asks for a change again."),
    DeploymentState.UNHEALTHY: gettext_lazy("This release is quarantined here. The owner publishes another one and asks for it."),
}


@require_safe
@page
def deployments(request: PortalRequest) -> HttpResponse:
    """Every generation that the viewer may see, newest first."""
    given = asked(request)
    found = paginate(selectors.FILTERS.parse(given), selectors.deployments_visible_to(request.viewer))
    context = {
        "now": request.now,
        "filters": {name: given.get(name, "") for name in ("integration", "environment", "state")},
        "choices": {
            "environment": [(environment.slug, environment.title) for environment in landscape.environments()],
            "state": [(state.value, str(face("deployment", state).word)) for state in DeploymentState],
        },
        "rows": [_row(deployment) for deployment in found.rows],
        "next_cursor": found.next,
        "is_filtered": bool(given.keys() - {"cursor", "limit", "sort"}),
    }
    return render(request, "portal/delivery/deployments.html", context)


def _row(deployment: Any) -> dict[str, Any]:
    slot = deployment.slot
    is_moving = deployment.settled_at is None
    reached = [name for name in FACTS if getattr(deployment, f"{name}_at")]
    return {
        "url": reverse("portal:deployment", args=[deployment.id]),
        "integration": slot.integration.title,
        "environment": slot.environment.title,
        "runtime": slot.runtime.title,
        "version": version_of(deployment),
        "digest": deployment.digest,
        "generation": deployment.generation,
        "state": deployment.state,
        "reason": deployment.reason,
        "fact": str(FACT_WORDS[reached[-1]]) if reached else "",
        "at": deployment.settled_at or deployment.requested_at,
        "next_check_at": (deployment.next_attempt_at or slot.next_check_at) if is_moving else None,
    }


def version_of(deployment: Any) -> str:
    """The release's version; a deployment without one takes the integration out of the runtime."""
    return deployment.release.version if deployment.release else _("removal")


@require_safe
@page
def deployment(request: PortalRequest, deployment_id: UUID) -> HttpResponse:
    """One generation: five facts, attempts, what should run and what was seen, its health and its gate."""
    found = selectors.get_visible(deployment_id, request.viewer)
    can = _capabilities(found.slot.runtime.kind)
    is_current = _is_current(found)
    context = {
        "now": request.now,
        "deployment": _facts(found, request, can),
        "facts": _track(found, can),
        "attempts": _attempts(found, request),
        "desired": {
            "digest": found.digest,
            "version": version_of(found),
            "generation": found.generation,
            "at": found.requested_at,
        },
        "observed": _observed(found) if is_current else None,
        "drift": _drift(found, is_current=is_current),
        "health": _health(found),
        "gate": _gate(found, request.now),
        "entries": [entry_of(h) for h in reversed(timelines.history_of([(timelines.DEPLOYMENT, found.id)]))],
    }
    return render(request, "portal/delivery/deployment.html", context)


def _capabilities(kind: str) -> Capabilities | None:
    """What the adapter promises; None when it cannot be loaded here."""
    try:
        return spec_of(kind).capabilities
    except DomainError:
        return None


def _is_current(found: Any) -> bool:
    """Whether this generation is the one desired in its slot now."""
    desired = getattr(found.slot, "desired", None)
    return desired is not None and (desired.timeline, desired.generation) == (found.timeline, found.generation)


def _facts(found: Any, request: PortalRequest, can: Capabilities | None) -> dict[str, Any]:
    slot, is_moving = found.slot, found.settled_at is None
    change = change_requests.visible_to(request.viewer).filter(pk=found.change_id).first()
    state = DeploymentState(found.state)
    return {
        "integration": slot.integration.title,
        "integration_url": reverse("portal:integration", args=[slot.integration.slug]),
        "environment": slot.environment.title,
        "runtime": slot.runtime.title,
        "runtime_url": reverse("portal:runtime", args=[slot.runtime.slug]),
        "version": version_of(found),
        "digest": found.digest,
        "generation": found.generation,
        "state": found.state,
        "reason": found.reason,
        "cause": found.cause,
        "change_number": change.number if change else None,
        "change_url": reverse("portal:change", args=[change.number]) if change else "",
        "is_moving": is_moving,
        "next_check_at": (found.next_attempt_at or slot.next_check_at) if is_moving else None,
        "next_check_why": "",
        "unblock": str(UNBLOCK.get(state, "")) if _is_current(found) else "",
        "note": _cannot_tell(slot.runtime.title, can),
    }


def _cannot_tell(runtime: str, can: Capabilities | None) -> str:
    if can is None:
        return _("The adapter of %s cannot be loaded here, so nothing new is learned from it.") % runtime
    missing = []
    if can.mode is Mode.PULL:
        return ""
    if can.observe is Observe.NONE:
        missing.append(_("what it holds"))
    if not can.started:
        missing.append(_("whether a release has started"))
    return _("%(runtime)s cannot tell %(what)s.") % {"runtime": runtime, "what": _(" and ").join(missing)} if missing else ""


def _track(found: Any, can: Capabilities | None) -> list[dict[str, Any]]:
    """Five facts. What the runtime cannot tell is absent, never done; what did not come before the end failed or is void."""
    reports = bool(can and can.mode is Mode.PULL)  # an agent tells both by itself
    tells = {"started": reports or bool(can and can.started), "recorded": reports or bool(can and can.observe is not Observe.NONE)}
    track: list[dict[str, Any]] = []
    is_next = True
    for name in FACTS if found.release_id else FACTS[:3]:  # what is taken out neither starts nor is proven by a run
        at = getattr(found, f"{name}_at")
        if at is not None:
            status = "done"
        elif not tells.get(name, True):
            status = "absent"
        elif is_next:
            status, is_next = _first_open(found), False
        else:
            status = "waiting"
        track.append({"key": name, "at": at, "status": status, "note": _fact_note(name, found, by_agent=reports) if at else ""})
    return track


def _fact_note(name: str, found: Any, *, by_agent: bool) -> str:
    """Whose word a fact is, where it is not our own reading back."""
    if name == "recorded" and found.is_read_back is False:
        return _("On the runtime's word; it cannot be read back")
    if not found.release_id:
        return ""
    return _("Its agent reports this digest") if name == "recorded" and by_agent else ""


def _first_open(found: Any) -> str:
    if found.settled_at is None:
        return "now"
    return "failed" if DeploymentState(found.state) in BROKEN else "waiting"


def _attempts(found: Any, request: PortalRequest) -> list[dict[str, Any]]:
    """What was tried; what was said and seen there only for those who may see inside."""
    inside = request.viewer.is_operator or integration_selectors.sees_inside(found.slot.integration_id, request.viewer)
    return [
        {
            "n": attempt.number,
            "at": attempt.started_at,
            "ended_at": attempt.ended_at,
            "outcome": attempt.outcome or "running",
            "error": attempt.detail if inside else "",
            "evidence": attempt.evidence if inside else None,
        }
        for attempt in found.newest_attempts
    ]


def _observed(found: Any) -> dict[str, Any] | None:
    seen = getattr(found.slot, "observation", None)
    if seen is None:
        return None
    return {
        "digest": seen.digest,
        "generation": seen.generation,
        "native_revision": seen.native_revision,
        "at": seen.received_at,
        "source": found.slot.runtime.kind,
    }


def _drift(found: Any, *, is_current: bool) -> dict[str, Any]:
    seen = getattr(found.slot, "observation", None)
    if not is_current:
        return {"state": "unknown", "since": None, "detail": _("A newer generation is desired here now; this one is history.")}
    if seen is None:
        return {"state": "unknown", "since": None, "detail": ""}
    said = {
        "in_sync": _("The runtime holds exactly this.") if found.release_id else _("Nothing of it is left in the runtime."),
        "drifted": _("The runtime holds something else than was decided."),
        "missing": _("The runtime does not hold it."),
        "extra": _("The runtime holds something although nothing should be there."),
    }
    return {"state": seen.sync, "since": seen.sync_since, "detail": said.get(seen.sync, "")}


def _health(found: Any) -> dict[str, Any]:
    slot = found.slot
    expected = health_selectors.expectations_of([slot.integration_id]).get((slot.integration_id, slot.environment_id))
    state = health_selectors.states_of({(slot.id, found.release_id)}).get((slot.id, found.release_id)) if found.release_id else None
    words = expected_words(expected)
    return {
        "state": state.state if state else "unknown",
        "reason": state.reason if state else _("Nothing was reported yet."),
        "since": state.since if state else None,
        "expected": words[:1].upper() + words[1:] + ".",
    }


def _gate(found: Any, now: datetime) -> dict[str, Any] | None:
    """What the environment asks before it believes a release, and how far that is."""
    gate = situations.gate_of(found.slot, found)
    if gate is None:
        return {"sentence": _("This environment asks for no health gate."), "passed": True} if found.release_id else None
    counted = {"good": gate.good, "needed": gate.good_needed, "failed": gate.failed, "allowed": gate.failed_allowed, "soak": gate.soak_s}
    asks = _("Gate: %(needed)d good runs and at most %(allowed)d failed in %(soak)d s.") % counted
    if found.settled_at is not None:
        passed = found.state == DeploymentState.SUCCEEDED
        return {"sentence": asks + " " + (_("Passed.") if passed else _("Not passed.")), "passed": passed}
    saw = _("So far %(good)d good and %(failed)d failed.") % counted
    return {"sentence": f"{asks} {saw}", "passed": judge(gate, now).verdict is Verdict.PASSED}
