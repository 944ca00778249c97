"""What happened to a change, from the log, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.selectors import people
from audit.selectors import events
from audit.services.timeline import TimelineEntry, told
from audit.services.timeline import timeline_of as audit_timeline_of
from governance.domain.words import words_of
from governance.models import ChangeRequest
from runtime_adapters.selectors import deployments as deployment_selectors

CHANGE = "governance.change_request"
DEPLOYMENT = "runtime_adapters.deployment"
MACHINES = {"worker": "Portolan", "system": "Portolan", "db": "The database", "runtime": "The runtime"}


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a change: when, who, what, and where it stands in the log (None until it has its place)."""

    event: UUID
    at: datetime
    verb: str
    who: str
    words: str
    reason: str
    index: int | None
    outcome: str
    facts: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The API's shape."""
        names = ("event", "at", "verb", "who", "words", "reason", "index", "outcome", "facts")
        return {name: getattr(self, name) for name in names}


def subjects_of(change: ChangeRequest) -> list[tuple[str, UUID]]:
    """Everything whose history belongs to the change: the request and the deployments it set in motion."""
    deployments = deployment_selectors.for_change(change.id)
    return [(CHANGE, change.id), *((DEPLOYMENT, deployment.id) for deployment in deployments)]


def timeline_of(change: ChangeRequest) -> list[Happening]:
    """Every event of the change and its deployments, oldest first. The caller has decided that the viewer may see the change."""
    return history_of(subjects_of(change))


def history_of(subjects: Iterable[tuple[str, UUID]]) -> list[Happening]:
    """Every event of these subjects, oldest first. The caller has decided that the viewer may see them."""
    return _happenings(audit_timeline_of(subjects))


def news_of(changes: Iterable[ChangeRequest], *, verbs: Iterable[str], since: datetime, limit: int) -> list[tuple[UUID, Happening]]:
    """The newest events with one of `verbs` of these changes and their deployments after `since`: (change id, event), newest first."""
    known = {change.id for change in changes}
    by_deployment = deployment_selectors.of_changes(known)
    found = events.newest_of([*known, *by_deployment], verbs=verbs, since=since, limit=limit)
    owner = {event.id: by_deployment.get(event.subject[1], event.subject[1]) for event in found}
    return [(owner[happening.event], happening) for happening in reversed(_happenings(told(found)))]


def _happenings(entries: list[TimelineEntry]) -> list[Happening]:
    ids = {entry.event.actor[1] for entry in entries if entry.event.actor[0] in {"user", "token"}}
    owners = _owners(entries)
    names = {user.id: user.display_name for user in people.by_ids(ids | set(owners.values())).values()}
    return [_happening(entry, names, owners) for entry in sorted(entries, key=lambda entry: (entry.event.at, entry.event.id))]


def _owners(entries: list[TimelineEntry]) -> dict[UUID, UUID]:
    """Token reference → the account it acts for, where the leaf says so."""
    found: dict[UUID, UUID] = {}
    for entry in entries:
        behalf = entry.event.leaf.get("on_behalf_of")
        if behalf:
            found[entry.event.actor[1]] = UUID(str(behalf))
    return found


def _happening(entry: TimelineEntry, names: dict[UUID, str], owners: dict[UUID, UUID]) -> Happening:
    event = entry.event
    kind, ref = event.actor
    who = names.get(owners.get(ref, ref)) or MACHINES.get(kind, "Somebody")
    reason = entry.texts.get("reason") or entry.texts.get("detail") or ""
    return Happening(
        event.id,
        event.at,
        event.verb,
        who,
        words_of(event.verb, event.facts),
        str(reason),
        event.index,
        str(event.leaf["outcome"]),
        event.facts,
    )
