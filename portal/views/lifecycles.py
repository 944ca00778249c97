"""The lifecycle itself: its versions, publishing another, and moving integrations onto one."""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.domain.errors import Invalid
from accounts.domain.rights import require_administrator
from catalog.domain.definition_text import line_of, parse
from catalog.domain.lifecycle import Guard, Lifecycle, as_definition, stored
from catalog.selectors import lifecycles as selectors
from catalog.services import lifecycles as commands
from foundation.errors import STATUS, DomainError, Kind
from portal.forms.lifecycle import GUARD_WORDS, KIND_WORDS, MigrateForm, PublishForm
from portal.views.base import PortalRequest, acting, command, page, sentences

PAGE = ["GET", "HEAD", "POST"]


@require_safe
@page
def lifecycle(request: PortalRequest, number: int | None = None) -> HttpResponse:
    """One version, the newest unless another is named: its stages with who stands there, and what each move asks for."""
    versions = list(selectors.lifecycles())
    model = selectors.get(number) if number is not None else selectors.newest()
    occupied = selectors.occupied(request.viewer)
    counts = dict(occupied.get(model.number, ()))
    shape = stored(model.definition)
    context = {
        "now": request.now,
        "model": {"number": model.number, "title": model.title, "published_at": model.published_at},
        "is_newest": model.number == versions[0].number,
        "initial": shape.title(shape.initial),
        "stages": [
            {"key": one.key, "title": one.title, "kind": KIND_WORDS[one.kind], "count": counts.get(one.key, 0), "url": _list(one.key)}
            for one in shape.stages
        ],
        "groups": _groups(shape),
        "on_live": _on_live(shape),
        "versions": [_version(one, occupied, model.number) for one in versions],
        "migrations": _migrations(model.number, shape),
        "may_publish": request.viewer.is_administrator,
        "sources": [number for number in occupied if number != model.number] if request.viewer.is_administrator else [],
    }
    return render(request, "portal/lifecycles/model.html", context)


@require_http_methods(PAGE)
@page
def publish(request: PortalRequest) -> HttpResponse:
    """Publish the next version from a text; a fault is told with its line, and the text stays."""
    require_administrator(request.viewer)
    if request.method != "POST":
        newest = as_definition(stored(selectors.newest().definition))  # in the order people write it, which a row does not keep
        text = yaml.safe_dump(newest, sort_keys=False, allow_unicode=True, width=120)
        return _publish_page(request, PublishForm(initial={"definition": text}))
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _publish_page(request, form, status=422)
    lines: dict[str, int] = {}
    try:
        value, lines = parse(form.cleaned_data["definition"])
        with command(request):
            model = commands.publish_lifecycle(title=form.cleaned_data["title"], definition=value, **acting(request))
    except Invalid as error:
        for fault in error.errors:
            form.add_error("title" if fault.pointer == "/title" else "definition", _told(fault, lines))
        return _publish_page(request, form, status=422)
    messages.success(
        request, _("Version %d is published. New integrations enter it; the others stay until you migrate them.") % model.number
    )
    return redirect("portal:lifecycle_version", model.number)


@require_http_methods(PAGE)
@page
def migrate(request: PortalRequest, number: int, source: int) -> HttpResponse:
    """Say where everything on `source` goes on `number`: tried first, then done."""
    require_administrator(request.viewer)
    target, origin = stored(selectors.get(number).definition), stored(selectors.get(source).definition)
    used = [(key, origin.title(key), count) for key, count in selectors.counts_on(source).items()]
    fields: dict[str, Any] = {"used": used, "targets": [(one.key, one.title) for one in target.stages]}
    if request.method != "POST":
        return _migrate_page(request, number, source, MigrateForm(**fields))
    form = MigrateForm(request.POST, **fields)
    if not form.is_valid():
        return _migrate_page(request, number, source, form, status=422)
    is_dry_run = "migrate" not in request.POST
    try:
        with command(request):
            done = commands.migrate_integrations(
                number=number, source=source, mapping=form.mapping(), is_dry_run=is_dry_run, **acting(request)
            )
    except DomainError as error:
        if error.kind in {Kind.MISSING, Kind.FORBIDDEN}:
            raise
        for sentence in sentences(error):
            form.add_error(None, sentence)
        return _migrate_page(request, number, source, form, status=STATUS[error.kind])
    if is_dry_run:
        return _migrate_page(request, number, source, form, tried=_tried(done, origin, target))
    told = ngettext("%(n)d integration was migrated.", "%(n)d integrations were migrated.", done.total) % {"n": done.total}
    messages.success(request, told)
    return redirect("portal:lifecycle_version", number)


