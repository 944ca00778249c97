"""Retiring, deleting and bringing back one entity: the rows, their names, their histories. Whether it may be is asked above.

Callers hold the row by `selectors.deletables.locked`, have shown the right, and have seen that nothing stands in the way.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction

from accounts.domain.errors import SlugTaken
from accounts.domain.inputs import Reading
from accounts.services.rows import account_of, save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.errors import NameGivenAway, RestFirst, TombstoneMissing
from catalog.domain.vocabulary import EntityKind
from catalog.models import ComponentVersion, ConnectionTemplate, DataObject, Domain, FlowEndpoint, System, Tombstone
from catalog.selectors import deletables
from catalog.services import names
from catalog.services.presence import hold
from catalog.services.search import refresh_search
from foundation.text import slug_key

_KEPT = ("slug", "is_current", "since")


@transaction.atomic
def retire(kind: EntityKind, row: Any, *, plan: str, actor: Actor, now: datetime) -> None:
    """Something of the landscape: nothing new may use it; what uses it keeps it. `plan` is the digest of what was looked at before."""
    row.retired_at = now
    _change(kind, row, "retired", {"plan": plan}, actor=actor, now=now)


@transaction.atomic
def reinstate(kind: EntityKind, row: Any, *, actor: Actor, now: datetime) -> None:
    """Take the retirement of something in the landscape back: it may be used anew. An integration comes back by its lifecycle."""
    row.retired_at = None
    _change(kind, row, "restored", {"renamed": False}, actor=actor, now=now)


@transaction.atomic
def bury(kind: EntityKind, row: Any, *, plan: str, dependants: int, actor: Actor, now: datetime) -> Tombstone:
    """It is gone from every surface, and its name and aliases may be given to a new identity; grants and documents stay with it."""
    given_back = names.names_of(row.id)
    names.give_back(row.id)
    row.tombstoned_at = now
    _change(kind, row, "tombstoned", {"plan": plan, "dependants": dependants}, actor=actor, now=now)
    kept = [{name: _plain(getattr(each, name)) for name in _KEPT} for each in given_back]
    common = {"kind": kind, "slug": row.slug, "title": row.title, "team_id": deletables.team_of(row), "names": kept}
    return Tombstone.objects.create(id=row.id, by_id=account_of(actor), at=now, **common)


@transaction.atomic
def restore(tombstone_id: UUID, *, slug: str | None, actor: Actor, now: datetime) -> Any:
    """The same identity is back, with all that hung on it, and with those of its former names that are still free.

    Raises: TombstoneMissing, Invalid (422), NameGivenAway (409: name another `slug`), RestFirst (409).
    """
    stone = Tombstone.objects.select_for_update(of=("self",)).filter(pk=tombstone_id).first()
    if stone is None:
        raise TombstoneMissing
    kind = EntityKind(stone.kind)
    row: Any = deletables.MODELS[kind].objects.select_for_update(of=("self",)).get(pk=stone.pk)
    _require_ground(kind, row)
    reading = Reading()
    wanted = row.slug if slug is None else reading.slug("slug", slug)
    reading.close()
    renamed = slug_key(wanted) != row.slug_key
    row.slug, row.slug_key, row.tombstoned_at = wanted, slug_key(wanted), None
    _change(kind, row, "restored", {"renamed": renamed}, actor=actor, now=now, taken=NameGivenAway)
    _name(kind, row, stone, now)
    stone.delete()
    if renamed and kind is EntityKind.INTEGRATION:
        refresh_search(row)
    return row


def _name(kind: EntityKind, row: Any, stone: Tombstone, now: datetime) -> None:
    try:
        names.claim(kind, row, now=now)
    except SlugTaken as error:
        raise NameGivenAway from error
    names.take_back(kind, row.id, [each for each in stone.names if slug_key(each["slug"]) != row.slug_key])


def _require_ground(kind: EntityKind, row: Any) -> None:
    """What it names must be there: nothing that exists may name what was deleted. Held, so that it stays so."""
    wanted: list[tuple[type[models.Model], set[UUID]]] = [
        (model, {key for key in keys if key is not None}) for model, keys in _ground(kind, row) if any(keys)
    ]
    gone = [key for model, keys in wanted for key in keys - hold(model, keys).keys()]
    if gone:
        titles = list(Tombstone.objects.filter(pk__in=gone).order_by("title").values_list("title", flat=True))
        raise RestFirst(f"What it stands on was deleted too: restore {', '.join(titles[:5])} first.", extra={"missing": titles[:50]})


def _ground(kind: EntityKind, row: Any) -> list[tuple[type[models.Model], list[UUID | None]]]:
    """(model, keys) of all that the row names."""
    if kind is EntityKind.INTEGRATION:
        ends = list(FlowEndpoint.objects.filter(integration_id=row.id).values_list("system_id", "data_object_id"))
        parts = ComponentVersion.objects.filter(pins__release__integration_id=row.id).values_list("component_id", flat=True)
        return [
            (System, [system for system, _ in ends]),
            (DataObject, [each for _, each in ends]),
            (deletables.MODELS[EntityKind.COMPONENT], list(parts)),
        ]
    fields: Mapping[str, type[models.Model]] = {
        "domain_id": Domain,
        "parent_id": Domain,
        "system_of_record_id": System,
        "system_id": System,
        "template_id": ConnectionTemplate,
    }
    return [(model, [getattr(row, name)]) for name, model in fields.items() if getattr(row, name, None)]


def _change(
    kind: EntityKind,
    row: Any,
    verb: str,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    taken: type[NameGivenAway] | None = None,
) -> None:
    """One version, one history row, one event."""
    row.version += 1
    save_row(row, actor=actor, now=now, taken=taken)
    noun = kind.value.replace("-", "_")
    record(
        f"catalog.{noun}.{verb}",
        subject=(f"catalog.{noun}", row.id),
        actor=actor,
        at=now,
        facts={"team": deletables.team_of(row), **facts},
        texts={"slug": row.slug, "title": row.title},
        version=row.version,
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
