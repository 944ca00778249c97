"""The guarded HTTP client: calls go only to checked public addresses, or to places the settings name.

The name is resolved once and the connection made to an address that was checked; the connected peer is checked again.
No proxies or settings from the environment, no redirects, no compressed answers, a cap on size and on time.
"""

import contextvars
import ipaddress
import json
import re
import socket
import ssl
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpcore2
import httpx2
from django.conf import settings

MAX_BODY = 8 * 1024 * 1024

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NUMERIC_LABEL = re.compile(r"(?:[0-9]+|0[xX][0-9a-fA-F]*)\Z")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)*\.?\Z")
# Beside what ipaddress calls private: addresses that embed another one, and metadata services on public numbers.
_FORBIDDEN_TEXT = """
0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24
192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 168.63.129.16/32
::/96 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16
fc00::/7 fe80::/10 fec0::/10 ff00::/8
"""
_FORBIDDEN = tuple(ipaddress.ip_network(text) for text in _FORBIDDEN_TEXT.split())
_deadline: contextvars.ContextVar[float | None] = contextvars.ContextVar("http_deadline", default=None)


class HttpFailure(Exception):
    """A call that brought no usable answer."""


class EgressRefused(HttpFailure):
    """The address may not be called; nothing was sent."""


class ConnectFailed(HttpFailure):
    """No connection came about; nothing was sent."""


class TransportError(HttpFailure):
    """The call broke after bytes may have left: what the other side did is unclear."""


class BodyTooLarge(TransportError):
    """The answer was larger than the cap; reading stopped."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. Header names are lower-case; a redirect is an answer like any other."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The decoded body. Raises ValueError."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The body as UTF-8, faults replaced."""
        return self.body.decode("utf-8", "replace")


