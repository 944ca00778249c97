"""The log explorer: every act and every refusal, with the proof that it is in the log."""

import base64
import re
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.selectors import people, teams
from audit.domain.commitments import commitment
from audit.domain.errors import LogNotShared
from audit.domain.verbs import REGISTRY
from audit.selectors import events
from audit.selectors import log as log_selectors
from audit.selectors.events import EventView
from audit.services import keys, viewing
from audit.services.disclose import texts_of
from catalog.domain.vocabulary import EntityKind
from catalog.selectors import entities as entity_selectors
from catalog.selectors import integrations as integration_selectors
from foundation.errors import FieldError
from foundation.filters import BadQuery
from foundation.text import BadText, clean
from governance.selectors import change_requests
from portal.components import names
from portal.views.base import PortalRequest, asked, command, page
from portal.views.landscape.cells import url_of

PAGE_SIZE: Final = 50
FILTERS: Final = ("verb", "actor", "subject")
MACHINES: Final = {
    "worker": "Portolan",
    "system": "Portolan",
    "db": "The database",
    "runtime": "A runtime",
    "anonymous": "Nobody signed in",
}
_LANDSCAPE: Final = {f"catalog.{kind.value.replace('-', '_')}": kind for kind in EntityKind if kind is not EntityKind.INTEGRATION}
_VERB = re.compile(r"[a-z][a-z0-9_.]{0,79}\Z")
_NUMBER = re.compile(r"(?:CR-)?([0-9]{1,15})\Z", re.IGNORECASE)
_INDEX = re.compile(r"[0-9]{1,15}\Z")


def _require_reader(request: PortalRequest) -> None:
    if not (request.viewer.reads_log or settings.PORTOLAN_LOG_PUBLIC):
        raise LogNotShared


@require_safe
@page
def log(request: PortalRequest) -> HttpResponse:
    """Pages of the log, the newest first. Looking is itself recorded, once per search and not for each further page."""
    _require_reader(request)
    given = asked(request)
    where = _where(given, request)
    found = events.newest_page(before_index=_cursor(given), limit=PAGE_SIZE + 1, **where) if where is not None else []
    rows = found[:PAGE_SIZE]
    if "cursor" not in given:
        facts = {"rows": len(rows), **(where or {})}
        with command(request):
            viewing.record_viewing(what="events", actor=request.actor, now=request.now, facts=facts)
    context = {
        "now": request.now,
        "filters": {name: given.get(name, "") for name in FILTERS},
        "choices": {},
        "checkpoint": _checkpoint(),
        "pending": log_selectors.lag().unsequenced,
        "rows": _rows(rows, request),
        "next_cursor": str(rows[-1].index) if len(found) > PAGE_SIZE else None,
        "is_filtered": any(name in given for name in FILTERS),
    }
    return render(request, "portal/audit/log.html", context)


def _where(given: dict[str, str], request: PortalRequest) -> dict[str, Any] | None:
    """The filters as the selector takes them; None when nothing can match. Raises BadQuery for what is no filter."""
    unknown = given.keys() - {*FILTERS, "cursor"}
    if unknown:
        raise _bad(sorted(unknown)[0], _("There is no such filter."))
    where: dict[str, Any] = {}
    if "verb" in given:
        if not _VERB.match(given["verb"]):
            raise _bad("verb", _("Write a verb such as governance.vote.cast, or its beginning."))
        where["verb"] = given["verb"] if given["verb"] in REGISTRY else given["verb"].rstrip(".") + "."
    if "actor" in given:
        where["actor"] = _actor(given["actor"])
    if "subject" in given:
        where["subject"] = _subject(given["subject"], request)
    return None if None in where.values() else where


def _bad(name: str, sentence: str) -> BadQuery:
    return BadQuery(sentence, errors=[FieldError(f"?{name}"[:120], "bad-value", sentence)])


