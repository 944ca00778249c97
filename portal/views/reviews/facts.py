"""One change request as its pages show it: every sentence and figure read off an overview."""

import json
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.domain.ballots import Choice
from governance.domain.lifecycle import UNDISPATCHED, VOTABLE, Action, ChangeClass, State
from governance.selectors import timelines
from governance.selectors.change_requests import Overview, RequirementView, names_of
from portal.views.base import PortalRequest
from runtime_adapters.selectors import deployments as deployment_selectors

CHECK_STATES = {"satisfied": "passed", "failed": "failed", "waiting": "pending"}
REQUIREMENT_STATES = {"satisfied": "satisfied", "failed": "failed", "waiting": "pending"}
TONES = {
    "governance.change.approved": "ok",
    "governance.change.completed": "ok",
    "governance.change.rejected": "bad",
    "governance.change.failed": "bad",
    "governance.rollback.triggered": "bad",
    "governance.change.returned": "warn",
    "runtime_adapters.deployment.proven": "ok",
    "runtime_adapters.deployment.succeeded": "ok",
    "runtime_adapters.deployment.unhealthy": "bad",
    "runtime_adapters.deployment.failed": "bad",
    "runtime_adapters.deployment.halted": "bad",
}


def title_of(change: Any) -> str:
    """What is asked for, in a line."""
    if change.action == Action.RETIRE:
        return str(_("%s, to be taken out") % change.integration.title)
    return f"{change.integration.title} {change.release.version if change.release else ''}".strip()


def requester_of(change: Any) -> Any:
    """Who asked, for `{% who %}`; an automatic rollback asks for itself."""
    return change.requester or "Portolan"


def risk_of(overview: Overview) -> str:
    """A reader's first hint, from the tier and from what the difference removes or changes; it decides nothing."""
    if overview.change.change_class == ChangeClass.ROLLBACK:
        return "low"  # what ran here before, under the same digest
    kinds = {statement.kind.value for target in overview.targets for statement in target.statements}
    critical = overview.change.integration.tier == 1
    if not kinds:
        return "none"
    if "removed" in kinds or (critical and "changed" in kinds):
        return "high"
    return "medium" if "changed" in kinds or critical else "low"


def checks_summary(overview: Overview) -> dict[str, str]:
    """All passed, so many failed, or not run yet."""
    checks = [r for r in overview.requirements if r.kind == "check"]
    failed = sum(r.status == "failed" for r in checks)
    if failed:
        return {"state": "failed", "word": _("%(failed)d of %(all)d failed") % {"failed": failed, "all": len(checks)}}
    if any(r.status == "waiting" for r in checks):
        return {"state": "pending", "word": _("Running")}
    return {"state": "passed", "word": _("All %d passed") % len(checks)} if checks else {"state": "none", "word": _("None asked for")}


def unblock_sentence(overview: Overview) -> str:
    """Who or what can move it next."""
    names: list[str] = []
    for requirement in overview.requirements:
        names += [who.name for who in requirement.who_can_unblock if who.name not in names]
    return _("Can unblock: %s") % ", ".join(names) if names else ""


def facts_of(overview: Overview) -> dict[str, Any]:
    """The request's own facts."""
    found = overview.change
    bases = list(dict.fromkeys(t.base_version for t in overview.targets if t.base_version))
    base = ", ".join(bases) if found.action == Action.RETIRE else next(iter(bases), "")
    where = ", ".join(dict.fromkeys(t.environment_title for t in overview.targets))
    return {
        "number": found.number,
        "title": title_of(found),
        "headline": headline_of(overview, base, where),
        "state": overview.state.value,
        "is_open": overview.state in UNDISPATCHED,
        "is_votable": overview.state in VOTABLE,
        "action": found.action,
        "change_class": found.change_class,
        "revision": found.revision,
        "integration_title": found.integration.title,
        "integration_url": reverse("portal:integration", args=[found.integration.slug]),
        "release_version": found.release.version if found.release else "",
        "base_version": base,
        "environment": where,
        "requester": requester_of(found),
        "contributors": contributors_of(overview),
        "reason": found.reason,
        "created_at": found.created_at,
        "submitted_at": found.submitted_at,
        "expires_at": found.execute_until or found.review_until,
        "closed_at": found.closed_at,
        "closed_because": closed_because(overview),
        "subject_digest": found.subject_digest,
        "release_digest": found.release_digest,
        "risk": risk_of(overview),
        "impact": "",
    }


def headline_of(overview: Overview, base: str, where: str) -> str:
    """The change in one sentence."""
    found = overview.change
    version = found.release.version if found.release else ""
    values = {"title": found.integration.title, "version": version, "base": base, "where": where}
    if found.action == Action.RETIRE:
        return (_("%(title)s %(base)s is taken out of %(where)s") if base else _("%(title)s is taken out of %(where)s")) % values
    if found.change_class == "rollback":
        return _("%(title)s goes back to %(version)s in %(where)s") % values
    if base:
        return _("%(title)s %(version)s replaces %(base)s in %(where)s") % values
    return _("%(title)s %(version)s runs in %(where)s for the first time") % values


def contributors_of(overview: Overview) -> list[str]:
    """Names of everybody whose work is judged."""
    return sorted(names_of(overview.change.contributors).values())


