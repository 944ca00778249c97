"""The base of every API view: one command per request, translated in and out."""

import functools
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.module_loading import import_string
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from foundation import idempotency
from foundation.clock import db_now
from foundation.conditional import etag_of, expected_version
from foundation.cursors import Page, paginate
from foundation.edge.problems import command_context, request_id_of
from foundation.edge.rendering import dumps
from foundation.edge.serializers import CommandSerializer, ReadSerializer
from foundation.errors import DomainError, FieldError, Kind
from foundation.filters import BadQuery, FilterSpec, ParsedQuery
from foundation.limits import MAX_BODY, read_body

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_HANDLERS = ("get", "post", "put", "patch", "delete")
_OF_TODAY = "This is told of the present only: leave as_of out."
_KEPT_HEADERS = ("ETag", "Location", "Audit-Event", "Content-Type")


class ScopeMissing(PermissionDenied):
    """The token was not given the scope this method needs."""

    default_code = "scope-missing"


class IfMatchUnknown(DomainError):
    """If-Match must name one version; `*` is not accepted here."""

    kind, code = Kind.PRECONDITION, "if-match-needs-a-version"


class EdgeRequest(Request):
    """DRF's request with the command's moment; authentication adds `actor` and `viewer`."""

    actor: Any
    viewer: Any

    @functools.cached_property
    def now(self) -> datetime:
        """The database's time, read once, when first asked for."""
        return db_now()


class Edge(APIView):
    """An API view.

    `scopes` names, for each HTTP method (or view-set action), the token scope it needs ("" for none); a handler without
    an entry fails at import. Unsafe methods run in a command context and one transaction with Idempotency-Key;
    `own_transactions` opts out of both transaction and key, for intake that is idempotent by itself. `secret_fields`
    are members of the answer that are shown once and never kept for a replay. `tells_the_past` is for views that answer
    `?as_of=`; every other refuses it, so that nobody takes the present for the past.
    """

    scopes: ClassVar[Mapping[str, str]] = {}
    max_body: ClassVar[int] = MAX_BODY
    own_transactions: ClassVar[bool] = False
    secret_fields: ClassVar[frozenset[str]] = frozenset()
    tells_the_past: ClassVar[bool] = False
    filters: ClassVar[FilterSpec | None] = None
    request: EdgeRequest

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a handler whose scope nobody named."""
        super().__init_subclass__(**kwargs)
        named = {name.lower() for name in cls.scopes}
        missing = [name for name in _HANDLERS if hasattr(cls, name) and name not in named]
        if missing:
            raise TypeError(f"{cls.__name__}.scopes names no scope for: {', '.join(missing)}")

    def initialize_request(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Request:
        """Wrap the request; the parsers learn of the view by the context."""
        return EdgeRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context={**self.get_parser_context(request), "view": self},
        )

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Authenticate, authorise, check the token's scope, and only then read the body within its limit."""
        super().initial(request, *args, **kwargs)
        self.check_scope(request)
        if "as_of" in request.query_params and not (self.tells_the_past and request.method in _SAFE):
            raise BadQuery(_OF_TODAY, errors=[FieldError("?as_of", "not-of-the-past", _OF_TODAY)])
        if request.method not in _SAFE:
            read_body(request._request, max_body=self.max_body)  # noqa: SLF001 - DRF offers no other way to it

    def check_scope(self, request: Any) -> None:
        """Refuse a token without the scope of this method. Sessions (scopes None) have all."""
        needed = self.scope_of(request.method)
        granted = getattr(getattr(request, "viewer", None), "scopes", None)
        if needed and granted is not None and needed not in granted:
            raise ScopeMissing(f"The token needs the scope {needed}.")

    def scope_of(self, method: str) -> str:
        """The scope for a method or, in a view set, its action; "" when none is needed or the method has no handler."""
        named = {name.lower(): scope for name, scope in self.scopes.items()}
        action = (getattr(self, "action", None) or "").lower()
        fallback = named.get("get", "") if method in {"HEAD", "OPTIONS"} else ""
        return named.get(action, named.get(method.lower(), fallback))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Run the handler: reads as they are, everything else as one command."""
        self.args, self.kwargs = args, kwargs
        wrapped: Any = self.initialize_request(request, *args, **kwargs)
        self.request = wrapped
        self.headers = self.default_response_headers
        try:
            self.initial(wrapped, *args, **kwargs)
            handler = self._handler(wrapped.method)
            run = functools.partial(handler, wrapped, *args, **kwargs)
            response = run() if wrapped.method in _SAFE else self._command(run)
        except Exception as error:  # noqa: BLE001 - the exception handler answers every one
            response = self.handle_exception(error)
        self.response = self.finalize_response(wrapped, response, *args, **kwargs)
        return self.response

    def read(self, shape: type[CommandSerializer], *, partial: bool = False) -> dict[str, Any]:
        """The validated input of a command. Raises ValidationError (400) with every fault and its pointer."""
        serializer = shape(data=self.request.data, partial=partial, context={"request": self.request, "view": self})
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def by(self) -> dict[str, Any]:
        """The arguments that every command takes: who acts, what they may see, and when."""
        return {"actor": self.request.actor, "viewer": self.request.viewer, "now": self.request.now}

    def answer(
        self, data: Any = None, status: int = 200, *, etag: int | str | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """An answer; `etag` is a version (quoted here) or a ready, quoted tag."""
        response = Response(data, status=status, headers=dict(headers or {}))
        if etag is not None:
            response["ETag"] = etag_of(etag) if isinstance(etag, int) else etag
        return response

    def if_match(self) -> int:
        """The version the caller has seen. Raises IfMatchRequired (428), MalformedTag (400), IfMatchUnknown for `*` (412)."""
        version = expected_version(self.request.META.get("HTTP_IF_MATCH"))
        if version is None:
            raise IfMatchUnknown
        return version

    def query(self, spec: FilterSpec | None = None) -> ParsedQuery:
        """The list query of this request by `spec` or the view's `filters`. Raises BadQuery."""
        found = spec or self.filters
        if found is None:
            raise TypeError(f"{type(self).__name__} has no filters")
        return found.parse(self.request.query_params)

    def page(
        self,
        shape: type[ReadSerializer],
        *branches: QuerySet[Any],
        spec: FilterSpec | None = None,
        context: Mapping[str, Any] | None = None,
        query: ParsedQuery | None = None,
        told: Callable[[list[Any]], list[Any]] | None = None,
    ) -> Response:
        """One page of the list: filtered, sorted and projected as asked. Several disjoint branches are merged.

        `told` turns the rows of the page, all at once, into what is shown (names looked up by id, say).
        """
        asked = query or self.query(spec)
        check_fields(shape, asked.fields)
        found = paginate(asked, *branches)
        shown = Page(told(found.rows), found.next, found.count) if told else found
        return self.paged(shape, asked, shown, context=context)

    def paged(self, shape: type[ReadSerializer], asked: ParsedQuery, found: Page, *, context: Mapping[str, Any] | None = None) -> Response:
        """The answer that shows a page."""
        merged = {"request": self.request, "view": self, "expand": asked.expand, "only": asked.fields, **(context or {})}
        data: dict[str, Any] = {"results": shape(found.rows, many=True, context=merged).data, "next": found.next}
        if found.count is not None:
            data["count"] = found.count
        return self.answer(data)

    def _handler(self, method: str) -> Callable[..., Response]:
        if method.lower() in self.http_method_names:
            handler: Callable[..., Response] = getattr(self, method.lower(), self.http_method_not_allowed)
            return handler
        return self.http_method_not_allowed

    def _command(self, run: Callable[[], Response]) -> Response:
        with command_context(request_id_of(self.request)):
            if self.own_transactions:
                return _stamped(run())
            with transaction.atomic():
                return self._once(run)

    def _once(self, run: Callable[[], Response]) -> Response:
        attempt = self._attempt()
        kept = idempotency.replay(attempt) if attempt else None
        if kept is not None:
            return _replayed(kept)
        response = _stamped(run())
        if response.status_code >= 400:
            transaction.set_rollback(True)
        elif attempt is not None:
            idempotency.keep(attempt, self._kept(response), now=db_now())
        return response

    def _attempt(self) -> idempotency.Attempt | None:
        key = self.request.META.get("HTTP_IDEMPOTENCY_KEY")
        owner = getattr(self.request.user, "pk", None)
        if key is None or owner is None:
            return None
        http: HttpRequest = self.request._request  # noqa: SLF001
        return idempotency.Attempt.of(owner=owner, key=key, method=str(http.method), target=http.get_full_path(), body=http.body)

    def _kept(self, response: Response) -> idempotency.Answer:
        data: Any = response.data
        if self.secret_fields and isinstance(data, Mapping):
            data = {name: value for name, value in data.items() if name not in self.secret_fields}
        headers = {name: response[name] for name in _KEPT_HEADERS if response.has_header(name)}
        return idempotency.Answer(response.status_code, headers, b"" if data is None else dumps(data))


