"""What every page shares: who is looking, the moment, and how a command runs and is refused."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.domain.viewers import Viewer
from accounts.selectors import people, viewers
from audit.domain.actors import Actor
from audit.selectors import log as log_selectors
from audit.services.context import command_context
from audit.services.refusals import record_refusal
from foundation.clock import db_now
from foundation.errors import STATUS, DomainError, Kind
from governance.selectors import change_requests, notifications


class PortalRequest(HttpRequest):
    """A signed-in request: the viewer, the actor and the database's moment are always there."""

    viewer: Viewer
    actor: Actor
    now: datetime
    shell_facts: Callable[[], dict[str, Any]]
    people_offered: Callable[[], list[tuple[str, str]]]
    refusal_is_recorded: bool


Page = Callable[..., HttpResponse]


def page(view: Page) -> Page:
    """A page for signed-in people: sets viewer, actor and moment; what may not be seen is not found."""

    @login_required
    @functools.wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        looked = cast("PortalRequest", request)
        looked.now = db_now()
        looked.viewer = viewers.viewer_of(request.user)  # type: ignore[arg-type]
        looked.actor = viewers.actor_of(request.user, method="session")  # type: ignore[arg-type]
        looked.refusal_is_recorded = False
        looked.shell_facts = functools.partial(_shell_facts, looked)
        looked.people_offered = functools.partial(people.offered, looked.viewer.team_ids)
        try:
            return view(looked, *args, **kwargs)
        except DomainError as error:
            return _refused(looked, error)

    return shown


def _shell_facts(request: PortalRequest) -> dict[str, Any]:
    """The frame's figures: what waits for the viewer, what they were told, and how far the log is signed."""
    facts: dict[str, Any] = {
        "review_count": len(change_requests.waiting_for(request.viewer, request.now)),
        "unread_count": notifications.unread_count(request.viewer),
    }
    try:
        head = log_selectors.log_head()
    except DomainError:
        return facts
    return {**facts, "log_size": head.size, "log_at": head.signed_at}


def _refused(request: PortalRequest, error: DomainError) -> HttpResponse:
    if error.kind is Kind.MISSING:
        raise Http404(str(error)) from error
    if error.kind is Kind.FORBIDDEN:
        _record_refusal(request, error)
    context = {
        "refusal": str(error),
        "code": error.code,
        "now": request.now,
        "status": STATUS[error.kind],
        "is_recorded": request.refusal_is_recorded,
    }
    return render(request, "portal/errors/refused.html", context, status=STATUS[error.kind])


@contextmanager
def command(request: PortalRequest) -> Iterator[None]:
    """One command: its events share the request's id; all or nothing; a refusal is on the record before it is told."""
    with command_context(request_id=str(getattr(request, "request_id", ""))):
        try:
            with transaction.atomic():
                yield
        except DomainError as error:
            _record_refusal(request, error)
            raise


def _record_refusal(request: PortalRequest, error: DomainError) -> None:
    """Once per request: a refused command is recorded where it is refused, a refused page where it is told."""
    if not request.refusal_is_recorded:
        record_refusal(request=request, error_code=error.code, status=STATUS[error.kind], kind=error.kind.value)
        request.refusal_is_recorded = True


def asked(request: HttpRequest, *besides: str) -> dict[str, str]:
    """The query's filters without those left empty (a form sends every field) and without `besides`, for a compiled filter."""
    return {name: ",".join(v for v in request.GET.getlist(name) if v) for name in request.GET if request.GET[name] and name not in besides}


def acting(request: PortalRequest) -> dict[str, Any]:
    """The arguments that every command takes."""
    return {"actor": request.actor, "viewer": request.viewer, "now": request.now}


def sentences(error: DomainError) -> list[str]:
    """A refusal as lines for a form: the sentence, then each place with its rule."""
    return [str(error), *(f"{fault.pointer}: {fault.detail}" for fault in error.errors)]
