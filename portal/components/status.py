"""How each state is shown: tone, icon and word together, never colour alone. One table per axis; the axes never mix."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from .icons import icon


@dataclass(frozen=True)
class Face:
    """What a state looks like: tone (ok, warn, bad, info, neutral), icon name, word."""

    tone: str
    icon: str
    word: str | Promise


CHANGE: Final[Mapping[str, Face]] = {
    "draft": Face("neutral", "neutral", _("Draft")),
    "open": Face("info", "review", _("In review")),
    "approved": Face("ok", "ok", _("Approved")),
    "scheduled": Face("info", "clock", _("Scheduled")),
    "dispatched": Face("info", "deploy", _("Being delivered")),
    "completed": Face("ok", "ok", _("Completed")),
    "partial": Face("warn", "warn", _("Partly delivered")),
    "failed": Face("bad", "bad", _("Failed")),
    "rejected": Face("bad", "bad", _("Rejected")),
    "withdrawn": Face("neutral", "dash", _("Withdrawn")),
    "expired": Face("neutral", "clock", _("Expired")),
    "superseded": Face("neutral", "dash", _("Superseded")),
}
DEPLOYMENT: Final[Mapping[str, Face]] = {
    "queued": Face("neutral", "clock", _("Queued")),
    "leased": Face("info", "sync", _("Starting")),
    "applying": Face("info", "sync", _("Applying")),
    "applied": Face("info", "ok", _("Applied")),
    "unknown": Face("warn", "warn", _("Outcome unknown")),
    "retry_wait": Face("warn", "clock", _("Waiting to retry")),
    "failed": Face("bad", "bad", _("Failed")),
    "verifying": Face("info", "sync", _("Verifying")),
    "succeeded": Face("ok", "ok", _("Succeeded")),
    "unhealthy": Face("bad", "bad", _("Unhealthy")),
    "superseded": Face("neutral", "dash", _("Superseded")),
    "cancelled": Face("neutral", "dash", _("Cancelled")),
    "rolled_back": Face("warn", "back", _("Rolled back")),
    "halted": Face("bad", "pause", _("Halted")),
}
HEALTH: Final[Mapping[str, Face]] = {
    "healthy": Face("ok", "ok", _("Healthy")),
    "degraded": Face("warn", "warn", _("Degraded")),
    "failing": Face("bad", "bad", _("Failing")),
    "late": Face("warn", "clock", _("Late")),
    "silent": Face("bad", "dash", _("Silent")),
    "paused": Face("neutral", "pause", _("Paused")),
    "maintenance": Face("neutral", "pause", _("Maintenance")),
    "unknown": Face("neutral", "neutral", _("Unknown")),
}
CHECK: Final[Mapping[str, Face]] = {
    "passed": Face("ok", "ok", _("Passed")),
    "pass": Face("ok", "ok", _("Passed")),
    "failed": Face("bad", "bad", _("Failed")),
    "fail": Face("bad", "bad", _("Failed")),
    "warning": Face("warn", "warn", _("Warning")),
    "error": Face("bad", "bad", _("Could not run")),
    "running": Face("info", "sync", _("Running")),
    "pending": Face("neutral", "clock", _("Not run yet")),
    "expired": Face("warn", "clock", _("Evidence expired")),
}
REQUIREMENT: Final[Mapping[str, Face]] = {
    "satisfied": Face("ok", "ok", _("Satisfied")),
    "pending": Face("warn", "clock", _("Waiting")),
    "blocked": Face("bad", "bad", _("Blocked")),
    "failed": Face("bad", "bad", _("Failed")),
    "vetoed": Face("bad", "bad", _("Vetoed")),
    "unsatisfiable": Face("bad", "bad", _("Cannot be met")),
}
VOTE: Final[Mapping[str, Face]] = {
    "approve": Face("ok", "ok", _("Approved")),
    "reject": Face("bad", "bad", _("Rejected")),
    "request_changes": Face("warn", "back", _("Asked for changes")),
    "abstain": Face("neutral", "dash", _("Abstained")),
    "retract": Face("neutral", "back", _("Took back")),
}
RISK: Final[Mapping[str, Face]] = {
    "high": Face("bad", "warn", _("High risk")),
    "medium": Face("warn", "warn", _("Medium risk")),
    "low": Face("ok", "ok", _("Low risk")),
    "none": Face("neutral", "neutral", _("No risk found")),
    "unknown": Face("neutral", "neutral", _("Not rated")),
}
IMPACT: Final[Mapping[str, Face]] = {
    "breaking": Face("bad", "bad", _("Breaking")),
    "risky": Face("warn", "warn", _("Look closely")),
    "added": Face("info", "plus", _("Added")),
    "removed": Face("warn", "dash", _("Removed")),
    "changed": Face("info", "sync", _("Changed")),
    "compatible": Face("ok", "ok", _("Compatible")),
    "same": Face("neutral", "neutral", _("Unchanged")),
    "new": Face("info", "plus", _("New")),
}
DRIFT: Final[Mapping[str, Face]] = {
    "in_sync": Face("ok", "ok", _("In sync")),
    "drifted": Face("bad", "warn", _("Drifted")),
    "missing": Face("bad", "bad", _("Missing")),
    "extra": Face("warn", "plus", _("Unmanaged")),
    "unknown": Face("neutral", "neutral", _("Not observed")),
    "contested": Face("bad", "warn", _("Contested")),
}
RUNTIME: Final[Mapping[str, Face]] = {
    "connected": Face("ok", "ok", _("Connected")),
    "online": Face("ok", "ok", _("Connected")),
    "offline": Face("bad", "bad", _("Not reachable")),
    "unreachable": Face("bad", "bad", _("Not reachable")),
    "silent": Face("bad", "dash", _("Silent")),
    "disabled": Face("neutral", "pause", _("Disabled")),
    "unknown": Face("neutral", "neutral", _("Not seen yet")),
}
OUTCOME: Final[Mapping[str, Face]] = {
    "allow": Face("ok", "ok", _("Allowed")),
    "deny": Face("bad", "lock", _("Refused")),
    "error": Face("warn", "warn", _("Error")),
    "ok": Face("ok", "ok", _("Done")),
    "applied": Face("ok", "ok", _("Applied")),
    "already_applied": Face("ok", "ok", _("Already there")),
    "accepted": Face("info", "ok", _("Accepted")),
    "observed": Face("info", "search", _("Read back")),
    "unknown": Face("warn", "warn", _("Outcome unknown")),
    "outcome_unknown": Face("warn", "warn", _("Outcome unknown")),
    "not_applied": Face("bad", "bad", _("Not applied")),
    "failed": Face("bad", "bad", _("Failed")),
}
LIFECYCLE: Final[Mapping[str, Face]] = {
    "proposed": Face("neutral", "neutral", _("Proposed")),
    "designed": Face("neutral", "doc", _("Designed")),
    "built": Face("info", "box", _("Built")),
    "tested": Face("info", "review", _("Tested")),
    "live": Face("ok", "ok", _("Live")),
    "optimizing": Face("ok", "sync", _("Optimizing")),
    "deprecated": Face("warn", "warn", _("Deprecated")),
    "retired": Face("neutral", "dash", _("Retired")),
    "rejected": Face("bad", "bad", _("Rejected")),
    "suspended": Face("warn", "pause", _("Suspended")),
}
BULK: Final[Mapping[str, Face]] = {
    "created": Face("info", "plus", _("New")),
    "changed": Face("info", "sync", _("Changed")),
    "unchanged": Face("neutral", "neutral", _("Unchanged")),
    "refused": Face("bad", "bad", _("Refused")),
    "queued": Face("neutral", "clock", _("Waiting")),
    "waiting": Face("neutral", "clock", _("Waiting")),
    "running": Face("info", "sync", _("Running")),
    "done": Face("ok", "ok", _("Done")),
    "cancelled": Face("neutral", "dash", _("Cancelled")),
    "skipped": Face("neutral", "dash", _("Not applied")),
}
DOCUMENT: Final[Mapping[str, Face]] = {
    "fresh": Face("ok", "ok", _("Verified")),
    "stale": Face("warn", "clock", _("Stale")),
    "unverified": Face("neutral", "neutral", _("Not verified")),
    "missing": Face("bad", "bad", _("Missing")),
    "unwritten": Face("neutral", "dash", _("Not written")),
}
STEWARDSHIP: Final[Mapping[str, Face]] = {
    "orphan": Face("bad", "bad", _("Nobody answers")),
    "gap": Face("warn", "warn", _("Role empty")),
    "answers": Face("ok", "ok", _("Answers")),
    "silent": Face("bad", "dash", _("No active account")),
    "attestation": Face("warn", "clock", _("Not attested")),
    "confirm": Face("ok", "ok", _("Confirmed")),
    "correct": Face("info", "doc", _("Corrected")),
    "disown": Face("warn", "out", _("Disowned")),
    "waiting": Face("neutral", "clock", _("Waiting")),
    "open": Face("info", "review", _("Open")),
    "closed": Face("neutral", "dash", _("Closed")),
}
IMPORT: Final[Mapping[str, Face]] = {
    "queued": Face("neutral", "clock", _("Waiting")),
    "running": Face("info", "sync", _("Running")),
    "done": Face("ok", "ok", _("Done")),
    "cancelled": Face("neutral", "dash", _("Cancelled")),
    "created": Face("ok", "plus", _("Created")),
    "updated": Face("info", "sync", _("Updated")),
    "unchanged": Face("neutral", "neutral", _("Unchanged")),
    "needs attention": Face("warn", "warn", _("Needs attention")),
    "waiting": Face("neutral", "clock", _("Waiting")),
    "skipped": Face("neutral", "dash", _("Not imported")),
    "open": Face("warn", "warn", _("Open")),
    "accepted": Face("ok", "ok", _("Accepted")),
    "settled": Face("neutral", "dash", _("Settled")),
    "rejected": Face("neutral", "dash", _("Rejected")),
}
ROADMAP: Final[Mapping[str, Face]] = {
    "planned": Face("neutral", "clock", _("Planned")),
    "in-progress": Face("info", "sync", _("In progress")),
    "done": Face("ok", "ok", _("Done")),
    "dropped": Face("neutral", "dash", _("Dropped")),
}
UPKEEP: Final[Mapping[str, Face]] = {
    "expired": Face("bad", "bad", _("Expired")),
    "rotation-due": Face("warn", "sync", _("Rotation due")),
    "expires-soon": Face("warn", "clock", _("Expires soon")),
    "fine": Face("ok", "ok", _("In order")),
}
CLASSIFICATION: Final[Mapping[str, Face]] = {
    "public": Face("neutral", "neutral", _("Public")),
    "internal": Face("neutral", "person", _("Internal")),
    "confidential": Face("warn", "lock", _("Confidential")),
    "restricted": Face("bad", "lock", _("Restricted")),
}
AXES: Final[Mapping[str, Mapping[str, Face]]] = {
    "change": CHANGE,
    "deployment": DEPLOYMENT,
    "health": HEALTH,
    "check": CHECK,
    "requirement": REQUIREMENT,
    "vote": VOTE,
    "risk": RISK,
    "impact": IMPACT,
    "drift": DRIFT,
    "runtime": RUNTIME,
    "outcome": OUTCOME,
    "lifecycle": LIFECYCLE,
    "stewardship": STEWARDSHIP,
    "import": IMPORT,
    "roadmap": ROADMAP,
    "bulk": BULK,
    "document": DOCUMENT,
    "upkeep": UPKEEP,
    "classification": CLASSIFICATION,
}


def face(axis: str, state: object) -> Face:
    """Return how `state` looks on `axis`; a state the table does not know is shown by its own name, neutrally."""
    key = str(getattr(state, "value", state) or "unknown").lower()
    known = AXES[axis].get(key)
    return known or Face("neutral", "neutral", key.replace("_", " ").replace("-", " ").capitalize())


def pill(axis: str, state: object, word: str = "") -> SafeString:
    """Return a pill for `state`; `word` replaces the default word ("1 of 9 failed") and keeps tone and icon."""
    look = face(axis, state)
    return format_html('<span class="pill {}">{}{}</span>', look.tone, icon(look.icon, 12), word or look.word)


def tone_pill(tone: str, word: str) -> SafeString:
    """Return a pill in a plain tone, for words that belong to no axis."""
    names = {"ok": "ok", "warn": "warn", "bad": "bad", "info": "info"}
    return format_html('<span class="pill {}">{}{}</span>', tone, icon(names.get(tone, "neutral"), 12), word)


def mark(axis: str, state: object) -> SafeString:
    """Return the coloured icon of `state` with its word for screen readers, for lists of checks."""
    look = face(axis, state)
    return format_html(
        '<span class="tone-{}">{}<span class="visually-hidden">{}: </span></span>', look.tone, icon(look.icon, 14), look.word
    )