class EdgeViewSet(ViewSetMixin, Edge):
    """The same for view sets; `scopes` may name actions, and every routed one must be covered."""

    @classmethod
    def as_view(cls, actions: Any = None, **initkwargs: Any) -> Any:
        """Refuse a route whose method and action have no scope."""
        named = {name.lower() for name in cls.scopes}
        missing = [f"{method} {action}" for method, action in (actions or {}).items() if not {method.lower(), action.lower()} & named]
        if missing:
            raise TypeError(f"{cls.__name__}.scopes names no scope for: {', '.join(missing)}")
        return super().as_view(actions, **initkwargs)


CommandViewSet = EdgeViewSet


def check_fields(shape: type[ReadSerializer], names: frozenset[str] | None) -> None:
    """Raise BadQuery when `?fields=` names what the shape does not have."""
    unknown = sorted((names or frozenset()) - set(shape._declared_fields))  # noqa: SLF001
    if unknown:
        faults = [FieldError("?fields", "unknown-field", f"There is no field {name[:63]}.") for name in unknown]
        raise BadQuery(faults[0].detail, errors=faults)


def _stamped(response: Response) -> Response:
    event = import_string(settings.PORTOLAN_FIRST_EVENT_ID)()
    if event is not None and not response.has_header("Audit-Event"):
        response["Audit-Event"] = str(event)
    return response


def _replayed(kept: idempotency.Answer) -> Response:
    data = orjson.loads(kept.body) if kept.body else None
    headers = {name: value for name, value in kept.headers.items() if name != "Content-Type"}
    return Response(data, status=kept.status, headers={**headers, "Idempotency-Replayed": "true"})
