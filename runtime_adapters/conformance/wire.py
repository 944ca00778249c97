"""HTTP for the kit: a client over the standard library, one that spoils answers, and what to spoil them with."""

import http.client
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from runtime_adapters.contract import (
    AdapterError,
    AuthFailed,
    Conflict,
    ConnectFailed,
    HttpClient,
    HttpReply,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    QuotaExceeded,
    RateLimited,
    TransportFailed,
)

READS = frozenset({"GET", "HEAD"})
Reply = Callable[[], HttpReply]


ERRORS: list[tuple[str, int, type[AdapterError]]] = [
    ("400", 400, InvalidInput),
    ("401", 401, AuthFailed),
    ("403", 403, PermissionDenied),
    ("404", 404, NotFound),
    ("409", 409, Conflict),
    ("413", 413, QuotaExceeded),
    ("429", 429, RateLimited),
    ("500", 500, OutcomeUnknown),
    ("502", 502, OutcomeUnknown),
    ("504", 504, OutcomeUnknown),
]
GARBAGE: dict[str, bytes] = {
    "html": b"<!DOCTYPE html><html><body>Error</body></html>",
    "half json": b'{"flows": [',
    "other shape": b'["unexpected"]',
    "not utf-8": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
    "empty": b"",
}


class PlainHttp:
    """The contract's HTTP client over the standard library: no redirects, a bounded answer, a total deadline."""

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None, timeout_s: float, max_bytes: int
    ) -> HttpReply:
        end = time.monotonic() + timeout_s
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
        try:
            try:
                connection.connect()
            except OSError as error:
                raise ConnectFailed(type(error).__name__) from error
            try:
                connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body=content, headers=dict(headers))
                return _whole(connection, connection.getresponse(), end, max_bytes)
            except (OSError, http.client.HTTPException) as error:
                raise TransportFailed(type(error).__name__) from error
        finally:
            connection.close()


def _whole(connection: http.client.HTTPConnection, answer: http.client.HTTPResponse, end: float, max_bytes: int) -> HttpReply:
    body = bytearray()
    while chunk := answer.read1(65536):
        body += chunk
        if len(body) > max_bytes:
            raise TransportFailed("the answer is larger than allowed")
        left = end - time.monotonic()
        if left <= 0:
            raise TransportFailed("the answer took too long")
        if connection.sock is not None:
            connection.sock.settimeout(left)
    return HttpReply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, bytes(body))


@dataclass
class FaultyHttp:
    """Passes calls on, remembers them, and spoils those that `when` picks."""

    inner: HttpClient
    calls: list[tuple[str, str, float]] = field(default_factory=list)
    writes: list[HttpReply] = field(default_factory=list)
    spoil: Callable[[str, Reply], HttpReply] | None = None

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None, timeout_s: float, max_bytes: int
    ) -> HttpReply:
        self.calls.append((method, url, timeout_s))

        def send() -> HttpReply:
            reply = self.inner.request(method, url, headers=headers, content=content, timeout_s=timeout_s, max_bytes=max_bytes)
            if method not in READS and reply.status < 300:
                self.writes.append(reply)
            return reply

        return self.spoil(method, send) if self.spoil is not None else send()