def _cursor(given: dict[str, str]) -> int | None:
    text = given.get("cursor", "")
    if text and not _INDEX.match(text):
        raise _bad("cursor", _("The cursor is not one of ours."))
    return int(text) if text else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def _actor(text: str) -> UUID | None:
    """A reference, or an account by its user name."""
    try:
        found = people.remembered([clean(text)])
    except BadText as error:
        raise _bad("actor", str(error)) from error
    return _uuid(text) or next((user.id for user in found.values()), None)


def _subject(text: str, request: PortalRequest) -> UUID | None:
    """A reference, a change request by its number, or an integration by its slug."""
    number = _NUMBER.match(text)
    if number:
        found = change_requests.visible_to(request.viewer).filter(number=int(number[1])).first()
        return found.id if found else None
    try:
        key = clean(text)
    except BadText as error:
        raise _bad("subject", str(error)) from error
    integration = integration_selectors.integrations_visible_to(request.viewer).filter(slug_key=key.casefold()).first()
    return _uuid(text) or (integration.id if integration else None)


def _checkpoint() -> dict[str, Any] | None:
    head = log_selectors.newest_head()
    if head is None:
        return None
    vkey = keys.log_vkey()
    verify = f"python audit/verify.py --log export.zip \\\n  --key '{vkey}' \\\n  --retained kept-heads.txt"
    return {
        "origin": keys.log_origin(),
        "size": head.size,
        "root": "sha256:" + head.root.hex(),
        "at": head.signed_at,
        "key_id": vkey.split("+")[1],
        "verify_command": f"python manage.py export_log export.zip\n{verify}",
        "download_url": reverse("log-checkpoint"),
    }


def _rows(found: Sequence[EventView], request: PortalRequest) -> list[dict[str, Any]]:
    """The lines of a page; names are looked up for all of them at once."""
    actors, subjects = _actors(found), _subjects(found, request)
    return [
        {
            "index": event.index,
            "id": event.id,
            "url": reverse("portal:event", args=[event.id]),
            "at": event.at,
            "verb": event.verb,
            "outcome": event.leaf["outcome"],
            **actors[event.id],
            **subjects[event.id],
        }
        for event in found
    ]


def _actors(found: Sequence[EventView]) -> dict[UUID, dict[str, Any]]:
    """Event → who did it: for a token the account it acts for, and words for a machine."""
    refs = {event.id: UUID(str(event.leaf.get("on_behalf_of") or event.leaf["actor"]["ref"])) for event in found}
    known = people.by_ids(set(refs.values()))
    return {event.id: {"actor": known.get(refs[event.id]) or MACHINES.get(event.actor[0], event.actor[0])} for event in found}


def _subjects(found: Sequence[EventView], request: PortalRequest) -> dict[UUID, dict[str, str]]:
    """Event → what it was done to, by the name that the reader may see, with a link where there is a page for it."""
    ids = {event.subject[1] for event in found}
    parts = {event.id: _integration_of(event) for event in found}
    changes = {change.id: change.number for change in change_requests.visible_to(request.viewer).filter(pk__in=ids)}
    whole = ids | {key for key in parts.values() if key}
    integrations = {row.id: row for row in integration_selectors.integrations_visible_to(request.viewer).filter(pk__in=whole)}
    named = _named(found, request)
    told = {}
    for event in found:
        kind, key = event.subject
        belongs_to = parts[event.id]
        part = integrations.get(belongs_to) if belongs_to else None
        words, url = named.get(key, (f"{_noun(kind)} {str(key)[-12:]}", ""))
        if key in changes:
            words, url = f"CR-{changes[key]}", reverse("portal:change", args=[changes[key]])
        elif key in integrations:
            words, url = integrations[key].title, reverse("portal:integration", args=[integrations[key].slug])
        elif part is not None:
            words, url = f"{_noun(kind)}, {part.title}", reverse("portal:integration", args=[part.slug])
        if kind == "runtime_adapters.deployment":
            url = reverse("portal:deployment", args=[key])
        told[event.id] = {"subject": words, "subject_url": url}
    return told