def guard_words(guard: Guard) -> str:
    """What a guard asks for, with its parameters."""
    words = str(GUARD_WORDS.get(guard.name, guard.name))
    days = guard.params.get("days")
    return words if days is None else ngettext("%(words)s for %(n)d day", "%(words)s for %(n)d days", days) % {"words": words, "n": days}


def _groups(shape: Lifecycle) -> list[dict[str, Any]]:
    return [
        {
            "title": one.title,
            "key": one.key,
            "moves": [
                {"to": shape.title(move.target), "key": move.target, "guards": [guard_words(guard) for guard in move.guards]}
                for move in shape.moves_from(one.key)
            ],
        }
        for one in shape.stages
        if shape.moves_from(one.key)
    ]


def _on_live(shape: Lifecycle) -> str:
    if shape.on_live is None:
        return ""
    sources = [one.title for one in shape.stages if one.key in shape.on_live.sources]
    named = {"sources": ", ".join(sources), "target": shape.title(shape.on_live.target)}
    return _("When its first release runs in production, an integration moves to %(target)s by itself from: %(sources)s.") % named


def _version(model: Any, occupied: Mapping[int, Sequence[tuple[str, int]]], current: int) -> dict[str, Any]:
    return {
        "number": model.number,
        "title": model.title,
        "published_at": model.published_at,
        "count": sum(count for _stage, count in occupied.get(model.number, ())),
        "url": reverse("portal:lifecycle_version", args=[model.number]),
        "is_current": model.number == current,
    }


def _migrations(number: int, shape: Lifecycle) -> list[dict[str, Any]]:
    found = selectors.migrations_onto(number)
    origins = selectors.by_number([one.origin for one in found])
    return [
        {
            "origin": one.origin,
            "at": one.at,
            "mapping": [{"stage": origins[one.origin].title(stage), "to": shape.title(to)} for stage, to in one.mapping],
        }
        for one in found
    ]


def _list(stage: str) -> str:
    return f"{reverse('portal:integrations')}?stage={stage}"


def _told(fault: Any, lines: Mapping[str, int]) -> str:
    line = line_of(fault.pointer.removeprefix("/definition"), lines) if lines else None
    where = fault.pointer.removeprefix("/definition") or "/"
    if line is None:
        return str(fault.detail)
    return _("Line %(line)d (%(where)s): %(detail)s") % {"line": line, "where": where, "detail": fault.detail}


def _publish_page(request: PortalRequest, form: PublishForm, status: int = 200) -> HttpResponse:
    guards = [{"name": name, "title": words} for name, words in GUARD_WORDS.items()]
    kinds = [{"name": kind.value, "title": words} for kind, words in KIND_WORDS.items()]
    context = {"now": request.now, "form": form, "guards": guards, "kinds": kinds}
    return render(request, "portal/lifecycles/publish.html", context, status=status)


def _tried(done: commands.Migration, origin: Lifecycle, target: Lifecycle) -> dict[str, Any]:
    return {
        "total": done.total,
        "counts": [{"stage": origin.title(one.stage), "to": target.title(one.to), "count": one.count} for one in done.counts],
        "rows": [
            {"title": row["title"], "slug": row["slug"], "stage": origin.title(row["stage"]), "to": target.title(row["to"])}
            for row in done.rows
        ],
        "truncated": done.truncated,
    }


def _migrate_page(
    request: PortalRequest, number: int, source: int, form: MigrateForm, *, tried: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    context = {"now": request.now, "form": form, "number": number, "source": source, "tried": tried, "is_empty": not form.fields}
    return render(request, "portal/lifecycles/migrate.html", context, status=status)
