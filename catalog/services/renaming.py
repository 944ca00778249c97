"""Renaming: any named thing gets another slug; the one before stays an alias that leads to it and that nobody else can take."""

from datetime import datetime
from typing import Any

from accounts.domain.errors import SlugTaken
from accounts.domain.inputs import Reading
from accounts.services.rows import save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.vocabulary import EntityKind
from catalog.services import names
from foundation.conditional import VersionMoved
from foundation.text import slug_key
from foundation.turns import take_turn


def rename(kind: EntityKind, row: Any, slug: str, *, expected_version: int | None, actor: Actor, now: datetime) -> bool:
    """Give `row` the slug; False when it has it already. One version, one history row, one `catalog.<kind>.renamed`.

    Call it with the row locked and the right shown; other fields that the caller has set are saved with it (`changed_at`,
    words to search by). One of the row's own aliases may become its name again, and a change of spelling alone is a rename too.
    Raises: VersionMoved (412), Invalid (422), SlugTaken (409).
    """
    if expected_version not in {None, row.version}:
        raise VersionMoved(row.version)
    reading = Reading()
    new = reading.slug("slug", slug)
    reading.close()
    if new == row.slug:
        return False
    take_turn(f"rename {kind.value}")  # two that take each other's names would wait for each other for ever
    before, row.slug, row.slug_key = row.slug, new, slug_key(new)
    row.version += 1
    save_row(row, actor=actor, now=now, taken=SlugTaken)
    names.pass_on(kind, row, now=now)
    noun = noun_of(kind)
    facts = {"team": getattr(row, "team_id", None)}
    texts = {"slug": new, "previous_slug": before}
    record(
        f"catalog.{noun}.renamed", subject=(f"catalog.{noun}", row.id), actor=actor, at=now, facts=facts, texts=texts, version=row.version
    )
    return True


def noun_of(kind: EntityKind) -> str:
    """What the log calls it: `data_object`."""
    return kind.value.replace("-", "_")
