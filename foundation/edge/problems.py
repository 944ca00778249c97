"""Failures as RFC 9457 problem documents, and the record of what was refused."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, ObjectDoesNotExist, PermissionDenied, SuspiciousOperation
from django.core.exceptions import RequestDataTooBig as DjangoTooBig
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils.module_loading import import_string
from rest_framework import exceptions
from rest_framework.response import Response

from foundation.edge.rendering import dumps
from foundation.errors import STATUS, DomainError, FieldError, Kind, pointer_of

CONTENT_TYPE = "application/problem+json"
TYPE_BASE = "urn:portolan:problem:"
_SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
_KINDS = {status: kind for kind, status in STATUS.items()}
_RETRYABLE = ("40", "53", "57", "08", "55")  # SQLSTATE classes: rollback, resources, intervention, connection, object state
_RETRY_AFTER_S = 2
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure ready to be told: status, stable code, sentence, places in the input, headers."""

    status: int
    code: str
    detail: str = ""
    errors: Sequence[FieldError] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self, request_id: str) -> dict[str, Any]:
        """The RFC 9457 members."""
        return {
            **self.extra,
            "type": TYPE_BASE + self.code,
            "title": _title(self.status),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "errors": [{"pointer": each.pointer, "code": each.code, "detail": each.detail} for each in self.errors],
            "request_id": request_id,
        }


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's hook: every exception becomes a problem document; none is raised again."""
    request = context.get("request")
    problem = problem_of(exc)
    if problem.status >= 500:
        _log.error("request failed", extra={"code": problem.code}, exc_info=exc)
    record_refusal(request, problem)
    response = Response(problem.document(request_id_of(request)), status=problem.status, headers=dict(problem.headers))
    response.content_type = CONTENT_TYPE  # set as an attribute: rendering overwrites the header
    return response


def problem_response(
    request: HttpRequest, *, status: int, code: str, detail: str = "", headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """The same document outside DRF: for Django's own handlers and for plain views under /api."""
    problem = Problem(status, code, detail, headers=headers or {})
    return HttpResponse(
        dumps(problem.document(request_id_of(request))), status=status, content_type=CONTENT_TYPE, headers=dict(problem.headers)
    )


def problem_of(exc: BaseException) -> Problem:
    """Which failure an exception is, by its type. Unknown ones are a 500 that tells nothing of the inside."""
    for kinds, translate in _TRANSLATIONS:
        if isinstance(exc, kinds):
            return translate(exc)
    return Problem(500, "internal-error", "Something went wrong on our side.")


def _from_domain(exc: Any) -> Problem:
    wait = exc.retry_after_s
    if wait is None and exc.kind in {Kind.LIMITED, Kind.UNAVAILABLE}:
        wait = _RETRY_AFTER_S
    headers = {} if wait is None else {"Retry-After": str(wait)}
    if exc.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    return Problem(STATUS[exc.kind], exc.code, exc.detail, exc.errors, exc.extra, headers)


def _from_validation(exc: Any) -> Problem:
    return Problem(400, "invalid-input", "The input is not what this command takes.", list(field_errors(exc.detail)))


def _from_api(exc: Any) -> Problem:
    codes = exc.get_codes()
    code = codes if isinstance(codes, str) else exc.default_code
    headers: dict[str, str] = {}
    status = exc.status_code
    if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        status, headers["WWW-Authenticate"] = 401, "Bearer"
    if getattr(exc, "wait", None):
        headers["Retry-After"] = str(max(1, int(exc.wait)))
    return Problem(status, code.replace("_", "-"), str(exc.detail), headers=headers)


def _from_database(exc: Any) -> Problem:
    state = getattr(exc.__cause__, "sqlstate", None) or ""
    if isinstance(exc, DataError) or state.startswith("22"):
        return Problem(400, "value-out-of-range", "A value does not fit where it is kept.")
    if isinstance(exc, IntegrityError):
        return Problem(409, "conflict", "It conflicts with what exists.")
    if isinstance(exc, OperationalError | InterfaceError) or state.startswith(_RETRYABLE):
        return Problem(503, "unavailable", "The database cannot answer just now; try again.", headers={"Retry-After": str(_RETRY_AFTER_S)})
    return Problem(500, "internal-error", "Something went wrong on our side.")


def _fixed(status: int, code: str, detail: str = "") -> Callable[[Any], Problem]:
    return lambda _exc: Problem(status, code, detail)


_TRANSLATIONS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Callable[[Any], Problem]], ...] = (
    (DomainError, _from_domain),
    (exceptions.ValidationError, _from_validation),
    (exceptions.APIException, _from_api),
    ((Http404, ObjectDoesNotExist), _fixed(404, "not-found", "There is no such thing, or you may not see it.")),
    (PermissionDenied, _fixed(403, "permission-denied", "You may not do this.")),
    (DjangoTooBig, _fixed(413, "body-too-large", "The body is larger than this resource accepts.")),
    ((BadRequest, SuspiciousOperation, UnreadablePostError), _fixed(400, "bad-request", "The request cannot be read.")),
    (UnicodeError, _fixed(400, "bad-text", "The request holds text that is not Unicode.")),
    (DatabaseError, _from_database),
    (InterfaceError, _from_database),
)


def field_errors(detail: Any, *path: str | int) -> Iterator[FieldError]:
    """DRF's nested error detail as flat errors with JSON Pointers."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = name in {"non_field_errors", "__all__"}
            yield from field_errors(inner, *path, *(() if own else (name,)))
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list | tuple)
            yield from field_errors(inner, *path, *((index,) if nested else ()))
    else:
        code = str(getattr(detail, "code", "invalid")).replace("_", "-")
        yield FieldError(pointer_of(*path).encode("utf-8", "replace").decode(), code, str(detail))


def request_id_of(request: Any) -> str:
    """The id the middleware gave, or nothing."""
    return str(getattr(request, "request_id", "") or "")


def record_refusal(request: Any, problem: Problem) -> None:
    """Tell the recorder named in the settings of a write that failed or a read that was denied.

    In a transaction of its own; whatever goes wrong here never changes the answer. Rate limits are not recorded (the
    record would do the flooding), nor are reads without any credential (there is nobody to name).
    """
    path = getattr(settings, "PORTOLAN_REFUSAL_RECORDER", "")
    if request is None or not path or problem.status == 429 or not _worth_recording(request, problem):
        return
    try:
        with command_context(request_id_of(request)), transaction.atomic():
            import_string(path)(
                request=request, error_code=problem.code, status=problem.status, kind=str(_KINDS.get(problem.status, "error"))
            )
    except Exception:  # noqa: BLE001 - the answer stands whatever happens to its record
        _log.exception("a refusal could not be recorded", extra={"code": problem.code})


def _worth_recording(request: Any, problem: Problem) -> bool:
    if request.method not in _SAFE:
        return True
    return problem.status == 403 or (problem.status == 401 and bool(request.META.get("HTTP_AUTHORIZATION")))


def command_context(request_id: str) -> Any:
    """The context manager, named in the settings, that one command runs in."""
    return import_string(settings.PORTOLAN_COMMAND_CONTEXT)(request_id=request_id)


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
