"""Typed relations: declared, and taken back, by whoever may change the entity at their source."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.domain.inputs import Reading
from accounts.domain.viewers import Viewer
from accounts.services.rows import delete_rows, save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain import product
from catalog.domain.errors import RelationExists, RelationMissing
from catalog.domain.rights import require_editor, require_keeper
from catalog.domain.vocabulary import EntityKind, RelationType
from catalog.models import Relation
from catalog.selectors import deletables, entities
from catalog.selectors import relations as selectors
from catalog.selectors.landscape import keeper_of_data_object, named
from catalog.services.presence import hold
from catalog.services.renaming import noun_of
from foundation.errors import DomainError, Kind


@transaction.atomic
def add_relation(
    *,
    source_kind: str,
    source: str,
    type: str,  # noqa: A002 - the word of the API and of the row
    target_kind: str,
    target: str,
    note: str = "",
    actor: Actor,
    viewer: Viewer,
    now: datetime,
) -> Relation:
    """Say that `source` (a slug) stands in this relation to `target`; both must be seen, and the source be yours to change.

    Raises: the source kind's `…Missing` (404), NotYourIntegration, NotYourEntry or AdministratorsOnly (403), Invalid (422; pointers are
    `/type`, `/entity_kind`, `/entity` and `/note`), RelationExists (409).
    """
    row = _kept(EntityKind(source_kind), source, viewer)
    reading = Reading()
    reading.one_of("type", type, set(RelationType))
    reading.one_of("entity_kind", target_kind, set(EntityKind))
    words = product.line(reading, ("note",), note, most=300, least=0)
    reading.close()
    other = _target(reading, EntityKind(target_kind), target, viewer)
    if other is not None and not _is_held(EntityKind(target_kind), other):
        _unknown(reading)
    if other is not None and other.pk == row.pk:
        reading.fault("/entity", "itself", "Nothing stands in a relation to itself.")
    reading.close()
    ends = {"source_kind": source_kind, "source_id": row.pk, "target_kind": target_kind, "target_id": other.pk}
    relation = Relation(type=type, note=words, since=now, **ends)
    save_row(relation, actor=actor, now=now, taken=RelationExists)
    _record("added", relation, actor, now, {"source": row.slug, "target": other.slug, "note": words})
    return relation


@transaction.atomic
def remove_relation(*, relation_id: UUID, source_id: UUID | None = None, actor: Actor, viewer: Viewer, now: datetime) -> None:
    """Take a relation back; `source_id` insists on what declared it. Raises: RelationMissing (404), and the 403 of `add_relation`."""
    relation = selectors.visible(relation_id, viewer)
    if source_id not in {None, relation.source_id}:
        raise RelationMissing
    row = entities.entities(EntityKind(relation.source_kind), viewer).select_for_update(of=("self",)).get(pk=relation.source_id)
    _require(EntityKind(relation.source_kind), row, viewer)
    relation = selectors.found_in(Relation.objects.select_for_update(of=("self",)), relation_id, viewer)
    delete_rows([relation], actor=actor, now=now)
    _record("removed", relation, actor, now, {"source": row.slug})


def _kept(kind: EntityKind, slug: str, viewer: Viewer) -> Any:
    """The source, locked, so that it is not deleted meanwhile; others may hold it, or two that relate to each other would wait for ever."""
    row = named(entities.entities(kind, viewer).select_for_update(of=("self",), no_key=True), kind, slug, entities.missing_of(kind))
    _require(kind, row, viewer)
    return row


def _require(kind: EntityKind, row: Any, viewer: Viewer) -> None:
    if kind is EntityKind.INTEGRATION:
        require_editor(viewer, row.team_id)
    elif kind is EntityKind.DATA_OBJECT:
        require_keeper(viewer, keeper_of_data_object(row))
    else:
        require_keeper(viewer, getattr(row, "team_id", None))


def _target(reading: Reading, kind: EntityKind, slug: str, viewer: Viewer) -> Any:
    try:
        return entities.entity(kind, slug, viewer)
    except DomainError as error:
        if error.kind is not Kind.MISSING:
            raise
        _unknown(reading)
        return None


def _unknown(reading: Reading) -> None:
    reading.fault("/entity", "unknown-entity", "There is nothing of this kind and name, or you may not see it.")


def _is_held(kind: EntityKind, row: Any) -> bool:
    """Whether it is still there, and stays so until the relation is saved. Environments are never deleted."""
    return kind not in deletables.MODELS or row.pk in hold(deletables.MODELS[kind], [row.pk])


def _record(verb: str, relation: Relation, actor: Actor, now: datetime, texts: dict[str, str]) -> None:
    facts = {
        "type": relation.type,
        "source_kind": relation.source_kind,
        "source": relation.source_id,
        "target_kind": relation.target_kind,
        "target": relation.target_id,
    }
    subject = (f"catalog.{noun_of(EntityKind(relation.source_kind))}", relation.source_id)
    record(f"catalog.relation.{verb}", subject=subject, actor=actor, at=now, facts=facts, texts=texts)
