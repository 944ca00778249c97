"""The adapters' only way out: the guarded HTTP client behind the contract's interface."""

from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings

from foundation import http
from runtime_adapters.contract import ConnectFailed, HttpClient, HttpReply, TransportFailed


class GuardedHttp:
    """Egress rules, no redirects, no reuse of a connection that the runtime may be closing."""

    def __init__(self, client: http.GuardedClient) -> None:
        self._client = client

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None,
        timeout_s: float,
        max_bytes: int,
    ) -> HttpReply:
        """See contract.HttpClient."""
        sent = {**headers, "Connection": "close"}
        try:
            reply = self._client.request(method, url, headers=sent, content=content, timeout=timeout_s, max_body=max_bytes)
        except (http.ConnectFailed, http.EgressRefused) as error:
            raise ConnectFailed(str(error)) from error
        except http.TransportError as error:
            raise TransportFailed(str(error)) from error
        return HttpReply(reply.status, reply.headers, reply.body)


def client() -> HttpClient:
    """The process's client for the present egress settings."""
    return _client(tuple(settings.PORTOLAN_EGRESS_ALLOW))


@lru_cache(maxsize=4)
def _client(allow: tuple[str, ...]) -> GuardedHttp:
    return GuardedHttp(http.GuardedClient(allow=allow))
