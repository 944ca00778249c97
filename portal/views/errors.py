"""Django's own failures, told to whoever asked: a page, a fragment for htmx, or a problem document under /api.

Mounted by config.urls as handler400, handler403, handler404, handler500, and by settings as CSRF_FAILURE_VIEW.
"""

import logging
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import requires_csrf_token

from foundation.edge.problems import problem_response

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Failure:
    status: int
    code: str
    title: str | Promise
    detail: str | Promise
    next_step: str | Promise


BAD_REQUEST: Final = _Failure(
    400,
    "bad-request",
    _("This request could not be read"),
    _("The address or the form holds something that is not allowed here, such as an unknown filter or a broken character."),
    _("Go back and try again. If you followed a link, the link is wrong."),
)
FORBIDDEN: Final = _Failure(
    403,
    "forbidden",
    _("You may not do this"),
    _("Your account does not have the right that this page or act needs. The refusal is on the record."),
    _("An administrator can grant the right; the owning team can do it for you."),
)
MISSING: Final = _Failure(
    404,
    "not-found",
    _("There is nothing here for you"),
    _("Either nothing has this address, or it is not visible to your account. We do not tell which."),
    _("Search for it, or ask its owning team for access."),
)
CSRF: Final = _Failure(
    403,
    "csrf-failed",
    _("This form is out of date"),
    _("The form was opened before you signed in again, or cookies are blocked. Nothing was sent."),
    _("Go back, reload the page and send it again. Cookies must be allowed for this site."),
)
BROKEN: Final = _Failure(
    500,
    "internal-error",
    _("Something broke on our side"),
    _("The request was not completed. What was not confirmed was not done; each act is saved whole or not at all."),
    _("Try again in a minute. If it happens again, give the operator the request number below."),
)


def _wants_document(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/audit/log/")) or request.headers.get("Accept") == "application/json"


def _page(request: HttpRequest, failure: _Failure) -> HttpResponse:
    """Render without a request: an error page must not ask the database, the session or the navigation for anything."""
    template = "portal/errors/fragment.html" if request.headers.get("HX-Request") == "true" else "portal/errors/error.html"
    context = {
        "status": failure.status,
        "title": failure.title,
        "detail": failure.detail,
        "next_step": failure.next_step,
        "request_id": getattr(request, "request_id", ""),
        "shell": {"theme": _theme(request)},
    }
    return HttpResponse(render_to_string(template, context), status=failure.status)


def _theme(request: HttpRequest) -> str:
    theme = request.COOKIES.get("theme", "")
    return theme if theme in {"light", "dark"} else ""


def _answer(request: HttpRequest, failure: _Failure) -> HttpResponse:
    if _wants_document(request):
        return problem_response(request, status=failure.status, code=failure.code, detail=str(failure.detail))
    return _page(request, failure)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """handler400."""
    return _answer(request, BAD_REQUEST)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """handler403."""
    return _answer(request, FORBIDDEN)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """handler404. Says the same for what does not exist and for what may not be seen."""
    return _answer(request, MISSING)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """handler500."""
    return _answer(request, BROKEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW. The reason goes to the log, not to the page: it helps an attacker more than a person."""
    _log.warning("csrf check failed", extra={"reason": reason})
    return _answer(request, CSRF)