def _noun(kind: str) -> str:
    return kind.rpartition(".")[2].replace("_", " ")


def _integration_of(event: EventView) -> UUID | None:
    """The integration that a document, a release, a slot or a delivery belongs to, as the facts of the event say."""
    told = event.leaf["facts"].get("integration")
    return _uuid(told) if isinstance(told, str) else None


def _named(found: Sequence[EventView], request: PortalRequest) -> dict[UUID, tuple[str, str]]:
    """Key → (name, link) of people, of teams and of what stands in the landscape."""
    entities = {(_LANDSCAPE[kind], key) for kind, key in (event.subject for event in found) if kind in _LANDSCAPE}
    ids = {kind: {key for one, key in (event.subject for event in found) if one == kind} for kind in ("accounts.user", "accounts.team")}
    holders = {**people.by_ids(ids["accounts.user"]), **teams.by_ids(ids["accounts.team"])}
    landscape = entity_selectors.names_of(entities, request.viewer).items()
    return {
        **{key: (names.name_of(one), names.url_of(one)) for key, one in holders.items()},
        **{key: (name.title, url_of(kind, name.slug)) for (kind, key), name in landscape},
    }


@require_safe
@page
def event(request: PortalRequest, event_id: UUID) -> HttpResponse:
    """One event: its leaf, its proof up to the signed root, and the texts it commits to."""
    _require_reader(request)
    found = events.event(event_id)
    with command(request):
        viewing.record_viewing(what="event", actor=request.actor, now=request.now, facts={"subject": event_id})
    (row,) = _rows([found], request)
    context = {
        "now": request.now,
        "event": {
            **row,
            "request_id": found.leaf.get("request_id", ""),
            "leaf": found.leaf,
            "leaf_hash": found.leaf_hash,
            **_neighbours(found),
        },
        "proof": _proof(found),
        "disclosures": _disclosures(found, may_read=request.viewer.reads_log),
    }
    return render(request, "portal/audit/event.html", context)


def _neighbours(found: EventView) -> dict[str, str]:
    if found.index is None:
        return {"previous_url": "", "next_url": ""}
    before = events.newest_page(before_index=found.index, limit=1)
    after = events.events_page(since_index=found.index + 1, limit=1)
    return {
        "previous_url": reverse("portal:event", args=[before[0].id]) if before else "",
        "next_url": reverse("portal:event", args=[after[0].id]) if after else "",
    }


def _proof(found: EventView) -> dict[str, Any] | None:
    """The audit path; None until a signed head covers the event."""
    head = log_selectors.newest_head()
    if found.index is None or head is None or found.index >= head.size:
        return None
    leaf_hash = bytes.fromhex(found.leaf_hash.removeprefix("sha256:"))
    steps = log_selectors.inclusion_steps(leaf_hash, found.index, head.size)
    return {
        "tree_size": head.size,
        "root": "sha256:" + head.root.hex(),
        "steps": [{"side": step.side, "hash": _digest(step.sibling), "result": _digest(step.result)} for step in steps],
        "verify_command": "",
    }


def _digest(data: bytes) -> str:
    return "sha256:" + data.hex()


def _disclosures(found: EventView, *, may_read: bool) -> list[dict[str, Any]]:
    """Each text the leaf commits to: shown and checked, erased, or not for these eyes."""
    kept = {text.path: text for text in texts_of([found.id]).get(found.id, [])} if may_read else {}
    told = []
    for name, promised in sorted(found.leaf["commitments"].items()):
        text = kept.get(name)
        if text is None:
            told.append({"name": name, "matches": None, "erased": may_read, "redacted": not may_read})
            continue
        shown = text.value if isinstance(text.value, str) else repr(text.value)
        matches = commitment(name, text.value, text.salt) == promised
        salt = base64.b64encode(text.salt).decode()
        told.append({"name": name, "text": shown, "salt": salt, "matches": matches, "erased": False, "redacted": False})
    return told
