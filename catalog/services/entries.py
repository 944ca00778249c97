"""What registering and changing have in common for everything in the landscape: one description for each kind of thing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.domain.errors import SlugTaken
from accounts.domain.inputs import Reading
from accounts.domain.viewers import Viewer
from accounts.services.rows import save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.rights import require_keeper
from catalog.domain.vocabulary import EntityKind
from catalog.selectors import deletables
from catalog.selectors.landscape import named
from catalog.services import fields, names
from catalog.services.fields import Readers
from catalog.services.presence import hold
from catalog.services.renaming import noun_of, rename
from catalog.services.search import mark_stale
from foundation.conditional import VersionMoved
from foundation.errors import DomainError
from foundation.text import slug_key


def _sound(_row: Any, _reading: Reading) -> None:
    """Nothing to check beyond each field."""


@dataclass(frozen=True, slots=True)
class Noun:
    """One kind of thing: where its rows are, how its fields are read, who keeps it, and what its events tell.

    `owner` gives the team that keeps a row (None: administrators only). `settle` checks what one field alone cannot tell and
    notes faults in the reading. `facts` are those of its `registered` and `updated` events.
    """

    kind: EntityKind
    rows: Callable[[], QuerySet[Any]]
    missing: type[DomainError]
    readers: Readers
    facts: Callable[[Any], dict[str, Any]]
    owner: Callable[[Any], UUID | None] = lambda row: row.team_id
    settle: Callable[[Any, Reading], None] = _sound


def register(noun: Noun, row: Any, slug: str, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Save `row` with its first version, its name and its event. The right was shown. Raises: Invalid (422), SlugTaken (409)."""
    reading = Reading()
    row.slug = reading.slug("slug", slug)
    read = {name: noun.readers[name](reading, name, value) for name, value in values.items()}
    for name, value in read.items():
        setattr(row, name, value)
    require_in_use(reading, read)
    settled(noun, row, reading)
    row.slug_key = slug_key(row.slug)
    save_row(row, actor=actor, now=now, taken=SlugTaken)
    names.claim(noun.kind, row, now=now)
    _record(noun, row, "registered", [], actor=actor, now=now)


def update(
    noun: Noun,
    slug: str,
    changes: Mapping[str, Any],
    *,
    expected_version: int | None,
    actor: Actor,
    viewer: Viewer,
    now: datetime,
    reading: Reading | None = None,
) -> Any:
    """Change the fields that `noun.readers` names; `reading` may hold faults that the caller found already.

    Raises: its `missing`, NotYourEntry, AdministratorsOnly, VersionMoved (412), Invalid (422).
    """
    row = kept(noun, slug, viewer)
    if expected_version not in {None, row.version}:
        raise VersionMoved(row.version)
    reading = reading or Reading()
    read = {name: noun.readers[name](reading, name, value) for name, value in changes.items() if name in noun.readers}
    changed = [name for name, value in read.items() if value != getattr(row, name)]
    for name in changed:
        setattr(row, name, read[name])
    require_in_use(reading, {name: read[name] for name in changed})
    settled(noun, row, reading)
    if changed:
        if "team" in changed:  # a handover needs the right in both teams; only administrators leave a thing without one
            require_keeper(viewer, row.team_id)
        row.version += 1
        save_row(row, actor=actor, now=now)
        _record(noun, row, "updated", changed, actor=actor, now=now)
        if "title" in changed:
            mark_stale(noun.kind, row.id, now=now)
    return row


@transaction.atomic
def rename_entry(noun: Noun, *, slug: str, new: str, expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime) -> Any:
    """Give it another slug. Raises: its `missing`, NotYourEntry, VersionMoved (412), Invalid (422), SlugTaken (409)."""
    row = kept(noun, slug, viewer)
    if rename(noun.kind, row, new, expected_version=expected_version, actor=actor, now=now):
        mark_stale(noun.kind, row.id, now=now)
    return row


def kept(noun: Noun, slug: str, viewer: Viewer) -> Any:
    """The row of this name, locked for a change, if the viewer keeps it. Raises: its `missing`, NotYourEntry (403)."""
    row = named(noun.rows().select_for_update(of=("self",)), noun.kind, slug, noun.missing)
    require_keeper(viewer, noun.owner(row))
    return row


def require_member(viewer: Viewer, slug: str) -> None:
    """The viewer acts for the team of this slug. Raises Invalid for an unknown team, NotYourEntry for one of others."""
    reading = Reading()
    team = fields.team(reading, "team", slug)
    reading.close()
    require_keeper(viewer, team.id if team else None)


def require_in_use(reading: Reading, values: Mapping[str, Any]) -> None:
    """What is named anew must be there and not be retired, and stays so until it is saved."""
    for name, other in values.items():
        if type(other) in deletables.MODELS.values():
            held = hold(type(other), [other.pk])
            if not held:
                reading.fault(f"/{name}", "deleted", "It was deleted at this moment.")
            elif held[other.pk]:
                reading.fault(f"/{name}", "retired", "It is retired: nothing new may use it.")


def settled(noun: Noun, row: Any, reading: Reading) -> None:
    """Refuse with every fault at once; what rests on several fields is judged only when each of them could be read."""
    reading.close()
    noun.settle(row, reading)
    reading.close()


def _record(noun: Noun, row: Any, verb: str, changed: list[str], *, actor: Actor, now: datetime) -> None:
    word, facts = noun_of(noun.kind), noun.facts(row)
    if changed:
        facts["changed"] = changed
    texts = {"slug": row.slug, "title": row.title}
    subject = (f"catalog.{word}", row.id)
    record(f"catalog.{word}.{verb}", subject=subject, actor=actor, at=now, facts=facts, texts=texts, version=row.version)
