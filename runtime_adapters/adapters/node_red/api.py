"""Node-RED's admin API: one method that sends, and one that says what an answer means."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from runtime_adapters.contract import (
    AdapterError,
    AuthFailed,
    Conflict,
    ConnectFailed,
    Context,
    HttpReply,
    InvalidInput,
    NotApplied,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    QuotaExceeded,
    RateLimited,
    TransportFailed,
    Unavailable,
    Unsupported,
)

ANSWER_LIMIT = 64 * 1024 * 1024
RETRY_AFTER_LIMIT_S = 3600.0
FILE_ERRORS = frozenset({"EPERM", "EACCES", "ENOSPC", "EROFS", "EIO", "EBUSY", "EMFILE", "ENOENT", "EDQUOT"})
CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")


class Stored(NamedTuple):
    """The runtime's whole configuration and its revision."""

    flows: list[dict[str, Any]]
    rev: str


class AdminApi:
    """Calls within one Context. Sends a static token, never logs in (five bad passwords lock a Node-RED for ten minutes)."""

    def __init__(self, base_url: str, token_ref: str | None, ctx: Context) -> None:
        self._base = base_url.rstrip("/")
        self._ctx = ctx
        self._headers = {"Accept": "application/json", "Node-RED-API-Version": "v2"}
        if token_ref:
            self._headers["Authorization"] = f"Bearer {_header_safe(ctx.secret(token_ref))}"

    def flows(self) -> Stored:
        answer = self._read("/flows")
        flows, rev = (answer.get("flows"), answer.get("rev")) if isinstance(answer, dict) else (None, None)
        if not isinstance(flows, list) or not isinstance(rev, str) or not all(isinstance(node, dict) for node in flows):
            raise Unavailable("the answer to GET /flows is not a flow configuration")
        return Stored(flows, rev)

    def store(self, body: bytes, *, share: float = 1.0) -> str:
        """POST a whole configuration guarded by `rev`; return the new rev. `share` of the remaining time may be spent.

        Raises Conflict for a stale rev and OutcomeUnknown for anything unclear.
        """
        headers = {"Content-Type": "application/json", "Node-RED-Deployment-Type": "flows"}
        answer = self._send("POST", "/flows", content=body, headers=headers, share=share)
        rev = answer.get("rev") if isinstance(answer, dict) else None
        if not isinstance(rev, str):
            raise OutcomeUnknown("the answer to POST /flows carries no revision")
        return rev

    def node_types(self) -> frozenset[str]:
        """Types of the enabled node sets that loaded without an error."""
        answer = self._read("/nodes")
        if not isinstance(answer, list) or not all(isinstance(entry, dict) for entry in answer):
            raise Unavailable("the answer to GET /nodes is not a list of node sets")
        sets = (entry for entry in answer if entry.get("enabled") and not entry.get("err"))
        return frozenset(str(name) for entry in sets for name in entry.get("types") or [])

    def settings(self) -> dict[str, Any]:
        return self._object("/settings")

    def diagnostics(self) -> dict[str, Any]:
        return self._object("/diagnostics")

    def state(self) -> str | None:
        """Return "start", "stop" or "safe"."""
        state = self._object("/flows/state").get("state")
        return state if isinstance(state, str) else None

    def login_scheme(self) -> dict[str, Any]:
        """What GET /auth/login tells: {} means that anybody may deploy."""
        return self._object("/auth/login")

    def _object(self, path: str) -> dict[str, Any]:
        answer = self._read(path)
        if not isinstance(answer, dict):
            raise Unavailable(f"the answer to GET {path} is not an object")
        return answer

    def _read(self, path: str) -> Any:
        return self._send("GET", path)

    def _send(
        self, method: str, path: str, *, content: bytes | None = None, headers: Mapping[str, str] | None = None, share: float = 1.0
    ) -> Any:
        """One request within the deadline. A read that fails changed nothing; a write that fails unclearly is unknown."""
        writes = method != "GET"
        unclear: Callable[[str], AdapterError] = OutcomeUnknown if writes else Unavailable
        timeout_s = self._ctx.remaining_s() * share
        try:
            reply = self._ctx.http.request(
                method,
                self._base + path,
                headers={**self._headers, **(headers or {})},
                content=content,
                timeout_s=timeout_s,
                max_bytes=ANSWER_LIMIT,
            )
        except ConnectFailed as error:
            raise Unavailable(f"no connection for {method} {path}") from error
        except TransportFailed as error:
            raise unclear(f"{method} {path} broke off or took longer than {timeout_s:.1f} s") from error
        if reply.status >= 300 or reply.status < 200:
            raise _refusal(reply, f"{method} {path}", writes=writes)
        try:
            return json.loads(reply.body)
        except (ValueError, RecursionError):
            raise unclear(f"the answer to {method} {path} is not JSON") from None


def _refusal(reply: HttpReply, what: str, *, writes: bool) -> AdapterError:
    """Return the error for a non-2xx answer. Its body is never quoted, only a short machine code in it."""
    status, code = reply.status, _code(reply.body)
    said = f"{what} answered {status}" + (f" ({code})" if code else "")
    if status == 400:
        return NotApplied(f"{said}: the runtime could not write its files") if code in FILE_ERRORS else InvalidInput(said)
    simple: dict[int, Callable[[str], AdapterError]] = {
        401: lambda text: AuthFailed(f"{text}: the token is not known or lacks a permission"),
        403: PermissionDenied,
        404: NotFound,
        409: Conflict,
        410: NotFound,
        412: Conflict,
        413: QuotaExceeded,
        422: InvalidInput,
    }
    if status in simple:
        return simple[status](said)
    if status == 429:
        return RateLimited(said, after_s=_retry_after_s(reply))
    if status >= 500 or status == 408:
        return OutcomeUnknown(said) if writes else Unavailable(said, after_s=_retry_after_s(reply))
    return Unsupported(f"{said}: redirects are not followed") if 300 <= status < 400 else InvalidInput(said)


def _code(body: bytes) -> str | None:
    try:
        answer = json.loads(body[:4096])
    except (ValueError, RecursionError):
        return None
    code = answer.get("code") if isinstance(answer, dict) else None
    return code if isinstance(code, str) and CODE.fullmatch(code) else None


def _retry_after_s(reply: HttpReply) -> float | None:
    text = reply.headers.get("retry-after", "")
    return min(float(text), RETRY_AFTER_LIMIT_S) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _header_safe(secret: str) -> str:
    if not secret or not secret.isascii() or not secret.isprintable():
        raise AuthFailed("the secret cannot be a bearer token")
    return secret
