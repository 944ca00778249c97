"""What every request passes through: an id for its log lines and answers, and the content security policy."""

import re
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from foundation.edge.problems import problem_response
from foundation.ids import uuid7
from foundation.secrets import secret_in_text

_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}\Z")

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
POLICY = "; ".join(f"{name} {sources}" for name, sources in _POLICY.items())
# The API docs' vendored viewer sets style attributes; nothing else is relaxed for it.
DOCS_POLICY = "; ".join(f"{name} {sources}" for name, sources in {**_POLICY, "style-src": "'self' 'unsafe-inline'"}.items())

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RequestContextMiddleware:
    """Give the request an id: the caller's X-Request-ID when it is short, plain and no credential, a new UUID otherwise.

    A length that is no number is refused here, before anything counts with it.
    Sets `request.request_id`, binds it to every log line of the request, and echoes it as X-Request-ID.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _SANE_ID.match(given) and not secret_in_text(given) else str(uuid7())
        request.request_id = request_id  # type: ignore[attr-defined]
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()):
            return problem_response(request, status=400, code="malformed-length", detail="Content-Length is not a number.")
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        response["X-Request-ID"] = request_id
        return response


class ContentSecurityPolicyMiddleware:
    """Send the strict policy unless the view has set one of its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.docs_path = getattr(settings, "PORTOLAN_API_DOCS_PATH", "/api/v1/docs")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        policy = DOCS_POLICY if request.path == self.docs_path else POLICY
        response.headers.setdefault("Content-Security-Policy", policy)
        return response
