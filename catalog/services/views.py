"""Keeping a list's query under a name. What a view shows is decided by who looks, so that sharing one shares no row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.http import QueryDict

from accounts.domain.errors import Invalid
from accounts.domain.inputs import Reading, refuse_secrets
from accounts.domain.viewers import Viewer
from accounts.services.rows import save_row
from audit.domain.actors import Actor
from audit.services.record import record
from catalog.domain.errors import NotYourView, ViewTitleTaken
from catalog.models import SavedView
from catalog.selectors import views as selectors
from catalog.selectors.finding import FILTERS
from foundation.conditional import VersionMoved
from foundation.errors import FieldError
from foundation.filters import RESERVED, BadQuery
from foundation.text import slug_key

SUBJECT = "catalog.saved_view"
MAX_QUERY = 2000
_OF_A_PAGE = ("cursor", "limit", "count", "fields")  # where one stands in the list, not what it shows


@transaction.atomic
def save_view(*, title: str, query: str, is_shared: bool = False, actor: Actor, viewer: Viewer, now: datetime) -> SavedView:
    """Keep `query`, as it stands behind the `?` of the list, for the viewer. Raises: Invalid (422), ViewTitleTaken (409)."""
    row = SavedView(owner_id=viewer.user_id, created_at=now)
    _read(row, {"title": title, "query": query, "is_shared": is_shared})
    save_row(row, actor=actor, now=now, taken=ViewTitleTaken)
    _record("saved", row, actor, now)
    return row


@transaction.atomic
def update_view(
    *, view_id: UUID, changes: Mapping[str, Any], expected_version: int | None, actor: Actor, viewer: Viewer, now: datetime
) -> SavedView:
    """Change title, query or sharing of one's own; administrators also of what others share.

    Raises: ViewMissing, NotYourView, VersionMoved, Invalid, ViewTitleTaken.
    """
    row = _own(view_id, viewer)
    if expected_version not in {None, row.version}:
        raise VersionMoved(row.version)
    before = {name: getattr(row, name) for name in ("title", "query", "is_shared")}
    _read(row, changes)
    changed = [name for name, value in before.items() if value != getattr(row, name)]
    if changed:
        row.version += 1
        save_row(row, actor=actor, now=now, taken=ViewTitleTaken)
        _record("saved", row, actor, now, changed=changed)
    return row


@transaction.atomic
def remove_view(*, view_id: UUID, actor: Actor, viewer: Viewer, now: datetime) -> None:
    """Forget one's own; administrators also what others share. Raises: ViewMissing, NotYourView."""
    row = _own(view_id, viewer)
    facts = {"is_shared": row.is_shared}
    record("catalog.view.removed", subject=(SUBJECT, row.id), actor=actor, at=now, facts=facts, texts={"title": row.title})
    row.delete()


def _own(view_id: UUID, viewer: Viewer) -> SavedView:
    row = selectors.get(view_id, viewer)
    if row.owner_id != viewer.user_id and not viewer.is_administrator:
        raise NotYourView
    return SavedView.objects.select_for_update(of=("self",)).get(pk=row.pk)


def _read(row: SavedView, values: Mapping[str, Any]) -> None:
    reading = Reading()
    if "title" in values:
        row.title = reading.line("title", values["title"], most=120)
        row.title_key = slug_key(row.title)[:240]
    reading.close()
    if "query" in values:
        row.query = _query(values["query"])
    if "is_shared" in values:
        row.is_shared = bool(values["is_shared"])


def _query(text: str) -> str:
    """The query in one form; what belongs to a single page is left out."""
    params = QueryDict(text.removeprefix("?"), mutable=True)
    for name in _OF_A_PAGE:
        params.pop(name, None)
    given = {name: ",".join(filter(None, params.getlist(name))) for name in params}
    refuse_secrets("query", given.items())
    kept = {name: value for name, value in given.items() if value or name not in {*FILTERS.parameters, *RESERVED}}  # forms send blanks
    try:
        FILTERS.parse(kept)
    except BadQuery as error:
        raise Invalid(
            str(error), errors=[FieldError("/query", fault.code, f"{fault.pointer}: {fault.detail}") for fault in error.errors]
        ) from error
    told = urlencode(sorted(kept.items()))
    if len(told) > MAX_QUERY:
        raise Invalid(errors=[FieldError("/query", "too-long", f"At most {MAX_QUERY} characters.")])
    return told


def _record(verb: str, row: SavedView, actor: Actor, now: datetime, *, changed: list[str] | None = None) -> None:
    facts: dict[str, Any] = {"is_shared": row.is_shared, **({"changed": changed} if changed else {})}
    texts = {"title": row.title, "query": row.query}
    record(f"catalog.view.{verb}", subject=(SUBJECT, row.id), actor=actor, at=now, facts=facts, texts=texts, version=row.version)