def closed_because(overview: Overview) -> str:
    """Why nothing can be decided here any more."""
    if overview.state is State.EXPIRED:
        return _("Its time ran out before enough people agreed.")
    if overview.state is State.FAILED and overview.change.action == Action.RETIRE:
        return _("It could not be taken out; the timeline says what happened. It can be asked for again.")
    if overview.state is State.FAILED:
        return _("The release did not pass its health gate or could not be delivered; the timeline says what followed.")
    return ""


def words_of(statement: Any) -> dict[str, Any]:
    """One difference in words."""
    impact = {"added": "added", "removed": "removed", "changed": "changed"}[statement.kind.value]
    who = statement.subject if statement.subject else ""
    return {"impact": impact, "where": statement.place, "text": statement.text, "who": who if who not in statement.text else ""}


def diff_of(overview: Overview) -> dict[str, str] | None:
    """Both sides as text, for the rendered difference."""
    if overview.redacted or not overview.targets:
        return None
    target = overview.targets[0]
    version = overview.change.release.version if overview.change.release else ""
    return {
        "before": pretty(target.old) if target.base_version else "",
        "after": "" if target.new is None else pretty(target.new),
        "before_name": target.base_version or _("nothing"),
        "after_name": version or _("nothing"),
    }


def pretty(value: Any) -> str:
    """JSON as people read it."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def spoken(name: str) -> str:
    """A requirement's machine name as people read it: "board-approval" is "Board approval"."""
    return name.replace("-", " ").capitalize()


def check_of(requirement: RequirementView) -> dict[str, Any]:
    """One automatic check."""
    return {"name": spoken(requirement.name), "status": CHECK_STATES[requirement.status], "detail": requirement.detail}


def requirement_of(requirement: RequirementView) -> dict[str, Any]:
    """One quorum with who can fill it."""
    approved = _("Approved by %s.") % ", ".join(requirement.approved_by) if requirement.approved_by else ""
    return {
        "name": spoken(requirement.name),
        "kind": requirement.kind,
        "status": REQUIREMENT_STATES[requirement.status],
        "have": requirement.have,
        "needed": requirement.needs,
        "detail": approved,
        "who_can_unblock": ", ".join(who.name for who in requirement.who_can_unblock),
        "next_change_at": requirement.next_change_at,
    }


def verdict_of(overview: Overview) -> dict[str, Any]:
    """What happens next, or who has to move."""
    if overview.state is State.DRAFT:
        return {"ready": False, "sentence": _("Sent back: the requester edits it and submits it again.")}
    if overview.state not in VOTABLE:
        return {"ready": overview.state is State.COMPLETED, "sentence": _("Nothing is left to decide.")}
    if overview.verdict == "ready":
        return {
            "ready": True,
            "sentence": overview.change.stale_reason or _("Everything is satisfied; it is sent as soon as its window opens."),
        }
    missing = sum(r.needs - r.have for r in overview.requirements if r.kind == "quorum" and r.status != "satisfied")
    failed = [r.name for r in overview.requirements if r.kind == "check" and r.status == "failed"]
    if failed:
        return {"ready": False, "sentence": _("Blocked by a failed check: %s.") % ", ".join(failed)}
    if missing:
        text = ngettext("%d more approval is needed.", "%d more approvals are needed.", missing) % missing
        return {"ready": False, "sentence": text}
    return {"ready": False, "sentence": _("The checks are still running.")}


def vote_of(vote: Any, overview: Overview) -> dict[str, Any]:
    """One ballot, and whether it counts."""
    stale = vote.subject_digest != overview.change.subject_digest
    later = any(
        v.person_id == vote.person_id and v.sequence > vote.sequence and v.subject_digest == vote.subject_digest for v in overview.votes
    )
    why = _("cast on earlier content") if stale else _("replaced by a later vote") if later else ""
    return {"person": vote.user, "value": vote.value, "at": vote.at, "note": vote.reason, "counts": not why, "why_not": why}


def targets_of(overview: Overview) -> list[dict[str, Any]]:
    """Where it would run, and how far it got."""
    sent = {d.slot_id: d for d in deployment_selectors.for_change(overview.change.id)}
    rows = []
    for target in overview.targets:
        deployment = sent.get(target.slot)
        rows.append(
            {
                "environment": target.environment_title,
                "runtime": target.runtime_title,
                "current_version": target.base_version,
                "deployment_url": reverse("portal:deployment", args=[deployment.id]) if deployment else "",
                "deployment_state": deployment.state if deployment else "",
            }
        )
    return rows


def entry_of(happening: timelines.Happening) -> dict[str, Any]:
    """One event of the timeline."""
    title = happening.words[:1].upper() + happening.words[1:]
    tone = TONES.get(happening.verb, "neutral")
    return {
        "at": happening.at,
        "title": title,
        "by": happening.who,
        "note": happening.reason,
        "tone": tone,
        "icon": {"ok": "ok", "bad": "bad", "warn": "warn"}.get(tone, "neutral"),
        "index": happening.index,
    }


def why_not(overview: Overview) -> str:
    """Why this person has no vote here."""
    if overview.is_mine:
        return _("You asked for this change or wrote part of it: nobody judges their own work.")
    if not overview.my_seats:
        return _("You are on none of the boards that decide this.")
    return ""


def my_vote(overview: Overview, request: PortalRequest) -> dict[str, Any] | None:
    """The viewer's latest vote on the present content."""
    mine = [v for v in overview.votes if v.person_id == request.viewer.person_id and v.subject_digest == overview.change.subject_digest]
    return {"value": mine[-1].value, "at": mine[-1].at} if mine and mine[-1].value != Choice.RETRACT else None