class GuardedClient:
    """An HTTP client for addresses that people typed in.

    `allow` names "host:port" or "host:*" that may be private (settings.PORTOLAN_EGRESS_ALLOW when not given).
    Thread-safe; close it, or use it as a context manager.
    """

    def __init__(
        self,
        *,
        allow: Collection[str] | None = None,
        max_body: int = MAX_BODY,
        timeout_s: float = 10.0,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        chosen = settings.PORTOLAN_EGRESS_ALLOW if allow is None else allow
        self.max_body, self.timeout_s = max_body, timeout_s
        self._guard = Guard(chosen)
        transport = _GuardedTransport(self._guard, verify)
        self._client = httpx2.Client(transport=transport, trust_env=False, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close pooled connections."""
        self._client.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        timeout: float | None = None,
        max_body: int | None = None,
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> Reply:
        """Send one request and read the whole answer within `timeout` seconds (connect to last byte).

        `kwargs` are httpx's `content`, `json`, `data`, `params`. Raises EgressRefused, ConnectFailed, TransportError, BodyTooLarge.
        """
        seconds = self.timeout_s if timeout is None else timeout
        token = _deadline.set(time.monotonic() + seconds)
        try:
            sent = {**(headers or {}), "Accept-Encoding": "identity"}
            request = self._client.build_request(method, self._guard.url(url), headers=sent, timeout=seconds, **kwargs)
            return self._exchange(request, self.max_body if max_body is None else max_body)
        finally:
            _deadline.reset(token)

    def _exchange(self, request: httpx2.Request, cap: int) -> Reply:
        try:
            response = self._client.send(request, stream=True, follow_redirects=False)
            try:
                return Reply(response.status_code, _plain_headers(response), _body(response, cap))
            finally:
                response.close()
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise ConnectFailed(_words(error)) from error
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
            raise EgressRefused(_words(error)) from error
        except httpx2.HTTPError as error:
            raise TransportError(_words(error)) from error


class Guard:
    """Decides which places may be called."""

    def __init__(self, allow: Collection[str]) -> None:
        self._allow = frozenset(entry.lower() for entry in allow)

    def url(self, url: str) -> httpx2.URL:
        """The parsed URL, or EgressRefused for another scheme, credentials inside, or an odd host."""
        try:
            parsed = httpx2.URL(url)
        except (httpx2.InvalidURL, TypeError, ValueError) as error:
            raise EgressRefused("The address is not a URL.") from error
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise EgressRefused("Only http and https addresses may be called.")
        if parsed.userinfo:
            raise EgressRefused("Credentials do not belong into an address.")
        check_host(parsed.raw_host.decode("ascii", "replace"))
        return parsed

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to. Raises EgressRefused when there is none, OSError when unknown."""
        check_host(host)
        bare = host.strip("[]")
        found = dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(bare, port, type=socket.SOCK_STREAM))
        permitted = [address for address in found if self.permits(host, port, address)]
        if not permitted:
            raise EgressRefused(f"{host}:{port} is not a public address and not allowed in the settings.")
        return permitted

    def permits(self, host: str, port: int, address: str) -> bool:
        """Whether this address of this host may be called."""
        return self._named(host, port) or is_public(address)

    def _named(self, host: str, port: int) -> bool:
        name = host.lower().rstrip(".")
        if ":" in name and not name.startswith("["):
            name = f"[{name}]"
        return f"{name}:{port}" in self._allow or f"{name}:*" in self._allow


def check_host(host: str) -> None:
    """Refuse odd spellings of numbers (127.1, 2130706433, 0177.0.0.1, 0x7f000001) and names in brackets."""
    if host.startswith("[") or ":" in host:
        try:
            ipaddress.IPv6Address(host.removeprefix("[").removesuffix("]"))
        except ValueError:
            raise EgressRefused("The host in brackets is not an IPv6 address.") from None
        return
    if not _HOST.match(host):
        raise EgressRefused("The host is not a name.")
    if _NUMERIC_LABEL.match(host.rstrip(".").rsplit(".", 1)[-1]):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            raise EgressRefused("The host is an unusual spelling of a number.") from None


def is_public(address: str) -> bool:
    """Whether an address is a public unicast one that embeds no other address."""
    try:
        parsed: _Address = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    return parsed.is_global and not parsed.is_multicast and not any(parsed in network for network in _FORBIDDEN)


class _GuardedTransport(httpx2.HTTPTransport):
    def __init__(self, guard: Guard, verify: ssl.SSLContext | bool) -> None:
        super().__init__(trust_env=False, verify=verify)
        context = verify if isinstance(verify, ssl.SSLContext) else httpx2.create_ssl_context(verify=verify, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context,
            max_connections=50,
            max_keepalive_connections=10,
            keepalive_expiry=5.0,
            network_backend=_GuardedBackend(guard),
        )


class _GuardedBackend(httpcore2.NetworkBackend):
    """Resolves once, connects to a checked address, and checks the connected peer."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            addresses = self._guard.addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"{host} has no address") from error
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                stream = self._inner.connect_tcp(address, port, _left(timeout), local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
                continue
            return self._checked(stream, host, port)
        raise failure

    def _checked(self, stream: httpcore2.NetworkStream, host: str, port: int) -> httpcore2.NetworkStream:
        peer = str(stream.get_extra_info("server_addr")[0])
        if not self._guard.permits(host, port, peer):
            stream.close()
            raise EgressRefused(f"{host}:{port} led to an address that may not be called.")
        return _TimedStream(stream)

    def connect_unix_socket(self, *_args: Any, **_kwargs: Any) -> Any:
        raise EgressRefused("Sockets in the file system may not be called.")


class _TimedStream(httpcore2.NetworkStream):
    """Cuts every wait to what is left of the call's time, so that a dribbling server cannot stretch it."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = _left(timeout)
        if left is not None and left <= 0.001:
            raise httpcore2.ReadTimeout("The call's time is over.")
        return self._inner.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> Any:
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(timeout: float | None) -> float | None:
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    left = max(0.001, deadline - time.monotonic())
    return left if timeout is None else min(timeout, left)


def _body(response: httpx2.Response, cap: int) -> bytes:
    if response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise TransportError("The answer is compressed although that was not offered.")
    parts: list[bytes] = []
    size = 0
    for chunk in response.iter_raw():
        size += len(chunk)
        if size > cap:
            raise BodyTooLarge(f"The answer is larger than {cap} bytes.")
        parts.append(chunk)
    return b"".join(parts)


def _plain_headers(response: httpx2.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _words(error: Exception) -> str:
    """The kind of failure and the library's sentence, without the URL and its query."""
    return f"{type(error).__name__}: {error}"[:300]
