"""Typed relations that files declare: written between what is here, waiting for what a later file brings, taken back with the file's word.

A relation has an `ImportSource` of its own, so that one that a person took back is not written again, and one that the file no longer
declares goes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.domain.viewers import Viewer
from catalog.domain.errors import RelationExists, RelationMissing
from catalog.domain.imports import references
from catalog.domain.imports.drafts import RelationDraft
from catalog.domain.vocabulary import EntityKind
from catalog.models import ImportSource
from catalog.selectors import entities
from catalog.services import relations
from foundation.canonical import sha256_digest
from foundation.errors import DomainError, Kind

PREFIX = "relation:"
_MAX_TOLD = 8

_End = tuple[EntityKind, str]  # its kind, and its slug now


@dataclass(slots=True)
class Joined:
    """What came of the relations of one file. `waiting` are those of which an end is not here yet."""

    changed: int = 0
    waiting: list[RelationDraft] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Joiner:
    """Writes relations on somebody's word, for files of one label."""

    label: str
    path: str
    digest: str
    by: Mapping[str, Any]  # actor, viewer, now

    def join(self, drafts: Iterable[RelationDraft]) -> Joined:
        """Write those whose ends are both here and that are not written yet."""
        wanted = {_part(draft): draft for draft in drafts}
        known = set(ImportSource.objects.filter(label=self.label, path=self.path, part__in=wanted).values_list("part", flat=True))
        new = {part: draft for part, draft in wanted.items() if part not in known}
        found = self._ends({end for draft in new.values() for end in (draft.source, draft.target)})
        joined = Joined()
        for part, draft in new.items():
            source, target = found.get(draft.source), found.get(draft.target)
            if source is None or target is None:
                joined.waiting.append(draft)
            elif source != target:
                self._write(part, draft, source, target, joined)
        return joined

    def withdraw(self, drafts: Iterable[RelationDraft]) -> Joined:
        """Take back what an earlier import of the file declared and this one does not."""
        joined = Joined()
        kept = {_part(draft) for draft in drafts}
        earlier = ImportSource.objects.filter(label=self.label, path=self.path, part__startswith=PREFIX)
        for row in [row for row in earlier if row.part not in kept]:
            try:
                with transaction.atomic():
                    relations.remove_relation(relation_id=row.entity_id, **self.by)
                joined.changed += 1
            except RelationMissing:
                pass  # a person took it back before, or an end was deleted
            except DomainError as error:
                joined.reasons.append(f"A relation that the file no longer declares stays: {error}")
                continue
            row.delete()
        return joined

    def _write(self, part: str, draft: RelationDraft, source: _End, target: _End, joined: Joined) -> None:
        (source_kind, source_slug), (target_kind, target_slug) = source, target
        try:
            with transaction.atomic():
                row = relations.add_relation(
                    source_kind=source_kind,
                    source=source_slug,
                    type=draft.type,
                    target_kind=target_kind,
                    target=target_slug,
                    **self.by,
                )
                self._remember(part, source_kind, row.id)
            joined.changed += 1
        except RelationExists:
            pass  # somebody said so already: it is theirs
        except DomainError as error:
            if error.kind is Kind.FORBIDDEN:
                joined.reasons.append(f"{source_slug!r} is not yours to change: what the file says of it was not written.")
            else:
                joined.reasons.append(f"The relation of {source_slug!r} to {target_slug!r} was not written: {error}")

    def _remember(self, part: str, kind: EntityKind, relation: UUID) -> None:
        now: datetime = self.by["now"]
        ImportSource.objects.create(
            label=self.label, path=self.path, part=part, kind=kind, entity_id=relation, content_digest=self.digest, seen_at=now
        )

    def _ends(self, wanted: set[str]) -> dict[str, _End]:
        """What is here, and may be seen, of the references: parts of this label's imports first, then what is called so."""
        viewer: Viewer = self.by["viewer"]
        parts = {references.part_of(end): end for end in wanted if references.part_of(end)}
        rows = ImportSource.objects.filter(label=self.label, part__in=parts).values_list("part", "kind", "entity_id")
        sources = [(part, EntityKind(kind), key) for part, kind, key in rows]
        names = entities.names_of(((kind, key) for _part, kind, key in sources), viewer)
        found = {parts[part]: (kind, names[kind, key].slug) for part, kind, key in sources if (kind, key) in names}
        for end in sorted(wanted - found.keys()):
            called = references.named_by(end)
            slug = called and _present(*called, viewer)
            if called and slug:
                found[end] = (called[0], slug)
        return found


def waiting_told(waiting: Iterable[RelationDraft]) -> str:
    """The sentence for what no file brought; "" for nothing."""
    missing = dict.fromkeys(f"{references.told(draft.source)} {draft.type} {references.told(draft.target)}" for draft in waiting)
    if not missing:
        return ""
    more = f" and {len(missing) - _MAX_TOLD} more" if len(missing) > _MAX_TOLD else ""
    return f"Not here yet, so not written: {', '.join(list(missing)[:_MAX_TOLD])}{more}. Import what they name, then this file again."


def _part(draft: RelationDraft) -> str:
    whole = f"{draft.source} {draft.type} {draft.target}"
    return PREFIX + (whole if len(whole) <= 180 else sha256_digest(whole.encode()))


def _present(kind: EntityKind, slug: str, viewer: Viewer) -> str | None:
    try:
        row = entities.entity(kind, slug, viewer)
    except DomainError as error:
        if error.kind is Kind.MISSING:
            return None
        raise
    told: str = row.slug
    return told
