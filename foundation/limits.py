"""How much a stranger may make us read."""

import io
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType

MAX_BODY = 1024 * 1024
_CHUNK = 64 * 1024


class BodyLimitExceeded(APIException):
    """The body is larger than this resource reads."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is larger than this resource accepts."
    default_code = "body-too-large"


class LengthRequired(APIException):
    """The body came without a length through a server that cannot tell its end."""

    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_detail = "Send Content-Length."
    default_code = "length-required"


def read_body(request: HttpRequest, *, max_body: int = MAX_BODY) -> bytes:
    """Read the whole body, at most `max_body` bytes, and leave it on the request for every later reader.

    A chunked body is read where the server marks its end (wsgi.input_terminated), and refused with 411 elsewhere: an
    unread body never passes for an empty one. Compressed bodies are refused (415); nothing is ever decompressed.
    """
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding not in {"", "identity"}:
        raise UnsupportedMediaType(encoding, detail="Compressed bodies are not accepted.")
    if hasattr(request, "_body"):
        data = request.body
        if len(data) > max_body:
            raise BodyLimitExceeded
        return data
    data = _capped(_source(request, max_body), max_body)
    declared = _declared_length(request)
    if declared is not None and len(data) != declared:
        raise ParseError("The body ended early.", code="body-incomplete")
    _keep(request, data)
    return data


def _declared_length(request: HttpRequest) -> int | None:
    text = request.META.get("CONTENT_LENGTH") or ""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise ParseError("Content-Length is not a number.", code="malformed-length")
    return int(text) if len(text) < 19 else 10**18


def _source(request: HttpRequest, max_body: int) -> Callable[[int], bytes]:
    declared = _declared_length(request)
    if declared is not None:
        if declared > max_body:
            raise BodyLimitExceeded
        return request.read
    environ: dict[str, Any] = request.META
    if environ.get("wsgi.input_terminated"):
        read: Callable[[int], bytes] = environ["wsgi.input"].read
        return read
    if environ.get("HTTP_TRANSFER_ENCODING"):
        raise LengthRequired
    return request.read


def _capped(read: Callable[[int], bytes], max_body: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while chunk := read(min(_CHUNK, max_body + 1 - size)):
        parts.append(chunk)
        size += len(chunk)
        if size > max_body:
            raise BodyLimitExceeded
    return b"".join(parts)


def _keep(request: HttpRequest, data: bytes) -> None:
    http: Any = request  # these are the attributes where Django itself keeps a body that was read
    http._body = data  # noqa: SLF001
    http._stream = io.BytesIO(data)  # noqa: SLF001
    http._read_started = True  # noqa: SLF001
    request.META["CONTENT_LENGTH"] = str(len(data))
